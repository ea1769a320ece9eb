/*
 * Passwords: scrypt (RFC 7914), stored as a PHC-like string
 *   $scrypt$ln=15,r=8,p=1$<salt, base64 without padding>$<hash, likewise>
 * so that the cost can be raised later without touching what is stored.
 */
#ifndef KRYFTO_CRYPTO_PASSWORD_H
#define KRYFTO_CRYPTO_PASSWORD_H

#include "base/arena.h"
#include "base/err.h"

#define PASSWORD_MAX 1024 /* bytes; longer ones are E_LIMIT */
#define PASSWORD_HASH_MAX 160

/* About 50 ms and 32 MiB. The result is NUL-terminated in `a`. */
int password_hash(struct arena *a, struct str password, struct str *ret, struct err *e);
/*
 * 0: right. E_DENIED: wrong. E_INVALID: `stored` is no hash of ours. `ret_stale` (may be NULL): right, but hashed at
 * another cost than password_hash() uses now: hash again and store.
 */
int password_verify(struct str password, struct str stored, bool *ret_stale);
/* Takes as long as a verification that fails: for names that do not exist. */
void password_waste_time(struct str password);

#endif

/*
 * Sealing: AES-256-GCM (NIST SP 800-38D) under a keyring, for secrets that have to be read again.
 *
 * A sealed text is version (1 byte, 1) | key id (4, big-endian) | nonce (12) | ciphertext | tag (16). The context
 * (say, "secret/<project>/<name>") is authenticated with it: a sealed text moved to another row does not open.
 * To rotate: add a new first key, keep the old ones until everything was sealed anew.
 */
#ifndef KRYFTO_CRYPTO_SEAL_H
#define KRYFTO_CRYPTO_SEAL_H

#include "base/buf.h"
#include "base/err.h"

#define SEAL_KEY_LEN 32
#define SEAL_KEYS_MAX 16
#define SEAL_OVERHEAD 33 /* a sealed text is that much longer */
#define SEAL_MAX (16 * MiB)

struct seal_ring;
/*
 * "id:key[,id:key…]", ids 1..4294967295, keys 64 hex digits or base64 of 32 bytes; the first seals, all open.
 * Lives in `a`, which wipes the keys when it is released.
 */
int seal_ring_new(struct arena *a, struct str text, struct seal_ring **ret, struct err *e);
/* A fresh key in the form that seal_ring_new() takes; the id is the time in seconds. */
struct str seal_key_mint(struct arena *a);

/* E_LIMIT above SEAL_MAX. */
int seal(const struct seal_ring *ring, struct str plain, struct str context, struct buf *ret, struct err *e);
/* E_INVALID: not a sealed text, altered, or of another context. E_NOTFOUND: its key is not in the ring. */
int unseal(const struct seal_ring *ring, struct str sealed, struct str context, struct buf *ret, struct err *e);
/* True when it was sealed under another key than the ring's first: seal it anew. */
bool seal_is_old(const struct seal_ring *ring, struct str sealed);

#endif

/*
 * API tokens: a prefix that names the family, then 48 lower-case hex digits (192 random bits).
 * Only the SHA-256 of a token is ever stored. Because tokens are random, a plain digest is enough:
 * there is nothing to guess, so no slow hash is needed.
 */
#ifndef KRYFTO_CRYPTO_TOKEN_H
#define KRYFTO_CRYPTO_TOKEN_H

#include "base/arena.h"
#include "crypto/digest.h"

#define TOKEN_DIGITS 48
#define TOKEN_MAX 512 /* longest token that is looked at; longer ones are refused before hashing */

/* `prefix` e.g. "kryfto_", "sk_live_"; the token is NUL-terminated in `a`. */
struct str token_mint(struct arena *a, const char *prefix);
/* Lower-case hex SHA-256 of the token, as stored; returns `out`. */
char *token_hash(struct str token, char out[SHA256_HEX + 1]);
/* The raw digest, for bytea columns. */
void token_digest(struct str token, uint8_t ret[SHA256_LEN]);
/* True when the token is `prefix` and 48 hex digits (any case). "" checks a bare token. */
bool token_has_form(struct str token, const char *prefix);

#endif

/*
 * SHA-256 (FIPS 180-4), HMAC-SHA256 (RFC 2104) and constant-time comparison, on OpenSSL's EVP.
 * A digest cannot fail on any input; a broken OpenSSL aborts.
 */
#ifndef KRYFTO_CRYPTO_DIGEST_H
#define KRYFTO_CRYPTO_DIGEST_H

#include "base/str.h"

#define SHA256_LEN 32
#define SHA256_HEX 64 /* digits, without the NUL */

void sha256(struct str data, uint8_t ret[SHA256_LEN]);
/* Lower-case hex, NUL-terminated; returns `out`. */
char *sha256_hex(struct str data, char out[SHA256_HEX + 1]);

/* Streaming: new, any number of adds, end (which frees). `sha256_drop` gives up half way; NULL is fine. */
struct sha256_ctx;
struct sha256_ctx *sha256_new(void);
void sha256_add(struct sha256_ctx *c, const void *p, size_t n);
void sha256_end(struct sha256_ctx *c, uint8_t ret[SHA256_LEN]);
void sha256_drop(struct sha256_ctx *c);
void sha256_dropp(struct sha256_ctx **c); /* for _cleanup_ */

void hmac_sha256(struct str key, struct str data, uint8_t ret[SHA256_LEN]);
char *hmac_sha256_hex(struct str key, struct str data, char out[SHA256_HEX + 1]);

/* SHA-1 digests exist only because protocols ask for them (TOTP, some ETags): never for secrets at rest. */
#define SHA1_LEN 20
void hmac_sha1(struct str key, struct str data, uint8_t ret[SHA1_LEN]);

/* True when equal; the time depends on the lengths only. */
bool mem_eq_secret(const void *a, const void *b, size_t n);
/* Overwrites a secret in a way that the compiler keeps. */
void mem_wipe(void *p, size_t n);

#endif

/* Ed25519 signatures (RFC 8032). */
#ifndef KRYFTO_CRYPTO_SIGN_H
#define KRYFTO_CRYPTO_SIGN_H

#include "base/err.h"
#include "base/str.h"

#define SIGN_SEED_LEN 32
#define SIGN_PUBLIC_LEN 32
#define SIGNATURE_LEN 64

void sign_seed_mint(uint8_t ret[SIGN_SEED_LEN]);
void sign_public_of(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret[SIGN_PUBLIC_LEN]);
void sign_message(const uint8_t seed[SIGN_SEED_LEN], struct str message, uint8_t ret[SIGNATURE_LEN]);
/* 0, or E_DENIED for anything but a good signature of this message by this key. */
int sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], struct str message, const uint8_t signature[SIGNATURE_LEN]);

#endif

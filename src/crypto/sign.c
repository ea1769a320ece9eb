#include "base/first.h"
#include <openssl/evp.h>
#include "base/rng.h"
#include "crypto/sign.h"

void sign_seed_mint(uint8_t ret[SIGN_SEED_LEN])
{
	rng_bytes(ret, SIGN_SEED_LEN);
}

void sign_public_of(const uint8_t seed[SIGN_SEED_LEN], uint8_t ret[SIGN_PUBLIC_LEN])
{
	size_t n = SIGN_PUBLIC_LEN;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_LEN);
	if (!key || EVP_PKEY_get_raw_public_key(key, ret, &n) != 1 || n != SIGN_PUBLIC_LEN)
		die("Ed25519 failed");
	EVP_PKEY_free(key);
}

void sign_message(const uint8_t seed[SIGN_SEED_LEN], struct str message, uint8_t ret[SIGNATURE_LEN])
{
	size_t n = SIGNATURE_LEN;
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, SIGN_SEED_LEN);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	if (!key || !c || EVP_DigestSignInit(c, NULL, NULL, NULL, key) != 1 ||
		EVP_DigestSign(c, ret, &n, (const uint8_t *)(message.n ? message.p : ""), message.n) != 1 ||
		n != SIGNATURE_LEN)
		die("Ed25519 failed");
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
}

int sign_verify(const uint8_t public_key[SIGN_PUBLIC_LEN], struct str message, const uint8_t signature[SIGNATURE_LEN])
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_PUBLIC_LEN);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = key && c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(
			    c, signature, SIGNATURE_LEN, (const uint8_t *)(message.n ? message.p : ""), message.n) == 1;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return good ? 0 : E_DENIED;
}

#include "base/first.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "base/enc.h"
#include "base/err.h"
#include "crypto/digest.h"

/* OpenSSL hands out EVP_MD_CTX; this wrapper keeps its type out of the header. */
struct sha256_ctx {
	EVP_MD_CTX *md;
};

/*
 * EVP_sha256() looks the algorithm up again at every use; a fetched one is looked up once. The
 * handle lives as long as the process.
 */
static const EVP_MD *sha256_md(void)
{
	static EVP_MD *md;
	EVP_MD *have = __atomic_load_n(&md, __ATOMIC_ACQUIRE), *none = NULL;
	if (have)
		return have;
	have = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (!have)
		die("OpenSSL offers no SHA-256");
	/* Of several threads that come first at once, one wins. */
	if (__atomic_compare_exchange_n(&md, &none, have, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return have;
	EVP_MD_free(have);
	return none;
}

void sha256(struct str data, uint8_t ret[SHA256_LEN])
{
	if (EVP_Digest(data.p ? data.p : "", data.n, ret, NULL, sha256_md(), NULL) != 1)
		die("SHA-256 failed");
}

char *sha256_hex(struct str data, char out[SHA256_HEX + 1])
{
	uint8_t sum[SHA256_LEN];
	sha256(data, sum);
	return enc_hex(sum, sizeof sum, out);
}

struct sha256_ctx *sha256_new(void)
{
	struct sha256_ctx *c = xmalloc(sizeof *c);
	c->md = EVP_MD_CTX_new();
	if (!c->md || EVP_DigestInit_ex2(c->md, sha256_md(), NULL) != 1)
		die("SHA-256 cannot start");
	return c;
}

void sha256_add(struct sha256_ctx *c, const void *p, size_t n)
{
	if (n && EVP_DigestUpdate(c->md, p, n) != 1)
		die("SHA-256 failed");
}

void sha256_end(struct sha256_ctx *c, uint8_t ret[SHA256_LEN])
{
	if (EVP_DigestFinal_ex(c->md, ret, NULL) != 1)
		die("SHA-256 failed");
	sha256_drop(c);
}

void sha256_drop(struct sha256_ctx *c)
{
	if (!c)
		return;
	EVP_MD_CTX_free(c->md);
	free(c);
}

void sha256_dropp(struct sha256_ctx **c)
{
	sha256_drop(*c);
	*c = NULL;
}

static void hmac(const char *name, struct str key, struct str data, uint8_t *ret, size_t len)
{
	size_t got = 0;
	/* An absent key is an empty one; OpenSSL wants a pointer all the same. */
	if (!EVP_Q_mac(NULL, "HMAC", NULL, name, NULL, key.n ? key.p : "", key.n,
			(const unsigned char *)(data.p ? data.p : ""), data.n, ret, len, &got) ||
		got != len)
		die("HMAC failed");
}

void hmac_sha256(struct str key, struct str data, uint8_t ret[SHA256_LEN])
{
	hmac("SHA256", key, data, ret, SHA256_LEN);
}

char *hmac_sha256_hex(struct str key, struct str data, char out[SHA256_HEX + 1])
{
	uint8_t sum[SHA256_LEN];
	hmac_sha256(key, data, sum);
	return enc_hex(sum, sizeof sum, out);
}

void hmac_sha1(struct str key, struct str data, uint8_t ret[SHA1_LEN])
{
	hmac("SHA1", key, data, ret, SHA1_LEN);
}

bool mem_eq_secret(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

void mem_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

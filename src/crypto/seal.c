#include "base/first.h"
#include <openssl/evp.h>
#include "base/clock.h"
#include "base/enc.h"
#include "base/rng.h"
#include "base/scan.h"
#include "crypto/digest.h"
#include "crypto/seal.h"

#define SEAL_VERSION 1
#define NONCE_LEN 12
#define TAG_LEN 16
#define HEAD_LEN (1 + 4 + NONCE_LEN)

struct seal_ring {
	struct {
		uint32_t id;
		uint8_t key[SEAL_KEY_LEN];
	} keys[SEAL_KEYS_MAX];
	size_t n;
};

static void wipe(void *ring)
{
	mem_wipe(ring, sizeof(struct seal_ring));
}

static int parse_key(struct str text, uint8_t ret[SEAL_KEY_LEN])
{
	struct buf b;
	if (text.n == 2 * SEAL_KEY_LEN)
		return dec_hex(text, ret, SEAL_KEY_LEN);
	buf_init(&b, NULL, 0);
	int r = dec_base64(text, &b);
	if (r == 0 && b.n != SEAL_KEY_LEN)
		r = E_INVALID;
	if (r == 0)
		memcpy(ret, b.p, SEAL_KEY_LEN);
	if (b.p)
		mem_wipe(b.p, b.n);
	buf_release(&b);
	return r;
}

int seal_ring_new(struct arena *a, struct str text, struct seal_ring **ret, struct err *e)
{
	struct seal_ring *ring = arena_new(a, struct seal_ring);
	struct str entry;
	arena_hook(a, wipe, ring);
	while (str_split(&text, ',', &entry)) {
		entry = str_trim(entry);
		size_t colon = str_chr(entry, ':');
		uint64_t id;
		if (!entry.n)
			continue;
		if (ring->n == SEAL_KEYS_MAX)
			return err_set(e, E_LIMIT, "more than %d sealing keys", SEAL_KEYS_MAX);
		/* The words never repeat the entry: it is a secret. */
		if (colon == STR_NPOS || scan_u64(str_sub(entry, 0, colon), &id) < 0 || id < 1 || id > UINT32_MAX)
			return err_set(e, E_INVALID, "sealing key %zu does not begin with an id and ':'", ring->n + 1);
		if (parse_key(str_from(entry, colon + 1), ring->keys[ring->n].key) < 0)
			return err_set(e, E_INVALID, "sealing key %zu is not 64 hex digits or 32 bytes in base64",
				ring->n + 1);
		for (size_t i = 0; i < ring->n; i++)
			if (ring->keys[i].id == id)
				return err_set(e, E_INVALID, "two sealing keys have the id %" PRIu64, id);
		ring->keys[ring->n++].id = (uint32_t)id;
	}
	if (!ring->n)
		return err_set(e, E_INVALID, "no sealing key");
	*ret = ring;
	return 0;
}

struct str seal_key_mint(struct arena *a)
{
	uint8_t key[SEAL_KEY_LEN];
	char hex[2 * SEAL_KEY_LEN + 1];
	rng_bytes(key, sizeof key);
	enc_hex(key, sizeof key, hex);
	struct str text = arena_printf(a, "%" PRId64 ":%s", clock_real() / USEC_PER_SEC, hex);
	mem_wipe(key, sizeof key);
	mem_wipe(hex, sizeof hex);
	return text;
}

static uint32_t read_id(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/*
 * One pass of AES-256-GCM; the head and the context are what is authenticated besides. True on success; opening,
 * false means that something was altered.
 */
static bool gcm(const uint8_t *key, bool sealing, const uint8_t *head, struct str context, const void *in, size_t n,
	uint8_t *out, uint8_t tag[TAG_LEN])
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int len = 0, done = 0;
	if (!c || EVP_CipherInit_ex2(c, EVP_aes_256_gcm(), key, head + 5, sealing, NULL) != 1 ||
		EVP_CipherUpdate(c, NULL, &len, head, HEAD_LEN) != 1 ||
		(context.n && EVP_CipherUpdate(c, NULL, &len, (const uint8_t *)context.p, (int)context.n) != 1) ||
		(n && EVP_CipherUpdate(c, out, &done, in, (int)n) != 1) || (size_t)done != n)
		die("AES-GCM failed");
	if (!sealing && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) != 1)
		die("AES-GCM failed");
	bool good = EVP_CipherFinal_ex(c, out + done, &len) == 1;
	if (sealing && (!good || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) != 1))
		die("AES-GCM failed");
	EVP_CIPHER_CTX_free(c);
	return good;
}

int seal(const struct seal_ring *ring, struct str plain, struct str context, struct buf *ret, struct err *e)
{
	if (plain.n > SEAL_MAX || context.n > SEAL_MAX)
		return err_set(e, E_LIMIT, "more than %zu bytes to seal", SEAL_MAX);
	uint8_t *out = (uint8_t *)buf_reserve(ret, plain.n + SEAL_OVERHEAD);
	if (!out)
		return err_set(e, E_LIMIT, "the sealed text does not fit");
	uint32_t id = ring->keys[0].id;
	out[0] = SEAL_VERSION;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (uint8_t)(id >> (24 - 8 * i));
	rng_bytes(out + 5, NONCE_LEN);
	gcm(ring->keys[0].key, true, out, context, plain.p, plain.n, out + HEAD_LEN, out + HEAD_LEN + plain.n);
	buf_commit(ret, plain.n + SEAL_OVERHEAD);
	return 0;
}

int unseal(const struct seal_ring *ring, struct str sealed, struct str context, struct buf *ret, struct err *e)
{
	const uint8_t *p = (const uint8_t *)sealed.p;
	uint8_t tag[TAG_LEN];
	size_t i = 0;
	if (sealed.n < SEAL_OVERHEAD || sealed.n > SEAL_MAX + SEAL_OVERHEAD || p[0] != SEAL_VERSION ||
		context.n > SEAL_MAX)
		return err_set(e, E_INVALID, "not a sealed text");
	while (i < ring->n && ring->keys[i].id != read_id(p + 1))
		i++;
	if (i == ring->n)
		return err_set(e, E_NOTFOUND, "it was sealed under key %u, which is not here", read_id(p + 1));
	size_t n = sealed.n - SEAL_OVERHEAD;
	uint8_t *out = (uint8_t *)buf_reserve(ret, n + 1);
	if (!out)
		return err_set(e, E_LIMIT, "the opened text does not fit");
	memcpy(tag, p + HEAD_LEN + n, TAG_LEN);
	if (!gcm(ring->keys[i].key, false, p, context, p + HEAD_LEN, n, out, tag)) {
		mem_wipe(out, n);
		return err_set(e, E_INVALID, "the sealed text was altered, or belongs elsewhere");
	}
	buf_commit(ret, n);
	return 0;
}

bool seal_is_old(const struct seal_ring *ring, struct str sealed)
{
	return sealed.n < SEAL_OVERHEAD || read_id((const uint8_t *)sealed.p + 1) != ring->keys[0].id;
}

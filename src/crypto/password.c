#include "base/first.h"
#include <openssl/evp.h>
#include "base/enc.h"
#include "base/rng.h"
#include "base/scan.h"
#include "crypto/digest.h"
#include "crypto/password.h"

#define SALT_LEN 16
#define HASH_LEN 32

struct cost {
	int64_t ln, r, p; /* N is 2^ln */
};

static const struct cost now_cost = { 15, 8, 1 };

static int derive(struct str password, const void *salt, size_t salt_n, const struct cost *c, uint8_t ret[HASH_LEN])
{
	uint64_t need = (uint64_t)128 * (uint64_t)c->r << c->ln;
	if (EVP_PBE_scrypt(password.n ? password.p : "", password.n, salt, salt_n, UINT64_C(1) << c->ln, (uint64_t)c->r,
		    (uint64_t)c->p, need + 2 * MiB, ret, HASH_LEN) != 1)
		return E_INTERNAL;
	return 0;
}

/* Base64 without padding. */
static void add_base64(struct buf *b, const void *p, size_t n)
{
	enc_base64(b, p, n);
	while (b->n && b->p[b->n - 1] == '=')
		b->n--;
}

int password_hash(struct arena *a, struct str password, struct str *ret, struct err *e)
{
	uint8_t salt[SALT_LEN], hash[HASH_LEN];
	struct buf b;
	if (password.n > PASSWORD_MAX)
		return err_set(e, E_LIMIT, "a password of more than %d bytes", PASSWORD_MAX);
	rng_bytes(salt, sizeof salt);
	if (derive(password, salt, sizeof salt, &now_cost, hash) < 0)
		return err_set(e, E_INTERNAL, "scrypt failed");
	buf_init(&b, a, 0);
	buf_addf(&b, "$scrypt$ln=%d,r=%d,p=%d$", (int)now_cost.ln, (int)now_cost.r, (int)now_cost.p);
	add_base64(&b, salt, sizeof salt);
	buf_addc(&b, '$');
	add_base64(&b, hash, sizeof hash);
	buf_cstr(&b);
	mem_wipe(hash, sizeof hash);
	*ret = buf_str(&b);
	return 0;
}

/* "ln=15,r=8,p=1", within bounds that keep a planted row from taking the machine down. */
static bool parse_cost(struct str s, struct cost *ret)
{
	static const struct {
		const char *name;
		int64_t max;
	} parts[] = { { "ln=", 18 }, { "r=", 16 }, { "p=", 4 } };
	int64_t v[3];
	struct str part;
	for (size_t i = 0; i < 3; i++) {
		struct str name = str_of(parts[i].name);
		if (!str_split(&s, ',', &part) || !str_starts(part, name) ||
			scan_i64(str_from(part, name.n), &v[i]) < 0 || v[i] < 1 || v[i] > parts[i].max)
			return false;
	}
	*ret = (struct cost){ v[0], v[1], v[2] };
	return !s.p;
}

struct stored {
	struct cost cost;
	uint8_t salt[64], hash[HASH_LEN];
	size_t salt_n;
};

static int decode(struct str text, uint8_t *ret, size_t max, size_t *ret_n)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	int r = dec_base64(text, &b);
	if (r == 0 && (b.n > max || b.n == 0))
		r = E_INVALID;
	if (r == 0) {
		memcpy(ret, b.p, b.n);
		*ret_n = b.n;
	}
	buf_release(&b);
	return r;
}

static bool parse_stored(struct str s, struct stored *ret)
{
	struct str part[5];
	size_t n;
	if (s.n > PASSWORD_HASH_MAX)
		return false;
	for (int i = 0; i < 5; i++)
		if (!str_split(&s, '$', &part[i]))
			return false;
	return !s.p && !part[0].n && str_is(part[1], "scrypt") && parse_cost(part[2], &ret->cost) &&
		decode(part[3], ret->salt, sizeof ret->salt, &ret->salt_n) == 0 &&
		decode(part[4], ret->hash, sizeof ret->hash, &n) == 0 && n == HASH_LEN;
}

int password_verify(struct str password, struct str text, bool *ret_stale)
{
	struct stored s;
	uint8_t hash[HASH_LEN];
	if (!parse_stored(text, &s))
		return E_INVALID;
	if (password.n > PASSWORD_MAX)
		return E_DENIED;
	if (derive(password, s.salt, s.salt_n, &s.cost, hash) < 0)
		return E_INTERNAL;
	bool right = mem_eq_secret(hash, s.hash, sizeof hash);
	mem_wipe(hash, sizeof hash);
	if (!right)
		return E_DENIED;
	if (ret_stale)
		*ret_stale = s.cost.ln != now_cost.ln || s.cost.r != now_cost.r || s.cost.p != now_cost.p;
	return 0;
}

void password_waste_time(struct str password)
{
	uint8_t salt[SALT_LEN] = { 0 }, hash[HASH_LEN];
	if (password.n <= PASSWORD_MAX)
		derive(password, salt, sizeof salt, &now_cost, hash);
}

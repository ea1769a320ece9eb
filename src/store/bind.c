/* Parameters in Postgres's binary forms. Text and json go as they are; everything else is big-endian. */
#include "base/first.h"
#include "base/enc.h"
#include "store/conn.h"

/* Microseconds between 1970-01-01 and 2000-01-01, Postgres's epoch. */
#define PG_EPOCH INT64_C(946684800000000)

static const struct {
	char letter;
	uint32_t oid, array;
} types[] = {
	{ 'u', 2950, 2951 }, { 'b', 17, 1001 },  { 's', 21, 1005 }, { 'i', 23, 1007 },  { 'l', 20, 1016 },
	{ 'd', 701, 1022 },  { 'o', 16, 1000 },  { 't', 25, 1009 }, { 'j', 114, 199 },  { 'z', 1184, 1185 },
};

static uint32_t oid_of(char letter)
{
	bool array = is_upper(letter);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].letter == to_lower(letter))
			return array ? types[i].array : types[i].oid;
	die("no such type letter: %c", letter);
}

int bind_oids(const char *letters, uint32_t *ret)
{
	int n = 0;
	for (; letters[n]; n++)
		ret[n] = oid_of(letters[n]);
	return n;
}

static void put_int(struct buf *b, uint64_t v, size_t bytes)
{
	char out[8];
	for (size_t i = 0; i < bytes; i++)
		out[i] = (char)(v >> 8 * (bytes - 1 - i));
	buf_add(b, out, bytes);
}

static int put_uuid(struct buf *b, struct str s)
{
	char digits[32], raw[16];
	if (!uuid_valid(s))
		return E_NOTFOUND;
	for (size_t i = 0, n = 0; i < s.n; i++)
		if (s.p[i] != '-')
			digits[n++] = s.p[i];
	if (dec_hex(str_n(digits, sizeof digits), raw, sizeof raw) < 0)
		return E_NOTFOUND;
	buf_add(b, raw, sizeof raw);
	return 0;
}

static size_t int_size(char letter)
{
	return letter == 's' ? 2 : letter == 'i' ? 4 : 8;
}

/* The element at `p` of an array whose element letter is `letter`, with its length before it. */
static int put_element(struct buf *b, const struct arg *arg, char letter, const void *p)
{
	struct str s;
	size_t n;
	int r;
	switch (arg->of) {
	case OF_STR:
		memcpy(&s, p, sizeof s);
		if (!s.p) {
			put_int(b, UINT32_MAX, 4); /* null */
			return 0;
		}
		if (letter == 'u') {
			put_int(b, 16, 4);
			return put_uuid(b, s);
		}
		if (memchr(s.p, 0, s.n))
			return E_INVALID;
		put_int(b, s.n, 4);
		buf_adds(b, s);
		return 0;
	case OF_ID:
		put_int(b, 16, 4);
		r = put_uuid(b, str_of(p));
		return r;
	case OF_I32:
	case OF_I64:
		n = int_size(letter);
		put_int(b, n, 4);
		put_int(b,
			arg->of == OF_I32 ? (uint64_t)(int64_t) * (const int32_t *)p : (uint64_t) * (const int64_t *)p,
			n);
		return 0;
	case OF_SHA256:
		put_int(b, 32, 4);
		buf_add(b, p, 32);
		return 0;
	}
	return E_INTERNAL;
}

static int put_list(struct buf *b, const struct arg *arg, char letter)
{
	char element = (char)to_lower(letter);
	put_int(b, arg->n > 0, 4); /* dimensions */
	put_int(b, 1, 4);          /* there may be nulls */
	put_int(b, oid_of(element), 4);
	if (!arg->n)
		return 0;
	put_int(b, arg->n, 4);
	put_int(b, 1, 4); /* lower bound */
	for (size_t i = 0; i < arg->n; i++) {
		int r = put_element(b, arg, element, (const char *)arg->base + i * arg->stride);
		if (r < 0)
			return r;
	}
	return 0;
}

/* One parameter into the scratch buffer. Text is not copied: *ret_direct then points at the caller's bytes. */
static int put_arg(struct buf *b, const struct arg *arg, char letter, const char **ret_direct, size_t *ret_n)
{
	uint64_t bits;
	switch (arg->kind) {
	case ARG_STR:
	case ARG_BYTES:
		if (arg->kind == ARG_STR && memchr(arg->s.p, 0, arg->s.n))
			return E_INVALID;
		*ret_direct = arg->s.p;
		*ret_n = arg->s.n;
		return 0;
	case ARG_UUID:
		return put_uuid(b, arg->s);
	case ARG_I64:
		put_int(b, (uint64_t)arg->i, int_size(letter));
		return 0;
	case ARG_F64:
		memcpy(&bits, &arg->d, sizeof bits);
		put_int(b, bits, 8);
		return 0;
	case ARG_BOOL:
		put_int(b, arg->i != 0, 1);
		return 0;
	case ARG_TIME:
		put_int(b, (uint64_t)(arg->i - PG_EPOCH), 8);
		return 0;
	case ARG_LIST:
		return put_list(b, arg, letter);
	case ARG_NULL:
		break;
	}
	return 0;
}

static bool is_null(const struct arg *arg)
{
	bool by_slice = arg->kind == ARG_STR || arg->kind == ARG_UUID || arg->kind == ARG_BYTES;
	return arg->kind == ARG_NULL || (by_slice && !arg->s.p);
}

int bind_args(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct binding *ret,
	      struct err *e)
{
	size_t offset[BIND_MAX];
	struct buf *b = &db->scratch;
	buf_clear(b);
	assert(n == strlen(s->in) && n <= BIND_MAX);
	for (size_t i = 0; i < n; i++) {
		const char *direct = NULL;
		size_t len = 0;
		offset[i] = STR_NPOS;
		ret->values[i] = NULL;
		ret->lengths[i] = 0;
		ret->formats[i] = 1;
		if (is_null(&args[i]))
			continue;
		size_t start = b->n;
		int r = put_arg(b, &args[i], s->in[i], &direct, &len);
		if (r == E_NOTFOUND)
			return err_set(e, r, "not an id");
		if (r < 0)
			return err_set(e, r, "%s: parameter %zu holds a NUL byte", s->name, i + 1);
		if (direct) {
			ret->values[i] = direct;
		} else {
			offset[i] = start;
			len = b->n - start;
		}
		if (len > INT32_MAX / 4)
			return err_set(e, E_LIMIT, "%s: parameter %zu is too long", s->name, i + 1);
		ret->lengths[i] = (int)len;
	}
	if (!buf_ok(b))
		return err_set(e, E_LIMIT, "%s: parameters are too long", s->name);
	for (size_t i = 0; i < n; i++)
		if (offset[i] != STR_NPOS)
			ret->values[i] = b->p + offset[i];
	return 0;
}

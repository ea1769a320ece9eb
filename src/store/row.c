/* Reading rows in Postgres's binary forms. */
#include "base/first.h"
#include "base/enc.h"
#include "store/conn.h"
#include <libpq-fe.h>

#define PG_EPOCH INT64_C(946684800000000)

void rows_clear(struct rows *r)
{
	PQclear(r->res);
	r->res = NULL;
	r->n = 0;
}

bool row_null(const struct rows *r, int row, int col)
{
	return PQgetisnull(r->res, row, col);
}

struct str row_raw(const struct rows *r, int row, int col)
{
	if (PQgetisnull(r->res, row, col))
		return STR_NULL;
	return str_n(PQgetvalue(r->res, row, col), (size_t)PQgetlength(r->res, row, col));
}

struct str row_str(const struct rows *r, int row, int col, struct arena *a)
{
	struct str s = row_raw(r, row, col);
	return s.p ? arena_str(a, s) : s;
}

void row_uuid(const struct rows *r, int row, int col, char out[UUID_LEN + 1])
{
	struct str s = row_raw(r, row, col);
	char hex[33];
	out[0] = 0;
	if (s.n != 16)
		return;
	enc_hex(s.p, 16, hex);
	static const uint8_t group[] = { 8, 4, 4, 4, 12 };
	char *o = out;
	const char *h = hex;
	for (size_t i = 0; i < ARRAY_LEN(group); i++) {
		memcpy(o, h, group[i]);
		o += group[i];
		h += group[i];
		*o++ = '-';
	}
	out[UUID_LEN] = 0;
}

struct str row_uuid_str(const struct rows *r, int row, int col, struct arena *a)
{
	char id[UUID_LEN + 1];
	if (row_null(r, row, col))
		return STR_NULL;
	row_uuid(r, row, col, id);
	return arena_str(a, str_of(id));
}

static int64_t big_endian(struct str s)
{
	uint64_t v = 0;
	for (size_t i = 0; i < s.n; i++)
		v = v << 8 | (uint8_t)s.p[i];
	/* sign of the shorter forms */
	if (s.n == 2)
		return (int16_t)v;
	if (s.n == 4)
		return (int32_t)v;
	return (int64_t)v;
}

int64_t row_int(const struct rows *r, int row, int col)
{
	struct str s = row_raw(r, row, col);
	assert(!s.p || s.n == 2 || s.n == 4 || s.n == 8);
	return s.p ? big_endian(s) : 0;
}

bool row_bool(const struct rows *r, int row, int col)
{
	struct str s = row_raw(r, row, col);
	return s.n == 1 && s.p[0];
}

usec_t row_time(const struct rows *r, int row, int col)
{
	struct str s = row_raw(r, row, col);
	return s.n == 8 ? big_endian(s) + PG_EPOCH : 0;
}

void row_sha256(const struct rows *r, int row, int col, uint8_t out[32])
{
	struct str s = row_raw(r, row, col);
	memset(out, 0, 32);
	if (s.n == 32)
		memcpy(out, s.p, 32);
}

/* Classes and codes of PostgreSQL's appendix A, the first match counts. */
int sqlstate_code(const char *state)
{
	static const struct {
		const char *prefix;
		int code;
	} map[] = {
		{ "23505", E_CONFLICT },
		{ "23P01", E_CONFLICT },
		{ "23503", E_NOTFOUND },
		{ "23", E_INVALID },
		{ "22001", E_LIMIT },
		{ "22", E_INVALID },
		{ "40001", E_AGAIN },
		{ "40P01", E_AGAIN },
		{ "57014", E_TIMEOUT },
		{ "55P03", E_TIMEOUT },
		{ "25P03", E_TIMEOUT },
		{ "42501", E_DENIED },
		{ "54", E_LIMIT },
		{ "57P", E_UNAVAIL },
		{ "08", E_UNAVAIL },
		{ "53", E_UNAVAIL },
		{ "28", E_UNAVAIL },
		{ "3D", E_UNAVAIL },
		{ "25006", E_UNAVAIL },
		{ "58", E_UNAVAIL },
	};
	if (!state)
		return E_UNAVAIL; /* libpq's own errors are about the connection */
	for (size_t i = 0; i < ARRAY_LEN(map); i++)
		if (!strncmp(state, map[i].prefix, strlen(map[i].prefix)))
			return map[i].code;
	return E_INTERNAL;
}

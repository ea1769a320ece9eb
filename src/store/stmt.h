/*
 * Statements, what is bound to them and how their rows are read. Internal to store: the typed functions are written
 * with this, nobody outside sees it.
 *
 * A statement is a constant with a type letter for each parameter and each column; `kryftoctl check-sql` compares
 * both with what the server says. Letters: u uuid, b bytea, s int2, i int4, l int8, d float8, o bool, t text, j json,
 * z timestamptz; capitals are arrays of the same.
 */
#ifndef KRYFTO_STORE_STMT_H
#define KRYFTO_STORE_STMT_H

#include "store/db.h"

enum stmt_id {
#define STMT(name) STMT_##name,
#include "store/statements.def"
	STMT_COUNT
};

struct stmt {
	enum stmt_id id;
	const char *name;
	const char *in;  /* parameter types */
	const char *out; /* column types */
	const char *sql;
};
#define STMT(name) extern const struct stmt stmt_##name;
#include "store/statements.def"

#define DEFINE_STMT(n, in_, out_, sql_) \
	const struct stmt stmt_##n = { .id = STMT_##n, .name = #n, .in = in_, .out = out_, .sql = sql_ }
/* NULL past the end. */
const struct stmt *stmt_at(size_t i);

/* --- parameters --- */
enum arg_kind { ARG_STR, ARG_UUID, ARG_BYTES, ARG_I64, ARG_F64, ARG_BOOL, ARG_TIME, ARG_NULL, ARG_LIST };
struct arg {
	enum arg_kind kind;
	struct str s;
	int64_t i;
	double d;
	/* lists: n elements, `stride` bytes apart; `of` says what stands there */
	const void *base;
	size_t n, stride;
	enum { OF_STR, OF_ID, OF_I64, OF_I32, OF_SHA256 } of;
};
#define A_STR(v) ((struct arg){ .kind = ARG_STR, .s = (v) }) /* text or json; absent: null */
#define A_CSTR(v) A_STR(str_of(v))
#define A_UUID(v) ((struct arg){ .kind = ARG_UUID, .s = (v) }) /* absent: null; else 36 characters or E_NOTFOUND */
#define A_BYTES(p_, n_) ((struct arg){ .kind = ARG_BYTES, .s = { (const char *)(p_), (n_) } })
#define A_INT(v) ((struct arg){ .kind = ARG_I64, .i = (v) }) /* int2, int4 or int8 as the statement says */
#define A_REAL(v) ((struct arg){ .kind = ARG_F64, .d = (v) })
#define A_BOOL(v) ((struct arg){ .kind = ARG_BOOL, .i = (v) })
#define A_TIME(v) ((struct arg){ .kind = ARG_TIME, .i = (v) })
#define A_TIME0(v) ((struct arg){ .kind = (v) ? ARG_TIME : ARG_NULL, .i = (v) }) /* 0: null */
#define A_NULL ((struct arg){ .kind = ARG_NULL })
/* One member of `n` structs at `at` as an array: A_LIST(OF_STR, at, n, url). */
#define A_LIST(of_, at, n_, member)                                                                                    \
	((struct arg){ .kind = ARG_LIST,                                                                               \
		.of = (of_),                                                                                           \
		.base = (n_) ? &(at)[0].member : NULL,                                                                 \
		.n = (n_),                                                                                             \
		.stride = sizeof(*(at)) })
#define A_ARRAY(of_, at, n_) \
	((struct arg){ .kind = ARG_LIST, .of = (of_), .base = (at), .n = (n_), .stride = sizeof(*(at)) })
#define ARGS(...) (const struct arg[]){ __VA_ARGS__ }, sizeof((const struct arg[]){ __VA_ARGS__ }) / sizeof(struct arg)

/* Queues a statement. A failure is also what its recv will answer. */
int stmt_send(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct err *e);

/* --- rows --- */
struct pg_result;
struct rows {
	struct pg_result *res;
	const struct stmt *s;
	int n;            /* rows */
	int64_t affected; /* of INSERT, UPDATE, DELETE */
};
void rows_clear(struct rows *r);
#define _cleanup_rows_ _cleanup_(rows_clear)

/* The answer of `s`, which must be the oldest still due. */
int stmt_recv(struct db *db, const struct stmt *s, struct rows *ret, struct err *e);
/* The answer when rows do not matter. */
int stmt_recv_none(struct db *db, const struct stmt *s, struct err *e);
/* send + sync + recv. */
int stmt_run(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct rows *ret, struct err *e);
int stmt_run_none(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct err *e);

bool row_null(const struct rows *r, int row, int col);
/* Valid until rows_clear(). NULL slice for null. */
struct str row_raw(const struct rows *r, int row, int col);
/* A copy in the arena. NULL slice for null. */
struct str row_str(const struct rows *r, int row, int col, struct arena *a);
void row_uuid(const struct rows *r, int row, int col, char out[UUID_LEN + 1]); /* "" for null */
struct str row_uuid_str(const struct rows *r, int row, int col, struct arena *a);
int64_t row_int(const struct rows *r, int row, int col); /* s, i, l; 0 for null */
bool row_bool(const struct rows *r, int row, int col);
usec_t row_time(const struct rows *r, int row, int col); /* 0 for null */
void row_sha256(const struct rows *r, int row, int col, uint8_t out[32]);

/* --- for migrations and checks --- */
/* Several statements of text in one simple query (one transaction unless the text says otherwise). The caller's
 * pipeline must be empty. */
int db_script(struct db *db, const char *sql, struct err *e);
/* Prepares `s` and compares its types; E_INVALID with words. */
int db_describe(struct db *db, const struct stmt *s, struct err *e);

#endif

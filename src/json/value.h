/*
 * JSON values (RFC 8259): an immutable tree in an arena. Parsing is jansson's; what comes out is
 * ours, so that no reference counts travel through the code.
 *
 * Object members keep their order; of duplicate names the last wins. Strings are valid UTF-8 and
 * NUL-terminated, and may hold NUL only where the parse options allow it.
 */
#ifndef KRYFTO_JSON_VALUE_H
#define KRYFTO_JSON_VALUE_H

#include "base/arena.h"
#include "base/err.h"

enum json_kind { J_NULL, J_FALSE, J_TRUE, J_INT, J_REAL, J_STRING, J_ARRAY, J_OBJECT };

struct json {
	enum json_kind kind;
	uint32_t n; /* items or members */
	union {
		int64_t i;
		double d;
		struct str s;
		const struct json **items;
		struct json_member *members;
	};
};

struct json_member {
	struct str name;
	const struct json *value;
};

#define JSON_DEPTH_MAX 128

struct json_limits {
	size_t bytes; /* of text; 0: 16 MiB */
	int depth;    /* of nesting; 0: JSON_DEPTH_MAX */
	bool nul;     /* allow \u0000 in strings */
	bool lone;    /* read half a surrogate pair (\ud800), as JavaScript writes some strings, as U+FFFD */
};

/* Any JSON value at the top. `l` NULL for the defaults. E_INVALID (the words name line and column)
 * or E_LIMIT. Integers beyond int64 become reals. */
int json_parse(struct arena *a, struct str text, const struct json_limits *l, const struct json **ret, struct err *e);

/* Lookups never fail hard: NULL for a missing member or when `v` is NULL or no object. */
const struct json *json_get(const struct json *v, const char *name);
const struct json *json_get_str(const struct json *v, struct str name);
/* Item `i` of an array, or NULL. */
static inline const struct json *json_at(const struct json *v, size_t i)
{
	return v && v->kind == J_ARRAY && i < v->n ? v->items[i] : NULL;
}
static inline bool json_is(const struct json *v, enum json_kind k) { return v && v->kind == k; }
static inline bool json_is_bool(const struct json *v) { return v && (v->kind == J_TRUE || v->kind == J_FALSE); }
static inline bool json_is_number(const struct json *v) { return v && (v->kind == J_INT || v->kind == J_REAL); }
/* The value, or the fallback when it is of another kind. */
struct str json_str(const struct json *v, struct str fallback);
int64_t json_int(const struct json *v, int64_t fallback); /* an integral real counts */
double json_number(const struct json *v, double fallback);
bool json_bool(const struct json *v, bool fallback);
/* "object", "array", "string", "number", "boolean", "null"; "undefined" for NULL. */
const char *json_kind_name(const struct json *v);
/* Deep equality; 1 equals 1.0; member order does not matter. */
bool json_same(const struct json *x, const struct json *y);

/* Building. Names and strings are not copied: keep them alive as long as the arena. */
extern const struct json json_null_v, json_true_v, json_false_v;
struct json *json_new_int(struct arena *a, int64_t i);
struct json *json_new_real(struct arena *a, double d);
struct json *json_new_str(struct arena *a, struct str s);
struct json *json_new_array(struct arena *a);
struct json *json_new_object(struct arena *a);
static inline const struct json *json_new_bool(bool b) { return b ? &json_true_v : &json_false_v; }
void json_push(struct arena *a, struct json *array, const struct json *item);
/* Replaces a member of the same name. */
void json_set(struct arena *a, struct json *object, struct str name, const struct json *value);
/* Appends without looking for the name; for builders that know it is new. */
void json_put(struct arena *a, struct json *object, struct str name, const struct json *value);
/* Into another arena, strings and all. */
const struct json *json_dup(struct arena *a, const struct json *v);

#endif

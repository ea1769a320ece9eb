/*
 * Schema descriptors: static const data that describes a request, a reply, a setting file or a
 * recipe once. From one descriptor come the check (all issues, with paths), the decoding into a
 * struct, and the OpenAPI 3.1 text. Sources: shared design page "routes and schemas as data";
 * issue objects as the published server's (zod 3) gives them.
 *
 * Rules: unknown members are dropped unless `strict`; an explicit null for an optional member is an
 * issue unless `nullable`; defaults are JSON texts, applied while decoding and by schema_normal().
 * A `refine` runs only when its node was clean otherwise.
 */
#ifndef KRYFTO_JSON_SCHEMA_H
#define KRYFTO_JSON_SCHEMA_H

#include "json/writer.h"

enum schema_kind { S_STRING, S_INTEGER, S_NUMBER, S_BOOLEAN, S_OBJECT, S_ARRAY, S_RECORD, S_UNION, S_ANY };
enum schema_format { F_NONE, F_URL, F_UUID, F_DATETIME };

struct schema;
struct issues;

struct field {
	const char *name;           /* JSON member */
	const struct schema *schema;
	size_t offset;              /* into the decoded struct */
	bool required, nullable;
	bool opt;                   /* decodes into struct opt_int or opt_bool */
	bool as_json;               /* an object decoded as a normalised `const struct json *` */
	bool decode;                /* false: checked, not decoded (offset unused) */
	const char *fallback;       /* JSON text; NULL: none */
	const char *doc;            /* one sentence for OpenAPI */
	const char *alias;          /* also accepted under this name */
};

/* One arm of a union told apart by a string member. */
struct arm {
	const char *tag;
	const struct schema *schema;
};

struct schema {
	enum schema_kind kind;
	const char *component;      /* OpenAPI component name, NULL: inline */
	const char *doc;
	union {
		/* lengths in UTF-16 code units are what the published server counts; we count code points */
		struct { int64_t min, max; enum schema_format format; const char *const *oneof; bool trim; } string;
		struct { int64_t min, max; bool bounded; } integer; /* bounds inclusive; both 0 and !bounded: none */
		struct { double min, max; bool bounded; } number;
		struct { const struct field *fields; bool strict; size_t size; } object; /* size: of the struct */
		struct { const struct schema *item; int64_t min, max; } array;           /* max 0: 10 000 */
		struct { const struct schema *value; int64_t max; } record;              /* string keys; max 0: 1 000 */
		struct { const char *tag; const struct arm *arms; } union_;
	};
	/* Cross-field rule; adds issues. `path` is where the node is. */
	void (*refine)(const struct json *v, struct issues *is);
};

/* Decoded forms, by kind: S_STRING struct str · S_INTEGER int64_t · S_NUMBER double · S_BOOLEAN bool ·
 * S_OBJECT the nested struct inline · S_ARRAY, S_RECORD, S_UNION, S_ANY `const struct json *` (checked, with
 * defaults applied). An absent optional member without fallback leaves zeroes (NULL str, NULL json); for
 * optional integers and booleans use OPTI / OPTB. */
struct opt_int { bool set; int64_t v; };
struct opt_bool { bool set; bool v; };

/* MEMBER checks at compile time that the member has the type its schema decodes to. */
#define MEMBER(T, m, ctype)                                                                                          \
	(offsetof(T, m) + 0 * sizeof(struct {                                                                        \
		_Static_assert(__builtin_types_compatible_p(__typeof__(((T *)0)->m), ctype), #m " has another type"); \
		int x;                                                                                               \
	}))
#define STRF(T, m, s, ...)                                                                                             \
	{                                                                                                              \
		.name = #m, .schema = (s), .decode = true, .offset = MEMBER(T, m, struct str), ##__VA_ARGS__           \
	}
#define INTF(T, m, s, ...)                                                                                             \
	{                                                                                                              \
		.name = #m, .schema = (s), .decode = true, .offset = MEMBER(T, m, int64_t), ##__VA_ARGS__              \
	}
#define BOOLF(T, m, s, ...) { .name = #m, .schema = (s), .decode = true, .offset = MEMBER(T, m, bool), ##__VA_ARGS__ }
#define OPTB(T, m, s, ...)                                                                                             \
	{                                                                                                              \
		.name = #m, .schema = (s), .decode = true, .opt = true, .offset = MEMBER(T, m, struct opt_bool),       \
		##__VA_ARGS__                                                                                          \
	}
#define OPTI(T, m, s, ...)                                                                                             \
	{                                                                                                              \
		.name = #m, .schema = (s), .decode = true, .opt = true, .offset = MEMBER(T, m, struct opt_int),        \
		##__VA_ARGS__                                                                                          \
	}
#define JSONF(T, m, s, ...)                                                                                            \
	{                                                                                                              \
		.name = #m, .schema = (s), .decode = true, .as_json = true,                                            \
		.offset = MEMBER(T, m, const struct json *), ##__VA_ARGS__                                             \
	}
#define OBJF(T, m, st, s, ...) { .name = #m, .schema = (s), .decode = true, .offset = MEMBER(T, m, st), ##__VA_ARGS__ }
#define FIELDS_END { .name = NULL }

/* An element of a path: a member name, or an index when name.p is NULL. */
struct path_part {
	struct str name;
	size_t index;
};

struct issue {
	const char *code;            /* invalid_type too_small too_big invalid_string invalid_enum_value
	                                invalid_union_discriminator unrecognized_keys custom */
	const struct path_part *path;
	size_t path_n;
	struct str message;
	struct str extra;            /* further members, as JSON text without braces: "\"minimum\":1,…" */
};

#define ISSUES_MAX 64 /* further ones are counted, not kept */

struct issues {
	struct arena *arena;
	struct issue at[ISSUES_MAX];
	size_t n;                    /* found, may exceed ISSUES_MAX */
	struct path_part path[JSON_DEPTH_MAX + 2];
	size_t depth;
};

void issues_init(struct issues *is, struct arena *a);
/* At the current path; `extra` as in struct issue, STR_NULL for none. */
void issue_add(struct issues *is, const char *code, struct str extra, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The same one member deeper (for refinements). */
void issue_add_at(struct issues *is, const char *member, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* [{"code","path",…,"message"}] */
void issues_write(struct jw *w, const struct issues *is);
/* {"formErrors":[…],"fieldErrors":{"<first path element>":[…]}} */
void issues_write_flat(struct jw *w, const struct issues *is);
/* The same two members without the braces, inside an object of the caller. */
void issues_write_flat_members(struct jw *w, const struct issues *is);

/* How F_URL is judged; the url layer is above this one, so the edge sets it once at start. Until then any
 * text with a scheme passes. */
void schema_set_url_check(bool (*valid)(struct str url));

/* All issues of `v` (NULL: absent) against `s`. Returns 0, or E_INVALID when there are any. */
int schema_check(const struct schema *s, const struct json *v, struct issues *is);
/* Fills `out` (s->object.size bytes, zeroed first) from a checked value; with `v` NULL, from defaults. */
void schema_decode(const struct schema *s, const struct json *v, struct arena *a, void *out);
/* The checked value with unknown members dropped and defaults put in: what hashes and replies use. */
const struct json *schema_normal(const struct schema *s, const struct json *v, struct arena *a);
/* Checks and decodes a set of string parameters (query, path): values are text and are converted by
 * kind first. `get(ctx, name)` gives the text or a NULL slice. */
int schema_check_text(const struct schema *s, struct str (*get)(void *ctx, const char *name), void *ctx,
	struct arena *a, void *out, struct issues *is);
/* JSON Schema 2020-12 as OpenAPI 3.1 uses it; component schemas become $refs. */
void schema_openapi(struct jw *w, const struct schema *s);
/* Calls `fn` once for each named component reachable from `s`. */
void schema_components(const struct schema *s, void (*fn)(void *ctx, const struct schema *s), void *ctx);

#endif

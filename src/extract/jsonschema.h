/*
 * JSON Schema: drafts 2020-12 and 07 (core, applicator, unevaluated, validation; formats on request).
 *
 * A schema is compiled once and checks many values. Without a "$schema" it is read as 2020-12, unless its
 * root has "definitions" and no "$defs": then as draft 07, where "$ref" hides its neighbours. Old spellings
 * (array "items", "additionalItems", "dependencies") work in both. References stay inside the document,
 * but for the two meta-schemas. Work is bounded: a schema or value that would need more than the stated
 * steps fails with E_LIMIT instead of taking long.
 */
#ifndef KRYFTO_EXTRACT_JSONSCHEMA_H
#define KRYFTO_EXTRACT_JSONSCHEMA_H

#include "json/writer.h"

#define JSCHEMA_NODES_MAX 20000    /* subschemas */
#define JSCHEMA_DEPTH_MAX 400      /* nested evaluations */
#define JSCHEMA_STEPS_MAX 2000000  /* evaluations, members and items looked at for one value */
#define JSCHEMA_ISSUES_MAX 100     /* kept; further ones are counted */

struct jschema;

struct jschema_opts {
	bool formats; /* "format" is an assertion */
};

/* `schema` must live as long as the result. E_INVALID (the words say where and why), E_LIMIT. */
int jschema_compile(struct arena *a, const struct json *schema, const struct jschema_opts *o,
	const struct jschema **ret, struct err *e);

struct jschema_issue {
	struct str path;     /* JSON Pointer (RFC 6901) into the value; "" is the whole */
	const char *keyword; /* that failed; "false" for a boolean schema */
	struct str message;
};

struct jschema_issues {
	struct jschema_issue at[JSCHEMA_ISSUES_MAX];
	size_t n; /* found, may exceed JSCHEMA_ISSUES_MAX */
};

/* 0: valid. E_INVALID: not; the issues (in `a`) say why. E_LIMIT: too much work. E_UNSUPPORTED: the schema
 * refers to itself without going deeper into the value. `ret` is always filled. */
int jschema_check(const struct jschema *s, const struct json *value, struct arena *a, struct jschema_issues *ret,
	struct err *e);
/* [{"path":"/a/0","keyword":"type","message":"…"}, …] */
void jschema_issues_write(struct jw *w, const struct jschema_issues *is);

#endif

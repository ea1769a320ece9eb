/* Inside of the JSON Schema validator: what a compiled schema is made of. */
#ifndef KRYFTO_EXTRACT_JSCHEMA_NODE_H
#define KRYFTO_EXTRACT_JSCHEMA_NODE_H

#include "base/map.h"
#include "extract/jsonschema.h"

struct regex;

/* A schema with an identity of its own: the document, or a subschema with "$id". */
struct resource {
	struct str uri;            /* absolute or as good as it gets, without fragment */
	const struct json *root;
	struct map anchors;        /* name → struct node *: $anchor and $dynamicAnchor */
	struct map dynamic;        /* name → struct node *: $dynamicAnchor alone */
	bool draft7;
};

struct named_node {
	struct str name;
	struct node *node;
};

struct pattern_node {
	struct regex *regex;
	struct node *node;
};

/* dependentRequired, dependentSchemas and the two forms of dependencies. */
struct dependency {
	struct str name;
	const struct json *required; /* array of strings, or NULL */
	struct node *node;           /* or NULL */
};

struct node_list {
	struct node **at;
	size_t n;
};

/* Counts; JNONE: keyword absent. */
#define JNONE ((int64_t)-1)

enum json_type_bit {
	T_NULL = 1, T_BOOLEAN = 2, T_INTEGER = 4, T_NUMBER = 8, T_STRING = 16, T_ARRAY = 32, T_OBJECT = 64
};

struct node {
	const struct json *src;
	struct resource *res;
	bool ref_only;             /* draft 07: the reference hides everything else */
	unsigned types;            /* json_type_bit; 0: any */
	const struct json *enumeration, *constant;
	const struct json *minimum, *maximum, *above, *below, *multiple;
	int64_t min_length, max_length, min_items, max_items, min_props, max_props, min_contains, max_contains;
	bool unique;
	struct regex *pattern;
	const struct json *required; /* array of strings */
	struct str format;           /* NULL: none, or not asserted */
	/* objects */
	struct map props;            /* name → struct node * */
	struct pattern_node *patterns;
	size_t n_patterns;
	struct node *additional, *names, *rest_props;
	struct dependency *deps;
	size_t n_deps;
	/* arrays */
	struct node_list prefix;
	struct node *items, *contains, *rest_items;
	/* in place */
	struct node_list all_of, any_of, one_of;
	struct node *not_, *if_, *then_, *else_;
	struct node *ref, *dynamic_ref;
	struct str dynamic_name;     /* NULL: dynamic_ref is an ordinary reference after all */
};

struct jschema {
	struct arena *arena;
	struct node *root;
	struct resource *first;
};

/* --- jschema_regex.c: ECMA-262 patterns on PCRE2 --- */

/* E_INVALID with the reason. Freed with the arena. */
int regex_compile(struct arena *a, struct str pattern, struct regex **ret, struct err *e);
struct str regex_text(const struct regex *re);
/* 1 found, 0 not, E_LIMIT when it would take too long. */
int regex_search(const struct regex *re, struct str s);

/* --- jschema_format.c --- */

/* True when `s` satisfies the format; unknown formats are satisfied by everything. */
bool format_ok(struct str format, struct str s);

/* --- jschema_meta.c --- */

/* The text of a meta-schema by its URI without fragment, or NULL. */
const char *meta_schema(struct str uri);

/* --- uri_ref.c --- */

/* RFC 3986 5.2: `ref` against `base` (may be empty), fragment included. */
struct str uri_resolve(struct arena *a, struct str base, struct str ref);
/* Cuts "#fragment" off; *ret_fragment has no '#', NULL slice when there was none. */
struct str uri_without_fragment(struct str uri, struct str *ret_fragment);

#endif

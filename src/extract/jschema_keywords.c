#include "base/first.h"
#include "extract/jschema_load.h"

/* A keyword, what its value must be, and where in a node it goes. */
enum keyword_kind {
	K_NODE,     /* a schema */
	K_LIST,     /* a non-empty array of schemas */
	K_VALUE,    /* any value */
	K_NUMBER, K_COUNT, K_STRINGS,
	K_SCHEMAS,  /* an object of schemas that are only referred to */
	K_SPECIAL   /* read_special() */
};

static const struct keyword {
	const char *name;
	enum keyword_kind kind;
	size_t at;
} keywords[] = {
#define AT(member) offsetof(struct node, member)
	{ "$defs", K_SCHEMAS, 0 },
	{ "definitions", K_SCHEMAS, 0 },
	{ "$ref", K_SPECIAL, 0 },
	{ "$dynamicRef", K_SPECIAL, 0 },
	{ "type", K_SPECIAL, 0 },
	{ "enum", K_SPECIAL, 0 },
	{ "const", K_VALUE, AT(constant) },
	{ "minimum", K_NUMBER, AT(minimum) },
	{ "maximum", K_NUMBER, AT(maximum) },
	{ "exclusiveMinimum", K_NUMBER, AT(above) },
	{ "exclusiveMaximum", K_NUMBER, AT(below) },
	{ "multipleOf", K_NUMBER, AT(multiple) },
	{ "minLength", K_COUNT, AT(min_length) },
	{ "maxLength", K_COUNT, AT(max_length) },
	{ "pattern", K_SPECIAL, 0 },
	{ "format", K_SPECIAL, 0 },
	{ "minItems", K_COUNT, AT(min_items) },
	{ "maxItems", K_COUNT, AT(max_items) },
	{ "uniqueItems", K_SPECIAL, 0 },
	{ "minContains", K_COUNT, AT(min_contains) },
	{ "maxContains", K_COUNT, AT(max_contains) },
	{ "minProperties", K_COUNT, AT(min_props) },
	{ "maxProperties", K_COUNT, AT(max_props) },
	{ "required", K_STRINGS, AT(required) },
	{ "properties", K_SPECIAL, 0 },
	{ "patternProperties", K_SPECIAL, 0 },
	{ "additionalProperties", K_NODE, AT(additional) },
	{ "propertyNames", K_NODE, AT(names) },
	{ "unevaluatedProperties", K_NODE, AT(rest_props) },
	{ "dependentRequired", K_SPECIAL, 0 },
	{ "dependentSchemas", K_SPECIAL, 0 },
	{ "dependencies", K_SPECIAL, 0 },
	{ "prefixItems", K_LIST, AT(prefix) },
	{ "items", K_SPECIAL, 0 },
	{ "additionalItems", K_SPECIAL, 0 },
	{ "contains", K_NODE, AT(contains) },
	{ "unevaluatedItems", K_NODE, AT(rest_items) },
	{ "allOf", K_LIST, AT(all_of) },
	{ "anyOf", K_LIST, AT(any_of) },
	{ "oneOf", K_LIST, AT(one_of) },
	{ "not", K_NODE, AT(not_) },
	{ "if", K_NODE, AT(if_) },
	{ "then", K_NODE, AT(then_) },
	{ "else", K_NODE, AT(else_) },
#undef AT
};

static const struct { const char *name; unsigned bit; } types[] = { { "null", T_NULL }, { "boolean", T_BOOLEAN },
	{ "integer", T_INTEGER }, { "number", T_NUMBER | T_INTEGER }, { "string", T_STRING }, { "array", T_ARRAY },
	{ "object", T_OBJECT } };

static int add_type(struct load *l, struct node *n, const struct json *v)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (json_is(v, J_STRING) && str_is(v->s, types[i].name)) {
			n->types |= types[i].bit;
			return 0;
		}
	return load_fail(l, "type", "must be the name of a JSON type or an array of them");
}

static int read_type(struct load *l, struct node *n, const struct json *v)
{
	int rc = 0;
	if (!json_is(v, J_ARRAY))
		return add_type(l, n, v);
	if (!v->n)
		return load_fail(l, "type", "must not be an empty array");
	for (size_t i = 0; rc == 0 && i < v->n; i++)
		rc = add_type(l, n, v->items[i]);
	return rc;
}

static int read_list(
	struct load *l, const struct node *n, const char *name, const struct json *v, struct node_list *ret)
{
	if (!json_is(v, J_ARRAY) || !v->n)
		return load_fail(l, name, "must be a non-empty array of schemas");
	ret->at = arena_array(l->arena, struct node *, v->n);
	ret->n = v->n;
	for (size_t i = 0; i < v->n; i++) {
		ret->at[i] = load_node(l, v->items[i], n->res);
		if (!ret->at[i])
			return l->err->code;
	}
	return 0;
}

static bool all_strings(const struct json *v)
{
	if (!json_is(v, J_ARRAY))
		return false;
	for (size_t i = 0; i < v->n; i++)
		if (!json_is(v->items[i], J_STRING))
			return false;
	return true;
}

static int read_properties(struct load *l, struct node *n, const struct json *v)
{
	map_init(&n->props, l->arena);
	for (size_t i = 0; i < v->n; i++) {
		struct node *sub = load_node(l, v->members[i].value, n->res);
		if (!sub)
			return l->err->code;
		map_set(&n->props, v->members[i].name, sub);
	}
	return 0;
}

static int read_patterns(struct load *l, struct node *n, const struct json *v)
{
	n->patterns = arena_array(l->arena, struct pattern_node, v->n);
	n->n_patterns = v->n;
	for (size_t i = 0; i < v->n; i++) {
		struct err why = { 0 };
		int rc = regex_compile(l->arena, v->members[i].name, &n->patterns[i].regex, &why);
		if (rc < 0)
			return load_fail(l, "patternProperties", "%s", why.words);
		n->patterns[i].node = load_node(l, v->members[i].value, n->res);
		if (!n->patterns[i].node)
			return l->err->code;
	}
	return 0;
}

/* dependentRequired, dependentSchemas, dependencies: they add up. */
static int read_dependencies(struct load *l, struct node *n, const char *name, const struct json *v)
{
	struct dependency *deps = arena_array(l->arena, struct dependency, n->n_deps + v->n);
	if (n->n_deps)
		memcpy(deps, n->deps, n->n_deps * sizeof *deps);
	n->deps = deps;
	for (size_t i = 0; i < v->n; i++) {
		const struct json *what = v->members[i].value;
		struct dependency *d = &deps[n->n_deps++];
		d->name = v->members[i].name;
		if (json_is(what, J_ARRAY) && strcmp(name, "dependentSchemas") != 0) {
			if (!all_strings(what))
				return load_fail(l, name, "must list names of members");
			d->required = what;
		} else if (strcmp(name, "dependentRequired") == 0) {
			return load_fail(l, name, "must be an object of arrays");
		} else if (!(d->node = load_node(l, what, n->res))) {
			return l->err->code;
		}
	}
	return 0;
}

static int read_items(struct load *l, struct node *n, const struct json *v)
{
	if (json_is(v, J_ARRAY)) /* draft 07; an empty array is allowed there */
		return v->n ? read_list(l, n, "items", v, &n->prefix) : 0;
	n->items = load_node(l, v, n->res);
	return n->items ? 0 : l->err->code;
}

static int read_reference(struct load *l, struct node *n, bool dynamic, const struct json *v)
{
	if (!json_is(v, J_STRING))
		return load_fail(l, dynamic ? "$dynamicRef" : "$ref", "must be a string");
	vec_push(l->arena, &l->refs, (struct pending_ref){ n, v->s, dynamic });
	return 0;
}

static int read_object_keyword(struct load *l, struct node *n, const char *name, const struct json *v)
{
	if (!json_is(v, J_OBJECT))
		return load_fail(l, name, "must be an object");
	if (strcmp(name, "properties") == 0)
		return read_properties(l, n, v);
	if (strcmp(name, "patternProperties") == 0)
		return read_patterns(l, n, v);
	return read_dependencies(l, n, name, v);
}

static int read_special(struct load *l, struct node *n, const char *name, const struct json *v)
{
	if (strcmp(name, "$ref") == 0 || strcmp(name, "$dynamicRef") == 0)
		return read_reference(l, n, name[1] == 'd', v);
	if (strcmp(name, "type") == 0)
		return read_type(l, n, v);
	if (strcmp(name, "items") == 0)
		return read_items(l, n, v);
	if (strcmp(name, "additionalItems") == 0) {
		/* It says something only beside an array of schemas. */
		struct node *sub = load_node(l, v, n->res);
		if (sub && json_is(json_get(n->src, "items"), J_ARRAY))
			n->items = sub;
		return sub ? 0 : l->err->code;
	}
	if (strcmp(name, "enum") == 0) {
		if (!json_is(v, J_ARRAY))
			return load_fail(l, name, "must be an array");
		n->enumeration = v;
		return 0;
	}
	if (strcmp(name, "uniqueItems") == 0) {
		if (!json_is_bool(v))
			return load_fail(l, name, "must be a boolean");
		n->unique = v->kind == J_TRUE;
		return 0;
	}
	if (strcmp(name, "format") == 0 || strcmp(name, "pattern") == 0) {
		struct err why = { 0 };
		if (!json_is(v, J_STRING))
			return load_fail(l, name, "must be a string");
		if (name[0] == 'p' && regex_compile(l->arena, v->s, &n->pattern, &why) < 0)
			return load_fail(l, name, "%s", why.words);
		if (name[0] == 'f' && l->formats)
			n->format = v->s;
		return 0;
	}
	return read_object_keyword(l, n, name, v);
}

static int read_count(struct load *l, const char *name, const struct json *v, int64_t *ret)
{
	int64_t count = json_int(v, JNONE);
	double d = json_number(v, -1);
	if (d < 0 || d != __builtin_trunc(d))
		return load_fail(l, name, "must be a whole number, at least 0");
	/* Beyond int64 nothing can reach it. */
	*ret = count >= 0 ? count : INT64_MAX;
	return 0;
}

static int read_keyword(struct load *l, struct node *n, const struct keyword *k, const struct json *v)
{
	void *at = (char *)n + k->at;
	switch (k->kind) {
	case K_NODE:
		*(struct node **)at = load_node(l, v, n->res);
		return *(struct node **)at ? 0 : l->err->code;
	case K_LIST:
		return read_list(l, n, k->name, v, at);
	case K_NUMBER:
		if (!json_is_number(v) || (strcmp(k->name, "multipleOf") == 0 && json_number(v, 0) <= 0))
			return load_fail(
				l, k->name, k->name[1] == 'u' ? "must be a number above 0" : "must be a number");
		*(const struct json **)at = v;
		return 0;
	case K_COUNT:
		return read_count(l, k->name, v, at);
	case K_STRINGS:
		if (!all_strings(v))
			return load_fail(l, k->name, "must be an array of strings");
		*(const struct json **)at = v;
		return 0;
	case K_VALUE:
		*(const struct json **)at = v;
		return 0;
	case K_SCHEMAS:
		if (!json_is(v, J_OBJECT))
			return load_fail(l, k->name, "must be an object of schemas");
		for (size_t i = 0; i < v->n; i++)
			if (!load_node(l, v->members[i].value, n->res))
				return l->err->code;
		return 0;
	case K_SPECIAL:
		return read_special(l, n, k->name, v);
	}
	return 0;
}

int load_keywords(struct load *l, struct node *n)
{
	n->min_length = n->max_length = n->min_items = n->max_items = JNONE;
	n->min_props = n->max_props = n->min_contains = n->max_contains = JNONE;
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		const struct json *v = json_get(n->src, keywords[i].name);
		int rc = v ? read_keyword(l, n, &keywords[i], v) : 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

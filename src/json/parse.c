#include "base/first.h"
#include "json/value.h"
#include "base/vec.h"

#include <jansson.h>

/* Deepest nesting of brackets outside strings: one cheap pass, so that hostile depth never reaches a parser. */
static int depth_of(struct str t, int stop)
{
	int depth = 0, deepest = 0;
	bool in_string = false;
	for (size_t i = 0; i < t.n && deepest <= stop; i++) {
		char c = t.p[i];
		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
		} else if (c == '"') {
			in_string = true;
		} else if (c == '[' || c == '{') {
			depth++;
			deepest = MAX(deepest, depth);
		} else if (c == ']' || c == '}') {
			depth--;
		}
	}
	return deepest;
}

/* The UTF-16 unit of an escape "\uXXXX" at `i`, or -1. */
static int unit_at(struct str t, size_t i)
{
	int v = 0;
	if (i + 6 > t.n || t.p[i] != '\\' || t.p[i + 1] != 'u')
		return -1;
	for (size_t k = i + 2; k < i + 6; k++) {
		int d = hex_value((unsigned char)t.p[k]);
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* `t` with every half of a surrogate pair that has no partner written as \ufffd. */
static struct str without_lone(struct arena *a, struct str t)
{
	char *out = NULL;
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] != '\\')
			continue;
		int unit = unit_at(t, i), next = unit >= 0 ? unit_at(t, i + 6) : -1;
		if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
			i += 11;
		} else if (unit >= 0xd800 && unit < 0xe000) {
			out = out ? out : arena_cstr(a, t);
			memcpy(out + i + 2, "fffd", 4);
			i += 5;
		} else {
			i++; /* the character behind a backslash begins no escape */
		}
	}
	return out ? str_n(out, t.n) : t;
}

struct task {
	json_t *from;
	struct json *to;
};
struct tasks {
	struct task *at;
	size_t n, cap;
};

static void fill_object(struct arena *a, struct task t, struct tasks *todo)
{
	size_t n = json_object_size(t.from), i = 0;
	struct json *nodes = arena_array(a, struct json, n);
	t.to->kind = J_OBJECT;
	const char *key;
	size_t key_n;
	json_t *value;
	json_object_keylen_foreach(t.from, key, key_n, value) {
		json_put(a, t.to, arena_str(a, str_n(key, key_n)), &nodes[i]);
		vec_push(NULL, todo, (struct task){ value, &nodes[i++] });
	}
}

static void fill_array(struct arena *a, struct task t, struct tasks *todo)
{
	size_t n = json_array_size(t.from);
	struct json *nodes = arena_array(a, struct json, n);
	t.to->kind = J_ARRAY;
	for (size_t i = 0; i < n; i++) {
		json_push(a, t.to, &nodes[i]);
		vec_push(NULL, todo, (struct task){ json_array_get(t.from, i), &nodes[i] });
	}
}

static void fill(struct arena *a, struct task t, struct tasks *todo)
{
	switch (json_typeof(t.from)) {
	case JSON_OBJECT: fill_object(a, t, todo); break;
	case JSON_ARRAY: fill_array(a, t, todo); break;
	case JSON_STRING:
		*t.to = (struct json){ .kind = J_STRING,
			.s = arena_str(a, str_n(json_string_value(t.from), json_string_length(t.from))) };
		break;
	case JSON_INTEGER: *t.to = (struct json){ .kind = J_INT, .i = json_integer_value(t.from) }; break;
	case JSON_REAL: *t.to = (struct json){ .kind = J_REAL, .d = json_real_value(t.from) }; break;
	case JSON_TRUE: t.to->kind = J_TRUE; break;
	case JSON_FALSE: t.to->kind = J_FALSE; break;
	case JSON_NULL: t.to->kind = J_NULL; break;
	}
}

int json_parse(struct arena *a, struct str text, const struct json_limits *l, const struct json **ret, struct err *e)
{
	static const struct json_limits defaults = { 0 };
	l = l ? l : &defaults;
	size_t bytes = l->bytes ? l->bytes : 16 * MiB;
	int depth = l->depth ? l->depth : JSON_DEPTH_MAX;
	if (text.n > bytes)
		return err_set(e, E_LIMIT, "JSON text is larger than %zu bytes", bytes);
	/* The parser would take one behind a number. */
	if (text.n && memchr(text.p, '\0', text.n))
		return err_set(e, E_INVALID, "JSON text holds a NUL byte");
	if (depth_of(text, depth) > depth)
		return err_set(e, E_LIMIT, "JSON is nested deeper than %d levels", depth);
	if (l->lone)
		text = without_lone(a, text);
	json_error_t je;
	size_t flags = JSON_DECODE_ANY | (l->nul ? JSON_ALLOW_NUL : 0);
	json_t *from = json_loadb(text.n ? text.p : "", text.n, flags, &je);
	if (!from && json_error_code(&je) == json_error_numeric_overflow)
		from = json_loadb(text.p, text.n, flags | JSON_DECODE_INT_AS_REAL, &je);
	if (!from)
		return err_set(e, E_INVALID, "%.160s at line %d, column %d", je.text, je.line, je.column);
	struct tasks todo = { 0 };
	struct json *top = arena_new(a, struct json);
	vec_push(NULL, &todo, (struct task){ from, top });
	while (todo.n)
		fill(a, vec_pop(&todo), &todo);
	vec_release(&todo);
	json_decref(from);
	*ret = top;
	return 0;
}

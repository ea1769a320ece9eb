#include "base/first.h"
#include "json/value.h"
#include "base/vec.h"

#include <math.h>

const struct json json_null_v = { .kind = J_NULL }, json_true_v = { .kind = J_TRUE },
		  json_false_v = { .kind = J_FALSE };

const struct json *json_get_str(const struct json *v, struct str name)
{
	if (!v || v->kind != J_OBJECT)
		return NULL;
	for (uint32_t i = 0; i < v->n; i++)
		if (str_eq(v->members[i].name, name))
			return v->members[i].value;
	return NULL;
}

const struct json *json_get(const struct json *v, const char *name)
{
	return json_get_str(v, str_of(name));
}

struct str json_str(const struct json *v, struct str fallback)
{
	return json_is(v, J_STRING) ? v->s : fallback;
}

int64_t json_int(const struct json *v, int64_t fallback)
{
	if (json_is(v, J_INT))
		return v->i;
	/* Every integral double within 2^53 is exact. */
	if (json_is(v, J_REAL) && v->d == trunc(v->d) && fabs(v->d) <= 9007199254740992.0)
		return (int64_t)v->d;
	return fallback;
}

double json_number(const struct json *v, double fallback)
{
	return json_is(v, J_INT) ? (double)v->i : json_is(v, J_REAL) ? v->d : fallback;
}

bool json_bool(const struct json *v, bool fallback)
{
	return json_is(v, J_TRUE) ? true : json_is(v, J_FALSE) ? false : fallback;
}

const char *json_kind_name(const struct json *v)
{
	static const char *const names[] = { "null", "boolean", "boolean", "number", "number", "string", "array",
		"object" };
	return v ? names[v->kind] : "undefined";
}

/* Pairs still to compare. */
struct pair {
	const struct json *x, *y;
};

static bool scalar_equal(const struct json *x, const struct json *y)
{
	if (json_is_number(x) && json_is_number(y))
		return x->kind == J_INT && y->kind == J_INT ? x->i == y->i : json_number(x, 0) == json_number(y, 0);
	if (x->kind != y->kind)
		return false;
	return x->kind != J_STRING || str_eq(x->s, y->s);
}

bool json_same(const struct json *x, const struct json *y)
{
	VEC(struct pair) todo = { 0 };
	bool same = true;
	vec_push(NULL, &todo, (struct pair){ x, y });
	while (same && todo.n) {
		struct pair p = vec_pop(&todo);
		if (!p.x || !p.y) {
			same = p.x == p.y;
		} else if (p.x->kind != p.y->kind || p.x->kind < J_ARRAY) {
			same = scalar_equal(p.x, p.y);
		} else if ((same = p.x->n == p.y->n)) {
			for (uint32_t i = 0; i < p.x->n; i++) {
				if (p.x->kind == J_ARRAY)
					vec_push(NULL, &todo, (struct pair){ p.x->items[i], p.y->items[i] });
				else
					vec_push(NULL, &todo, (struct pair){ p.x->members[i].value,
						json_get_str(p.y, p.x->members[i].name) });
			}
		}
	}
	vec_release(&todo);
	return same;
}

struct json *json_new_int(struct arena *a, int64_t i)
{
	struct json *v = arena_new(a, struct json);
	*v = (struct json){ .kind = J_INT, .i = i };
	return v;
}

struct json *json_new_real(struct arena *a, double d)
{
	struct json *v = arena_new(a, struct json);
	*v = (struct json){ .kind = J_REAL, .d = d };
	return v;
}

struct json *json_new_str(struct arena *a, struct str s)
{
	struct json *v = arena_new(a, struct json);
	*v = (struct json){ .kind = J_STRING, .s = s.p ? s : STR("") };
	return v;
}

struct json *json_new_array(struct arena *a)
{
	struct json *v = arena_new(a, struct json);
	v->kind = J_ARRAY;
	return v;
}

struct json *json_new_object(struct arena *a)
{
	struct json *v = arena_new(a, struct json);
	v->kind = J_OBJECT;
	return v;
}

/* Room is the next power of two from 4 up, so it follows from the count alone. */
static bool full(uint32_t n)
{
	return n == 0 || (n >= 4 && (n & (n - 1)) == 0);
}

void json_push(struct arena *a, struct json *array, const struct json *item)
{
	uint32_t n = array->n;
	if (full(n))
		array->items = arena_grow(a, array->items, n * sizeof *array->items,
			(n ? 2 * (size_t)n : 4) * sizeof *array->items);
	array->items[array->n++] = item;
}

void json_put(struct arena *a, struct json *object, struct str name, const struct json *value)
{
	uint32_t n = object->n;
	if (full(n))
		object->members = arena_grow(a, object->members, n * sizeof *object->members,
			(n ? 2 * (size_t)n : 4) * sizeof *object->members);
	object->members[object->n++] = (struct json_member){ name, value };
}

void json_set(struct arena *a, struct json *object, struct str name, const struct json *value)
{
	for (uint32_t i = 0; i < object->n; i++)
		if (str_eq(object->members[i].name, name)) {
			object->members[i].value = value;
			return;
		}
	json_put(a, object, name, value);
}

struct copy {
	const struct json *from;
	struct json *to;
};

const struct json *json_dup(struct arena *a, const struct json *v)
{
	if (!v)
		return NULL;
	struct json *top = arena_new(a, struct json);
	VEC(struct copy) todo = { 0 };
	vec_push(NULL, &todo, (struct copy){ v, top });
	while (todo.n) {
		struct copy c = vec_pop(&todo);
		*c.to = *c.from;
		if (c.from->kind == J_STRING)
			c.to->s = arena_str(a, c.from->s);
		if (c.from->kind < J_ARRAY || !c.from->n) {
			if (c.from->kind >= J_ARRAY)
				c.to->items = NULL;
			continue;
		}
		uint32_t n = c.from->n, cap = 4;
		while (cap < n)
			cap *= 2;
		struct json *nodes = arena_array(a, struct json, n);
		bool array = c.from->kind == J_ARRAY;
		if (array)
			c.to->items = arena_array(a, const struct json *, cap);
		else
			c.to->members = arena_array(a, struct json_member, cap);
		for (uint32_t i = 0; i < n; i++) {
			if (array)
				c.to->items[i] = &nodes[i];
			else
				c.to->members[i] =
					(struct json_member){ arena_str(a, c.from->members[i].name), &nodes[i] };
			vec_push(NULL, &todo,
				(struct copy){ array ? c.from->items[i] : c.from->members[i].value, &nodes[i] });
		}
	}
	vec_release(&todo);
	return top;
}

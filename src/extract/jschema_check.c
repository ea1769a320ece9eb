#include "base/first.h"
#include "extract/jschema_run.h"

#include "base/utf8.h"

#include <math.h>

/* --- numbers --- */

/* Exact: a long double holds every int64 and every double on the machines we run on; where it does not,
 * neighbours beyond 2^53 compare equal. */
static int compare(const struct json *x, const struct json *y)
{
	if (x->kind == J_INT && y->kind == J_INT)
		return x->i < y->i ? -1 : x->i > y->i;
	long double a = x->kind == J_INT ? (long double)x->i : x->d, b = y->kind == J_INT ? (long double)y->i : y->d;
	return a < b ? -1 : a > b;
}

/* digits × 10^exponent, from the shortest decimal form that reads back. */
struct decimal {
	uint64_t digits;
	int exponent;
};

static struct decimal decimal_of(const struct json *v)
{
	struct decimal d = { 0 };
	char text[40];
	if (v->kind == J_INT) {
		d.digits = v->i < 0 ? 0 - (uint64_t)v->i : (uint64_t)v->i;
		return d;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*e", digits - 1, fabs(v->d));
		if (strtod(text, NULL) == fabs(v->d))
			break;
	}
	int shift = 0;
	bool point = false;
	char *p = text;
	for (; *p && *p != 'e'; p++) {
		if (*p == '.') {
			point = true;
			continue;
		}
		d.digits = d.digits * 10 + (uint64_t)(*p - '0');
		shift += point;
	}
	d.exponent = (*p ? (int)strtol(p + 1, NULL, 10) : 0) - shift;
	while (d.digits && d.digits % 10 == 0) {
		d.digits /= 10;
		d.exponent++;
	}
	return d;
}

/* Decimal arithmetic: 0.0075 is a multiple of 0.0001, which no binary division shows. */
static bool is_multiple(const struct json *v, const struct json *of)
{
	struct decimal x = decimal_of(v), m = decimal_of(of);
	if (!x.digits)
		return true;
	unsigned __int128 rest = x.digits;
	int up = x.exponent - m.exponent;
	if (up >= 0) {
		for (rest %= m.digits; up > 0 && rest; up--)
			rest = rest * 10 % m.digits;
		return rest == 0;
	}
	/* m × 10^-up must divide x, so its tens must. */
	for (; up < 0 && rest % 10 == 0; up++)
		rest /= 10;
	return up == 0 && rest % m.digits == 0;
}

static bool check_bound(struct run *r, struct frame *f, const struct json *bound, const char *keyword, bool ok,
	const char *words)
{
	if (ok)
		return true;
	char text[32];
	if (bound->kind == J_INT)
		snprintf(text, sizeof text, "%" PRId64, bound->i);
	else
		snprintf(text, sizeof text, "%.15g", bound->d);
	return run_issue(r, f->step, keyword, "must be %s %s", words, text);
}

bool check_number(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	const struct json *v = f->value;
	bool ok = true;
	if (n->minimum)
		ok &= check_bound(r, f, n->minimum, "minimum", compare(v, n->minimum) >= 0, "at least");
	if (n->maximum)
		ok &= check_bound(r, f, n->maximum, "maximum", compare(v, n->maximum) <= 0, "at most");
	if (n->above)
		ok &= check_bound(r, f, n->above, "exclusiveMinimum", compare(v, n->above) > 0, "above");
	if (n->below)
		ok &= check_bound(r, f, n->below, "exclusiveMaximum", compare(v, n->below) < 0, "below");
	if (n->multiple)
		ok &= check_bound(r, f, n->multiple, "multipleOf", is_multiple(v, n->multiple), "a multiple of");
	return ok;
}

/* --- strings --- */

static bool check_count(struct run *r, struct frame *f, size_t n, int64_t min, int64_t max, const char *min_keyword,
	const char *max_keyword, const char *what)
{
	if (min != JNONE && (int64_t)n < min)
		return run_issue(r, f->step, min_keyword, "must have at least %" PRId64 " %s, has %zu", min, what, n);
	if (max != JNONE && (int64_t)n > max)
		return run_issue(r, f->step, max_keyword, "must have at most %" PRId64 " %s, has %zu", max, what, n);
	return true;
}

/* 1, 0, or -1 with the run ended. */
static int search(struct run *r, const struct regex *re, struct str s)
{
	int rc = regex_search(re, s);
	run_over(r, s.n / 16);
	if (rc < 0 && !r->fatal)
		r->fatal = err_set(r->err, E_LIMIT, "the pattern \"%.*s\" takes too long",
			(int)MIN(regex_text(re).n, (size_t)80), regex_text(re).p);
	return rc;
}

bool check_string(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	struct str s = f->value->s;
	bool ok = true;
	if (n->min_length != JNONE || n->max_length != JNONE)
		ok &= check_count(
			r, f, utf8_len(s), n->min_length, n->max_length, "minLength", "maxLength", "characters");
	if (n->pattern && search(r, n->pattern, s) != 1)
		ok = run_issue(r, f->step, "pattern", "must match %.*s",
			(int)MIN(regex_text(n->pattern).n, (size_t)120), regex_text(n->pattern).p);
	if (n->format.p && !format_ok(n->format, s))
		ok = run_issue(r, f->step, "format", "must be a %.*s", (int)MIN(n->format.n, (size_t)40), n->format.p);
	return ok;
}

/* --- arrays --- */

/* The same for equal values: 1 and 1.0, any order of members. */
static uint64_t hash_scalar(const struct json *v)
{
	double d;
	switch (v->kind) {
	case J_STRING: return hash_bytes(v->s);
	case J_INT:
	case J_REAL:
		d = v->kind == J_INT ? (double)v->i : v->d;
		d = d == 0 ? 0 : d; /* -0 */
		return hash_bytes(str_n((const char *)&d, sizeof d)) + 1;
	default: return (uint64_t)v->kind * UINT64_C(0x9e3779b97f4a7c15);
	}
}

struct hash_item {
	const struct json *v;
	uint64_t salt;
};

/* A sum over all scalars below, each salted with its way down; depth costs memory, no stack. */
static uint64_t hash_deep(struct run *r, const struct json *top)
{
	struct hash_item small[64], *stack = small;
	size_t n = 0, cap = ARRAY_LEN(small);
	uint64_t sum = 0;
	stack[n++] = (struct hash_item){ top, 1 };
	while (n) {
		struct hash_item it = stack[--n];
		bool object = it.v->kind == J_OBJECT;
		sum += (hash_scalar(it.v) ^ it.salt) * UINT64_C(0xff51afd7ed558ccd);
		if (!object && it.v->kind != J_ARRAY)
			continue;
		if (run_over(r, it.v->n))
			return 0;
		if (n + it.v->n > cap) {
			struct hash_item *more = arena_array(r->arena, struct hash_item, (n + it.v->n) * 2);
			memcpy(more, stack, n * sizeof *more);
			stack = more;
			cap = (n + it.v->n) * 2;
		}
		for (size_t i = 0; i < it.v->n; i++)
			stack[n++] = object ? (struct hash_item){ it.v->members[i].value,
						      it.salt * 31 + hash_bytes(it.v->members[i].name) }
					    : (struct hash_item){ it.v->items[i], it.salt * 37 + i + 1 };
	}
	return sum;
}

struct hashed {
	uint64_t hash;
	const struct json *v;
};

static int by_hash(const void *x, const void *y)
{
	const struct hashed *a = x, *b = y;
	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

static bool all_unique(struct run *r, const struct json *v)
{
	if (v->n < 2)
		return true;
	struct hashed *h = arena_array(r->arena, struct hashed, v->n);
	for (size_t i = 0; i < v->n && !r->fatal; i++)
		h[i] = (struct hashed){ hash_deep(r, v->items[i]), v->items[i] };
	qsort(h, v->n, sizeof *h, by_hash);
	for (size_t i = 1; i < v->n && !r->fatal; i++)
		for (size_t k = i; k > 0 && h[k - 1].hash == h[i].hash && !run_over(r, 1); k--)
			if (json_same(h[k - 1].v, h[i].v))
				return false;
	return true;
}

static bool check_contains(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	int64_t min = n->min_contains == JNONE ? 1 : n->min_contains, found = 0;
	for (size_t i = 0; i < f->value->n && !r->fatal; i++) {
		struct step step = { f->step, STR_NULL, i };
		if (!run_quietly(r, f, n->contains, f->value->items[i], &step, false))
			continue;
		found++;
		run_see(r, f, i);
		if (found >= min && n->max_contains == JNONE && !f->seen)
			break;
	}
	if (found < min)
		return run_issue(r, f->step, min == 1 ? "contains" : "minContains",
			"must contain at least %" PRId64 " matching items, contains %" PRId64, min, found);
	if (n->max_contains != JNONE && found > n->max_contains)
		return run_issue(r, f->step, "maxContains",
			"must contain at most %" PRId64 " matching items, contains %" PRId64, n->max_contains, found);
	return true;
}

bool check_array(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	const struct json *v = f->value;
	bool ok = check_count(r, f, v->n, n->min_items, n->max_items, "minItems", "maxItems", "items");
	if (n->unique && !all_unique(r, v))
		ok = run_issue(r, f->step, "uniqueItems", "must have no two equal items");
	for (size_t i = 0; i < v->n && !r->fatal && (n->items || i < n->prefix.n); i++) {
		struct step step = { f->step, STR_NULL, i };
		ok &= run_node(r, f, i < n->prefix.n ? n->prefix.at[i] : n->items, v->items[i], &step, false);
		run_see(r, f, i);
		if (!ok && r->quiet)
			return false;
	}
	if (n->contains)
		ok &= check_contains(r, f);
	return ok;
}

/* --- objects --- */

/* A look-up that does not cost a walk over a large object for each name asked. */
static bool has_member(struct run *r, const struct json *v, struct map *index, struct str name)
{
	if (v->n <= 16)
		return json_get_str(v, name) != NULL;
	if (!index->entries) {
		map_init(index, r->arena);
		for (size_t i = 0; i < v->n; i++)
			map_set(index, v->members[i].name, (void *)v->members[i].value);
	}
	return map_has(index, name);
}

static bool check_names(struct run *r, struct frame *f, const struct json *required, struct map *index,
	const char *keyword, struct str because)
{
	bool ok = true;
	for (size_t i = 0; i < required->n && !run_over(r, 0); i++) {
		struct str name = required->items[i]->s;
		if (has_member(r, f->value, index, name))
			continue;
		if (because.p)
			ok = run_issue(r, f->step, keyword, "\"%.*s\" is required beside \"%.*s\"",
				(int)MIN(name.n, (size_t)80), name.p, (int)MIN(because.n, (size_t)80), because.p);
		else
			ok = run_issue(
				r, f->step, keyword, "\"%.*s\" is required", (int)MIN(name.n, (size_t)160), name.p);
	}
	return ok;
}

static bool check_member(struct run *r, struct frame *f, size_t i)
{
	const struct node *n = f->node;
	const struct json_member *m = &f->value->members[i];
	struct step step = { f->step, m->name, 0 };
	bool ok = true, matched = false;
	const struct node *sub = n->props.n ? map_get(&n->props, m->name) : NULL;
	if (sub) {
		matched = true;
		ok &= run_node(r, f, sub, m->value, &step, false);
	}
	for (size_t k = 0; k < n->n_patterns && !r->fatal; k++)
		if (search(r, n->patterns[k].regex, m->name) == 1) {
			matched = true;
			ok &= run_node(r, f, n->patterns[k].node, m->value, &step, false);
		}
	if (!matched && n->additional) {
		matched = true;
		if (n->additional->src->kind == J_FALSE)
			ok = run_issue(r, &step, "additionalProperties", "is not allowed");
		else
			ok &= run_node(r, f, n->additional, m->value, &step, false);
	}
	if (matched)
		run_see(r, f, i);
	if (n->names) {
		struct json name = { .kind = J_STRING, .s = m->name };
		if (!run_quietly(r, f, n->names, &name, &step, false))
			ok = run_issue(r, &step, "propertyNames", "has a name that is not allowed");
	}
	return ok;
}

bool check_object(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	const struct json *v = f->value;
	struct map index = { 0 };
	bool ok = check_count(r, f, v->n, n->min_props, n->max_props, "minProperties", "maxProperties", "members");
	if (n->required)
		ok &= check_names(r, f, n->required, &index, "required", STR_NULL);
	for (size_t i = 0; i < n->n_deps && !r->fatal; i++)
		if (n->deps[i].required && has_member(r, v, &index, n->deps[i].name))
			ok &= check_names(r, f, n->deps[i].required, &index, "dependentRequired", n->deps[i].name);
	if (!n->props.n && !n->n_patterns && !n->additional && !n->names)
		return ok;
	for (size_t i = 0; i < v->n && !run_over(r, 0); i++) {
		ok &= check_member(r, f, i);
		if (!ok && r->quiet)
			return false;
	}
	return ok;
}

/* --- what is left --- */

bool check_rest(struct run *r, struct frame *f)
{
	const struct json *v = f->value;
	bool object = v->kind == J_OBJECT;
	const struct node *rest = object ? f->node->rest_props : v->kind == J_ARRAY ? f->node->rest_items : NULL;
	bool ok = true;
	if (!rest || f->seen->all)
		return true;
	for (size_t i = 0; i < v->n && !run_over(r, 0); i++) {
		if (f->seen->bits && f->seen->bits[i])
			continue;
		struct step step = { f->step, object ? v->members[i].name : STR_NULL, i };
		if (rest->src->kind == J_FALSE)
			ok = run_issue(
				r, &step, object ? "unevaluatedProperties" : "unevaluatedItems", "is not allowed");
		else
			ok &= run_node(r, f, rest, object ? v->members[i].value : v->items[i], &step, false);
	}
	f->seen->all = true;
	return ok;
}

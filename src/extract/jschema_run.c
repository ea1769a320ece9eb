#include "base/first.h"
#include "extract/jschema_run.h"

static void add_pointer(struct buf *out, const struct step *at)
{
	const struct step *way[JSON_DEPTH_MAX * 4];
	size_t n = 0;
	for (; at && n < ARRAY_LEN(way); at = at->up)
		way[n++] = at;
	while (n) {
		const struct step *s = way[--n];
		buf_addc(out, '/');
		if (!s->name.p)
			buf_addu(out, s->index);
		for (size_t i = 0; i < s->name.n; i++) {
			if (s->name.p[i] == '~')
				buf_addz(out, "~0");
			else if (s->name.p[i] == '/')
				buf_addz(out, "~1");
			else
				buf_addc(out, s->name.p[i]);
		}
	}
}

bool run_issue(struct run *r, const struct step *at, const char *keyword, const char *fmt, ...)
{
	if (r->quiet)
		return false;
	if (r->issues->n++ >= JSCHEMA_ISSUES_MAX)
		return false;
	char words[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	struct jschema_issue *is = &r->issues->at[r->issues->n - 1];
	struct buf path;
	buf_init(&path, r->arena, 0);
	add_pointer(&path, at);
	is->path = buf_str(&path);
	is->keyword = keyword;
	is->message = arena_str(r->arena, str_of(words));
	return false;
}

bool run_over(struct run *r, size_t work)
{
	r->steps += (int64_t)work + 1;
	if (!r->fatal && r->steps > JSCHEMA_STEPS_MAX)
		r->fatal = err_set(r->err, E_LIMIT, "checking the value against the schema takes too long");
	return r->fatal != 0;
}

void run_see(struct run *r, struct frame *f, size_t index)
{
	if (!f->seen || f->seen->all)
		return;
	if (!f->seen->bits)
		f->seen->bits = arena_zalloc(r->arena, f->value->n);
	f->seen->bits[index] = 1;
}

static void merge_seen(struct run *r, const struct frame *up, const struct seen *s)
{
	if (!up || !up->seen)
		return;
	up->seen->all |= s->all;
	if (up->seen->all || !s->bits)
		return;
	if (!up->seen->bits) {
		up->seen->bits = s->bits;
		return;
	}
	for (size_t i = 0; i < up->value->n; i++)
		up->seen->bits[i] |= s->bits[i];
	run_over(r, up->value->n);
}

static unsigned type_bits(const struct json *v)
{
	switch (v->kind) {
	case J_NULL: return T_NULL;
	case J_FALSE:
	case J_TRUE: return T_BOOLEAN;
	case J_INT: return T_INTEGER | T_NUMBER;
	case J_REAL: return (v->d == __builtin_trunc(v->d) ? T_INTEGER : 0) | T_NUMBER;
	case J_STRING: return T_STRING;
	case J_ARRAY: return T_ARRAY;
	case J_OBJECT: return T_OBJECT;
	}
	return 0;
}

static const char *type_words(unsigned bits, char out[96])
{
	static const char *const names[] = { "null", "boolean", "integer", "number", "string", "array", "object" };
	size_t n = 0;
	out[0] = '\0';
	if (bits & T_NUMBER)
		bits &= ~(unsigned)T_INTEGER;
	for (unsigned i = 0; i < ARRAY_LEN(names); i++)
		if (bits & (1u << i))
			n += (size_t)snprintf(out + n, 96 - n, "%s%s", n ? " or " : "", names[i]);
	return out;
}

static bool check_any(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	bool ok = true;
	char words[96];
	if (n->types && !(n->types & type_bits(f->value)))
		ok = run_issue(r, f->step, "type", "must be %s, is %s", type_words(n->types, words),
			json_kind_name(f->value));
	if (n->constant && !json_same(n->constant, f->value))
		ok = run_issue(r, f->step, "const", "must equal the constant");
	if (n->enumeration) {
		bool found = false;
		for (size_t i = 0; i < n->enumeration->n && !found; i++)
			found = json_same(n->enumeration->items[i], f->value);
		run_over(r, n->enumeration->n);
		if (!found)
			ok = run_issue(r, f->step, "enum", "must be one of the %u values allowed", n->enumeration->n);
	}
	return ok;
}

/* The outermost resource on the way here that has the dynamic anchor, else the static target. */
static const struct node *dynamic_target(const struct frame *f)
{
	const struct node *to = f->node->dynamic_ref;
	if (!f->node->dynamic_name.p)
		return to;
	const struct resource *last = NULL;
	for (const struct frame *at = f; at; at = at->up) {
		if (at->node->res == last)
			continue;
		last = at->node->res;
		const struct node *here = map_get(&last->dynamic, f->node->dynamic_name);
		if (here)
			to = here;
	}
	return to;
}

static bool check_refs(struct run *r, struct frame *f)
{
	bool ok = true;
	if (f->node->ref)
		ok &= run_node(r, f, f->node->ref, f->value, f->step, true);
	if (f->node->dynamic_ref)
		ok &= run_node(r, f, dynamic_target(f), f->value, f->step, true);
	return ok;
}

static bool check_one_of(struct run *r, struct frame *f)
{
	const struct node_list *l = &f->node->one_of;
	size_t matches = 0;
	if (!l->n)
		return true;
	/* All of them run: two matches are a failure. */
	for (size_t i = 0; i < l->n && matches < 2 && !r->fatal; i++)
		matches += run_quietly(r, f, l->at[i], f->value, f->step, true);
	if (matches == 1)
		return true;
	return run_issue(r, f->step, "oneOf", matches ? "matches more than one of the %zu alternatives"
						     : "matches none of the %zu alternatives", l->n);
}

static bool check_any_of(struct run *r, struct frame *f)
{
	const struct node_list *l = &f->node->any_of;
	size_t matches = 0;
	if (!l->n)
		return true;
	/* What matching alternatives evaluate counts, so with a listener none is skipped. */
	for (size_t i = 0; i < l->n && (!matches || f->seen) && !r->fatal; i++)
		matches += run_quietly(r, f, l->at[i], f->value, f->step, true);
	return matches || run_issue(r, f->step, "anyOf", "matches none of the %zu alternatives", l->n);
}

static bool check_in_place(struct run *r, struct frame *f)
{
	const struct node *n = f->node;
	bool ok = check_refs(r, f);
	for (size_t i = 0; i < n->all_of.n && !r->fatal; i++)
		ok &= run_node(r, f, n->all_of.at[i], f->value, f->step, true);
	ok &= check_any_of(r, f);
	ok &= check_one_of(r, f);
	if (n->not_ && run_quietly(r, f, n->not_, f->value, f->step, false))
		ok = run_issue(r, f->step, "not", "must not match the schema under \"not\"");
	if (n->if_) {
		const struct node *then = run_quietly(r, f, n->if_, f->value, f->step, true) ? n->then_ : n->else_;
		if (then)
			ok &= run_node(r, f, then, f->value, f->step, true);
	}
	for (size_t i = 0; i < n->n_deps && f->value->kind == J_OBJECT; i++)
		if (n->deps[i].node && json_get_str(f->value, n->deps[i].name))
			ok &= run_node(r, f, n->deps[i].node, f->value, f->step, true);
	return ok;
}

static bool check_kind(struct run *r, struct frame *f)
{
	switch (f->value->kind) {
	case J_INT:
	case J_REAL: return check_number(r, f);
	case J_STRING: return check_string(r, f);
	case J_ARRAY: return check_array(r, f);
	case J_OBJECT: return check_object(r, f);
	default: return true;
	}
}

static bool check_only_ref(struct run *r, struct frame *f)
{
	return !f->node->ref_only || check_refs(r, f);
}

/* The same schema is at work on the same part of the value already. */
static bool loops(const struct frame *up, const struct node *n, const struct json *v)
{
	for (; up && up->value == v; up = up->up)
		if (up->node == n)
			return true;
	return false;
}

static bool enter(struct run *r, const struct frame *up, const struct node *n, const struct json *v)
{
	if (run_over(r, 0))
		return false;
	if (r->depth >= JSCHEMA_DEPTH_MAX)
		r->fatal = err_set(r->err, E_LIMIT, "the schema nests more than %d evaluations", JSCHEMA_DEPTH_MAX);
	else if (loops(up, n, v))
		r->fatal = err_set(r->err, E_UNSUPPORTED, "the schema refers to itself without going deeper");
	return !r->fatal;
}

bool run_node(struct run *r, const struct frame *up, const struct node *n, const struct json *v,
	const struct step *step, bool same)
{
	static bool (*const groups[])(struct run *, struct frame *) = { check_only_ref, check_any, check_kind,
		check_in_place, check_rest };
	struct seen seen = { 0 };
	struct frame f = { up, n, v, step, NULL };
	bool listened = (same && up && up->seen) || n->rest_items || n->rest_props;
	if (listened && (v->kind == J_ARRAY || v->kind == J_OBJECT))
		f.seen = &seen;
	if (n->src->kind == J_FALSE)
		return run_issue(r, step, "false", "nothing is allowed here");
	if (n->src->kind == J_TRUE)
		return true;
	if (!enter(r, up, n, v))
		return false;
	r->depth++;
	/* Nobody reads the issues of a quiet run: its first failure is enough. */
	bool ok = true;
	for (size_t i = 0; i < ARRAY_LEN(groups) && (ok || !r->quiet) && (i == 0 || !n->ref_only); i++)
		ok &= groups[i](r, &f);
	r->depth--;
	if (ok && same && f.seen)
		merge_seen(r, up, &seen);
	return ok && !r->fatal;
}

bool run_quietly(struct run *r, const struct frame *up, const struct node *n, const struct json *v,
	const struct step *step, bool same)
{
	r->quiet++;
	bool ok = run_node(r, up, n, v, step, same);
	r->quiet--;
	return ok;
}

int jschema_check(const struct jschema *s, const struct json *value, struct arena *a, struct jschema_issues *ret,
	struct err *e)
{
	struct err unread;
	struct run r = { .arena = a, .issues = ret, .err = e ? e : &unread };
	ret->n = 0;
	bool ok = run_node(&r, NULL, s->root, value, NULL, false);
	if (r.fatal)
		return r.fatal;
	return ok ? 0 : err_set(e, E_INVALID, "the value does not match the schema");
}

void jschema_issues_write(struct jw *w, const struct jschema_issues *is)
{
	jw_array(w);
	for (size_t i = 0; i < MIN(is->n, (size_t)JSCHEMA_ISSUES_MAX); i++) {
		jw_object(w);
		jw_kstr(w, "path", is->at[i].path);
		jw_kcstr(w, "keyword", is->at[i].keyword);
		jw_kstr(w, "message", is->at[i].message);
		jw_end_object(w);
	}
	jw_end_array(w);
}

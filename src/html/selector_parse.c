/* Selector lists, complex and compound selectors, type and attribute selectors: Selectors 4, sections 3, 5, 6, 17. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/names.h"
#include "html/selector_parse.h"

static struct sel_name both(struct arena *a, struct str name)
{
	char *low = arena_alloc(a, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		low[i] = (char)to_lower(name.p[i]);
	return (struct sel_name){ .exact = name, .lower = str_n(low, name.n) };
}

struct sel_name sel_name_tag(struct arena *a, struct str name)
{
	struct sel_name n = both(a, name);
	n.exact_number = name_known_tag(n.exact);
	n.lower_number = name_known_tag(n.lower);
	return n;
}

struct sel_name sel_name_attr(struct arena *a, struct str name)
{
	struct sel_name n = both(a, name);
	n.exact_number = name_known_attr(n.exact);
	n.lower_number = name_known_attr(n.lower);
	return n;
}

static bool add_simple(struct sel_parse *p, struct building *b, struct simple s)
{
	if (++p->parts > SELECTOR_PARTS_MAX)
		return lex_fail(&p->lex, E_LIMIT, "more than %d parts", SELECTOR_PARTS_MAX);
	vec_push(p->lex.arena, &b->simples, s);
	b->any = true;
	return true;
}

/* ---- compound selectors */

enum ns_kind { NS_UNSAID, NS_ANY, NS_EMPTY };

/* [ns|]name or [ns|]*: `ret_name` NULL slice for '*'. */
static bool qualified_name(struct sel_lex *l, bool star_allowed, enum ns_kind *ret_ns, struct str *ret_name)
{
	struct str first = STR_NULL;
	bool star = false;
	*ret_ns = NS_UNSAID;
	if (lex_peek(l, 0) == '*' && (star_allowed || lex_peek(l, 1) == '|')) {
		star = true;
		l->i++;
	} else if (lex_peek(l, 0) != '|') {
		first = lex_ident(l);
	}
	if (lex_peek(l, 0) == '|' && lex_peek(l, 1) != '=' && lex_peek(l, 1) != '|') {
		if (first.p)
			return lex_fail(l, E_INVALID, "namespace prefix \"%.*s\" is not declared", STR_FMT(first));
		l->i++;
		*ret_ns = star ? NS_ANY : NS_EMPTY;
		if (star_allowed && lex_take(l, '*')) {
			*ret_name = STR_NULL;
			return true;
		}
		first = lex_ident(l);
		if (!first.p)
			return lex_fail(l, E_INVALID, "a name is missing after '|'");
		star = false;
	}
	*ret_name = first;
	return star || first.p ? true : lex_fail(l, E_INVALID, "a name is missing");
}

static bool parse_type(struct sel_parse *p, struct building *b)
{
	enum ns_kind ns;
	struct str name;
	if (!qualified_name(&p->lex, true, &ns, &name))
		return false;
	b->any = true;
	b->typed = name.p != NULL;
	b->no_ns = ns == NS_EMPTY;
	if (b->typed)
		b->type = sel_name_tag(p->lex.arena, name);
	if (++p->parts > SELECTOR_PARTS_MAX)
		return lex_fail(&p->lex, E_LIMIT, "more than %d parts", SELECTOR_PARTS_MAX);
	return true;
}

static bool parse_attr_op(struct sel_lex *l, enum attr_op *ret)
{
	static const struct {
		char first;
		enum attr_op op;
	} ops[] = { { '~', OP_WORD }, { '|', OP_DASH }, { '^', OP_PREFIX }, { '$', OP_SUFFIX }, { '*', OP_CONTAINS },
		{ '!', OP_DIFFERS } };
	if (lex_take(l, '=')) {
		*ret = OP_EQUALS;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (lex_peek(l, 0) == ops[i].first && lex_peek(l, 1) == '=') {
			l->i += 2;
			*ret = ops[i].op;
			return true;
		}
	return lex_fail(l, E_INVALID, "\"]\" or an operator is missing in an attribute selector");
}

static bool parse_attr(struct sel_parse *p, struct building *b)
{
	struct sel_lex *l = &p->lex;
	struct simple s = { .kind = SIMPLE_ATTR };
	enum ns_kind ns;
	struct str name;
	l->i++;
	lex_space(l);
	if (!qualified_name(l, false, &ns, &name))
		return false;
	s.attr.name = sel_name_attr(l->arena, name);
	s.attr.any_ns = ns == NS_ANY;
	s.attr.op = OP_EXISTS;
	lex_space(l);
	if (l->i < l->s.n && lex_peek(l, 0) != ']') {
		if (!parse_attr_op(l, &s.attr.op))
			return false;
		lex_space(l);
		int c = lex_peek(l, 0);
		/* [a!=1] is no CSS anyway and is written like this */
		s.attr.value = c == '"' || c == '\''     ? lex_string(l)
			       : s.attr.op == OP_DIFFERS ? lex_name(l)
							 : lex_ident(l);
		if (!s.attr.value.p)
			return lex_fail(l, E_INVALID, "a value (a name or a quoted string) is missing");
		lex_space(l);
		struct str flag = lex_ident(l);
		if (flag.p && !str_eqi(flag, STR("i")) && !str_eqi(flag, STR("s")))
			return lex_fail(l, E_INVALID, "unknown flag \"%.*s\"", STR_FMT(flag));
		s.attr.letter_case = !flag.p ? CASE_BY_NAME : str_eqi(flag, STR("i")) ? CASE_IGNORED : CASE_EXACT;
	}
	if (!lex_close(l, ']'))
		return lex_fail(l, E_INVALID, "\"]\" is missing");
	return add_simple(p, b, s);
}

/* One simple selector after the type, if one starts here. */
static bool parse_subclass(struct sel_parse *p, struct building *b, bool *ret_none)
{
	struct sel_lex *l = &p->lex;
	int c = lex_peek(l, 0);
	*ret_none = false;
	if (b->pseudo_element && (c == '.' || c == '#' || c == '['))
		return lex_fail(l, E_INVALID, "only pseudo-classes may follow a pseudo-element");
	if (c == '.' || c == '#') {
		l->i++;
		struct str name = lex_ident(l);
		if (!name.p)
			return lex_fail(l, E_INVALID, "a name is missing after '%c'", c);
		return add_simple(p, b, (struct simple){ .kind = c == '.' ? SIMPLE_CLASS : SIMPLE_ID, .text = name });
	}
	if (c == '[')
		return parse_attr(p, b);
	if (c == ':')
		return parse_pseudo(p, b);
	*ret_none = true;
	return true;
}

static struct compound finish_compound(const struct building *b, enum combinator left)
{
	return (struct compound){ .left = left, .typed = b->typed, .no_ns = b->no_ns, .type = b->type,
		.simples = b->simples.at, .n = b->simples.n };
}

/* ---- complex selectors */

struct chain {
	VEC(struct compound) at; /* from left to right while reading */
	enum combinator left;    /* what stands before the compound being read */
	const struct complex *before;
	struct position position;
};

static struct complex finish_complex(struct sel_parse *p, struct chain *c)
{
	for (size_t i = 0; i < c->at.n / 2; i++) {
		struct compound t = c->at.at[i];
		c->at.at[i] = c->at.at[c->at.n - 1 - i];
		c->at.at[c->at.n - 1 - i] = t;
	}
	p->out->longest = MAX(p->out->longest, c->at.n);
	return (struct complex){ .at = c->at.at, .n = c->at.n, .before = c->before, .position = c->position };
}

/* A positional extension ends the chain so far: its matches, chosen by position, begin a new one. */
static void cut_chain(struct sel_parse *p, struct chain *c, struct building *b)
{
	struct complex *before = arena_new(p->lex.arena, struct complex);
	vec_push(p->lex.arena, &c->at, finish_compound(b, c->left));
	*before = finish_complex(p, c);
	*c = (struct chain){ .before = before, .position = p->position };
	*b = (struct building){ .any = true };
	add_simple(p, b, (struct simple){ .kind = SIMPLE_CHOSEN });
	p->positioned = false;
	p->out->positional = true;
}

static bool parse_compound(struct sel_parse *p, struct chain *c)
{
	struct sel_lex *l = &p->lex;
	struct building b = { 0 };
	bool none = false;
	int first = lex_peek(l, 0);
	if (first == '*' || first == '|' || lex_starts_ident(l)) {
		if (!parse_type(p, &b))
			return false;
	}
	while (!none) {
		if (!parse_subclass(p, &b, &none))
			return false;
		if (p->positioned)
			cut_chain(p, c, &b);
	}
	if (!b.any)
		return lex_fail(l, E_INVALID, first < 0 ? "a selector is missing" : "unexpected '%c'", first);
	vec_push(l->arena, &c->at, finish_compound(&b, c->left));
	return true;
}

static enum combinator parse_combinator(struct sel_lex *l)
{
	bool white = lex_space(l);
	enum combinator c = lex_take(l, '>') ? COMB_CHILD : lex_take(l, '+') ? COMB_NEXT
		: lex_take(l, '~') ? COMB_SUBSEQUENT : COMB_NONE;
	if (c) {
		lex_space(l);
		return c;
	}
	int next = lex_peek(l, 0);
	return white && next >= 0 && next != ',' && next != ')' ? COMB_DESCENDANT : COMB_NONE;
}

static bool parse_complex(struct sel_parse *p, bool relative, struct complex *ret)
{
	struct chain c = { 0 };
	lex_space(&p->lex);
	if (relative) {
		struct building anchor = { 0 };
		add_simple(p, &anchor, (struct simple){ .kind = SIMPLE_ANCHOR });
		vec_push(p->lex.arena, &c.at, finish_compound(&anchor, COMB_NONE));
		c.left = parse_combinator(&p->lex);
		if (!c.left)
			c.left = COMB_DESCENDANT;
	}
	do {
		if (!parse_compound(p, &c))
			return false;
		c.left = parse_combinator(&p->lex);
	} while (c.left);
	*ret = finish_complex(p, &c);
	return true;
}

/* ---- lists */

/* After a selector that a forgiving list drops: to the next comma or the end of the list. */
static void skip_broken(struct sel_lex *l)
{
	int depth = 0;
	while (l->i < l->s.n) {
		int c = lex_peek(l, 0);
		if (depth == 0 && (c == ',' || c == ')'))
			return;
		if (c == '"' || c == '\'') {
			lex_string(l);
			continue;
		}
		depth += c == '(' || c == '[' ? 1 : (c == ')' || c == ']') && depth ? -1 : 0;
		l->i += c == '\\' && l->i + 1 < l->s.n ? 2 : 1;
	}
}

static bool parse_one(struct sel_parse *p, enum list_kind kind, bool *ret_dropped, struct complex *ret)
{
	struct sel_lex *l = &p->lex;
	size_t from = l->i;
	int depth = p->depth;
	bool in_has = p->in_has;
	bool good = parse_complex(p, kind == LIST_RELATIVE, ret);
	lex_space(l);
	int next = lex_peek(l, 0);
	if (good && next >= 0 && next != ',' && (next != ')' || kind == LIST_TOP))
		good = lex_fail(l, E_INVALID, "unexpected '%c'", next);
	*ret_dropped = false;
	if (good || kind != LIST_FORGIVING || l->code == E_LIMIT)
		return good;
	l->i = from;
	skip_broken(l);
	l->failed = p->positioned = false;
	p->depth = depth;
	p->in_has = in_has;
	*ret_dropped = true;
	return true;
}

bool parse_list(struct sel_parse *p, enum list_kind kind, struct sel_list *ret)
{
	struct sel_lex *l = &p->lex;
	VEC(struct complex) list = { 0 };
	if (++p->depth > SELECTOR_DEPTH_MAX)
		return lex_fail(l, E_LIMIT, "functions nested deeper than %d", SELECTOR_DEPTH_MAX);
	do {
		struct complex c = { 0 };
		bool dropped;
		if (!parse_one(p, kind, &dropped, &c))
			return false;
		if (!dropped)
			vec_push(l->arena, &list, c);
	} while (lex_take(l, ','));
	if (kind != LIST_TOP && !lex_close(l, ')'))
		return lex_fail(l, E_INVALID, "\")\" is missing");
	p->depth--;
	*ret = (struct sel_list){ .at = list.at, .n = list.n };
	return true;
}

int selector_compile(struct arena *a, struct str text, struct selector **ret, struct err *e)
{
	if (text.n > SELECTOR_BYTES_MAX)
		return err_set(e, E_LIMIT, "selector of %zu bytes, at most %zu are read", text.n, SELECTOR_BYTES_MAX);
	/* Names point into the text where they have no escapes, hence the copy. */
	struct str copy = utf8_clean(a, arena_str(a, text));
	struct selector *out = arena_new(a, struct selector);
	struct sel_parse p = { .lex = { .arena = a, .s = copy, .e = e }, .out = out };
	if (!parse_list(&p, LIST_TOP, &out->list))
		return p.lex.code;
	*ret = out;
	return 0;
}

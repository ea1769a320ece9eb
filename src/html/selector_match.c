/* Whether one element matches: compound by compound from right to left. */
#include "base/first.h"
#include "html/selector_impl.h"
#include "html/text.h"

#define BYTES_A_STEP 32 /* of attribute values looked through */

/* Of an HTML element names are compared in lower case, of others as written. */
static bool name_is(struct str have, uint32_t number, uint32_t known_n, const struct sel_name *want, bool html)
{
	uint32_t w = html ? want->lower_number : want->exact_number;
	if (number < known_n)
		return number == w;
	return !w && str_eq(have, html ? want->lower : want->exact);
}

bool match_type(const struct dom *d, const struct compound *c, const struct node *n)
{
	if (c->no_ns)
		return false;
	if (!c->typed)
		return true;
	struct str have = n->tag < TAG_KNOWN_N ? STR_NULL : dom_tag_name(d, n);
	return name_is(have, n->tag, TAG_KNOWN_N, &c->type, n->ns == NS_HTML);
}

/* ---- attributes */

/* Attributes whose values HTML compares without case (HTML section 4.16.2). */
static bool value_ignores_case(uint32_t name)
{
	switch (name) {
	case ATTR_ACCEPT:
	case ATTR_ACCEPT_CHARSET:
	case ATTR_ALIGN:
	case ATTR_ALINK:
	case ATTR_BGCOLOR:
	case ATTR_CHARSET:
	case ATTR_CHECKED: case ATTR_CLEAR: case ATTR_CODETYPE: case ATTR_COLOR: case ATTR_COMPACT: case ATTR_DEFER:
	case ATTR_DIR: case ATTR_DISABLED: case ATTR_ENCTYPE: case ATTR_FACE: case ATTR_FRAME: case ATTR_HREFLANG:
	case ATTR_HTTP_EQUIV: case ATTR_LANG: case ATTR_LANGUAGE: case ATTR_LINK: case ATTR_MEDIA: case ATTR_METHOD:
	case ATTR_MULTIPLE: case ATTR_NOWRAP: case ATTR_READONLY: case ATTR_REL: case ATTR_RULES: case ATTR_SCOPE:
	case ATTR_SELECTED: case ATTR_SHAPE: case ATTR_TARGET: case ATTR_TEXT: case ATTR_TYPE: case ATTR_VALIGN:
	case ATTR_VLINK: case ATTR_AXIS: case ATTR_DECLARE: case ATTR_DIRECTION: case ATTR_NOHREF: case ATTR_NORESIZE:
	case ATTR_NOSHADE: case ATTR_REV: case ATTR_SCROLLING: case ATTR_VALUETYPE:
		return true;
	}
	return false;
}

static bool eq(struct str a, struct str b, bool nocase)
{
	return nocase ? str_eqi(a, b) : str_eq(a, b);
}

static bool value_matches(enum attr_op op, struct str have, struct str want, bool nocase)
{
	struct str w;
	switch (op) {
	case OP_EXISTS:
		return true;
	case OP_EQUALS:
		return eq(have, want, nocase);
	case OP_DIFFERS:
		return !eq(have, want, nocase);
	case OP_WORD:
		while (want.n && next_word(&have, &w))
			if (eq(w, want, nocase))
				return true;
		return false;
	case OP_DASH:
		return have.n >= want.n && eq(str_sub(have, 0, want.n), want, nocase) &&
			(have.n == want.n || have.p[want.n] == '-');
	case OP_PREFIX:
		return want.n && have.n >= want.n && eq(str_sub(have, 0, want.n), want, nocase);
	case OP_SUFFIX:
		return want.n && have.n >= want.n && eq(str_from(have, have.n - want.n), want, nocase);
	case OP_CONTAINS:
		return want.n && (nocase ? str_findi(have, want) : str_find(have, want)) != STR_NPOS;
	}
	return false;
}

/* The name behind the prefix that the parser puts before namespaced attributes of foreign elements. */
static struct str local_name(const struct node *n, struct str name)
{
	size_t colon = n->ns == NS_HTML ? STR_NPOS : str_chr(name, ':');
	return colon == STR_NPOS ? name : str_from(name, colon + 1);
}

static bool attr_is(const struct dom *d, const struct simple *s, const struct node *n, const struct attr *at)
{
	const struct sel_name *name = &s->attr.name;
	bool html = n->ns == NS_HTML;
	if (name_is(at->name < ATTR_KNOWN_N ? STR_NULL : dom_attr_name(d, at), at->name, ATTR_KNOWN_N, name, html))
		return true;
	return s->attr.any_ns && !html && str_eq(local_name(n, dom_attr_name(d, at)), name->exact);
}

bool match_attr(struct matcher *m, const struct simple *s, const struct node *n)
{
	for (const struct attr *at = n->attrs, *end = at + n->n; at < end; at++) {
		if (!attr_is(m->d, s, n, at))
			continue;
		if (!take(m, at->n / BYTES_A_STEP))
			return false;
		bool nocase = s->attr.letter_case == CASE_IGNORED ||
			(s->attr.letter_case == CASE_BY_NAME && n->ns == NS_HTML && value_ignores_case(at->name));
		if (value_matches(s->attr.op, str_n(at->p, at->n), s->attr.value, nocase))
			return true;
		if (!s->attr.any_ns)
			return false;
	}
	return s->attr.op == OP_DIFFERS;
}

/* ---- :has() */

/* The elements among which the rightmost compound of a relative selector is to be found: [from, end). */
static void has_range(const struct complex *c, const struct node *n, const struct node **ret_from,
	const struct node **ret_end)
{
	enum combinator lead = c->at[c->n - 2].left; /* between the anchor and what follows it */
	*ret_from = n + 1;
	*ret_end = node_end(n);
	if (lead == COMB_NEXT || lead == COMB_SUBSEQUENT) {
		const struct node *p = node_parent(n);
		*ret_from = node_end(n);
		*ret_end = p ? node_end(p) : node_end(n);
	}
}

static bool has_one(struct matcher *m, const struct complex *c, const struct node *n)
{
	const struct node *from, *end;
	struct index_list l;
	has_range(c, n, &from, &end);
	if (from >= end)
		return false;
	if (candidates(m, &c->at[0], &l)) {
		for (size_t i = index_lower_bound(&l, from); i < l.n && l.at[i] < end && !m->over; i++)
			if (match_complex(m, c, l.at[i]))
				return true;
		return false;
	}
	for (const struct node *x = from; x < end && !m->over; x += x->type == NODE_FRAGMENT ? x->size : 1)
		if (x->type == NODE_ELEMENT && match_complex(m, c, x))
			return true;
	return false;
}

/* Every way from the anchor leads down: what an element has, its ancestors have too. */
static bool only_downwards(const struct sel_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->at[i].at[l->at[i].n - 2].left != COMB_DESCENDANT)
			return false;
	return true;
}

static bool match_has(struct matcher *m, const struct simple *s, const struct node *n)
{
	struct has_cache *cache = &m->hases[s->serial];
	const struct node *outer = m->anchor;
	bool found = false;
	if (cache->from && n >= cache->from && n < cache->end)
		return false;
	m->anchor = n;
	for (size_t i = 0; i < s->list->n && !found; i++)
		found = has_one(m, &s->list->at[i], n);
	m->anchor = outer;
	if (!found && !m->over && only_downwards(s->list))
		*cache = (struct has_cache){ n, node_end(n) };
	return found;
}

/* ---- compounds */

static bool match_class(struct matcher *m, struct str word, const struct node *n, bool quirks)
{
	const struct attr *at = node_attr_at(n, ATTR_CLASS);
	return at && at->n >= word.n && take(m, at->n / BYTES_A_STEP) &&
	       node_attr_has_word(n, ATTR_CLASS, word, quirks);
}

static bool match_simple(struct matcher *m, const struct simple *s, const struct node *n)
{
	bool quirks = m->d->quirks == QUIRKS_FULL;
	struct str id;
	if (!take(m, 1))
		return false;
	switch (s->kind) {
	case SIMPLE_ID:
		id = node_attr(n, ATTR_ID);
		return id.p && eq(id, s->text, quirks);
	case SIMPLE_CLASS:
		return match_class(m, s->text, n, quirks);
	case SIMPLE_ATTR:
		return match_attr(m, s, n);
	case SIMPLE_STATE:
		return match_state(m, s->state, n);
	case SIMPLE_IS:
		return match_list(m, s->list, n);
	case SIMPLE_NOT:
		return !match_list(m, s->list, n);
	case SIMPLE_HAS:
		return match_has(m, s, n);
	case SIMPLE_NTH:
		return match_nth(m, s, n);
	case SIMPLE_LANG:
		return match_lang(m, s, n);
	case SIMPLE_DIR:
		return str_eqi(s->text, dir_of(m, n));
	case SIMPLE_CONTAINS:
		return match_contains(m, s, n);
	case SIMPLE_NEVER:
		return false;
	case SIMPLE_ANCHOR:
		return n == m->anchor;
	case SIMPLE_CHOSEN:
		return m->chosen && m->chosen[dom_index(m->d, n)];
	}
	return false;
}

static bool match_compound(struct matcher *m, const struct compound *c, const struct node *n)
{
	if (!take(m, 1) || !match_type(m->d, c, n))
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (!match_simple(m, &c->simples[i], n))
			return false;
	return true;
}

/* ---- chains */

/* How much a failure says: about this candidate only, about all its siblings too, or about every element below. */
enum failure { FAIL_HERE, FAIL_SIBLINGS, FAIL_ALL };

static const struct node *first_candidate(enum combinator left, const struct node *n, enum failure *ret_f)
{
	bool up = left == COMB_CHILD || left == COMB_DESCENDANT;
	*ret_f = up ? FAIL_ALL : FAIL_SIBLINGS;
	return up ? node_parent_element(n) : node_prev_element(n);
}

/* After the candidate at level `*i` failed as `f` says: the next one to try, at a lower level if need be. */
static const struct node *next_candidate(const struct complex *c, const struct node **at, size_t *i, enum failure f)
{
	for (; *i > 0; --*i) {
		const struct node *next;
		switch (c->at[*i - 1].left) {
		case COMB_DESCENDANT:
			next = f == FAIL_ALL ? NULL : node_parent_element(at[*i]);
			if (next)
				return next;
			return NULL; /* whoever stands lower has the same ancestors or fewer */
		case COMB_SUBSEQUENT:
			next = f == FAIL_HERE ? node_prev_element(at[*i]) : NULL;
			if (next)
				return next;
			f = MAX(f, FAIL_SIBLINGS);
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* `at`: room for one element a compound. */
static bool match_chain(struct matcher *m, const struct complex *c, const struct node *n, const struct node **at)
{
	size_t i = 1; /* the level whose candidate is tried */
	enum failure f;
	at[0] = n;
	const struct node *try = first_candidate(c->at[0].left, n, &f);
	for (;;) {
		if (!try) {
			i--; /* no candidate at level i: what stands at the level below failed */
		} else {
			at[i] = try;
			f = FAIL_HERE;
			if (match_compound(m, &c->at[i], try)) {
				if (i + 1 == c->n)
					return true;
				try = first_candidate(c->at[i].left, try, &f);
				i++;
				continue;
			}
		}
		if (m->over || !i || !(try = next_candidate(c, at, &i, f)))
			return false;
	}
}

bool match_complex(struct matcher *m, const struct complex *c, const struct node *n)
{
	if (!match_compound(m, &c->at[0], n))
		return false;
	if (c->n == 1)
		return true;
	const struct node **at = m->chain + m->chain_n;
	m->chain_n += c->n;
	bool matched = match_chain(m, c, n, at);
	m->chain_n -= c->n;
	return matched;
}

bool match_list(struct matcher *m, const struct sel_list *l, const struct node *n)
{
	for (size_t i = 0; i < l->n; i++)
		if (match_complex(m, &l->at[i], n))
			return true;
	return false;
}

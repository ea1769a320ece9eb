/* Pseudo-classes and pseudo-elements: Selectors 4, sections 3.6, 4 and 7 to 14, and jQuery's extensions. */
#include "base/first.h"
#include "base/scan.h"
#include "html/selector_parse.h"

static const char *const state_names[STATE_N] = {
#define STATE(e, name) [STATE_##e] = name,
#include "html/selector_states.def"
#undef STATE
};

/* Valid, and never true of a document that nobody looks at. */
static const char *const never_names[] = { "hover", "active", "focus", "focus-visible", "focus-within", "visited",
	"target", "target-within", "target-current", "local-link", "current", "past", "future", "playing", "seeking",
	"buffering", "stalled", "volume-locked", "fullscreen", "modal", "picture-in-picture", "autofill",
	"-webkit-autofill", "user-valid", "user-invalid", "popover-open", "host", "active-view-transition",
	"xr-overlay", "interest-source", "interest-target" };
static const char *const never_functions[] = { "host", "host-context", "state", "current",
	"active-view-transition-type" };
static const char *const old_elements[] = { "before", "after", "first-line", "first-letter" };
static const char *const elements[] = { "before", "after", "first-line", "first-letter", "marker", "placeholder",
	"selection", "backdrop", "cue", "cue-region", "file-selector-button", "grammar-error", "spelling-error",
	"target-text", "details-content", "view-transition", "search-text", "checkmark", "picker-icon", "scroll-marker",
	"scroll-marker-group", "column" };
static const char *const element_functions[] = { "slotted", "part", "cue", "cue-region", "highlight", "picker",
	"view-transition-group", "view-transition-image-pair", "view-transition-old", "view-transition-new",
	"scroll-button" };

static bool listed(const char *const *list, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(name, str_of(list[i])))
			return true;
	return false;
}
#define LISTED(list, name) listed(list, ARRAY_LEN(list), name)

static bool add(struct sel_parse *p, struct building *b, struct simple s)
{
	if (++p->parts > SELECTOR_PARTS_MAX)
		return lex_fail(&p->lex, E_LIMIT, "more than %d parts", SELECTOR_PARTS_MAX);
	vec_push(p->lex.arena, &b->simples, s);
	b->any = true;
	return true;
}

/* The argument as it stands, up to the parenthesis that closes it. */
static struct str raw_argument(struct sel_lex *l)
{
	size_t from = l->i;
	int depth = 0;
	while (l->i < l->s.n) {
		int c = lex_peek(l, 0);
		if (c == ')' && depth-- == 0)
			break;
		if (c == '"' || c == '\'') {
			lex_string(l);
			continue;
		}
		depth += c == '(';
		l->i += c == '\\' && l->i + 1 < l->s.n ? 2 : 1;
	}
	struct str raw = str_trim(str_sub(l->s, from, l->i - from));
	lex_take(l, ')');
	return raw;
}

/* ---- An+B (CSS Syntax 3, section 6) */

static bool digits(struct str s, size_t *i, int64_t *ret)
{
	int64_t v = 0;
	size_t from = *i;
	for (; *i < s.n && is_digit(s.p[*i]); ++*i)
		v = MIN(v * 10 + (s.p[*i] - '0'), INT32_MAX);
	*ret = v;
	return *i > from;
}

static size_t white(struct str s, size_t i)
{
	while (i < s.n && is_space(s.p[i]))
		i++;
	return i;
}

/* The B after "n": a sign with white space around it, or none at all. */
static bool offset_of(struct str s, size_t i, int64_t *ret)
{
	i = white(s, i);
	if (i == s.n) {
		*ret = 0;
		return true;
	}
	bool minus = s.p[i] == '-';
	if (!minus && s.p[i] != '+')
		return false;
	i = white(s, i + 1);
	if (!digits(s, &i, ret) || white(s, i) != s.n)
		return false;
	*ret = minus ? -*ret : *ret;
	return true;
}

static bool an_plus_b(struct str s, int64_t *ret_a, int64_t *ret_b)
{
	s = str_trim(s);
	if (str_eqi(s, STR("odd")) || str_eqi(s, STR("even"))) {
		*ret_a = 2;
		*ret_b = str_eqi(s, STR("odd"));
		return true;
	}
	size_t i = 0;
	bool minus = s.n && s.p[0] == '-';
	if (s.n && (s.p[0] == '-' || s.p[0] == '+'))
		i++;
	int64_t v;
	bool number = digits(s, &i, &v);
	if (i < s.n && to_lower(s.p[i]) == 'n') {
		*ret_a = (number ? v : 1) * (minus ? -1 : 1);
		return offset_of(s, i + 1, ret_b);
	}
	*ret_a = 0;
	*ret_b = minus ? -v : v;
	return number && i == s.n;
}

/* An+B ends at " of " or at the closing parenthesis. */
static bool parse_nth(struct sel_parse *p, struct building *b, bool last, bool of_type)
{
	struct sel_lex *l = &p->lex;
	struct simple s = { .kind = SIMPLE_NTH, .serial = p->out->serials++ };
	s.nth.last = last;
	s.nth.of_type = of_type;
	lex_space(l);
	size_t from = l->i;
	while (l->i < l->s.n && lex_peek(l, 0) != ')' &&
		!(l->i > from && is_space(l->s.p[l->i - 1]) && str_startsi(str_from(l->s, l->i), STR("of"))))
		l->i++;
	if (!an_plus_b(str_sub(l->s, from, l->i - from), &s.nth.a, &s.nth.b))
		return lex_fail(l, E_INVALID, "\"%.*s\" is no An+B", STR_FMT(str_sub(l->s, from, l->i - from)));
	struct str of = lex_ident(l);
	if (of.p) {
		if (of_type || !str_eqi(of, STR("of")))
			return lex_fail(l, E_INVALID, "unexpected \"%.*s\"", STR_FMT(of));
		struct sel_list *list = arena_new(l->arena, struct sel_list);
		if (!parse_list(p, LIST_STRICT, list))
			return false;
		s.nth.of = list;
	} else if (!lex_close(l, ')')) {
		return lex_fail(l, E_INVALID, "\")\" is missing");
	}
	return add(p, b, s);
}

/* ---- positions */

static bool set_position(struct sel_parse *p, enum position_kind kind, int64_t n)
{
	p->positioned = true;
	p->position = (struct position){ .kind = kind, .n = n };
	return true;
}

static bool parse_position(struct sel_parse *p, enum position_kind kind)
{
	int64_t n;
	struct str raw = raw_argument(&p->lex);
	if (scan_i64(raw, &n) || n > INT32_MAX || n < -INT32_MAX)
		return lex_fail(&p->lex, E_INVALID, "\"%.*s\" is no position", STR_FMT(raw));
	return set_position(p, kind, n);
}

/* :not(:first) and its like choose everything but. */
static bool is_lone_position(const struct sel_list *list)
{
	const struct complex *c = list->at;
	return list->n == 1 && c->before && c->n == 1 && c->at[0].n == 1 && !c->before->before && c->before->n == 1 &&
		!c->before->at[0].typed && c->before->at[0].n == 0;
}

static bool holds_position(const struct sel_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->at[i].before)
			return true;
	return false;
}

/* ---- functions */

static bool parse_nested(struct sel_parse *p, struct building *b, enum simple_kind kind)
{
	struct sel_lex *l = &p->lex;
	struct sel_list *list = arena_new(l->arena, struct sel_list);
	bool outer_has = p->in_has;
	if (kind == SIMPLE_HAS && outer_has)
		return lex_fail(l, E_INVALID, ":has() inside :has()");
	p->in_has |= kind == SIMPLE_HAS;
	if (!parse_list(p, kind == SIMPLE_IS ? LIST_FORGIVING : kind == SIMPLE_HAS ? LIST_RELATIVE : LIST_STRICT, list))
		return false;
	p->in_has = outer_has;
	if (kind == SIMPLE_NOT && is_lone_position(list)) {
		p->positioned = true;
		p->position = list->at[0].position;
		p->position.negated = !p->position.negated;
		return true;
	}
	if (holds_position(list))
		return lex_fail(l, E_INVALID, "a position such as :first cannot stand inside a function");
	struct simple s = { .kind = kind, .serial = p->out->serials++ };
	s.list = list;
	return add(p, b, s);
}

static bool parse_lang(struct sel_parse *p, struct building *b)
{
	struct sel_lex *l = &p->lex;
	VEC(struct str) ranges = { 0 };
	do {
		lex_space(l);
		int c = lex_peek(l, 0);
		struct str r = c == '"' || c == '\'' ? lex_string(l) : lex_ident(l);
		if (!r.p)
			return lex_fail(l, E_INVALID, "a language is missing");
		vec_push(l->arena, &ranges, r);
		lex_space(l);
	} while (lex_take(l, ','));
	if (!lex_close(l, ')'))
		return lex_fail(l, E_INVALID, "\")\" is missing");
	struct simple s = { .kind = SIMPLE_LANG };
	s.lang.ranges = ranges.at;
	s.lang.n = ranges.n;
	return add(p, b, s);
}

static bool parse_contains(struct sel_parse *p, struct building *b, bool nocase)
{
	struct sel_lex *l = &p->lex;
	lex_space(l);
	size_t from = l->i;
	int c = lex_peek(l, 0);
	struct str text = c == '"' || c == '\'' ? lex_string(l) : STR_NULL;
	if (text.p && !lex_close(l, ')'))
		text = STR_NULL;
	if (!text.p) {
		l->i = from;
		text = raw_argument(l);
	}
	return add(p, b, (struct simple){ .kind = SIMPLE_CONTAINS, .text = text, .nocase = nocase });
}

static bool parse_dir(struct sel_parse *p, struct building *b)
{
	struct sel_lex *l = &p->lex;
	lex_space(l);
	struct str dir = lex_ident(l);
	if (!dir.p || !lex_close(l, ')'))
		return lex_fail(l, E_INVALID, ":dir() takes one name");
	return add(p, b, (struct simple){ .kind = SIMPLE_DIR, .text = dir });
}

static bool parse_function(struct sel_parse *p, struct building *b, struct str name)
{
	static const struct { const char *name; enum simple_kind kind; } nested[] = { { "is", SIMPLE_IS },
		{ "where", SIMPLE_IS }, { "matches", SIMPLE_IS }, { "any", SIMPLE_IS }, { "-webkit-any", SIMPLE_IS },
		{ "-moz-any", SIMPLE_IS }, { "not", SIMPLE_NOT }, { "has", SIMPLE_HAS } };
	static const struct { const char *name; bool last, of_type; } nths[] = { { "nth-child", false, false },
		{ "nth-last-child", true, false }, { "nth-of-type", false, true }, { "nth-last-of-type", true, true } };
	static const struct { const char *name; enum position_kind kind; } positions[] = { { "eq", POS_EQ },
		{ "nth", POS_EQ }, { "lt", POS_LT }, { "gt", POS_GT } };
	for (size_t i = 0; i < ARRAY_LEN(nested); i++)
		if (str_eqi(name, str_of(nested[i].name)))
			return parse_nested(p, b, nested[i].kind);
	for (size_t i = 0; i < ARRAY_LEN(nths); i++)
		if (str_eqi(name, str_of(nths[i].name)))
			return parse_nth(p, b, nths[i].last, nths[i].of_type);
	for (size_t i = 0; i < ARRAY_LEN(positions); i++)
		if (str_eqi(name, str_of(positions[i].name)))
			return parse_position(p, positions[i].kind);
	if (str_eqi(name, STR("lang")))
		return parse_lang(p, b);
	if (str_eqi(name, STR("dir")))
		return parse_dir(p, b);
	if (str_eqi(name, STR("contains")) || str_eqi(name, STR("icontains")))
		return parse_contains(p, b, str_eqi(name, STR("icontains")));
	if (LISTED(never_functions, name) && raw_argument(&p->lex).n)
		return add(p, b, (struct simple){ .kind = SIMPLE_NEVER });
	return lex_fail(&p->lex, E_INVALID, "unknown pseudo-class :%.*s()", STR_FMT(name));
}

static bool parse_state(struct sel_parse *p, struct building *b, struct str name)
{
	static const struct { const char *name; enum position_kind kind; } positions[] = { { "first", POS_EQ },
		{ "last", POS_LAST }, { "even", POS_EVEN }, { "odd", POS_ODD } };
	for (size_t i = 0; i < ARRAY_LEN(positions); i++)
		if (str_eqi(name, str_of(positions[i].name)))
			return set_position(p, positions[i].kind, 0);
	for (size_t i = 0; i < STATE_N; i++)
		if (str_eqi(name, str_of(state_names[i])))
			return add(p, b, (struct simple){ .kind = SIMPLE_STATE, .state = (enum state)i });
	if (str_eqi(name, STR("-webkit-any-link")) || str_eqi(name, STR("-moz-any-link")))
		return add(p, b, (struct simple){ .kind = SIMPLE_STATE, .state = STATE_ANY_LINK });
	if (LISTED(never_names, name))
		return add(p, b, (struct simple){ .kind = SIMPLE_NEVER });
	return lex_fail(&p->lex, E_INVALID, "unknown pseudo-class :%.*s", STR_FMT(name));
}

static bool parse_pseudo_element(struct sel_parse *p, struct building *b, struct str name, bool function)
{
	if (p->depth > 1) /* none inside functions */
		return lex_fail(&p->lex, E_INVALID, "a pseudo-element cannot stand inside a function");
	if (function ? !LISTED(element_functions, name)
		     : !LISTED(elements, name) && !str_startsi(name, STR("-webkit-")))
		return lex_fail(&p->lex, E_INVALID, "unknown pseudo-element ::%.*s", STR_FMT(name));
	if (function && !raw_argument(&p->lex).n)
		return lex_fail(&p->lex, E_INVALID, "::%.*s() needs an argument", STR_FMT(name));
	b->pseudo_element = true;
	return add(p, b, (struct simple){ .kind = SIMPLE_NEVER });
}

bool parse_pseudo(struct sel_parse *p, struct building *b)
{
	struct sel_lex *l = &p->lex;
	l->i++;
	bool element = lex_take(l, ':');
	struct str name = lex_ident(l);
	if (!name.p)
		return lex_fail(l, E_INVALID, "a name is missing after ':'");
	bool function = lex_take(l, '(');
	if (element || (!function && LISTED(old_elements, name)))
		return parse_pseudo_element(p, b, name, function);
	return function ? parse_function(p, b, name) : parse_state(p, b, name);
}

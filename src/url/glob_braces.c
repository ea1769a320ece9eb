/* Brace alternatives, as shells write them: {a,b}, nested, {1..9}, {01..10..3}, {a..e}. */
#include "base/first.h"
#include "base/buf.h"
#include "base/scan.h"
#include "url/glob_parts.h"

/* The '}' that closes the '{' at `open`, or STR_NPOS. `ret_comma`: one stands between them, at this level. */
static size_t closing(struct str s, size_t open, bool *ret_comma)
{
	int depth = 0;
	*ret_comma = false;
	for (size_t i = open; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '{')
			depth++;
		else if (s.p[i] == ',' && depth == 1)
			*ret_comma = true;
		else if (s.p[i] == '}' && --depth == 0)
			return i;
	}
	return STR_NPOS;
}

/* "from..to" or "from..to..step", of two numbers or two letters. */
struct range {
	int64_t from, to, step;
	int width; /* of zero-padded numbers; 0: none */
	bool letters;
};

static int width_of(struct str s)
{
	if (s.n && s.p[0] == '-')
		s = str_from(s, 1);
	return s.n > 1 && s.p[0] == '0' ? (int)MIN(s.n, (size_t)18) : 0;
}

static bool parse_range(struct str s, struct range *ret)
{
	struct range r = { .step = 1 };
	size_t dots = str_find(s, STR(".."));
	if (dots == STR_NPOS)
		return false;
	struct str from = str_sub(s, 0, dots), to = str_from(s, dots + 2);
	dots = str_find(to, STR(".."));
	if (dots != STR_NPOS) {
		if (scan_i64(str_from(to, dots + 2), &r.step) < 0)
			return false;
		to.n = dots;
	}
	if (from.n == 1 && to.n == 1 && is_alpha(from.p[0]) && is_alpha(to.p[0])) {
		r.letters = true;
		r.from = from.p[0];
		r.to = to.p[0];
	} else if (scan_i64(from, &r.from) < 0 || scan_i64(to, &r.to) < 0) {
		return false;
	} else {
		r.width = MAX(width_of(from), width_of(to));
	}
	/* Far apart, or a step as large, would overflow below; nobody means that. */
	if (r.from < -INT32_MAX || r.from > INT32_MAX || r.to < -INT32_MAX || r.to > INT32_MAX)
		return false;
	r.step = r.step < 0 ? -r.step : r.step ? r.step : 1;
	if (r.step > INT32_MAX || r.step < 0)
		return false;
	*ret = r;
	return true;
}

struct work {
	struct arena *a;
	struct glob_texts todo, *done;
	size_t limit, bytes; /* alternatives, and bytes that may still be written */
};

/* pre + middle + post is one alternative more, to be looked through from the middle on. */
static int add(struct work *w, struct str s, size_t open, size_t close, struct str middle)
{
	size_t n = open + middle.n + (s.n - close - 1);
	if (w->todo.n + w->done->n >= w->limit || n > w->bytes)
		return E_LIMIT;
	w->bytes -= n;
	struct buf b;
	buf_init(&b, w->a, 0);
	buf_add(&b, s.p, open);
	buf_adds(&b, middle);
	buf_adds(&b, str_from(s, close + 1));
	vec_push(w->a, &w->todo, (struct glob_text){ buf_str(&b), open });
	return 0;
}

static int add_range(struct work *w, struct str s, size_t open, size_t close, const struct range *r)
{
	int64_t step = r->from <= r->to ? r->step : -r->step;
	for (int64_t v = r->from; step > 0 ? v <= r->to : v >= r->to; v += step) {
		char text[32];
		int n = r->letters ? snprintf(text, sizeof text, "%c", (char)v)
				   : snprintf(text, sizeof text, "%0*" PRId64, r->width + (r->width && v < 0), v);
		if (add(w, s, open, close, str_n(text, (size_t)n)) < 0)
			return E_LIMIT;
	}
	return 0;
}

static int add_list(struct work *w, struct str s, size_t open, size_t close)
{
	size_t start = open + 1;
	int depth = 0;
	for (size_t i = open + 1; i <= close; i++) {
		if (s.p[i] == '\\') {
			i++;
		} else if (i == close || (s.p[i] == ',' && depth == 0)) {
			if (add(w, s, open, close, str_sub(s, start, i - start)) < 0)
				return E_LIMIT;
			start = i + 1;
		} else if (s.p[i] == '{') {
			depth++;
		} else if (s.p[i] == '}') {
			depth--;
		}
	}
	return 0;
}

/* Replaces the first group of the text by its alternatives; `ret_none` when there is no group left. */
static int step(struct work *w, struct glob_text t, bool *ret_none)
{
	struct str s = t.s;
	*ret_none = false;
	for (size_t i = t.from; i < s.n; i++) {
		bool comma;
		struct range r;
		if (s.p[i] == '\\') {
			i++;
			continue;
		}
		if (s.p[i] != '{' || (i && s.p[i - 1] == '$'))
			continue;
		size_t close = closing(s, i, &comma);
		if (close == STR_NPOS)
			continue;
		if (comma)
			return add_list(w, s, i, close);
		if (parse_range(str_sub(s, i + 1, close - i - 1), &r))
			return add_range(w, s, i, close, &r);
	}
	*ret_none = true;
	return 0;
}

int glob_braces(struct arena *a, struct str pattern, size_t limit, size_t bytes, struct glob_texts *ret)
{
	struct work w = { .a = a, .done = ret, .limit = limit, .bytes = bytes };
	vec_push(a, &w.todo, (struct glob_text){ pattern, 0 });
	while (w.todo.n) {
		struct glob_text t = vec_pop(&w.todo);
		bool none;
		if (step(&w, t, &none) < 0)
			return E_LIMIT;
		if (none)
			vec_push(a, ret, t);
	}
	return 0;
}

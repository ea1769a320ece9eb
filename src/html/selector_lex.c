#include "base/first.h"
#include "base/utf8.h"
#include "html/selector_lex.h"

bool lex_fail(struct sel_lex *l, int code, const char *fmt, ...)
{
	if (l->failed)
		return false;
	char words[160];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	l->failed = true;
	l->code = err_set(l->e, code, "selector, at %zu: %s", l->i, words);
	return false;
}

bool lex_space(struct sel_lex *l)
{
	bool white = false;
	for (;;) {
		if (lex_peek(l, 0) >= 0 && is_space(lex_peek(l, 0))) {
			white = true;
			l->i++;
		} else if (lex_peek(l, 0) == '/' && lex_peek(l, 1) == '*') {
			size_t end = str_find(str_from(l->s, l->i + 2), STR("*/"));
			l->i = end == STR_NPOS ? l->s.n : l->i + 2 + end + 2;
		} else {
			return white;
		}
	}
}

static bool is_name_start(int c)
{
	return is_alpha(c) || c == '_' || c >= 0x80;
}

static bool is_name(int c)
{
	return is_name_start(c) || is_digit(c) || c == '-';
}

/* A backslash at the very end is an escape too (it stands for U+FFFD). */
static bool is_escape(const struct sel_lex *l, size_t ahead)
{
	int next = lex_peek(l, ahead + 1);
	return lex_peek(l, ahead) == '\\' && next != '\n' && next != '\r' && next != '\f';
}

bool lex_starts_ident(const struct sel_lex *l)
{
	int c = lex_peek(l, 0);
	if (c == '-')
		return is_name_start(lex_peek(l, 1)) || lex_peek(l, 1) == '-' || is_escape(l, 1);
	return is_name_start(c) || is_escape(l, 0);
}

static void take_escape(struct sel_lex *l, struct buf *out)
{
	l->i++;
	if (lex_peek(l, 0) < 0) {
		utf8_put(out, UTF8_BAD);
		return;
	}
	if (!is_xdigit(lex_peek(l, 0))) {
		utf8_put(out, utf8_next(l->s, &l->i));
		return;
	}
	uint32_t cp = 0;
	for (int digits = 0; digits < 6 && is_xdigit(lex_peek(l, 0)); digits++)
		cp = cp * 16 + (uint32_t)hex_value(l->s.p[l->i++]);
	if (lex_peek(l, 0) == '\r' && lex_peek(l, 1) == '\n')
		l->i += 2;
	else if (lex_peek(l, 0) >= 0 && is_space(lex_peek(l, 0)))
		l->i++;
	utf8_put(out, cp && cp <= 0x10FFFF && !(cp >= 0xD800 && cp <= 0xDFFF) ? cp : UTF8_BAD);
}

struct str lex_name(struct sel_lex *l)
{
	size_t from = l->i;
	while (is_name(lex_peek(l, 0)))
		l->i++;
	if (!is_escape(l, 0))
		return l->i > from ? str_sub(l->s, from, l->i - from) : STR_NULL;
	struct buf out;
	buf_init(&out, l->arena, 0);
	buf_adds(&out, str_sub(l->s, from, l->i - from));
	for (;;) {
		if (is_escape(l, 0))
			take_escape(l, &out);
		else if (is_name(lex_peek(l, 0)))
			buf_addc(&out, l->s.p[l->i++]);
		else
			return buf_str(&out);
	}
}

struct str lex_ident(struct sel_lex *l)
{
	return lex_starts_ident(l) ? lex_name(l) : STR_NULL;
}

struct str lex_string(struct sel_lex *l)
{
	char quote = l->s.p[l->i++];
	struct buf out;
	buf_init(&out, l->arena, 0);
	for (;;) {
		int c = lex_peek(l, 0);
		if (c < 0)
			return buf_str(&out);
		if (c == quote) {
			l->i++;
			return buf_str(&out);
		}
		if (c == '\n' || c == '\r' || c == '\f') {
			lex_fail(l, E_INVALID, "line feed in a string");
			return STR_NULL;
		}
		if (c != '\\') {
			buf_addc(&out, (char)c);
			l->i++;
		} else if (l->i + 1 >= l->s.n) {
			l->i++;
		} else if (is_escape(l, 0)) {
			take_escape(l, &out);
		} else { /* an escaped line feed is nothing */
			l->i += lex_peek(l, 1) == '\r' && lex_peek(l, 2) == '\n' ? 3 : 2;
		}
	}
}

bool lex_take(struct sel_lex *l, char c)
{
	if (lex_peek(l, 0) != c)
		return false;
	l->i++;
	return true;
}

bool lex_close(struct sel_lex *l, char c)
{
	lex_space(l);
	return l->i >= l->s.n || lex_take(l, c);
}

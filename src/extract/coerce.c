#include "base/first.h"
#include "extract/coerce.h"

#include "base/scan.h"
#include "base/utf8.h"
#include "html/meta.h"
#include "html/text.h"
#include "json/writer.h"

#include <math.h>

struct str name_key(struct arena *a, struct str s)
{
	struct buf out;
	buf_init(&out, a, 0);
	for (size_t i = 0; i < s.n; i++)
		if (is_alnum(s.p[i]) || (unsigned char)s.p[i] >= 0x80)
			buf_addc(&out, (char)to_lower(s.p[i]));
	return buf_str(&out);
}

bool language_has_comma(struct str lang)
{
	static const char *const comma[] = { "af", "az", "be", "bg", "bs", "ca", "cs", "da", "de", "el", "es", "et",
		"eu", "fi", "fr", "gl", "hr", "hu", "hy", "id", "is", "it", "ka", "kk", "lt", "lv", "mk", "nb", "nl",
		"nn", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tr", "uk", "vi" };
	/* Their regions that write a point. */
	static const char *const point[] = { "es-mx", "es-us", "es-gt", "es-hn", "es-ni", "es-pa", "es-pe", "es-pr",
		"es-sv", "es-do", "de-ch", "de-li", "it-ch" };
	struct str two = str_sub(lang, 0, 2);
	for (size_t i = 0; i < ARRAY_LEN(point); i++)
		if (str_startsi(lang, str_of(point[i])))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(comma); i++)
		if (str_eqi(two, str_of(comma[i])) && (lang.n == 2 || lang.p[2] == '-' || lang.p[2] == '_'))
			return true;
	return false;
}

/* --- numbers --- */

/* Bytes of a separator of thousands at `i` that is no point or comma: space, apostrophe, Unicode's spaces. */
static size_t spacing_at(struct str s, size_t i)
{
	static const char *const spacing[] = { " ", "'", "\xc2\xa0", "\xe2\x80\xaf", "\xe2\x80\x89", "\xe2\x80\x99",
		"_" };
	for (size_t k = 0; k < ARRAY_LEN(spacing); k++)
		if (str_starts(str_from(s, i), str_of(spacing[k])))
			return strlen(spacing[k]);
	return 0;
}

static size_t digits_at(struct str s, size_t i)
{
	size_t n = 0;
	while (i + n < s.n && is_digit(s.p[i + n]))
		n++;
	return n;
}

/* The digits and marks of one number, spacing left out; returns the offset behind it. */
static size_t take_number(struct str s, size_t i, struct buf *out)
{
	for (;;) {
		size_t n = digits_at(s, i);
		buf_add(out, s.p + i, n);
		i += n;
		if (i + 1 < s.n && (s.p[i] == '.' || s.p[i] == ',') && is_digit(s.p[i + 1])) {
			buf_addc(out, s.p[i++]);
			continue;
		}
		size_t gap = i < s.n ? spacing_at(s, i) : 0;
		if (!gap || digits_at(s, i + gap) != 3 || n > 3)
			return i;
		i += gap;
	}
}

/* Which of '.' and ',' starts the decimals: 0 for neither. */
static char decimal_mark(struct str t, bool comma)
{
	size_t points = 0, commas = 0;
	for (size_t i = 0; i < t.n; i++) {
		points += t.p[i] == '.';
		commas += t.p[i] == ',';
	}
	if (points && commas)
		return str_rchr(t, '.') > str_rchr(t, ',') ? '.' : ',';
	if (points + commas != 1)
		return 0;
	char mark = points ? '.' : ',';
	size_t at = str_chr(t, mark), after = t.n - at - 1;
	/* Three digits behind a lone mark may be either; a zero before it is no group of thousands. */
	if (after != 3 || at > 3 || (at == 1 && t.p[0] == '0'))
		return mark;
	return (mark == ',') == comma ? mark : 0;
}

static double scale_of(struct str rest)
{
	static const struct { const char *word; double by; } words[] = { { "k", 1e3 }, { "million", 1e6 },
		{ "billion", 1e9 }, { "mio", 1e6 }, { "mrd", 1e9 }, { "m", 1e6 }, { "bn", 1e9 } };
	bool space = rest.n && rest.p[0] == ' ';
	rest = str_from(rest, space);
	size_t n = 0;
	while (n < rest.n && is_alpha(rest.p[n]))
		n++;
	for (size_t i = 0; n && i < ARRAY_LEN(words); i++) {
		size_t len = strlen(words[i].word);
		/* "5 m" is a length; "5M" and "5 million" are not. */
		bool fits = len > 2 || (!space && (words[i].word[0] != 'm' || rest.p[0] == 'M'));
		if (n == len && fits && str_eqi(str_sub(rest, 0, n), str_of(words[i].word)))
			return words[i].by;
	}
	return 1;
}

static bool is_negative(struct str s, size_t digit)
{
	/* A sign counts when nothing but a currency stands between it and the digits. */
	size_t i = digit;
	while (i > 0 && (s.p[i - 1] == ' ' || s.p[i - 1] == '$' || (unsigned char)s.p[i - 1] >= 0x80)) {
		if (i >= 3 && memcmp(s.p + i - 3, "\xe2\x88\x92", 3) == 0)
			return i == 3 || !is_alnum(s.p[i - 4]);
		i--;
	}
	return i > 0 && s.p[i - 1] == '-' && (i == 1 || !is_alnum(s.p[i - 2]));
}

bool number_in_text(struct str s, bool comma, double *ret)
{
	char clean[64], text[80];
	/* Never grows: a longer number is none. */
	struct buf raw = { .p = clean, .cap = sizeof clean, .max = sizeof clean - 1 };
	size_t from = 0, n = 0;
	s = str_trim(s);
	/* "1.234" is left to the language. */
	if ((!comma || str_chr(s, '.') == STR_NPOS) && scan_double(s, ret) == 0)
		return true;
	while (from < s.n && !is_digit(s.p[from]))
		from++;
	if (from == s.n)
		return false;
	bool lead = from > 0 && (s.p[from - 1] == '.') && (from == 1 || !is_alnum(s.p[from - 2])); /* ".5" */
	size_t end = take_number(s, from, &raw);
	if (!buf_ok(&raw))
		return false;
	struct str t = buf_str(&raw);
	char mark = decimal_mark(t, comma);
	if (lead)
		text[n++] = '.';
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == mark)
			text[n++] = '.';
		else if (is_digit(t.p[i]))
			text[n++] = t.p[i];
	}
	text[n] = '\0';
	*ret = strtod(text, NULL) * scale_of(str_from(s, end)) * (is_negative(s, from - lead) ? -1 : 1);
	return isfinite(*ret);
}

static const struct json *number(struct arena *a, double d)
{
	if (d == floor(d) && fabs(d) < 9e15)
		return json_new_int(a, (int64_t)d);
	return json_new_real(a, d);
}

/* --- the other types --- */

static const struct json *boolean(struct str s)
{
	static const char *const yes[] = { "true", "yes", "y", "on", "1", "checked", "enabled", "available", "in stock",
		"instock", "ja", "oui", "si", "s\xc3\xad", "\xe2\x9c\x93", "\xe2\x9c\x94" };
	static const char *const no[] = { "false", "no", "n", "off", "0", "unchecked", "disabled", "unavailable",
		"out of stock", "outofstock", "sold out", "soldout", "nein", "non", "none", "\xe2\x9c\x97",
		"\xe2\x9c\x98" };
	size_t slash = str_starts(s, STR("http")) ? str_rchr(s, '/') : STR_NPOS; /* https://schema.org/InStock */
	struct str word = slash == STR_NPOS ? s : str_from(s, slash + 1);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (str_eqi(word, str_of(yes[i])))
			return &json_true_v;
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (str_eqi(word, str_of(no[i])))
			return &json_false_v;
	/* "In stock (22 available)" */
	if (str_startsi(word, STR("in stock")))
		return &json_true_v;
	return str_startsi(word, STR("out of stock")) ? &json_false_v : NULL;
}

static const struct json *one_of(struct arena *a, const struct json *allowed, struct str s)
{
	struct str key = name_key(a, s);
	size_t slash = str_starts(s, STR("http")) ? str_rchr(s, '/') : STR_NPOS;
	struct str tail = slash == STR_NPOS ? STR_NULL : name_key(a, str_from(s, slash + 1));
	for (uint32_t i = 0; i < allowed->n; i++) {
		const struct json *v = allowed->items[i];
		if (v->kind == J_STRING && str_eq(v->s, s))
			return v;
	}
	for (uint32_t i = 0; i < allowed->n; i++) {
		const struct json *v = allowed->items[i];
		struct str k = v->kind == J_STRING ? name_key(a, v->s) : STR_NULL;
		if (k.n && (str_eq(k, key) || str_eq(k, tail)))
			return v;
	}
	return NULL;
}

static const struct json *string(struct arena *a, const struct want *w, struct str s)
{
	if (str_is(w->format, "uri") || str_is(w->format, "url") || str_is(w->format, "iri")) {
		struct str href = base_url_resolve(w->base, s);
		return href.p ? json_new_str(a, href) : NULL;
	}
	if (str_is(w->format, "date") || str_is(w->format, "date-time")) {
		struct str iso = date_iso(a, s);
		if (!iso.p)
			return NULL;
		if (w->format.n == 4)
			iso = str_sub(iso, 0, 10);
		else if (iso.n == 10)
			iso = arena_printf(a, "%.*sT00:00:00Z", STR_FMT(iso));
		return json_new_str(a, iso);
	}
	if (str_is(w->format, "email")) {
		struct str mail = str_startsi(s, STR("mailto:")) ? str_from(s, 7) : s;
		size_t query = str_chr(mail, '?');
		return json_new_str(a, str_sub(mail, 0, query == STR_NPOS ? mail.n : query));
	}
	return s.n ? json_new_str(a, s) : NULL;
}

const struct json *coerce_text(struct arena *a, const struct want *w, struct str text)
{
	struct str s = text_squeeze(a, text);
	const struct json *v = NULL;
	double d;
	if (!s.n && !(w->types & WANT_STRING))
		return NULL;
	if (w->allowed)
		v = one_of(a, w->allowed, s);
	if (!v && (w->types & (WANT_NUMBER | WANT_INTEGER)) && number_in_text(s, w->comma, &d))
		v = number(a, d);
	if (!v && (w->types & WANT_BOOLEAN))
		v = boolean(s);
	if (!v && (!w->types || (w->types & WANT_STRING)))
		v = string(a, w, s);
	return v;
}

const struct json *coerce_value(struct arena *a, const struct want *w, const struct json *v)
{
	switch (v->kind) {
	case J_STRING:
		return coerce_text(a, w, v->s);
	case J_FALSE:
	case J_TRUE:
		if (!w->types || (w->types & WANT_BOOLEAN))
			return v;
		return w->types & WANT_STRING ? json_new_str(a, v->kind == J_TRUE ? STR("true") : STR("false")) : NULL;
	case J_INT:
	case J_REAL:
		if (!w->types || (w->types & (WANT_NUMBER | WANT_INTEGER)))
			return v;
		return coerce_text(a, w, json_text(a, v));
	default:
		return NULL;
	}
}

#include "base/first.h"
#include "base/enc.h"
#include "base/utf8.h"
#include "url/percent.h"

/* One bit a set, so that a byte's membership is one load. */
enum {
	S_C0 = 1 << URL_C0,
	S_FRAGMENT = 1 << URL_FRAGMENT,
	S_QUERY = 1 << URL_QUERY,
	S_SPECIAL = 1 << URL_SPECIAL_QUERY,
	S_PATH = 1 << URL_PATH,
	S_USER = 1 << URL_USERINFO,
	S_COMP = 1 << URL_COMPONENT,
	S_ALL = S_C0 | S_FRAGMENT | S_QUERY | S_SPECIAL | S_PATH | S_USER | S_COMP,
	S_FROM_PATH = S_PATH | S_USER | S_COMP,
	S_FROM_QUERY = S_QUERY | S_SPECIAL | S_FROM_PATH,
	S_FROM_USER = S_USER | S_COMP,
};

#define ROW16(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v

static const uint8_t sets[256] = {
	ROW16(S_ALL), ROW16(S_ALL),
	[' '] = S_FRAGMENT | S_FROM_QUERY,
	['"'] = S_FRAGMENT | S_FROM_QUERY,
	['<'] = S_FRAGMENT | S_FROM_QUERY,
	['>'] = S_FRAGMENT | S_FROM_QUERY,
	['`'] = S_FRAGMENT | S_FROM_PATH,
	['#'] = S_FROM_QUERY,
	['\''] = S_SPECIAL,
	['?'] = S_FROM_PATH,
	['^'] = S_FROM_PATH,
	['{'] = S_FROM_PATH,
	['}'] = S_FROM_PATH,
	['/'] = S_FROM_USER,
	[':'] = S_FROM_USER,
	[';'] = S_FROM_USER,
	['='] = S_FROM_USER,
	['@'] = S_FROM_USER,
	['['] = S_FROM_USER,
	['\\'] = S_FROM_USER,
	[']'] = S_FROM_USER,
	['|'] = S_FROM_USER,
	['$'] = S_COMP,
	['%'] = S_COMP,
	['&'] = S_COMP,
	['+'] = S_COMP,
	[','] = S_COMP,
	[0x7f] = S_ALL,
	[0x80] = ROW16(S_ALL), ROW16(S_ALL), ROW16(S_ALL), ROW16(S_ALL),
	ROW16(S_ALL), ROW16(S_ALL), ROW16(S_ALL), ROW16(S_ALL),
};

bool url_in_set(enum url_set set, unsigned char c)
{
	return sets[c] >> set & 1;
}

void url_encode(struct buf *out, struct str s, enum url_set set)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t run = 0;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (!(sets[c] >> set & 1))
			continue;
		buf_add(out, s.p + run, i - run);
		buf_add(out, (char[3]){ '%', hex[c >> 4], hex[c & 15] }, 3);
		run = i + 1;
	}
	buf_add(out, s.p + run, s.n - run);
}

bool form_next(struct arena *a, struct str *rest, struct str *ret_name, struct str *ret_value)
{
	struct str part, text[2];
	do {
		if (!str_split(rest, '&', &part))
			return false;
	} while (part.n == 0);
	size_t eq = str_chr(part, '=');
	text[0] = str_sub(part, 0, eq);
	text[1] = eq == STR_NPOS ? STR("") : str_from(part, eq + 1);
	for (int i = 0; i < 2; i++) {
		struct buf b;
		buf_init(&b, a, 0);
		dec_percent(&b, text[i], true);
		text[i] = utf8_clean(a, buf_str(&b));
	}
	*ret_name = text[0];
	*ret_value = text[1];
	return true;
}

/* The form set: all but ASCII alphanumerics and "*-._", with a space as '+'. */
static void form_encode(struct buf *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (is_alnum(c) || c == '*' || c == '-' || c == '.' || c == '_')
			buf_addc(out, (char)c);
		else if (c == ' ')
			buf_addc(out, '+');
		else
			buf_add(out, (char[3]){ '%', hex[c >> 4], hex[c & 15] }, 3);
	}
}

void form_add(struct buf *out, struct str name, struct str value)
{
	if (out->n)
		buf_addc(out, '&');
	form_encode(out, name);
	buf_addc(out, '=');
	form_encode(out, value);
}

#include "base/first.h"
#include "base/utf8.h"

uint32_t utf8_next(struct str s, size_t *i)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned c = p[(*i)++];
	if (c < 0x80)
		return c;
	int more = c >= 0xc2 && c <= 0xdf ? 1 : (c & 0xf0) == 0xe0 ? 2 : c >= 0xf0 && c <= 0xf4 ? 3 : 0;
	if (!more)
		return UTF8_BAD;
	unsigned lo = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
	unsigned hi = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
	uint32_t cp = c & (0x3fu >> more);
	for (int k = 0; k < more; k++) {
		if (*i >= s.n || p[*i] < lo || p[*i] > hi)
			return UTF8_BAD;
		cp = cp << 6 | (p[(*i)++] & 0x3f);
		lo = 0x80;
		hi = 0xbf;
	}
	return cp;
}

/* Skips eight ASCII bytes at a time. */
static size_t skip_ascii(struct str s, size_t i)
{
	uint64_t w;
	while (i + 8 <= s.n) {
		memcpy(&w, s.p + i, 8);
		if (w & UINT64_C(0x8080808080808080))
			break;
		i += 8;
	}
	return i;
}

/* Offset of the first error, or s.n. */
static size_t first_bad(struct str s)
{
	size_t i = 0;
	while (i < s.n) {
		i = skip_ascii(s, i);
		if (i >= s.n)
			break;
		size_t at = i;
		uint32_t cp = utf8_next(s, &i);
		/* A genuine U+FFFD is three bytes long, EF BF BD. */
		if (cp == UTF8_BAD && !(i - at == 3 && memcmp(s.p + at, "\xef\xbf\xbd", 3) == 0))
			return at;
	}
	return s.n;
}

bool utf8_valid(struct str s)
{
	return first_bad(s) == s.n;
}

void utf8_put(struct buf *out, uint32_t cp)
{
	if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		cp = UTF8_BAD;
	char b[4];
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
	if (n == 1) {
		buf_addc(out, (char)cp);
		return;
	}
	for (size_t k = n; k-- > 1; cp >>= 6)
		b[k] = (char)(0x80 | (cp & 0x3f));
	b[0] = (char)((0xf00u >> n & 0xff) | cp);
	buf_add(out, b, n);
}

struct str utf8_clean(struct arena *a, struct str s)
{
	size_t i = first_bad(s);
	if (i == s.n)
		return s;
	struct buf out;
	buf_init(&out, a, 0);
	buf_add(&out, s.p, i);
	while (i < s.n)
		utf8_put(&out, utf8_next(s, &i));
	return buf_str(&out);
}

size_t utf8_len(struct str s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct str utf8_cut(struct str s, size_t n)
{
	if (s.n <= n)
		return s;
	while (n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return str_sub(s, 0, n);
}

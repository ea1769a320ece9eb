#include "base/first.h"
#include "base/str.h"

bool str_eqi(struct str a, struct str b)
{
	return a.n == b.n && str_startsi(a, b);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int c = n ? memcmp(a.p, b.p, n) : 0;
	return c ? c : a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool str_startsi(struct str s, struct str prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (to_lower((unsigned char)s.p[i]) != to_lower((unsigned char)prefix.p[i]))
			return false;
	return true;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

bool str_endsi(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eqi(str_from(s, s.n - suffix.n), suffix);
}

size_t str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	const char *p = s.n >= needle.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
	return p ? (size_t)(p - s.p) : STR_NPOS;
}

size_t str_findi(struct str s, struct str needle)
{
	for (size_t i = 0; i + needle.n <= s.n; i++)
		if (str_startsi(str_from(s, i), needle))
			return i;
	return STR_NPOS;
}

size_t str_chr(struct str s, char c)
{
	const char *p = s.n ? memchr(s.p, c, s.n) : NULL;
	return p ? (size_t)(p - s.p) : STR_NPOS;
}

size_t str_rchr(struct str s, char c)
{
	const char *p = s.n ? memrchr(s.p, c, s.n) : NULL;
	return p ? (size_t)(p - s.p) : STR_NPOS;
}

struct str str_trim(struct str s)
{
	while (s.n && is_space((unsigned char)s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *part)
{
	if (!rest->p)
		return false;
	size_t at = str_chr(*rest, sep);
	if (at == STR_NPOS) {
		*part = *rest;
		*rest = STR_NULL;
	} else {
		*part = str_sub(*rest, 0, at);
		*rest = str_from(*rest, at + 1);
	}
	return true;
}

bool str_eq_secret(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	volatile unsigned char diff = 0;
	for (size_t i = 0; i < a.n; i++)
		diff |= (unsigned char)(a.p[i] ^ b.p[i]);
	return diff == 0;
}

char *str_copy(char *dst, size_t cap, struct str s)
{
	size_t n = MIN(s.n, cap - 1);
	if (n)
		memcpy(dst, s.p, n);
	dst[n] = '\0';
	return dst;
}

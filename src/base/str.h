/*
 * String slices: a pointer and a length, not necessarily NUL-terminated, owned by somebody else.
 * A NULL `p` means "absent"; an empty slice with a non-NULL `p` means "empty". All comparisons
 * that ignore case are ASCII only.
 */
#ifndef KRYFTO_BASE_STR_H
#define KRYFTO_BASE_STR_H

#include "base/first.h"

struct str {
	const char *p;
	size_t n;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_INIT(lit) { "" lit, sizeof(lit) - 1 } /* for static initialisers */
#define STR_NULL ((struct str){ NULL, 0 })
/* printf("%.*s", STR_FMT(s)) */
#define STR_FMT(s) (int)MIN((s).n, (size_t)INT32_MAX), (s).p ? (s).p : ""

static inline struct str str_of(const char *c)
{
	return (struct str){ c, c ? strlen(c) : 0 };
}
static inline struct str str_n(const char *p, size_t n)
{
	return (struct str){ p, n };
}
static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool str_is(struct str a, const char *c)
{
	return str_eq(a, str_of(c));
}
/* From `from` (clamped) to the end. */
static inline struct str str_from(struct str s, size_t from)
{
	from = MIN(from, s.n);
	return (struct str){ s.p + from, s.n - from };
}
/* At most `n` bytes from `from`. */
static inline struct str str_sub(struct str s, size_t from, size_t n)
{
	s = str_from(s, from);
	s.n = MIN(s.n, n);
	return s;
}

#define STR_NPOS ((size_t)-1)

bool str_eqi(struct str a, struct str b);
/* <0, 0, >0 by bytes, then by length. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_startsi(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_endsi(struct str s, struct str suffix);
/* Offset of the first occurrence, or STR_NPOS. */
size_t str_find(struct str s, struct str needle);
size_t str_findi(struct str s, struct str needle);
size_t str_chr(struct str s, char c);
size_t str_rchr(struct str s, char c);
/* Without leading and trailing HTML white space (space, tab, LF, FF, CR). */
struct str str_trim(struct str s);
/* Cuts the part before the first `sep` off `*rest` into `*part`; false when nothing is left. */
bool str_split(struct str *rest, char sep, struct str *part);
/* Constant time in the contents; lengths are compared first. For secrets. */
bool str_eq_secret(struct str a, struct str b);
/* Copies into a C string of `cap` bytes, cutting if needed, always NUL-terminated. */
char *str_copy(char *dst, size_t cap, struct str s);

static inline bool is_digit(int c) { return c >= '0' && c <= '9'; }
static inline bool is_upper(int c) { return c >= 'A' && c <= 'Z'; }
static inline bool is_lower(int c) { return c >= 'a' && c <= 'z'; }
static inline bool is_alpha(int c) { return is_upper(c) || is_lower(c); }
static inline bool is_alnum(int c) { return is_alpha(c) || is_digit(c); }
static inline bool is_xdigit(int c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
/* HTML white space. */
static inline bool is_space(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'; }
static inline int to_lower(int c) { return is_upper(c) ? c + 32 : c; }
static inline int to_upper(int c) { return is_lower(c) ? c - 32 : c; }
/* 0..15, or -1. */
static inline int hex_value(int c)
{
	return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

#endif

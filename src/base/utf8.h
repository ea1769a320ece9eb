/* UTF-8 (RFC 3629; surrogates and overlong forms are errors). */
#ifndef KRYFTO_BASE_UTF8_H
#define KRYFTO_BASE_UTF8_H

#include "base/buf.h"

#define UTF8_BAD UINT32_C(0xFFFD)

/* Decodes one code point at `*i` and moves on; an error gives UTF8_BAD and skips the WHATWG
 * "maximal subpart". `*i` must be below s.n. */
uint32_t utf8_next(struct str s, size_t *i);
bool utf8_valid(struct str s);
/* Appends `cp`; invalid ones as U+FFFD. */
void utf8_put(struct buf *out, uint32_t cp);
/* `s` itself when valid, else a copy in `a` with U+FFFD for each error. */
struct str utf8_clean(struct arena *a, struct str s);
/* Code points in valid UTF-8. */
size_t utf8_len(struct str s);
/* The longest prefix of at most `n` bytes that does not split a character. */
struct str utf8_cut(struct str s, size_t n);

#endif

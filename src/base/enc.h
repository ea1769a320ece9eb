/* Byte encodings: hex, base64 (RFC 4648 sections 4 and 5), percent (RFC 3986). */
#ifndef KRYFTO_BASE_ENC_H
#define KRYFTO_BASE_ENC_H

#include "base/buf.h"

/* Lower-case hex of `n` bytes into `out` (2n + 1 bytes, NUL-terminated). */
char *enc_hex(const void *p, size_t n, char *out);
/* Exactly `n` bytes from 2n digits; 0 or E_INVALID. */
int dec_hex(struct str s, void *ret, size_t n);
void enc_base64(struct buf *out, const void *p, size_t n);
void enc_base64url(struct buf *out, const void *p, size_t n); /* no padding */
/* Both alphabets, padding optional, white space skipped; 0 or E_INVALID. */
int dec_base64(struct str s, struct buf *ret);
/* Percent-encodes all but unreserved characters (RFC 3986 2.3); with `slash`, keeps '/'. */
void enc_percent(struct buf *out, struct str s, bool slash);
/* Decodes %XX; a malformed escape is kept as it stands. `plus`: '+' becomes a space. */
void dec_percent(struct buf *out, struct str s, bool plus);

#endif

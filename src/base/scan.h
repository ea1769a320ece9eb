/* Strict text to number conversions: the whole slice must match. 0 or E_INVALID / E_LIMIT. */
#ifndef KRYFTO_BASE_SCAN_H
#define KRYFTO_BASE_SCAN_H

#include "base/clock.h"

int scan_i64(struct str s, int64_t *ret);  /* optional sign, decimal digits */
int scan_u64(struct str s, uint64_t *ret); /* decimal digits */
int scan_double(struct str s, double *ret); /* JSON number grammar, finite */
int scan_bool(struct str s, bool *ret);    /* true false yes no on off 1 0, any case */
int scan_size(struct str s, int64_t *ret); /* bytes: digits, then nothing, k, M, G (powers of 1024), KiB, MiB, GiB */
int scan_usec(struct str s, usec_t *ret);  /* digits, then us, ms, s, m, h or d; bare digits are seconds */

#endif

/* Time. One unit inside: microseconds. */
#ifndef KRYFTO_BASE_CLOCK_H
#define KRYFTO_BASE_CLOCK_H

#include "base/str.h"

typedef int64_t usec_t;
#define USEC_PER_MS ((usec_t)1000)
#define USEC_PER_SEC ((usec_t)1000000)

usec_t clock_mono(void);     /* never goes back; for deadlines */
usec_t clock_mono_fast(void); /* coarse (4 ms), cheap */
usec_t clock_real(void);     /* since 1970-01-01 UTC */
usec_t clock_cpu(void);      /* this process's CPU time */

#define CLOCK_ISO_MAX 28
/* "2026-03-08T10:00:00.000Z" (RFC 3339, UTC, milliseconds) into `out`; returns `out`. */
char *clock_iso(usec_t t, char out[CLOCK_ISO_MAX]);
/* ISO 8601 date or date-time with Z or an offset; 0 or E_INVALID. A date alone is its midnight UTC. */
int clock_parse_iso(struct str s, usec_t *ret_t);
/* RFC 9110 5.6.7 HTTP-date, all three forms; 0 or E_INVALID. */
int clock_parse_http(struct str s, usec_t *ret_t);
/* IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT". */
char *clock_http(usec_t t, char out[32]);
/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t clock_days(int year, int month, int day);
/* The inverse. */
void clock_civil(int64_t days, int *ret_year, int *ret_month, int *ret_day);
void clock_sleep(usec_t d);

#endif

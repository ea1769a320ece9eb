/* When to try again: exponential back-off with full jitter, and what a server asked for. */
#ifndef KRYFTO_NET_RETRY_H
#define KRYFTO_NET_RETRY_H

#include "base/clock.h"

/*
 * Uniform in [base/10, min(max, base · 2^(attempt-1))]: full jitter, kept off zero. `attempt` counts the
 * tries made, from 1. With `after` > 0 (Retry-After) never less than that, up to max.
 */
usec_t retry_delay(int attempt, usec_t base, usec_t max, usec_t after);

/* Retry-After (RFC 9110 10.2.3): seconds or a date, from `now` (real time). 0 or E_INVALID; never negative. */
int retry_after(struct str value, usec_t now, usec_t *ret_wait);

/* True for replies that ask to come back: 408, 425, 429, 500, 502, 503, 504, 520..527, 529. */
bool retry_status(int status);

#endif

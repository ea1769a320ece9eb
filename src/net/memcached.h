/*
 * A memcached pool as a cache and a counter, never the truth. Every call is short: one round trip under
 * a deadline, and after a failure the pool counts as down and calls return at once until a retry is due.
 * Callers treat E_UNAVAIL as "count for yourself" or as a miss.
 *
 * One handle a process (opened after the fork), one thread. Keys: 1..MC_KEY_MAX printable ASCII bytes
 * without spaces; longer or other keys are E_INVALID. Protocol: memcached binary (an increment creates
 * its counter with an expiry in the same round trip). More than one server: ketama.
 */
#ifndef KRYFTO_NET_MEMCACHED_H
#define KRYFTO_NET_MEMCACHED_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

#define MC_KEY_MAX 200
#define MC_VALUE_MAX (1000 * KiB)
#define MC_TTL_MAX (30 * 86400 * USEC_PER_SEC) /* beyond this memcached reads the number as a date */

struct mc;

struct mc_options {
	struct str config;  /* libmemcached configuration string; empty: no memcached, every call is E_UNAVAIL */
	struct str prefix;  /* put before each key (at most 32 bytes); may be empty */
	usec_t timeout;     /* of connect and of a round trip; 0: 100 ms */
	usec_t retry_after; /* how long a failed pool is left alone; 0: 1 s */
};

/* E_INVALID for a configuration string that libmemcached does not understand. Does not connect. */
int mc_open(const struct mc_options *o, struct mc **ret, struct err *e);
void mc_free(struct mc *m); /* NULL is fine */

/* Configured and not known to be down. */
bool mc_up(const struct mc *m);
bool mc_configured(const struct mc *m);
/* A real round trip to every server, back-off or not; 0 or E_UNAVAIL. For readiness checks. */
int mc_ping(struct mc *m, struct err *e);

/* Adds `by`; a counter that is not there begins at `by` and expires `ttl` later (rounded up to seconds;
 * further increments do not extend it). *ret_value is the sum. 0, E_INVALID, E_UNAVAIL. */
int mc_incr(struct mc *m, struct str key, uint64_t by, usec_t ttl, uint64_t *ret_value);
/* 0 with the value in `a`, E_NOTFOUND, E_INVALID, E_UNAVAIL. */
int mc_get(struct mc *m, struct str key, struct arena *a, struct str *ret_value);
/* `ttl` 0: no expiry. E_LIMIT for values beyond MC_VALUE_MAX. */
int mc_set(struct mc *m, struct str key, struct str value, usec_t ttl);
/* Like mc_set, but E_EXISTS when the key is there. */
int mc_add(struct mc *m, struct str key, struct str value, usec_t ttl);
/* E_NOTFOUND when it was not there. */
int mc_delete(struct mc *m, struct str key);

#endif

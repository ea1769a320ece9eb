/*
 * Rate limits: requests a key in fixed windows of 60 s. The count lives in memory that all workers of this host
 * share; what other hosts counted comes through memcached, which is told of our hits in batches (each 1/32 of
 * the limit, or each second) and answers with the sum. Without memcached the limit holds for this host alone.
 *
 * Windows do not begin on the minute for all keys at once but at a second that the key's hash gives, the same on
 * every host.
 */
#ifndef KRYFTO_API_LIMITER_H
#define KRYFTO_API_LIMITER_H

#include "base/clock.h"

struct limiter;
struct mc;

#define LIMITER_SLOTS 65536
#define LIMITER_KEY_MAX 160
#define LIMITER_WINDOW 60 /* seconds */

/* `slots` is a power of two. */
size_t limiter_size(size_t slots);
/* `mem`: zeroed and shared; before the first fork, since it also fixes the seed of the hash. */
struct limiter *limiter_init(void *mem, size_t slots);

struct limit_ask {
	struct str key; /* printable ASCII, at most LIMITER_KEY_MAX bytes */
	int64_t limit;  /* requests a window */
	bool count;     /* false: look only */
	usec_t now;     /* clock_real */
};

struct limit_state {
	int64_t limit, remaining;
	int64_t reset;  /* seconds until the window ends, 1..60 */
	bool over;
	bool mc_failed; /* memcached was asked and did not answer */
};

/* `mc` may be NULL. */
void limiter_hit(struct limiter *l, struct mc *mc, const struct limit_ask *ask, struct limit_state *ret);

#endif

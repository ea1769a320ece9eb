/*
 * Turns at hosts, in one process: how many fetches run at once to a host, and how far apart they begin.
 * For jobs; a crawl's politeness across processes lives in its host rows.
 *
 * A host is told apart by what the caller passes, usually "host:port". Waiters are served in order.
 */
#ifndef KRYFTO_NET_HOST_H
#define KRYFTO_NET_HOST_H

#include "base/clock.h"
#include "net/loop.h"

struct hosts_gate;
struct host_turn;

struct hosts_gate_options {
	int per_host;  /* at once; at least 1 */
	usec_t gap;    /* between the starts of two turns at a host; 0: none */
	usec_t idle;   /* how long an unused host is remembered; 0: 60 s */
};

struct hosts_gate *hosts_gate_new(struct loop *l, const struct hosts_gate_options *o);
/* Waiting turns end without a callback; running ones must have been ended before. NULL is fine. */
void hosts_gate_free(struct hosts_gate *g);
void hosts_gate_set(struct hosts_gate *g, const struct hosts_gate_options *o);

/* Calls fn(arg) when a turn is free, never from within; the turn then is the caller's until host_turn_end(). */
struct host_turn *host_turn_take(struct hosts_gate *g, struct str host, void (*fn)(void *arg), void *arg);
/* Ends a turn, or leaves the queue before it came. */
void host_turn_end(struct host_turn *t);
/* No turn at this host begins before now + wait (429, 503, Crawl-delay). Never shortens. */
void hosts_gate_hold(struct hosts_gate *g, struct str host, usec_t wait);
/* How long a turn would have to wait for a hold, 0 for none. */
usec_t hosts_gate_held(const struct hosts_gate *g, struct str host);

struct hosts_gate_stats {
	size_t hosts, running, waiting;
};
void hosts_gate_stats(const struct hosts_gate *g, struct hosts_gate_stats *ret);

#endif

/*
 * Counters and histograms of all workers in one shared-memory block, and their text form (OpenMetrics
 * 1.0 and Prometheus text 0.0.4). Updates are relaxed atomics: no locks, no lost counts, safe across fork.
 */
#ifndef KRYFTO_HTTP_METRICS_H
#define KRYFTO_HTTP_METRICS_H

#include "base/buf.h"
#include "base/clock.h"

struct router;
struct metrics;

/* Bytes that metrics_init needs for `routes` routes, a row for unmatched requests included. */
size_t metrics_size(size_t routes);
/* `mem` zeroed, shared between the processes that count, 64-byte aligned. */
struct metrics *metrics_init(void *mem, size_t routes);
/* One finished request; `route` -1 for unmatched. */
void metrics_request(struct metrics *m, int route, int method, int status, usec_t took);
/* Time spent in phase number `phase` (< 12). */
void metrics_phase(struct metrics *m, int phase, usec_t took);
/* Events with a number of their own. */
enum metric_event {
	ME_AUTH_FAILED, ME_RATE_LIMITED, ME_PG_LOST, ME_MEMCACHED_ERRORS, ME_IDEMPOTENT_REPLAYS, ME_REPLY_MISMATCH,
	METRIC_EVENTS_N
};
void metrics_event(struct metrics *m, enum metric_event e);

/* --- text --- */
struct mtext {
	struct buf *out;
	bool openmetrics;
	const char *family; /* the one whose lines are being written */
};
struct mlabel {
	const char *name;
	struct str value;
};
enum mtype { MT_COUNTER, MT_GAUGE, MT_HISTOGRAM };

void mtext_init(struct mtext *t, struct buf *out, bool openmetrics);
/* Starts a metric family: HELP and TYPE. `name` without "_total". */
void mtext_family(struct mtext *t, const char *name, enum mtype type, const char *help);
/* One line of the family; `suffix` "" for gauges, "_total" for counters … */
void mtext_sample(struct mtext *t, const char *suffix, const struct mlabel *labels, size_t n, double value);
void mtext_end(struct mtext *t);
/* Everything that `m` holds: collector_http_requests, collector_http_request_duration_seconds, phases, events. */
void metrics_write(const struct metrics *m, const struct router *r, const char *const *phase_names, struct mtext *t);
const char *mtext_content_type(bool openmetrics);

#endif

#include "base/first.h"
#include "http/metrics.h"
#include "http/route.h"

#include <stdatomic.h>

#define PHASES_N 12

static const usec_t bounds[] = {
	1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2000000, 5000000, 10000000,
};
static const char *const bound_names[] = {
	"0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.0", "5.0", "10.0",
};
#define BOUNDS_N ARRAY_LEN(bounds)

static const int16_t statuses[] = {
	200, 201, 202, 204, 206, 302, 304, 400, 401, 402, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 416, 422,
	429, 431, 500, 501, 502, 503, 504, 0, /* 0: any other */
};
#define STATUSES_N ARRAY_LEN(statuses)

struct cell {
	_Atomic uint64_t n, sum; /* microseconds */
	_Atomic uint64_t bucket[BOUNDS_N];
};

struct row {
	struct cell cells[STATUSES_N];
};

struct metrics {
	size_t routes;
	_Atomic uint64_t events[METRIC_EVENTS_N];
	_Atomic uint64_t phase_n[PHASES_N], phase_sum[PHASES_N];
	struct row rows[]; /* the routes, then a row a method for requests that match none */
};

static const struct {
	const char *name, *help;
} events[METRIC_EVENTS_N] = {
	[ME_AUTH_FAILED] = { "kryfto_auth_failures", "Requests refused for want of a valid token." },
	[ME_RATE_LIMITED] = { "kryfto_rate_limited_requests", "Requests refused over a rate limit." },
	[ME_PG_LOST] = { "kryfto_postgres_connection_losses", "Database connections found broken." },
	[ME_MEMCACHED_ERRORS] = { "kryfto_memcached_errors", "memcached operations that failed." },
	[ME_IDEMPOTENT_REPLAYS] = { "kryfto_idempotent_replays",
		"Requests answered from an earlier one's idempotency key." },
	[ME_REPLY_MISMATCH] = { "kryfto_reply_mismatches", "Replies that broke their documentation (test builds)." },
};

static void bump(_Atomic uint64_t *c, uint64_t by)
{
	atomic_fetch_add_explicit(c, by, memory_order_relaxed);
}

static double load(const _Atomic uint64_t *c)
{
	return (double)atomic_load_explicit(c, memory_order_relaxed);
}

size_t metrics_size(size_t routes)
{
	return sizeof(struct metrics) + (routes + METHODS_N) * sizeof(struct row);
}

struct metrics *metrics_init(void *mem, size_t routes)
{
	struct metrics *m = mem;
	m->routes = routes;
	return m;
}

static size_t status_index(int status)
{
	size_t i = 0;
	while (statuses[i] && statuses[i] != status)
		i++;
	return i;
}

void metrics_request(struct metrics *m, int route, int method, int status, usec_t took)
{
	size_t r = route >= 0 && (size_t)route < m->routes ? (size_t)route : m->routes + (size_t)method % METHODS_N;
	struct cell *c = &m->rows[r].cells[status_index(status)];
	bump(&c->n, 1);
	bump(&c->sum, (uint64_t)MAX(took, 0));
	for (size_t i = 0; i < BOUNDS_N; i++)
		if (took <= bounds[i]) {
			bump(&c->bucket[i], 1); /* summed up when written */
			break;
		}
}

void metrics_phase(struct metrics *m, int phase, usec_t took)
{
	if (phase < 0 || phase >= PHASES_N)
		return;
	bump(&m->phase_n[phase], 1);
	bump(&m->phase_sum[phase], (uint64_t)MAX(took, 0));
}

void metrics_event(struct metrics *m, enum metric_event e)
{
	if (m)
		bump(&m->events[e], 1);
}

struct labelled {
	struct mlabel at[4];
	char status[8];
};

static void labels_of(const struct metrics *m, const struct router *r, size_t row, size_t st, struct labelled *l)
{
	bool matched = row < m->routes;
	const char *method =
		matched ? method_name(r->all[row]->method) : method_name((enum http_method)(row - m->routes));
	if (statuses[st])
		snprintf(l->status, sizeof l->status, "%d", statuses[st]);
	else
		str_copy(l->status, sizeof l->status, STR("other"));
	l->at[0] = (struct mlabel){ "method", method[0] ? str_of(method) : STR("NONE") };
	l->at[1] = (struct mlabel){ "route", matched ? str_of(r->all[row]->path) : STR("unknown") };
	l->at[2] = (struct mlabel){ "status", str_of(l->status) };
}

static void write_histogram(const struct cell *c, struct labelled *l, struct mtext *t)
{
	double below = 0;
	for (size_t i = 0; i < BOUNDS_N; i++) {
		below += load(&c->bucket[i]);
		l->at[3] = (struct mlabel){ "le", str_of(bound_names[i]) };
		mtext_sample(t, "_bucket", l->at, 4, below);
	}
	/* Taken once, so that +Inf and _count agree while others count on. */
	double n = MAX(load(&c->n), below);
	l->at[3] = (struct mlabel){ "le", STR("+Inf") };
	mtext_sample(t, "_bucket", l->at, 4, n);
	mtext_sample(t, "_sum", l->at, 3, load(&c->sum) / 1e6);
	mtext_sample(t, "_count", l->at, 3, n);
}

static void write_requests(const struct metrics *m, const struct router *r, struct mtext *t, bool histogram)
{
	for (size_t row = 0; row < m->routes + METHODS_N; row++)
		for (size_t st = 0; st < STATUSES_N; st++) {
			const struct cell *c = &m->rows[row].cells[st];
			struct labelled l;
			if (load(&c->n) == 0)
				continue;
			labels_of(m, r, row, st, &l);
			if (histogram)
				write_histogram(c, &l, t);
			else
				mtext_sample(t, "_total", l.at, 3, load(&c->n));
		}
}

static void write_phases(const struct metrics *m, const char *const *names, struct mtext *t)
{
	mtext_family(t, "kryfto_http_phase_seconds", MT_COUNTER, "Time spent in each phase of the request pipeline.");
	for (int i = 0; i < PHASES_N && names && names[i]; i++) {
		struct mlabel l = { "phase", str_of(names[i]) };
		mtext_sample(t, "_total", &l, 1, load(&m->phase_sum[i]) / 1e6);
	}
	mtext_family(t, "kryfto_http_phase_runs", MT_COUNTER, "How often each phase of the request pipeline ran.");
	for (int i = 0; i < PHASES_N && names && names[i]; i++) {
		struct mlabel l = { "phase", str_of(names[i]) };
		mtext_sample(t, "_total", &l, 1, load(&m->phase_n[i]));
	}
}

void metrics_write(const struct metrics *m, const struct router *r, const char *const *phase_names, struct mtext *t)
{
	mtext_family(t, "collector_http_requests", MT_COUNTER, "HTTP requests answered.");
	write_requests(m, r, t, false);
	mtext_family(t, "collector_http_request_duration_seconds", MT_HISTOGRAM, "Time from request to reply.");
	write_requests(m, r, t, true);
	write_phases(m, phase_names, t);
	for (int i = 0; i < METRIC_EVENTS_N; i++) {
		mtext_family(t, events[i].name, MT_COUNTER, events[i].help);
		mtext_sample(t, "_total", NULL, 0, load(&m->events[i]));
	}
}

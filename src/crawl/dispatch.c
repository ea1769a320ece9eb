#include "base/first.h"
#include "base/log.h"
#include "base/rng.h"
#include "crawl/browsers.h"
#include "crawl/dispatch.h"
#include "crawl/job.h"
#include "crawl/report.h"

#define REAP_EVERY (5 * USEC_PER_SEC)
#define WAIT_BATCHES 2 /* batches of jobs that may wait for their host's turn beside those that run */

enum claim_state { CLAIM_REST, CLAIM_FLYING, CLAIM_IDLING };

struct dispatch {
	struct crawler *crawler;
	enum claim_state state;
	bool want;   /* there may be something to claim */
	bool idle;   /* the database knows that we sleep */
	bool stopped;
	struct claim_cursor cursor[QUEUE_COUNT];
	struct claim claims[QUEUE_COUNT];
	struct claim_result results[QUEUE_COUNT];
	struct loop_timer *poll, *beat, *reap;
	bool beating, reaping;
	struct lease_ref *leases, *lost;
	size_t leases_n, lost_n;
	struct arena beat_arena;
	struct reaped reaped;
	usec_t reap_from; /* after an outage the others get the time of a lease to renew theirs */
};

static void consider(struct dispatch *d);

static usec_t jitter(usec_t t)
{
	return t / 2 + (usec_t)rng_below((uint64_t)t / 2 + 1);
}

static void on_poll(void *arg)
{
	dispatch_wake(arg);
}

void dispatch_wake(struct dispatch *d)
{
	if (!d)
		return;
	d->want = true;
	consider(d);
}

void dispatch_stop(struct dispatch *d)
{
	d->stopped = true;
	loop_timer_stop(d->poll);
	loop_timer_stop(d->reap);
}

/* --- claims --- */

/* Room for jobs: those waiting for a host's turn take no place of those that could run, up to a bound. */
static int64_t room(const struct dispatch *d)
{
	const struct crawler *c = d->crawler;
	int64_t n = (int64_t)jobs_count(c->jobs), waiting = (int64_t)jobs_waiting(c->jobs);
	int64_t run = c->conf.crawler_concurrency - (n - waiting);
	int64_t all = c->conf.crawler_concurrency + WAIT_BATCHES * c->conf.crawler_batch - n;
	return MIN(run, all);
}

static int claim_send(void *arg, struct db *db, struct err *e)
{
	struct dispatch *d = arg;
	int rc = 0;
	for (int q = 0; q < QUEUE_COUNT; q++)
		if (d->claims[q].max)
			rc = queue_claim_send(db, &d->claims[q], e) < 0 ? E_UNAVAIL : rc;
	return rc;
}

static int claim_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct dispatch *d = arg;
	int rc = 0;
	for (int q = 0; q < QUEUE_COUNT; q++) {
		d->results[q] = (struct claim_result){ .next_due = INT64_MAX };
		if (!d->claims[q].max)
			continue;
		int one = queue_claim_recv(db, a, &d->claims[q], &d->results[q], rc ? NULL : e);
		rc = rc ? rc : one;
	}
	return rc;
}

/* The database shall wake us from now on; then look once more, for what came between. */
static int idle_call(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct dispatch *d = arg;
	return queue_idle(db, str_of(d->crawler->id), e);
}

static void idle_done(void *arg, int rc, const struct err *e)
{
	struct dispatch *d = arg;
	d->state = CLAIM_REST;
	d->idle = rc == 0;
	d->want = d->want || d->idle;
	consider(d);
}

static void sleep_until(struct dispatch *d, usec_t due)
{
	if (!d->stopped)
		loop_timer_in(d->poll, MIN(due, jitter(d->crawler->conf.poll)));
}

static void claim_done(void *arg, int rc, const struct err *e)
{
	struct dispatch *d = arg;
	struct jobs *js = d->crawler->jobs;
	usec_t due = INT64_MAX;
	size_t n = 0;
	bool more = false;
	d->state = CLAIM_REST;
	for (int q = 0; q < QUEUE_COUNT && !rc; q++) {
		struct claim_result *r = &d->results[q];
		for (size_t i = 0; i < r->n; i++)
			job_take(js, &r->at[i]);
		n += r->n;
		more = more || r->more;
		due = MIN(due, r->next_due);
	}
	if (d->stopped) { /* the drain began while the claim was under way */
		jobs_give_back(js);
		return;
	}
	sleep_until(d, due);
	if (n)
		d->idle = false;
	d->want = d->want || more || n;
	if (!rc && !n && !more && !d->idle && !d->want) {
		d->state = CLAIM_IDLING;
		dbq_submit(d->crawler->db,
			&(struct dbq_op){ .what = "idle", .recv = idle_call, .done = idle_done, .arg = d });
		return;
	}
	if (!rc)
		consider(d);
}

static void consider(struct dispatch *d)
{
	struct crawler *c = d->crawler;
	if (d->stopped || !d->want || d->state != CLAIM_REST)
		return;
	int64_t n = room(d);
	if (n <= 0) {
		/* Free hands, but everything claimed waits for one host or the other: back in line with some. */
		if (jobs_count(c->jobs) - jobs_waiting(c->jobs) < (size_t)c->conf.crawler_concurrency)
			jobs_yield(c->jobs, (size_t)c->conf.crawler_batch);
		return;
	}
	n = MIN(n, c->conf.crawler_batch);
	for (int q = 0; q < QUEUE_COUNT; q++)
		d->claims[q] = (struct claim){ .worker = str_of(c->id), .queue = q,
			.max = (int32_t)(q == QUEUE_BROWSER ? MAX(MIN(n, browsers_room(c)), (int64_t)0) : n),
			.lease = c->conf.lease, .cursor = &d->cursor[q] };
	d->want = false;
	d->state = CLAIM_FLYING;
	dbq_submit(c->db, &(struct dbq_op){ .what = "claim", .send = claim_send, .recv = claim_recv, .done = claim_done,
		.arg = d });
}

/* --- heartbeat --- */

static int beat_send(void *arg, struct db *db, struct err *e)
{
	struct dispatch *d = arg;
	return queue_beat_send(db, str_of(d->crawler->id), d->leases, d->leases_n, d->crawler->conf.lease, e);
}

static int beat_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct dispatch *d = arg;
	return queue_beat_recv(db, a, &d->lost, &d->lost_n, e);
}

static void beat_done(void *arg, int rc, const struct err *e)
{
	struct dispatch *d = arg;
	size_t lost = 0;
	d->beating = false;
	/* Most of these have ended meanwhile; what is still at work has really lost its lease. */
	for (size_t i = 0; i < d->lost_n && !rc; i++)
		lost += job_abandon(d->crawler->jobs, d->lost[i].id, d->lost[i].lease_no, "the lease is lost");
	if (lost)
		log_at(LOG_WARN, "leases lost", L_INT("jobs", lost));
	d->lost_n = 0;
	arena_reset(&d->beat_arena);
}

static void on_beat(void *arg)
{
	struct dispatch *d = arg;
	if (d->beating)
		return;
	d->beating = true;
	d->leases_n = jobs_leases(d->crawler->jobs, &d->beat_arena, &d->leases);
	dbq_submit(d->crawler->db,
		&(struct dbq_op){ .what = "beat", .send = beat_send, .recv = beat_recv, .done = beat_done, .arg = d });
}

/* --- the dead --- */

static int reap_call(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct dispatch *d = arg;
	/* Never as the first word on a new connection: the hello, and the heartbeat behind it, come first. */
	if (!db_connected(db) || clock_mono() < d->reap_from)
		return err_set(e, E_AGAIN, "too early");
	return queue_reap(db, d->crawler->conf.retry_base, d->crawler->conf.retry_max, &d->reaped, e);
}

static void reap_done(void *arg, int rc, const struct err *e)
{
	struct dispatch *d = arg;
	d->reaping = false;
	if (d->stopped)
		return;
	loop_timer_in(d->reap, jitter(REAP_EVERY));
	if (rc || !(d->reaped.requeued || d->reaped.failed || d->reaped.expired))
		return;
	log_at(LOG_WARN, "leases ran out", L_INT("requeued", d->reaped.requeued), L_INT("failed", d->reaped.failed),
	       L_INT("expired", d->reaped.expired));
	dispatch_wake(d);
}

static void on_reap(void *arg)
{
	struct dispatch *d = arg;
	usec_t early = d->reap_from - clock_mono();
	if (d->reaping || d->stopped)
		return;
	if (early > 0) {
		loop_timer_in(d->reap, early);
		return;
	}
	d->reaping = true;
	dbq_submit(d->crawler->db, &(struct dbq_op){ .what = "reap", .recv = reap_call, .done = reap_done, .arg = d });
}

/* --- hello --- */

static int hello_call(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct dispatch *d = arg;
	struct worker w = { .id = str_of(d->crawler->id), .host = str_of(d->crawler->host), .kind = STR("crawler"),
		.pid = (int32_t)getpid(), .slots = (int32_t)d->crawler->conf.crawler_concurrency };
	return queue_worker_start(db, &w, e);
}

static void hello_done(void *arg, int rc, const struct err *e)
{
	struct dispatch *d = arg;
	/* Notifications of the meantime are lost: look for yourself, and renew what may be about to run out. */
	d->idle = false;
	if (!d->stopped)
		on_beat(d);
	dispatch_wake(d);
}

void dispatch_hello(struct dispatch *d)
{
	if (!d)
		return;
	d->reap_from = clock_mono() + d->crawler->conf.lease;
	dbq_submit(d->crawler->db,
			&(struct dbq_op){ .what = "hello", .recv = hello_call, .done = hello_done, .arg = d });
}

void dispatch_woken(struct dispatch *d)
{
	if (!d)
		return;
	d->idle = false;
	dispatch_wake(d);
}

struct dispatch *dispatch_new(struct crawler *c)
{
	struct dispatch *d = xcalloc(1, sizeof *d);
	d->crawler = c;
	arena_init(&d->beat_arena, 4 * KiB);
	d->poll = loop_timer_new(c->loop, on_poll, d);
	d->beat = loop_timer_new(c->loop, on_beat, d);
	d->reap = loop_timer_new(c->loop, on_reap, d);
	loop_timer_every(d->beat, c->conf.lease / 3);
	loop_timer_in(d->reap, jitter(REAP_EVERY));
	loop_timer_in(d->poll, 0);
	return d;
}

void dispatch_free(struct dispatch *d)
{
	if (!d)
		return;
	loop_timer_free(d->poll);
	loop_timer_free(d->beat);
	loop_timer_free(d->reap);
	arena_release(&d->beat_arena);
	free(d);
}

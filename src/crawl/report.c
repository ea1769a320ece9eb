#include "base/first.h"
#include "base/log.h"
#include "base/utf8.h"
#include "crawl/report.h"
#include "store/logs.h"

#define LOG_PAUSE (20 * USEC_PER_MS) /* lines of this long travel together */
#define LOG_BATCH 500
#define LOG_LINE_MAX (8 * KiB)
#define LOG_BACKLOG_MAX 20000 /* lines kept through an outage; older ones are dropped first */
#define FINISH_BATCH 100
#define NOTIFY_MAX 7800

struct line {
	struct log_line l;
	struct line *next;
	char bytes[]; /* message and meta */
};

/* One transaction on its way. */
struct flight {
	struct report *report;
	struct arena arena;
	struct outcome *outcomes;
	struct job_run **jobs;
	struct lease_ref *leases;
	size_t n;
	struct finished *finished;
	struct line *lines;
	struct log_line *flat;
	struct str payload;
	size_t released;
	usec_t delay;
};

struct report {
	struct crawler *crawler;
	struct job_run **due; /* outcomes to be sent */
	size_t due_n, due_cap;
	struct line *first, **last;
	size_t lines_n;
	struct loop_timer *timer;
	size_t flights;
	bool finish_due, logs_flying, finish_flying;
};

static void flush(void *arg);

struct report *report_new(struct crawler *c)
{
	struct report *r = xcalloc(1, sizeof *r);
	r->crawler = c;
	r->last = &r->first;
	r->timer = loop_timer_new(c->loop, flush, r);
	return r;
}

void report_free(struct report *r)
{
	if (!r)
		return;
	for (struct line *l = r->first; l;) {
		struct line *next = l->next;
		free(l);
		l = next;
	}
	loop_timer_free(r->timer);
	free(r->due);
	free(r);
}

bool report_idle(const struct report *r)
{
	return !r->due_n && !r->lines_n && !r->flights;
}

static struct flight *flight_new(struct report *r)
{
	struct flight *f = xcalloc(1, sizeof *f);
	f->report = r;
	arena_init(&f->arena, 4 * KiB);
	r->flights++;
	return f;
}

static void flight_free(struct flight *f)
{
	for (struct line *l = f->lines; l;) {
		struct line *next = l->next;
		free(l);
		l = next;
	}
	f->report->flights--;
	arena_release(&f->arena);
	free(f);
}

/* --- log lines --- */

static int logs_send(void *arg, struct db *db, struct err *e)
{
	struct flight *f = arg;
	int rc = logs_append_send(db, f->flat, f->n, e);
	if (f->payload.n)
		db_notify_send(db, CH_LOG, f->payload, NULL);
	return rc;
}

static int logs_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct flight *f = arg;
	int rc = logs_append_recv(db, e);
	int rc2 = f->payload.n ? db_notify_recv(db, rc ? NULL : e) : 0;
	return rc ? rc : rc2;
}

static void logs_done(void *arg, int rc, const struct err *e)
{
	struct flight *f = arg;
	struct report *r = f->report;
	if (rc)
		log_at(LOG_WARN, "job log lines were not written", L_INT("lines", f->n), L_CSTR("error", e->words));
	flight_free(f);
	r->logs_flying = false;
	if (r->first || r->due_n)
		loop_timer_in(r->timer, r->due_n ? 0 : LOG_PAUSE);
}

/* The ids of the jobs concerned, each once where they follow each other, for those who watch. */
static struct str notify_payload(struct flight *f)
{
	struct buf b;
	const char *before = "";
	buf_init(&b, &f->arena, NOTIFY_MAX);
	for (struct line *l = f->lines; l && b.n + UUID_LEN + 1 < NOTIFY_MAX; l = l->next) {
		if (!strcmp(before, l->l.job))
			continue;
		buf_addf(&b, "%s%s", b.n ? "," : "", l->l.job);
		before = l->l.job;
	}
	return buf_str(&b);
}

static void send_logs(struct report *r)
{
	struct flight *f;
	if (r->logs_flying || !r->first)
		return;
	r->logs_flying = true;
	f = flight_new(r);
	f->lines = r->first;
	struct line *end = r->first;
	for (f->n = 1; end->next && f->n < LOG_BATCH; f->n++)
		end = end->next;
	r->first = end->next;
	if (!r->first)
		r->last = &r->first;
	end->next = NULL;
	r->lines_n -= f->n;
	f->flat = arena_array(&f->arena, struct log_line, f->n);
	size_t i = 0;
	for (struct line *l = f->lines; l; l = l->next)
		f->flat[i++] = l->l;
	f->payload = notify_payload(f);
	dbq_submit(r->crawler->db, &(struct dbq_op){ .what = "logs", .send = logs_send, .recv = logs_recv,
		.done = logs_done, .arg = f, .keep = true });
}

void report_log(
	struct report *r, const char job_id[UUID_LEN + 1], const char *level, struct str message, struct str meta)
{
	message = utf8_cut(message, LOG_LINE_MAX);
	struct line *l = xcalloc(1, sizeof *l + message.n + meta.n);
	memcpy(l->l.job, job_id, sizeof l->l.job);
	l->l.level = str_of(level);
	memcpy(l->bytes, message.p, message.n);
	l->l.message = str_n(l->bytes, message.n);
	if (meta.p) {
		memcpy(l->bytes + message.n, meta.p, meta.n);
		l->l.meta = str_n(l->bytes + message.n, meta.n);
	}
	if (r->lines_n >= LOG_BACKLOG_MAX) { /* an outage: keep the newest */
		struct line *old = r->first;
		r->first = old->next;
		r->lines_n--;
		free(old);
	}
	*r->last = l;
	r->last = &l->next;
	r->lines_n++;
	if (!loop_timer_set(r->timer))
		loop_timer_in(r->timer, LOG_PAUSE);
}

/* --- outcomes --- */

static int finish_send(void *arg, struct db *db, struct err *e)
{
	struct flight *f = arg;
	return queue_finish_send(db, f->outcomes, f->n, e);
}

static int finish_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct flight *f = arg;
	return queue_finish_recv(db, &f->arena, f->outcomes, f->n, &f->finished, e);
}

/* The batch was refused as a whole: each outcome for itself, then one that cannot be stored as a plain failure. */
static void refused(struct flight *f, int rc, const struct err *e)
{
	struct report *r = f->report;
	log_at(LOG_ERROR, "outcomes were refused", L_INT("jobs", f->n), L_CSTR("error", e->words),
	       L_CSTR("code", err_name(rc)));
	for (size_t i = 0; i < f->n; i++) {
		struct job_run *job = f->jobs[i];
		if (f->n == 1) {
			if (job->outcome.kind == OUTCOME_FAILED && !job->outcome.artifact_n) {
				job_reported(job, NULL); /* the lease runs out and says the rest */
				continue;
			}
			job->outcome.kind = OUTCOME_FAILED;
			job->outcome.artifact_n = 0;
			job->outcome.result_summary = STR_NULL;
			job->outcome.error_code = STR("RESULT_REFUSED");
			job->outcome.error_message =
				arena_printf(&job->arena, "The result cannot be stored: %s", e->words);
		}
		job->alone = true;
		report_outcome(r, job);
	}
}

static void finish_done(void *arg, int rc, const struct err *e)
{
	struct flight *f = arg;
	struct report *r = f->report;
	r->finish_flying = false;
	if (rc)
		refused(f, rc, e);
	for (size_t i = 0; i < f->n && !rc; i++)
		job_reported(f->jobs[i], &f->finished[i]);
	flight_free(f);
	if (r->due_n)
		loop_timer_in(r->timer, 0);
}

/* Those at the front that may travel together: after a refusal each goes alone. */
static size_t batch_size(const struct report *r)
{
	size_t n = 0;
	while (n < r->due_n && n < FINISH_BATCH && !r->due[n]->alone)
		n++;
	return MAX(n, (size_t)1);
}

static void send_outcomes(struct report *r)
{
	/* A watcher stops reading at the end of a job: its last line must not come later. */
	if (r->finish_flying || !r->due_n || r->first)
		return;
	struct flight *f = flight_new(r);
	r->finish_flying = true;
	f->n = batch_size(r);
	f->jobs = arena_array(&f->arena, struct job_run *, f->n);
	f->outcomes = arena_array(&f->arena, struct outcome, f->n);
	for (size_t i = 0; i < f->n; i++) {
		f->jobs[i] = r->due[i];
		f->outcomes[i] = r->due[i]->outcome;
	}
	r->due_n -= f->n;
	memmove(r->due, r->due + f->n, r->due_n * sizeof(struct job_run *));
	dbq_submit(r->crawler->db, &(struct dbq_op){ .what = "finish", .send = finish_send, .recv = finish_recv,
		.done = finish_done, .arg = f, .keep = true });
}

/* Lines first: a job's last line stands before its end. */
static void flush(void *arg)
{
	struct report *r = arg;
	send_logs(r);
	send_outcomes(r);
}

void report_outcome(struct report *r, struct job_run *job)
{
	if (r->due_n == r->due_cap) {
		r->due_cap = r->due_cap ? r->due_cap * 2 : 64;
		r->due = xrealloc(r->due, r->due_cap * sizeof(struct job_run *));
	}
	r->due[r->due_n++] = job;
	/* In the next turn, so that what ends together is told together; a flight under way gathers more. */
	if (!r->finish_flying)
		loop_timer_in(r->timer, 0);
}

/* --- giving back --- */

static int release_send(void *arg, struct db *db, struct err *e)
{
	struct flight *f = arg;
	return queue_release_send(db, f->leases, f->n, f->delay, e);
}

static int release_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct flight *f = arg;
	return queue_release_recv(db, &f->released, e);
}

static void release_done(void *arg, int rc, const struct err *e)
{
	struct flight *f = arg;
	if (rc)
		log_at(LOG_WARN, "jobs could not be given back", L_INT("jobs", f->n), L_CSTR("error", e->words));
	else
		log_at(LOG_INFO, "jobs given back", L_INT("jobs", f->released));
	flight_free(f);
}

void report_release(struct report *r, const struct lease_ref *at, size_t n, usec_t delay)
{
	struct flight *f = flight_new(r);
	f->n = n;
	f->delay = delay;
	f->leases = arena_array(&f->arena, struct lease_ref, n);
	memcpy(f->leases, at, n * sizeof *at);
	dbq_submit(r->crawler->db, &(struct dbq_op){ .what = "release", .send = release_send, .recv = release_recv,
		.done = release_done, .arg = f, .keep = true });
}

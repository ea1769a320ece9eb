#include "base/first.h"
#include "base/utf8.h"
#include "base/log.h"
#include "base/map.h"
#include "crawl/dispatch.h"
#include "crawl/report.h"
#include "crawl/runner.h"
#include "json/writer.h"
#include "net/retry.h"

/* A job that waits for its host's turn longer than this goes back in line, so that it blocks no others; sooner
 * when others wait for its place. It then stays away for a moment. */
#define TURN_WAIT_MAX (20 * USEC_PER_SEC)
#define TURN_WAIT_MIN USEC_PER_SEC
#define TURN_AWAY (2 * USEC_PER_SEC)

struct jobs {
	struct crawler *crawler;
	struct job_run *first;
	struct map by_id; /* id -> struct job_run */
	size_t n, waiting;
	struct jobs_stats stats;
};

struct jobs *jobs_new(struct crawler *c)
{
	struct jobs *js = xcalloc(1, sizeof *js);
	js->crawler = c;
	map_init(&js->by_id, NULL);
	return js;
}

static void job_free(struct job_run *r)
{
	struct jobs *js = r->crawler->jobs;
	if (map_get(&js->by_id, str_of(r->lease.id)) == r)
		map_del(&js->by_id, str_of(r->lease.id));
	*(r->prev ? &r->prev->next : &js->first) = r->next;
	if (r->next)
		r->next->prev = r->prev;
	js->n--;
	js->waiting -= !r->began;
	loop_timer_free(r->timer);
	arena_release(&r->arena);
	free(r);
}

static void stop_runner(struct job_run *r)
{
	if (r->phase == JOB_RUN_RUNNING)
		r->runner->stop(r);
}

void jobs_free(struct jobs *js)
{
	if (!js)
		return;
	while (js->first) {
		stop_runner(js->first);
		job_free(js->first);
	}
	map_release(&js->by_id);
	free(js);
}

size_t jobs_count(const struct jobs *js)
{
	return js->n;
}

size_t jobs_waiting(const struct jobs *js)
{
	return js->waiting;
}

const struct jobs_stats *jobs_stats(const struct jobs *js)
{
	return &js->stats;
}

size_t jobs_leases(const struct jobs *js, struct arena *a, struct lease_ref **ret)
{
	size_t n = 0;
	struct lease_ref *at = arena_array(a, struct lease_ref, js->n);
	for (const struct job_run *r = js->first; r; r = r->next)
		if (!r->lost)
			at[n++] = r->lease;
	*ret = at;
	return n;
}

void job_log(struct job_run *r, const char *level, struct str meta, const char *fmt, ...)
{
	char words[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	report_log(r->crawler->report, r->lease.id, level, utf8_clean(&r->arena, str_of(words)), meta);
}

static struct str meta_str(struct job_run *r, const char *key, struct str value)
{
	struct buf b;
	struct jw w;
	buf_init(&b, &r->arena, 0);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kstr(&w, key, value);
	jw_end_object(&w);
	return buf_str(&b);
}

/* --- the end of an attempt --- */

static void fill_artifacts(struct job_run *r)
{
	r->artifacts = arena_array(&r->arena, struct artifact_new, r->docs_n);
	for (size_t i = 0; i < r->docs_n; i++) {
		struct document *d = &r->docs[i];
		r->artifacts[i] = (struct artifact_new){ .id = str_of(d->id), .type = str_of(d->type),
			.file_name = d->file_name, .content_type = d->content_type, .byte_size = (int64_t)d->bytes.n };
		memcpy(r->artifacts[i].sha256, d->sha256, sizeof d->sha256);
	}
	r->outcome.artifacts = r->artifacts;
	r->outcome.artifact_n = r->docs_n;
	r->outcome.result_summary = product_summary(&r->product, r->docs, r->docs_n);
}

static void log_failure(struct job_run *r, bool retry)
{
	struct outcome *o = &r->outcome;
	struct str meta = meta_str(r, "error", arena_printf(&r->arena, "Error: %.*s", STR_FMT(o->error_message)));
	if (retry && r->claimed.attempt < r->claimed.max_attempts)
		job_log(r, "warn", meta, "Attempt %d of %d failed: %.*s", r->claimed.attempt, r->claimed.max_attempts,
			STR_FMT(o->error_message));
	else
		job_log(r, "error", meta, "%.*s", STR_FMT(o->error_message));
}

static void fill_outcome(struct job_run *r)
{
	struct outcome *o = &r->outcome;
	const struct failure *f = &r->product.failure;
	const struct conf *conf = &r->crawler->conf;
	*o = (struct outcome){ .lease = r->lease, .kind = OUTCOME_SUCCEEDED, .host = r->task.url.host,
		.elapsed = clock_mono() - (r->began ? r->began : r->claimed_at) };
	if (f->code) {
		o->kind = f->passes ? OUTCOME_RETRY : OUTCOME_FAILED;
		o->error_code = str_of(f->code);
		o->error_message = f->words;
		o->delay = retry_delay(r->claimed.attempt, conf->retry_base, conf->retry_max, f->after);
		log_failure(r, f->passes);
	}
}

static void report(struct job_run *r)
{
	r->phase = JOB_RUN_REPORTING;
	loop_timer_stop(r->timer);
	if (r->lost) {
		job_reported(r, NULL);
		return;
	}
	fill_outcome(r);
	/* Evidence of a failure is kept, too, once no other attempt follows. */
	if (r->docs_n)
		fill_artifacts(r);
	if (!r->product.failure.code)
		job_log(r, "info", arena_printf(&r->arena, "{\"artifactCount\":%zu}", r->docs_n), "Job completed");
	report_outcome(r->crawler->report, r);
}

static void kept(void *arg, int rc, const struct err *e)
{
	struct job_run *r = arg;
	if (rc) {
		r->docs_n = 0;
		r->product.failure = (struct failure){ 0 };
		product_fail(&r->product, "STORAGE_FAILED", true, "The artifacts cannot be stored: %s", e->words);
	}
	report(r);
}

static bool last_attempt(const struct job_run *r)
{
	return !r->product.failure.passes || r->claimed.attempt >= r->claimed.max_attempts;
}

void job_done(struct job_run *r)
{
	r->phase = JOB_RUN_KEEPING;
	loop_timer_stop(r->timer);
	/* What a failed attempt left is kept only if it was the last one. */
	if (!r->product.failure.code || last_attempt(r))
		r->docs_n = product_documents(&r->product, &r->docs);
	if (!r->docs_n || r->lost) {
		report(r);
		return;
	}
	for (size_t i = 0; i < r->docs_n; i++)
		uuid_v7(r->docs[i].id);
	keeper_submit(r->crawler->keeper, r->docs, r->docs_n, kept, r);
}

void job_reported(struct job_run *r, const struct finished *f)
{
	struct jobs *js = r->crawler->jobs;
	if (!f || f->lost)
		js->stats.lost++;
	else if (f->state == JOB_SUCCEEDED)
		js->stats.succeeded++;
	else if (f->state == JOB_QUEUED)
		js->stats.retried++;
	else
		js->stats.failed++;
	log_at(LOG_DEBUG, "job ended", L_CSTR("job", r->lease.id),
	       L_CSTR("state", !f || f->lost ? "lost" : job_state_name(f->state)),
	       L_INT("attempt", r->claimed.attempt), L_STR("code", r->outcome.error_code),
	       L_INT("ms", r->outcome.elapsed / USEC_PER_MS));
	struct crawler *c = r->crawler;
	job_free(r);
	dispatch_wake(c->dispatch);
}

/* --- the beginning --- */

static void give_back(struct jobs *js, struct job_run **at, size_t n, usec_t away)
{
	struct arena a;
	if (!n)
		return;
	arena_init(&a, 4 * KiB);
	struct lease_ref *leases = arena_array(&a, struct lease_ref, n);
	for (size_t i = 0; i < n; i++) {
		leases[i] = at[i]->lease;
		stop_runner(at[i]);
		job_free(at[i]);
	}
	js->stats.released += n;
	report_release(js->crawler->report, leases, n, away);
	arena_release(&a);
}

static void on_deadline(void *arg)
{
	struct job_run *r = arg;
	if (!r->began) { /* still no turn at its host: back in line, the attempt does not count */
		struct crawler *c = r->crawler;
		give_back(c->jobs, &r, 1, TURN_AWAY);
		dispatch_wake(c->dispatch);
		return;
	}
	stop_runner(r);
	product_fail(&r->product, "JOB_TIMEOUT", true, "Job timeout: not finished within %" PRId64 " ms",
		     r->task.timeout / USEC_PER_MS);
	job_done(r);
}

static void restart_timer(struct job_run *r, usec_t in)
{
	loop_timer_free(r->timer);
	r->timer = loop_timer_new(r->crawler->loop, on_deadline, r);
	loop_timer_in(r->timer, in);
}

void job_begun(struct job_run *r)
{
	if (r->began)
		return;
	r->began = clock_mono();
	r->crawler->jobs->waiting--;
	job_log(r, "info", meta_str(r, "url", r->claimed.url), "Job started");
	restart_timer(r, r->task.timeout);
}

static void begin(void *arg)
{
	struct job_run *r = arg;
	struct err e = { 0 };
	restart_timer(r, TURN_WAIT_MAX);
	if (task_read(&r->arena, r->claimed.url, r->claimed.request, r->claimed.timeout, &r->task, &e)) {
		job_begun(r);
		product_fail(&r->product, "INVALID_JOB", false, "%s", e.words);
		job_done(r);
		return;
	}
	r->runner = runner_for(r->crawler, &r->task);
	if (!r->runner) {
		job_begun(r);
		product_fail(&r->product, "BROWSER_UNAVAILABLE", false,
			     "This job needs a browser, and this crawler has none");
		job_done(r);
		return;
	}
	r->phase = JOB_RUN_RUNNING;
	r->runner->start(r);
}

static struct str keep(struct arena *a, struct str s)
{
	return s.p ? arena_str(a, s) : s;
}

void job_take(struct jobs *js, const struct claimed *cl)
{
	struct job_run *r = xcalloc(1, sizeof *r);
	r->crawler = js->crawler;
	arena_init(&r->arena, 16 * KiB);
	r->claimed = *cl;
	r->claimed.project = keep(&r->arena, cl->project);
	r->claimed.url = keep(&r->arena, cl->url);
	r->claimed.request = keep(&r->arena, cl->request);
	r->claimed.request_id = keep(&r->arena, cl->request_id);
	memcpy(r->lease.id, cl->id, sizeof r->lease.id);
	r->lease.lease_no = cl->lease_no;
	product_init(&r->product, &r->arena);
	r->claimed_at = clock_mono();
	/* An older lease of ours on the same job was lost, or this claim would not have been given. */
	struct job_run *old = map_get(&js->by_id, str_of(r->lease.id));
	if (old)
		job_abandon(js, old->lease.id, old->lease.lease_no, "claimed anew");
	map_del(&js->by_id, str_of(r->lease.id)); /* the key would be the old one's memory */
	r->next = js->first;
	if (js->first)
		js->first->prev = r;
	js->first = r;
	map_set(&js->by_id, str_of(r->lease.id), r);
	js->n++;
	js->waiting++;
	js->stats.claimed++;
	r->timer = loop_timer_new(js->crawler->loop, begin, r);
	loop_timer_in(r->timer, 0);
}

/* --- ends from outside --- */

bool job_abandon(struct jobs *js, const char *id, int64_t lease_no, const char *why)
{
	struct job_run *r = map_get(&js->by_id, str_of(id));
	if (!r || (lease_no && r->lease.lease_no != lease_no) || r->lost)
		return false;
	log_at(lease_no ? LOG_DEBUG : LOG_INFO, "job abandoned", L_CSTR("job", r->lease.id), L_CSTR("why", why));
	r->lost = true;
	/* Threads or the database are at it: it ends by itself, in silence. */
	if (r->phase >= JOB_RUN_KEEPING)
		return true;
	js->stats.lost++;
	stop_runner(r);
	job_free(r);
	dispatch_wake(js->crawler->dispatch);
	return true;
}

void jobs_give_back(struct jobs *js)
{
	size_t n = 0;
	struct job_run **at = xcalloc(js->n + 1, sizeof(struct job_run *));
	for (struct job_run *r = js->first; r; r = r->next)
		if (r->phase < JOB_RUN_KEEPING)
			at[n++] = r;
	give_back(js, at, n, 0);
	free(at);
}

void jobs_yield(struct jobs *js, size_t max)
{
	size_t n = 0;
	usec_t now = clock_mono();
	struct job_run **at = xcalloc(max + 1, sizeof(struct job_run *));
	for (struct job_run *r = js->first; r && n < max; r = r->next)
		if (!r->began && r->phase == JOB_RUN_RUNNING && now - r->claimed_at >= TURN_WAIT_MIN)
			at[n++] = r;
	give_back(js, at, n, TURN_AWAY);
	free(at);
}

#include "base/first.h"
#include "api/collect/health.h"
#include "api/collect/shapes.h"
#include "api/session.h"
#include "blob/blob.h"
#include "net/memcached.h"
#include "store/db.h"
#include "store/queue.h"

int run_healthz(struct call *c)
{
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kbool(w, "ok", true);
	jw_kcstr(w, "service", "collector-api");
	jw_end_object(w);
	return 0;
}

/* Reasons name the service only: addresses and words of libraries are for the log. */
int run_readyz(struct call *c)
{
	struct app *app = c->app;
	bool up = db_ping(app->db, &c->err) == 0;
	bool cache = !app->mc || mc_ping(app->mc, NULL) == 0;
	bool blobs = app->blobs != NULL;
	struct jw *w = reply_json(c->reply, up && blobs ? 200 : 503);
	jw_object(w);
	jw_kbool(w, "ok", up && blobs);
	if (!up || !blobs)
		jw_kcstr(w, "reason", up ? "artifact store is unavailable" : "database is unavailable");
	if (!cache) {
		jw_key(w, "degraded");
		jw_array(w);
		jw_cstr(w, "memcached");
		jw_end_array(w);
	}
	jw_end_object(w);
	return 0;
}

static void gauge(struct mtext *t, const char *label, const char *value, double v)
{
	struct mlabel l = { label, str_of(value) };
	mtext_sample(t, "", &l, 1, v);
}

static void write_queue(const struct queue_stats *s, struct mtext *t)
{
	mtext_family(t, "kryfto_queue_jobs", MT_GAUGE, "Jobs in the queue by kind of worker and state.");
	for (int q = 0; q < QUEUE_COUNT; q++) {
		const struct queue_depth *d = &s->at[q];
		const struct { const char *state; int64_t n; } states[] = {
			{ "ready", d->ready }, { "delayed", d->delayed }, { "running", d->running },
		};
		for (size_t i = 0; i < ARRAY_LEN(states); i++) {
			struct mlabel l[] = { { "queue", str_of(job_queue_name((enum job_queue)q)) },
				{ "state", str_of(states[i].state) } };
			mtext_sample(t, "", l, 2, (double)states[i].n);
		}
	}
	mtext_family(t, "kryfto_queue_oldest_seconds", MT_GAUGE, "Age of the oldest job that is ready.");
	for (int q = 0; q < QUEUE_COUNT; q++)
		gauge(t, "queue", job_queue_name((enum job_queue)q), (double)s->at[q].oldest / 1e6);
	mtext_family(t, "kryfto_queue_dead_letters", MT_GAUGE, "Jobs that ran out of attempts and were not looked at.");
	mtext_sample(t, "", NULL, 0, (double)s->dead);
	mtext_family(t, "kryfto_queue_workers", MT_GAUGE, "Workers of the queue that are alive.");
	mtext_sample(t, "", NULL, 0, (double)s->workers);
}

static void write_processes(const struct app *app, struct mtext *t)
{
	const struct scoreboard *sb = app->board;
	mtext_family(t, "kryfto_api_workers", MT_GAUGE, "API workers by pool and state.");
	for (int p = 0; app->pool_names[p]; p++) {
		struct pool_counts n;
		scoreboard_counts(sb, p, &n);
		const struct { const char *state; int n; } states[] = { { "idle", n.idle }, { "busy", n.busy } };
		for (size_t i = 0; i < ARRAY_LEN(states); i++) {
			struct mlabel l[] = { { "pool", str_of(app->pool_names[p]) },
				{ "state", str_of(states[i].state) } };
			mtext_sample(t, "", l, 2, states[i].n);
		}
	}
	static const char name[] = "kryfto_api_worker_ends";
	mtext_family(t, name, MT_COUNTER, "Workers that ended, by cause.");
	const struct {
		const char *why;
		uint64_t n;
	} ends[] = { { "crashed", sb->crashed }, { "recycled", sb->recycled }, { "killed", sb->killed } };
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct mlabel l = { "cause", str_of(ends[i].why) };
		mtext_sample(t, "_total", &l, 1, (double)ends[i].n);
	}
	mtext_family(t, "process_start_time_seconds", MT_GAUGE, "Start of the master since the epoch.");
	mtext_sample(t, "", NULL, 0, (double)(sb->started / USEC_PER_SEC));
}

int run_metrics(struct call *c)
{
	/* OpenMetrics unless only the older format is asked for by name. */
	bool open = !req_accepts(c->req, "text/plain") || req_accepts(c->req, "application/openmetrics-text");
	struct queue_stats s;
	struct mtext t;
	reply_text(c->reply, 200, mtext_content_type(open), STR(""));
	mtext_init(&t, &c->reply->body, open);
	metrics_write(c->pl->metrics, &c->app->router, api_phase_names, &t);
	write_processes(c->app, &t);
	bool up = queue_stats(c->app->db, &s, &c->err) == 0;
	mtext_family(&t, "kryfto_postgres_up", MT_GAUGE, "1 when the database answered this scrape.");
	mtext_sample(&t, "", NULL, 0, up);
	if (up)
		write_queue(&s, &t);
	mtext_end(&t);
	return 0;
}

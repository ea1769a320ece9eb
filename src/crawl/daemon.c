#include "base/first.h"
#include "base/log.h"
#include "base/rng.h"
#include "crawl/browsers.h"
#include "crawl/daemon.h"
#include "crawl/dispatch.h"
#include "crawl/engine.h"
#include "crawl/job.h"
#include "crawl/report.h"
#include "proc/notify.h"

#include <signal.h>

#define DRAIN_MAX (20 * USEC_PER_SEC)
#define DRAIN_LOOK (20 * USEC_PER_MS)
#define STATUS_EVERY (60 * USEC_PER_SEC)
#define KEEPER_THREADS 2
#define REQUEST_EXTRA MiB /* of a parse request beside the document */

struct run {
	struct crawler *c;
	int argc;
	char **argv;
	struct loop_timer *drain, *watchdog, *status;
	usec_t drain_until;
	int exit_code;
};

static void name_self(struct crawler *c)
{
	char host[64] = "localhost";
	uint64_t r = rng_u64();
	gethostname(host, sizeof host - 1);
	str_copy(c->host, sizeof c->host, str_of(host));
	snprintf(c->id, sizeof c->id, "%s/%d/%08x", c->host, (int)getpid(), (unsigned)r);
}

static void gate_options(const struct crawler *c, struct hosts_gate_options *ret)
{
	*ret = (struct hosts_gate_options){ .per_host = (int)c->conf.crawler_per_host };
}

static int open_net(struct crawler *c, struct err *e)
{
	const struct conf *conf = &c->conf;
	const struct verdict_config v = { .block_private = conf->ssrf_block_private_ranges,
		.allowed_hosts = conf->allowed_hosts, .allowed_ports = conf->allowed_ports };
	const struct resolver_options r = { .servers = conf->dns_servers };
	int rc = verdict_policy_new(&c->arena, &v, &c->policy, e);
	if (!rc)
		rc = resolver_new(c->loop, &r, &c->resolver, e);
	if (!rc)
		rc = http_new(&(struct http_options){ .loop = c->loop,
				      .resolver = c->resolver,
				      .policy = c->policy,
				      .connections_max = (int)MIN(conf->crawler_concurrency * 2, 4096),
				      .proxies = conf->proxy_urls,
				      .ca_file = conf->ca_file.n ? arena_cstr(&c->arena, conf->ca_file) : NULL },
			&c->http, e);
	if (rc)
		return rc;
	struct hosts_gate_options g;
	gate_options(c, &g);
	c->gate = hosts_gate_new(c->loop, &g);
	c->robots = robots_cache_new(c->loop, &(struct robots_cache_options){ .http = c->http,
		.user_agent = conf->user_agent });
	return 0;
}

static struct blob_config blob_config(struct crawler *c)
{
	const struct conf *f = &c->conf;
	return (struct blob_config){ .s3 = str_is(f->artifact_backend, "s3"),
		.dir = arena_cstr(&c->arena, f->artifact_dir),
		.endpoint = arena_cstr(&c->arena, f->s3_endpoint),
		.region = arena_cstr(&c->arena, f->s3_region),
		.bucket = arena_cstr(&c->arena, f->s3_bucket),
		.access_key = arena_cstr(&c->arena, f->s3_access_key.reveal),
		.secret_key = arena_cstr(&c->arena, f->s3_secret_key.reveal),
		.path_style = f->s3_force_path_style };
}

static int open_keeper(struct crawler *c, struct err *e)
{
	const struct blob_config b = blob_config(c);
	return keeper_new(c->loop, &b, KEEPER_THREADS, &c->keeper, e);
}

static void on_notice(void *arg, const struct db_notice *n)
{
	struct crawler *c = arg;
	if (n->channel == CH_READY) {
		dispatch_woken(c->dispatch);
		engine_wake(c->engine);
	} else if (n->channel == CH_CANCEL) {
		job_abandon(c->jobs, n->payload.p, 0, "cancelled");
	}
}

static void on_db_state(void *arg, bool up, const char *words)
{
	struct crawler *c = arg;
	if (up) {
		log_at(LOG_INFO, "database connected");
		if (!c->draining) {
			dispatch_hello(c->dispatch);
			engine_wake(c->engine);
		}
	} else {
		log_at(LOG_WARN, "database lost", L_CSTR("error", words));
	}
}

static void open_db(struct crawler *c)
{
	struct db *db = db_new(&(struct db_options){
		.uri = c->conf.pg_uri.reveal, .app = "kryfto-crawler", .role = "kryfto_crawler" });
	/* Remembered for when the connection is made; an error now says nothing new. */
	db_listen(db, CH_READY, NULL);
	db_listen(db, CH_CANCEL, NULL);
	c->db = dbq_new(&(struct dbq_options){ .loop = c->loop, .db = db, .notice = on_notice, .state = on_db_state,
		.arg = c });
}

int crawler_open(struct crawler *c, struct err *e)
{
	const struct conf *f = &c->conf;
	arena_init(&c->arena, 0);
	name_self(c);
	int rc = loop_new(&c->loop, e);
	if (!rc)
		rc = open_net(c, e);
	if (!rc)
		rc = open_keeper(c, e);
	if (!rc)
		rc = parsers_new(c->loop,
			&(struct isolate_conf){ .cpu = f->parse_cpu,
				.memory = (size_t)f->parse_memory,
				.request_max = (size_t)f->fetch_body_max * 3 + REQUEST_EXTRA },
			(unsigned)f->crawler_parsers, &c->parsers, e);
	if (rc)
		return rc;
	rc = browsers_open(c, e);
	if (rc)
		return rc;
	open_db(c);
	c->jobs = jobs_new(c);
	c->report = report_new(c);
	c->dispatch = dispatch_new(c);
	c->engine = engine_new(c);
	const struct blob_config b = blob_config(c);
	return janitor_new(&c->conf, &b, &c->janitor, e);
}

void crawler_close(struct crawler *c)
{
	browsers_close(c); /* turns the loop: all that a timer may touch must still be there */
	janitor_free(c->janitor);
	keeper_free(c->keeper); /* first: its threads read what jobs own */
	jobs_free(c->jobs);
	dispatch_free(c->dispatch);
	engine_free(c->engine);
	report_free(c->report);
	dbq_free(c->db);
	parsers_free(c->parsers);
	robots_cache_free(c->robots);
	hosts_gate_free(c->gate);
	http_free(c->http);
	resolver_free(c->resolver);
	loop_free(c->loop);
	arena_release(&c->arena);
	arena_release(&c->conf_arena);
}

/* --- the end --- */

static bool all_told(const struct crawler *c)
{
	return !jobs_count(c->jobs) && !engine_count(c->engine) && report_idle(c->report) && !dbq_pending(c->db);
}

static void look_drained(void *arg)
{
	struct run *r = arg;
	struct crawler *c = r->c;
	bool late = clock_mono() > r->drain_until;
	if (!all_told(c) && !late) {
		loop_timer_in(r->drain, DRAIN_LOOK);
		return;
	}
	if (late)
		log_at(LOG_WARN, "drain given up", L_INT("jobs", jobs_count(c->jobs)),
			L_INT("statements", dbq_pending(c->db)));
	r->exit_code = late;
	loop_stop(c->loop);
}

static void on_term(void *arg)
{
	struct run *r = arg;
	struct crawler *c = r->c;
	if (c->draining) {
		r->drain_until = 0;
		loop_timer_in(r->drain, 0);
		return;
	}
	c->draining = true;
	notify_stopping();
	log_at(LOG_INFO, "draining", L_INT("jobs", jobs_count(c->jobs)));
	dispatch_stop(c->dispatch);
	engine_stop(c->engine);
	jobs_give_back(c->jobs);
	r->drain_until = clock_mono() + DRAIN_MAX;
	loop_timer_in(r->drain, 0);
}

/* --- other signals --- */

static void on_hup(void *arg)
{
	struct run *r = arg;
	struct crawler *c = r->c;
	struct conf fresh;
	struct err e = { 0 };
	struct hosts_gate_options g;
	enum log_level level;
	int argc = r->argc;
	notify_reloading();
	/* Values taken over point into this arena, so it lives as long as the process. */
	char **argv = arena_array(&c->conf_arena, char *, argc + 1);
	memcpy(argv, r->argv, sizeof(char *) * (size_t)argc);
	if (conf_load(&fresh, &c->conf_arena, NULL, &argc, argv, &e)) {
		log_at(LOG_ERROR, "settings not reloaded", L_CSTR("error", e.words));
	} else {
		int stay = conf_reload(&c->conf, &fresh);
		if (log_level_of(c->conf.log_level, &level) == 0)
			log_set_level(level);
		gate_options(c, &g);
		hosts_gate_set(c->gate, &g);
		if (http_proxies(c->http, c->conf.proxy_urls, &e))
			log_at(LOG_ERROR, "KRYFTO_PROXY_URLS not taken over", L_CSTR("error", e.words));
		browsers_reload(c);
		log_at(LOG_INFO, "settings reloaded", L_INT("need_restart", stay));
		dispatch_wake(c->dispatch);
	}
	notify_ready("running");
}

static void on_usr1(void *arg)
{
	log_reopen();
}

static void on_watchdog(void *arg)
{
	notify_send("WATCHDOG=1");
}

static void on_status(void *arg)
{
	struct run *r = arg;
	const struct jobs_stats *s = jobs_stats(r->c->jobs);
	size_t n = jobs_count(r->c->jobs);
	notify_send("STATUS=%zu jobs in hand, %" PRIu64 " done, %" PRIu64 " failed", n, s->succeeded, s->failed);
	log_at(LOG_INFO, "status", L_INT("in_hand", n), L_INT("waiting", jobs_waiting(r->c->jobs)),
	       L_INT("claimed", s->claimed), L_INT("succeeded", s->succeeded), L_INT("failed", s->failed),
	       L_INT("retried", s->retried), L_INT("lost", s->lost), L_INT("given_back", s->released),
	       L_BOOL("database", dbq_up(r->c->db)));
}

int crawler_run(struct crawler *c, int argc, char **argv)
{
	struct run r = { .c = c, .argc = argc, .argv = argv };
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1 };
	void (*const handlers[])(void *) = { on_term, on_term, on_term, on_hup, on_usr1 };
	struct loop_signal *s[ARRAY_LEN(signals)];
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		s[i] = loop_signal_new(c->loop, signals[i], handlers[i], &r);
	r.drain = loop_timer_new(c->loop, look_drained, &r);
	r.watchdog = loop_timer_new(c->loop, on_watchdog, &r);
	r.status = loop_timer_new(c->loop, on_status, &r);
	if (notify_watchdog())
		loop_timer_every(r.watchdog, notify_watchdog());
	loop_timer_every(r.status, STATUS_EVERY);
	log_at(LOG_INFO, "crawler started", L_CSTR("worker", c->id), L_INT("concurrency", c->conf.crawler_concurrency));
	dispatch_hello(c->dispatch);
	notify_ready("running");
	loop_run(c->loop);
	/* Nothing is in flight now, or we gave up on it: a last plain call. */
	if (!r.exit_code && dbq_up(c->db))
		queue_worker_stop(dbq_db(c->db), str_of(c->id), NULL);
	log_at(LOG_INFO, "crawler stopped", L_INT("code", r.exit_code));
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		loop_signal_free(s[i]);
	loop_timer_free(r.drain);
	loop_timer_free(r.watchdog);
	loop_timer_free(r.status);
	return r.exit_code;
}

/*
 * Jobs in a browser: turn at the host → robots → a page of the pool → steps → evidence. The work stands in a fiber
 * with an arena of its own, since job_run may be freed (cancelled, lost) while the fiber still winds up.
 */
#include "base/first.h"
#include "base/log.h"
#include "base/map.h"
#include "cdp/pool.h"
#include "cdp/steps.h"
#include "crawl/browsers.h"
#include "crawl/runner.h"
#include "extract/config.h"
#include "net/retry.h"

#define WIND_UP (5 * USEC_PER_SEC) /* for evidence after the steps failed */

struct via {
	struct job_run *job;       /* NULL: stopped; nothing of it may be touched */
	struct crawler *crawler;
	struct fiber *fiber;
	struct host_turn *turn;
	struct robots_wait *robots;
	struct pool_page *pp;
	struct arena *arena;       /* the job's own holds it in the end, or this fiber frees it */
	struct product product;
	usec_t deadline, end;      /* of the steps; of the attempt */
	bool parsing, done_waiting;
	int parse_rc;
	struct isolate_result parsed;
	struct err parse_err;
	struct isolate_req rq;
};

static int stopped(const struct via *v, struct err *e)
{
	return v->job ? 0 : err_set(e, E_CANCELLED, "cancelled");
}

/* --- waiting for what answers by callback --- */

static int wait_done(struct via *v)
{
	int rc = 0;
	while (!v->done_waiting && v->job && rc >= 0)
		rc = fiber_wait(v->deadline);
	return v->done_waiting ? 0 : v->job ? rc : E_CANCELLED;
}

static void robots_answered(void *arg, const struct robots_verdict *a)
{
	struct via *v = arg;
	struct product *p = &v->product;
	v->robots = NULL;
	if (a->blocked)
		product_fail(p, "SSRF_BLOCKED", false, "SSRF_BLOCKED: %s", a->words);
	else if (!a->allowed && a->unreachable)
		product_fail(
			p, "ROBOTS_TXT_UNREACHABLE", true, "ROBOTS_TXT_UNREACHABLE: robots.txt answered %d", a->status);
	else if (!a->allowed)
		product_fail(p, "ROBOTS_TXT_DENIED", false,
			"ROBOTS_TXT_DENIED: line %d of robots.txt does not allow it", a->answer.line);
	v->done_waiting = true;
	fiber_wake(v->fiber, 0);
}

/* 0, or E_DENIED with the product's failure set. */
static int ask_robots(struct via *v, const struct url *u, struct err *e)
{
	if (!v->job->task.respect_robots)
		return 0;
	v->done_waiting = false;
	v->robots = robots_cache_ask(v->crawler->robots, u, robots_answered, v);
	int rc = wait_done(v);
	if (v->robots)
		robots_wait_cancel(v->robots);
	v->robots = NULL;
	if (rc < 0)
		return err_set(e, rc, "robots.txt: %s", err_name(rc));
	return v->product.failure.code ? err_set(e, E_DENIED, "%.*s", STR_FMT(v->product.failure.words)) : 0;
}

static void parse_done(void *ctx, int rc, const struct isolate_result *res, const struct err *e)
{
	struct via *v = ctx;
	v->parsing = false;
	v->parse_rc = rc;
	if (rc == 0)
		v->parsed = *res;
	if (e)
		v->parse_err = *e;
	v->done_waiting = true;
	fiber_wake(v->fiber, 0);
}

/* --- what steps need from outside --- */

static int judge(void *arg, struct str url, struct err *e)
{
	struct via *v = arg;
	struct url u;
	struct verdict verdict;
	int rc = stopped(v, e);
	if (rc < 0)
		return rc;
	if (verdict_text(v->arena, v->crawler->policy, url, &u, &verdict) < 0) {
		product_fail(&v->product, "SSRF_BLOCKED", false, "SSRF_BLOCKED: %s", verdict.words);
		return err_set(e, E_BLOCKED, "%s", verdict.words);
	}
	return ask_robots(v, &u, e);
}

static void log_line(void *arg, struct str message, struct str meta)
{
	struct via *v = arg;
	if (v->job)
		job_log(v->job, "info", meta, "%.*s", STR_FMT(message));
}

static int extract(void *arg, struct str html, struct str url, const struct json *config, struct arena *a,
	const struct json **ret, struct err *e)
{
	struct via *v = arg;
	const struct str dir = v->crawler->conf.plugins_dir;
	int rc = stopped(v, e);
	v->rq = (struct isolate_req){ .body = html, .charset = STR("utf-8"), .base_url = arena_str(v->arena, url),
		.cpu = v->crawler->conf.parse_cpu };
	if (rc == 0)
		rc = extract_config(config, dir.n ? arena_cstr(v->arena, dir) : NULL, v->arena, &v->rq, e);
	v->done_waiting = false;
	if (rc == 0)
		rc = parsers_submit(v->crawler->parsers, &v->rq, v->arena, parse_done, v, e);
	if (rc < 0)
		return rc;
	v->parsing = true;
	rc = wait_done(v);
	if (v->parsing)
		parsers_cancel(v->crawler->parsers, v);
	v->parsing = false;
	if (rc < 0)
		return err_set(e, rc, "extraction: %s", err_name(rc));
	if (v->parse_rc < 0)
		return err_set(e, v->parse_rc, "%s", v->parse_err.words);
	if (v->parsed.part[PART_ISSUES].n > 2)
		v->product.issues = v->parsed.part[PART_ISSUES];
	return json_parse(a, v->parsed.part[PART_EXTRACT], &(struct json_limits){ .bytes = 256 * MiB }, ret, e);
}

static void keep_artifact(void *arg, const char *type, struct str name, const char *content_type, struct str data)
{
	struct via *v = arg;
	if (strcmp(type, "cookies") == 0)
		v->product.cookies = arena_str(v->arena, data);
	else
		vec_push(v->arena, &v->product.pictures,
			(struct picture){ .type = type,
				.name = arena_str(v->arena, name),
				.content_type = content_type,
				.bytes = arena_str(v->arena, data) });
}

static void keep_timing(void *arg, struct str step, usec_t took)
{
	struct via *v = arg;
	product_timing(&v->product, arena_cstr(v->arena, step), took);
}

static const struct steps_host host_table = { NULL, judge, log_line, extract, keep_artifact, keep_timing };

/* --- the end --- */

static struct str json_by(
	struct arena *a, const struct recorder *r, void (*write)(const struct recorder *r, struct jw *w))
{
	struct buf b;
	struct jw w;
	buf_init(&b, a, 0);
	jw_init(&w, &b);
	w.indent = 2;
	write(r, &w);
	return buf_str(&b);
}

static void keep_har(struct via *v, struct page *p)
{
	struct har_page hp = {
		.title = STR(""), .url = page_reply(p)->url, .browser = STR("Chromium"), .started = clock_real()
	};
	struct buf b;
	struct jw w;
	page_har_page(p, &hp);
	buf_init(&b, v->arena, 0);
	jw_init(&w, &b);
	recorder_har(page_recorder(p), &hp, &w);
	v->product.har = buf_str(&b);
}

/* What the page left behind, also after a failure: a picture of what it looked like, its HTML, its records. */
static void gather(struct via *v, struct page *p, bool failed)
{
	struct err e = { 0 };
	struct str shot;
	struct recorder *r = page_recorder(p);
	const struct page_reply *reply = page_reply(p);
	page_set_deadline(p, v->end - 50 * USEC_PER_MS);
	if (page_html(p, v->arena, &v->product.page, &e) == 0)
		v->product.page_type = STR("text/html");
	else if (!failed)
		product_fail(&v->product, "BROWSER_FAILED", true, "BROWSER_FAILED: %s", e.words);
	if (failed && page_shot(p, SHOT_PNG, false, v->arena, &shot, &e) == 0)
		keep_artifact(v, "screenshot", STR("failure.png"), "image/png", shot);
	v->product.http_status = reply->status;
	v->product.url = arena_str(v->arena, reply->url);
	v->product.console_text = json_by(v->arena, r, recorder_console);
	v->product.errors_text = json_by(v->arena, r, recorder_errors);
	keep_har(v, p);
}

/* A refusal by the proxy reaches us as a failed tunnel; the proxy knows better. */
static void fail_by(struct via *v, int rc, const struct err *e)
{
	char why[16] = "";
	struct product *p = &v->product;
	if (p->failure.code)
		return;
	if (v->pp && (rc == E_UNAVAIL || rc == E_BLOCKED))
		pool_refusal(v->crawler->browsers, v->pp, why);
	bool refused = why[0] && strcmp(why, "dns") != 0 && strcmp(why, "connect") != 0;
	if (rc == E_BLOCKED || refused)
		product_fail(p, "SSRF_BLOCKED", false, "SSRF_BLOCKED: %s%s%s", e->words, why[0] ? ": " : "", why);
	else if (rc == E_TIMEOUT && clock_mono() >= v->deadline)
		product_fail(p, "JOB_TIMEOUT", true, "Job timeout: %s", e->words);
	else if (rc == E_TIMEOUT)
		product_fail(p, "STEP_TIMEOUT", true, "%s", e->words);
	else if (rc == E_INVALID || rc == E_UNSUPPORTED || rc == E_DENIED)
		product_fail(p, "STEP_INVALID", false, "%s", e->words);
	else if (rc == E_NOTFOUND)
		product_fail(p, "ELEMENT_NOT_FOUND", true, "%s", e->words);
	else
		product_fail(p, "BROWSER_FAILED", true, "%s", e->words);
}

static void judge_status(struct via *v)
{
	int status = v->product.http_status;
	if (status >= 400)
		product_fail(&v->product, arena_printf(v->arena, "HTTP_%d", status).p, retry_status(status),
			"HTTP %d from %.*s", status, STR_FMT(v->product.url));
}

/* The job's own extraction, unless a step gave something: over each page of a pagination, else over the last page. */
static int final_extract(struct via *v, struct page *p, const struct steps_result *r, struct err *e)
{
	const struct json *x = r->extracted;
	struct str html;
	int rc = 0;
	if (!x && r->pages) {
		struct json *o = json_new_object(v->arena);
		json_put(v->arena, o, STR("pages"), r->pages);
		x = o;
	}
	if (!x && v->job && v->job->task.extract) {
		rc = page_html(p, v->arena, &html, e);
		if (rc == 0)
			rc = extract(v, html, page_reply(p)->url, v->job->task.extract, v->arena, &x, e);
	}
	if (rc == 0 && x)
		v->product.extracted = json_text(v->arena, x);
	return rc;
}

static int work_in(struct via *v, struct page *p, struct err *e)
{
	struct steps_result result = { 0 };
	struct steps_host host = host_table;
	const struct task *t = &v->job->task;
	struct steps_plan plan = { .url = arena_str(v->arena, t->href),
		.steps = json_dup(v->arena, t->steps),
		.extract = json_dup(v->arena, t->extract),
		.human = v->crawler->conf.humanize && v->crawler->conf.stealth_mode };
	host.arg = v;
	int rc = steps_run(p, &plan, &host, v->arena, &result, e);
	return rc == 0 ? final_extract(v, p, &result, e) : rc;
}

/* One of KRYFTO_PROXY_URLS: a host keeps to one, the next attempt takes the next. */
static struct str upstream_of(const struct via *v)
{
	struct str rest = v->crawler->conf.proxy_urls, one;
	uint64_t n = 0, pick = hash_bytes(v->job->task.url.host) + (uint64_t)v->job->claimed.attempt;
	for (struct str r = rest; r.n && str_split(&r, ',', &one);)
		n++;
	for (uint64_t i = 0; rest.n && str_split(&rest, ',', &one); i++)
		if (i == pick % n)
			return str_trim(one);
	return STR("");
}

static void work(struct via *v)
{
	struct err e = { 0 };
	struct page_options o = { .agent_suffix =
					  v->crawler->conf.stealth_mode ? STR("") : v->crawler->conf.user_agent };
	struct egress_rules rules = { .job = str_of(v->job->lease.id), .upstream = upstream_of(v) };
	int rc = pool_take(v->crawler->browsers, &o, &rules, v->deadline, &v->pp, &e);
	if (rc < 0) {
		product_fail(&v->product, "BROWSER_UNAVAILABLE", true, "%s", e.words);
		return;
	}
	struct page *p = pool_page(v->pp);
	v->product.used_browser = true;
	rc = v->job ? work_in(v, p, &e) : E_CANCELLED;
	if (v->job) {
		if (rc < 0)
			fail_by(v, rc, &e);
		gather(v, p, rc < 0);
		judge_status(v);
	}
	pool_give(v->crawler->browsers, v->pp, rc == E_GONE || page_crashed(p));
	v->pp = NULL;
}

/* What was brought lives in our arena, which the job takes over. */
static void release(void *arg)
{
	arena_release(arg);
	free(arg);
}

static void hand_over(struct via *v)
{
	struct job_run *r = v->job;
	r->state = NULL;
	r->product = v->product;
	arena_hook(&r->arena, release, v->arena);
	v->arena = NULL;
	job_done(r);
}

static void run(void *arg)
{
	struct via *v = arg;
	v->fiber = fiber_self();
	if (v->job)
		work(v);
	if (v->turn)
		host_turn_end(v->turn);
	v->turn = NULL;
	if (v->job)
		hand_over(v);
	v->crawler->browser_jobs--;
	if (v->arena)
		release(v->arena);
	free(v);
}

static void on_turn(void *arg)
{
	struct via *v = arg;
	struct err e = { 0 };
	job_begun(v->job);
	/* Some of the job's time is kept for the evidence, should the steps use up the rest. */
	usec_t all = v->job->task.timeout;
	v->end = v->job->began + all;
	v->deadline = v->end - MIN(all / 5, WIND_UP);
	if (fiber_start(v->crawler->loop, run, v, &e) == 0)
		return;
	product_fail(&v->job->product, "BROWSER_UNAVAILABLE", true, "%s", e.words);
	struct job_run *r = v->job;
	host_turn_end(v->turn);
	r->state = NULL;
	v->crawler->browser_jobs--;
	if (v->arena)
		release(v->arena);
	free(v);
	job_done(r);
}

static void start(struct job_run *r)
{
	struct via *v = xcalloc(1, sizeof *v);
	v->job = r;
	v->crawler = r->crawler;
	v->arena = xcalloc(1, sizeof *v->arena);
	arena_init(v->arena, 64 * KiB);
	product_init(&v->product, v->arena);
	for (size_t i = 0; i < r->product.timings.n; i++) /* of the fetch that found out */
		product_timing(&v->product, r->product.timings.at[i].step, r->product.timings.at[i].took);
	r->state = v;
	v->crawler->browser_jobs++;
	v->turn = host_turn_take(r->crawler->gate, url_host_port(&r->arena, &r->task.url), on_turn, v);
}

static void stop(struct job_run *r)
{
	struct via *v = r->state;
	if (!v)
		return;
	r->state = NULL;
	v->job = NULL;
	if (v->fiber) {
		if (v->pp)
			page_cancel(pool_page(v->pp));
		fiber_wake(v->fiber, E_CANCELLED);
		return;
	}
	host_turn_end(v->turn);
	v->crawler->browser_jobs--;
	if (v->arena)
		release(v->arena);
	free(v);
}

const struct runner via_browser = { .name = "browser", .start = start, .stop = stop };

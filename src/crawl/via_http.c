/* Jobs over HTTP: turn at the host → robots and verdict for each hop → fetch → parse in a confined child. */
#include "base/first.h"
#include "base/utf8.h"
#include "crawl/page.h"
#include "crawl/runner.h"
#include "crawl/shell.h"
#include "extract/config.h"
#include "json/writer.h"
#include "net/retry.h"

#define CRAWL_DELAY_MAX (10 * USEC_PER_SEC) /* of robots.txt, for single jobs */
#define HOLD_MAX (60 * USEC_PER_SEC)        /* of a host that asked for time */
#define SLOW_BYTES 16
#define SLOW_TIME (20 * USEC_PER_SEC)

struct via {
	struct job_run *job;
	struct str host; /* host:port, as turns are counted */
	struct host_turn *turn;
	struct robots_wait *robots;
	struct http_call *call;
	bool parsing;
	usec_t fetch_began, parse_began;
	struct page page;
	struct isolate_req rq;
};

static void leave(struct via *v)
{
	if (v->turn)
		host_turn_end(v->turn);
	v->turn = NULL;
}

static void end(struct via *v)
{
	struct job_run *r = v->job;
	leave(v);
	r->state = NULL;
	job_done(r);
}

static void stop(struct job_run *r)
{
	struct via *v = r->state;
	if (!v)
		return;
	if (v->call)
		http_cancel(v->call);
	if (v->robots)
		robots_wait_cancel(v->robots);
	if (v->parsing)
		parsers_cancel(r->crawler->parsers, v);
	leave(v);
	r->state = NULL;
}

/* --- after the fetch --- */

static void parsed(void *ctx, int rc, const struct isolate_result *res, const struct err *e)
{
	struct via *v = ctx;
	struct product *p = &v->job->product;
	v->parsing = false;
	product_timing(p, "parse", clock_mono() - v->parse_began);
	switch (rc) {
	case 0:
		p->extracted = res->part[PART_EXTRACT];
		if (res->part[PART_ISSUES].n > 2) /* more than "[]" */
			p->issues = res->part[PART_ISSUES];
		break;
	case E_INVALID:
		product_fail(p, "EXTRACTION_INVALID", false, "%s", e->words);
		break;
	case E_LIMIT:
		product_fail(p, "EXTRACTION_TOO_LARGE", false, "%s", e->words);
		break;
	case E_TIMEOUT:
		product_fail(p, "EXTRACTION_TIMEOUT", false, "%s", e->words);
		break;
	default:
		product_fail(p, "EXTRACTION_FAILED", true, "%s", e->words);
	}
	end(v);
}

static void extract(struct via *v)
{
	struct job_run *r = v->job;
	struct product *p = &r->product;
	struct err e = { 0 };
	if (!r->task.extract || p->failure.code) {
		end(v);
		return;
	}
	if (v->page.kind == PAGE_BINARY) {
		product_fail(
			p, "UNSUPPORTED_CONTENT", false, "Nothing can be extracted from %.*s", STR_FMT(v->page.type));
		end(v);
		return;
	}
	const struct str dir = r->crawler->conf.plugins_dir;
	v->rq = (struct isolate_req){ .is_text = v->page.kind == PAGE_TEXT,
		.body = v->page.text,
		.charset = STR("utf-8"),
		.base_url = p->url,
		.cpu = r->crawler->conf.parse_cpu };
	int rc = extract_config(r->task.extract, dir.n ? arena_cstr(&r->arena, dir) : NULL, &r->arena, &v->rq, &e);
	if (rc) {
		product_fail(p, rc == E_IO ? "EXTRACTION_FAILED" : "EXTRACTION_INVALID", rc == E_IO, "%s", e.words);
		end(v);
		return;
	}
	v->parse_began = clock_mono();
	rc = parsers_submit(r->crawler->parsers, &v->rq, &r->arena, parsed, v, &e);
	if (rc) {
		product_fail(p, "EXTRACTION_TOO_LARGE", false, "%s", e.words);
		end(v);
		return;
	}
	v->parsing = true;
}

/* --- the fetch --- */

static const struct { enum http_fault fault; const char *code; } fault_codes[] = {
	{ HTTP_BAD_REQUEST, "INVALID_URL" }, { HTTP_BLOCKED, "SSRF_BLOCKED" }, { HTTP_REFUSED, "FETCH_FAILED" },
	{ HTTP_NO_NAME, "DNS_NOT_FOUND" }, { HTTP_DNS, "DNS_FAILED" }, { HTTP_CONNECT, "CONNECT_FAILED" },
	{ HTTP_TLS, "TLS_FAILED" }, { HTTP_TIMEOUT, "FETCH_TIMEOUT" }, { HTTP_REDIRECTS, "TOO_MANY_REDIRECTS" },
	{ HTTP_TOO_LARGE, "BODY_TOO_LARGE" }, { HTTP_BROKEN, "FETCH_FAILED" }, { HTTP_PROXY, "PROXY_FAILED" },
};

static void fail_by_fault(struct product *p, enum http_fault fault, const char *words)
{
	const char *code = "FETCH_FAILED";
	for (size_t i = 0; i < ARRAY_LEN(fault_codes); i++)
		if (fault_codes[i].fault == fault)
			code = fault_codes[i].code;
	product_fail(p, code, http_fault_passes(fault), "%s: %s", code, words);
}

static void note_timings(struct product *p, const struct http_result *r)
{
	if (r->t_dns)
		product_timing(p, "dns", r->t_dns);
	if (r->t_connect)
		product_timing(p, "connect", r->t_connect);
	if (r->t_tls)
		product_timing(p, "tls", r->t_tls - r->t_connect);
	if (r->t_first)
		product_timing(p, "firstByte", r->t_first);
	product_timing(p, "fetch", r->t_total);
}

/* Replies that are no page: kept as evidence, told as a failure; some may be better next time. */
static void judge_status(struct via *v, const struct http_result *res)
{
	struct crawler *c = v->job->crawler;
	struct product *p = &v->job->product;
	usec_t wait = 0;
	if (res->status < 400)
		return;
	bool later = retry_status(res->status);
	if (later && retry_after(http_header(res, "retry-after"), clock_real(), &wait) == 0)
		hosts_gate_hold(c->gate, v->host, MIN(wait, HOLD_MAX));
	product_fail(p, arena_printf(p->arena, "HTTP_%d", res->status).p, later, "HTTP %d from %.*s", res->status,
		     STR_FMT(res->url));
	p->failure.after = wait;
}

/* The page is an empty shell, and a browser could fill it. */
static bool wants_browser(const struct via *v)
{
	const struct job_run *r = v->job;
	return r->crawler->browsers && r->task.may_upgrade && !r->product.failure.code && v->page.kind == PAGE_HTML &&
	       page_is_shell(v->page.text);
}

static void fetched(void *arg, const struct http_result *res)
{
	struct via *v = arg;
	struct job_run *r = v->job;
	struct product *p = &r->product;
	v->call = NULL;
	leave(v);
	note_timings(p, res);
	p->http_status = res->status;
	p->url = arena_str(p->arena, res->url);
	if (res->code) {
		if (!p->failure.code) {
			struct str words = utf8_clean(p->arena, arena_str(p->arena, str_of(res->words)));
			vec_push(p->arena, &p->errors, (struct network_error){ .url = p->url, .words = words });
			fail_by_fault(p, res->fault, res->words);
		}
		end(v);
		return;
	}
	judge_status(v, res);
	page_read(&v->page, p->arena, res->body, http_header(res, "content-type"));
	bool upgrade = wants_browser(v);
	job_log(r, "info",
		arena_printf(&r->arena, "{\"status\":%d,\"upgrade\":%s}", res->status, upgrade ? "true" : "false"),
		"Fetch stage completed");
	if (upgrade) {
		r->state = NULL;
		r->runner = &via_browser;
		r->runner->start(r);
		return;
	}
	p->page = v->page.html;
	p->page_type = v->page.type;
	extract(v);
}

/* --- robots --- */

static void robots_answered(void *arg, const struct robots_verdict *a)
{
	struct via *v = arg;
	struct product *p = &v->job->product;
	v->robots = NULL;
	if (a->allowed) {
		if (a->answer.delay > 0)
			hosts_gate_hold(v->job->crawler->gate, v->host, MIN(a->answer.delay, CRAWL_DELAY_MAX));
		http_judged(v->call, 0);
		return;
	}
	if (a->blocked)
		product_fail(p, "SSRF_BLOCKED", false, "SSRF_BLOCKED: %s", a->words);
	else if (a->unreachable && a->fault)
		fail_by_fault(p, a->fault, a->words);
	else if (a->unreachable)
		product_fail(
			p, "ROBOTS_TXT_UNREACHABLE", true, "ROBOTS_TXT_UNREACHABLE: robots.txt answered %d", a->status);
	else
		product_fail(p, "ROBOTS_TXT_DENIED", false,
			"ROBOTS_TXT_DENIED: line %d of robots.txt does not allow it", a->answer.line);
	http_judged(v->call, E_DENIED);
}

static int judge(void *arg, const struct url *u, int hop)
{
	struct via *v = arg;
	if (!v->job->task.respect_robots)
		return 0;
	v->robots = robots_cache_ask(v->job->crawler->robots, u, robots_answered, v);
	return HTTP_JUDGE_LATER;
}

static void fetch(void *arg)
{
	struct via *v = arg;
	struct job_run *r = v->job;
	const struct conf *conf = &r->crawler->conf;
	static const struct http_header headers[] = {
		{ STR_INIT("Accept"), STR_INIT("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") },
		{ STR_INIT("Accept-Language"), STR_INIT("en,*;q=0.5") },
	};
	job_begun(r);
	struct http_request rq = {
		.method = HTTP_GET,
		.url = r->task.href,
		.headers = headers,
		.headers_n = ARRAY_LEN(headers),
		.user_agent = conf->user_agent,
		.redirects_max = (int)conf->fetch_redirects_max,
		.body_max = (size_t)conf->fetch_body_max,
		.timeout = r->task.timeout,
		.connect_timeout = conf->fetch_connect_timeout,
		.slow_bytes = SLOW_BYTES,
		.slow_time = SLOW_TIME,
		.cookies = true,
		.proxy_turn = (unsigned)r->claimed.attempt,
		.judge = judge,
		.arg = v,
	};
	v->call = http_start(r->crawler->http, &rq, fetched, v);
}

static void start(struct job_run *r)
{
	struct verdict verdict;
	struct via *v = arena_new(&r->arena, struct via);
	v->job = r;
	r->state = v;
	if (verdict_url(r->crawler->policy, &r->task.url, &verdict)) {
		job_begun(r);
		product_fail(&r->product, "SSRF_BLOCKED", false, "SSRF_BLOCKED: %s", verdict.words);
		end(v);
		return;
	}
	v->host = url_host_port(&r->arena, &r->task.url);
	v->turn = host_turn_take(r->crawler->gate, v->host, fetch, v);
}

const struct runner via_http = { .name = "http", .start = start, .stop = stop };

const struct runner *runner_for(const struct crawler *c, const struct task *t)
{
	return !t->requires_browser ? &via_http : c->browsers ? &via_browser : NULL;
}

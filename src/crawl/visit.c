#include "base/first.h"
#include "base/utf8.h"
#include "crawl/visit.h"
#include "extract/config.h"
#include "json/value.h"
#include "net/retry.h"

#define FETCH_TIMEOUT (60 * USEC_PER_SEC)
#define SLOW_BYTES 64
#define SLOW_TIME (20 * USEC_PER_SEC)
#define TITLE_MAX 1000
#define TYPE_MAX 200

static void end(void *arg)
{
	struct visit *v = arg;
	v->done(v);
}

static void end_soon(struct visit *v)
{
	v->ending = true;
	loop_defer(v->crawler->loop, end, v);
}

static void finish(struct visit *v, enum visit_kind kind, const char *fmt, ...) PRINTF_LIKE(3, 4);
static void finish(struct visit *v, enum visit_kind kind, const char *fmt, ...)
{
	char words[300];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	v->outcome.kind = kind;
	v->outcome.reason = words[0] ? utf8_clean(&v->arena, arena_str(&v->arena, str_of(words))) : STR_NULL;
	end_soon(v);
}

/* The pace of the host after this visit: what robots.txt, the crawl and the server's own speed ask for. */
static usec_t pace(const struct visit *v, usec_t took)
{
	usec_t d = MAX(v->plan.delay, v->robots_delay);
	return MIN(MAX(d, v->plan.delay ? took : 0), VISIT_DELAY_MAX);
}

/* Fails for now: again while attempts are left, and the host gets a rest. */
static void fail(struct visit *v, bool passes, usec_t wait, const char *code, const char *words)
{
	const struct conf *f = &v->crawler->conf;
	int attempt = v->claimed.attempt;
	if (passes)
		v->outcome.delay = MAX(v->outcome.delay, retry_delay(attempt, f->retry_base, VISIT_HOLD_MAX, wait));
	if (passes && attempt < CRAWL_ATTEMPTS_MAX) {
		v->outcome.status = 0;
		finish(v, VISIT_RETRY, "%s", code);
		return;
	}
	finish(v, VISIT_FAILED, words ? "%s: %s" : "%s", code, words);
}

/* --- links --- */

static void add_link(struct visit *v, const struct url *u, int hops, const char *reason)
{
	struct visit_link l = { .from = v->claimed.lease,
		.key = plan_key(&v->arena, u),
		.url = url_href(&v->arena, u, URL_HREF_NO_FRAGMENT | URL_HREF_NO_USERINFO),
		.host = url_host_port(&v->arena, u),
		.reason = str_of(reason),
		.hops = hops };
	vec_push(&v->arena, &v->links, l);
}

/* What can never be fetched is no URL of the site: mailto:, javascript: and the like are left out without a row. */
static void take_link(struct visit *v, struct str href, const struct robots *robots)
{
	struct url u;
	struct verdict verdict;
	int depth = v->claimed.depth + 1;
	if (!href.n || href.n > 2048 || url_parse(&v->arena, href, &v->url, &u, NULL) || !url_is_http(&u) ||
		u.host.n > 253)
		return;
	const char *reason = plan_refuses(&v->plan, &v->arena, &u, depth);
	if (!reason && verdict_url(v->crawler->policy, &u, &verdict))
		reason = "unsafe";
	if (!reason && robots && str_eq(url_origin(&v->arena, &u), url_origin(&v->arena, &v->url)) &&
		!robots_check(robots, v->crawler->conf.user_agent, url_target(&v->arena, &u)).allowed)
		reason = "robots";
	add_link(v, &u, 0, reason);
}

/* With the rules of the page's own host at hand, which are in the cache: disallowed links take no place of the cap. */
static void links_judged(void *arg, const struct robots_verdict *a)
{
	struct visit *v = arg;
	const struct json *list;
	v->robots = NULL;
	if (v->found.p && json_parse(&v->arena, v->found, NULL, &list, NULL) == 0)
		for (size_t i = 0; i < list->n && i < VISIT_LINKS_MAX; i++)
			take_link(v, json_str(json_get(json_at(list, i), "url"), STR("")), a->robots);
	finish(v, VISIT_SUCCEEDED, "%s", "");
}

static void look_for_links(struct visit *v)
{
	v->robots = robots_cache_ask(v->crawler->robots, &v->url, links_judged, v);
}

/* --- the page --- */

static void kept(void *arg, int rc, const struct err *e)
{
	struct visit *v = arg;
	v->keeping = false;
	if (v->lost) {
		end_soon(v);
		return;
	}
	if (rc) {
		fail(v, true, 0, "STORAGE_FAILED", NULL);
		return;
	}
	v->outcome.has_html = 1;
	memcpy(v->outcome.html, v->doc.sha256, sizeof v->outcome.html);
	look_for_links(v);
}

static void parsed(void *ctx, int rc, const struct isolate_result *res, const struct err *e)
{
	struct visit *v = ctx;
	const struct json *meta;
	v->parsing = false;
	if (rc) {
		fail(v, rc == E_INTERNAL || rc == E_UNAVAIL, 0, v->plan.extract ? "EXTRACTION_FAILED" : "PARSE_FAILED",
			e->words);
		return;
	}
	v->found = res->part[PART_LINKS];
	v->outcome.metadata = res->part[PART_METADATA];
	v->outcome.extracted = res->part[PART_EXTRACT];
	if (v->outcome.metadata.p && json_parse(&v->arena, v->outcome.metadata, NULL, &meta, NULL) == 0) {
		struct str title = json_str(json_get(meta, "title"), STR_NULL);
		v->outcome.title = title.p ? utf8_clean(&v->arena, str_sub(title, 0, MIN(title.n, TITLE_MAX))) : title;
	}
	v->doc = (struct document){ .type = "page", .content_type = STR("text/html"), .bytes = v->page.html };
	v->keeping = true;
	keeper_submit(v->crawler->keeper, &v->doc, 1, kept, v);
}

static void parse(struct visit *v)
{
	struct err e = { 0 };
	const struct conf *conf = &v->crawler->conf;
	v->rq = (struct isolate_req){ .want = WANT(PART_LINKS) | WANT(PART_METADATA),
		.is_text = v->page.kind == PAGE_TEXT,
		.body = v->page.text,
		.charset = STR("utf-8"),
		.base_url = v->claimed.url,
		.cpu = conf->parse_cpu };
	const char *dir = conf->plugins_dir.n ? arena_cstr(&v->arena, conf->plugins_dir) : NULL;
	int rc = v->plan.extract ? extract_config(v->plan.extract, dir, &v->arena, &v->rq, &e) : 0;
	if (!rc)
		rc = parsers_submit(v->crawler->parsers, &v->rq, &v->arena, parsed, v, &e);
	if (rc)
		fail(v, rc == E_IO, 0, "EXTRACTION_FAILED", e.words);
	else
		v->parsing = true;
}

static void redirected(struct visit *v, const struct http_result *res)
{
	struct url u;
	struct verdict verdict;
	int hops = v->claimed.hops + 1;
	v->outcome.status = 0;
	if (hops > VISIT_HOPS_MAX) {
		finish(v, VISIT_FAILED, "TOO_MANY_REDIRECTS");
		return;
	}
	if (url_parse(&v->arena, http_header(res, "location"), &v->url, &u, NULL)) {
		finish(v, VISIT_FAILED, "BAD_REDIRECT");
		return;
	}
	const char *reason = plan_refuses(&v->plan, &v->arena, &u, v->claimed.depth);
	if (!reason && verdict_url(v->crawler->policy, &u, &verdict))
		reason = "unsafe";
	if (url_is_http(&u))
		add_link(v, &u, hops, reason);
	finish(v, VISIT_SKIPPED, "redirect");
}

static void take_page(struct visit *v, const struct http_result *res)
{
	struct str type = http_header(res, "content-type");
	v->outcome.url = v->claimed.url;
	v->outcome.bytes = (int64_t)res->body.n;
	if (type.p)
		v->outcome.content_type =
			utf8_clean(&v->arena, arena_str(&v->arena, str_sub(type, 0, MIN(type.n, TYPE_MAX))));
	page_read(&v->page, &v->arena, res->body, type);
	if (v->page.kind != PAGE_BINARY) {
		parse(v);
		return;
	}
	v->outcome.status = 0;
	finish(v, VISIT_SKIPPED, "type: %.*s", STR_FMT(v->page.type));
}

static void fetched(void *arg, const struct http_result *res)
{
	struct visit *v = arg;
	usec_t wait = 0;
	v->call = NULL;
	v->outcome.elapsed = res->t_total;
	v->outcome.delay = pace(v, res->t_total);
	if (res->code) {
		if (res->fault == HTTP_BLOCKED)
			finish(v, VISIT_SKIPPED, "unsafe: %s", res->words);
		else
			fail(v, http_fault_passes(res->fault), 0, "FETCH_FAILED",
				arena_str(&v->arena, str_of(res->words)).p);
		return;
	}
	v->outcome.status = res->status;
	if (res->status >= 300 && res->status < 400 && http_header(res, "location").p) {
		redirected(v, res);
		return;
	}
	if (res->status < 400) {
		take_page(v, res);
		return;
	}
	v->outcome.url = v->claimed.url;
	v->outcome.bytes = (int64_t)res->body.n;
	bool later = retry_status(res->status);
	if (later)
		retry_after(http_header(res, "retry-after"), clock_real(), &wait);
	fail(v, later, MIN(wait, VISIT_HOLD_MAX), arena_printf(&v->arena, "HTTP_%d", res->status).p, NULL);
}

static void fetch(struct visit *v)
{
	const struct conf *conf = &v->crawler->conf;
	static const struct http_header headers[] = {
		{ STR_INIT("Accept"), STR_INIT("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") },
		{ STR_INIT("Accept-Language"), STR_INIT("en,*;q=0.5") },
	};
	struct http_request rq = {
		.method = HTTP_GET,
		.url = v->claimed.url,
		.headers = headers,
		.headers_n = ARRAY_LEN(headers),
		.user_agent = conf->user_agent,
		.body_max = (size_t)conf->fetch_body_max,
		.timeout = FETCH_TIMEOUT,
		.connect_timeout = conf->fetch_connect_timeout,
		.slow_bytes = SLOW_BYTES,
		.slow_time = SLOW_TIME,
		.proxy_turn = (unsigned)v->claimed.attempt,
	};
	v->call = http_start(v->crawler->http, &rq, fetched, v);
}

static void robots_answered(void *arg, const struct robots_verdict *a)
{
	struct visit *v = arg;
	v->robots = NULL;
	v->robots_delay = MAX(a->answer.delay, 0);
	if (a->allowed)
		fetch(v);
	else if (a->blocked)
		finish(v, VISIT_SKIPPED, "unsafe: %s", a->words);
	else if (a->unreachable)
		fail(v, true, 0, "ROBOTS_TXT_UNREACHABLE", NULL);
	else
		finish(v, VISIT_SKIPPED, "robots");
}

struct visit *visit_new(struct crawler *c, const struct visit_claimed *cl, void (*done)(struct visit *v), void *owner)
{
	struct visit *v = xcalloc(1, sizeof *v);
	v->crawler = c;
	arena_init(&v->arena, 16 * KiB);
	v->claimed = *cl;
	v->claimed.url = arena_str(&v->arena, cl->url);
	v->claimed.host = arena_str(&v->arena, cl->host);
	v->claimed.seed = arena_str(&v->arena, cl->seed);
	v->claimed.request = arena_str(&v->arena, cl->request);
	v->done = done;
	v->owner = owner;
	v->outcome = (struct visit_outcome){ .lease = cl->lease, .kind = VISIT_RELEASED };
	memcpy(v->outcome.crawl, cl->crawl, sizeof v->outcome.crawl);
	return v;
}

void visit_start(struct visit *v)
{
	struct err e = { 0 };
	if (plan_read(&v->arena, v->claimed.request, &v->plan, &e) ||
		url_parse(&v->arena, v->claimed.url, NULL, &v->url, &e)) {
		finish(v, VISIT_FAILED, "INVALID_CRAWL: %s", e.words);
		return;
	}
	const char *reason = plan_refuses(&v->plan, &v->arena, &v->url, v->claimed.depth);
	if (reason) /* the seed is subject to the rules like any URL */
		finish(v, VISIT_SKIPPED, "%s", reason);
	else
		v->robots = robots_cache_ask(v->crawler->robots, &v->url, robots_answered, v);
}

bool visit_stop(struct visit *v)
{
	v->lost = true;
	if (v->robots)
		robots_wait_cancel(v->robots);
	if (v->call)
		http_cancel(v->call);
	if (v->parsing)
		parsers_cancel(v->crawler->parsers, v);
	v->robots = NULL;
	v->call = NULL;
	v->parsing = false;
	return !v->keeping && !v->ending;
}

void visit_free(struct visit *v)
{
	arena_release(&v->arena);
	free(v);
}

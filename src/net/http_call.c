#include "base/first.h"
#include "base/map.h"
#include "net/http_call.h"
#include "url/domain.h"

#include <curl/curl.h>

#define TIMEOUT_DEFAULT (60 * USEC_PER_SEC)
#define CONNECT_DEFAULT (10 * USEC_PER_SEC)

int http_fail(struct http_call *c, enum http_fault fault, int code, const char *fmt, ...)
{
	struct http_result *r = &c->result;
	va_list ap;
	r->fault = fault;
	r->code = code;
	va_start(ap, fmt);
	vsnprintf(r->words, sizeof r->words, fmt, ap);
	va_end(ap);
	return code;
}

struct str http_header_of(const struct http_header *at, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(at[i].name, str_of(name)))
			return at[i].value;
	return STR_NULL;
}

bool http_is_redirect(const struct http_call *c, int status)
{
	if (c->rq.redirects_max <= 0)
		return false;
	if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
		return false;
	return http_header_of(c->headers.at, c->headers.n, "location").n > 0;
}

void http_call_free(struct http_call *c)
{
	struct http *h = c->http;
	if (c->prev)
		c->prev->next = c->next;
	else
		h->calls = c->next;
	if (c->next)
		c->next->prev = c->prev;
	h->pending--;
	if (c->lookup)
		lookup_cancel(c->lookup);
	http_easy_release(c);
	loop_timer_free(c->deadline);
	loop_timer_free(c->kick);
	buf_release(&c->body);
	arena_release(&c->arena);
	free(c);
}

void http_cancel(struct http_call *c)
{
	http_call_free(c);
}

void http_call_end(struct http_call *c)
{
	struct http_result *r = &c->result;
	loop_timer_stop(c->deadline);
	loop_timer_stop(c->kick);
	r->t_total = clock_mono() - c->began;
	r->headers = c->headers.at;
	r->headers_n = c->headers.n;
	r->hops = c->hops.at;
	r->hops_n = c->hops.n;
	r->url = c->hops.n ? vec_last(&c->hops).url : c->rq.url;
	r->body = buf_str(&c->body);
	c->done(c->arg, r);
	http_call_free(c);
}

static void on_deadline(void *arg)
{
	struct http_call *c = arg;
	if (c->easy && c->added)
		http_easy_info(c, &c->result);
	http_fail(c, HTTP_TIMEOUT, E_TIMEOUT, "no complete reply within %.1f s", (double)c->rq.timeout / USEC_PER_SEC);
	http_call_end(c);
}

static bool token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !strchr("!#$%&'*+-.^_`|~", s.p[i]))
			return false;
	return s.n > 0;
}

/* Headers that the client alone decides on: a caller's own would confuse where a message ends. */
static int check_headers(struct http_call *c)
{
	static const char *const ours[] = { "host", "content-length", "transfer-encoding", "connection", "expect", "te",
		                            "upgrade", "proxy-authorization", "proxy-connection" };
	for (size_t i = 0; i < c->rq.headers_n; i++) {
		struct str name = c->rq.headers[i].name, value = c->rq.headers[i].value;
		if (!token(name))
			return http_fail(
				c, HTTP_BAD_REQUEST, E_INVALID, "\"%.*s\" is not a header name", STR_FMT(name));
		for (size_t k = 0; k < value.n; k++)
			if ((unsigned char)value.p[k] < ' ' && value.p[k] != '\t')
				return http_fail(c, HTTP_BAD_REQUEST, E_INVALID,
					"the value of header %.*s has control characters", STR_FMT(name));
		for (size_t k = 0; k < ARRAY_LEN(ours); k++)
			if (str_eqi(name, str_of(ours[k])))
				return http_fail(
					c, HTTP_BAD_REQUEST, E_INVALID, "header %.*s cannot be set", STR_FMT(name));
	}
	return 0;
}

static int prepare(struct http_call *c)
{
	struct err e = { 0 };
	if (url_parse(&c->arena, c->rq.url, NULL, &c->url, &e))
		return http_fail(c, HTTP_BAD_REQUEST, E_INVALID, "%s", e.words[0] ? e.words : "not a URL");
	int rc = check_headers(c);
	struct http *h = c->http;
	if (!c->rq.proxy.n && h->proxies_n)
		c->rq.proxy = h->proxies[(hash_bytes(c->url.host) + c->rq.proxy_turn) % h->proxies_n];
	if (!rc && c->rq.proxy.n && http_proxy_parse(&c->arena, c->rq.proxy, &c->proxy, &e))
		rc = http_fail(c, HTTP_BAD_REQUEST, E_INVALID, "%s", e.words);
	struct str site = domain_registrable(c->url.host);
	str_copy(c->first_site, sizeof c->first_site, site.n ? site : c->url.host);
	return rc;
}

static void first_hop(void *arg)
{
	struct http_call *c = arg;
	if (prepare(c))
		http_call_end(c);
	else
		http_hop_begin(c);
}

static void next_hop(void *arg)
{
	http_hop_begin(arg);
}

struct http_call *http_start(struct http *h, const struct http_request *rq, http_done_fn done, void *arg)
{
	struct http_call *c = xcalloc(1, sizeof *c);
	c->http = h;
	c->next = h->calls;
	if (h->calls)
		h->calls->prev = c;
	h->calls = c;
	h->pending++;
	arena_init(&c->arena, 8 * KiB);
	c->rq = *rq;
	c->rq.url = arena_str(&c->arena, rq->url);
	c->rq.user_agent = arena_str(&c->arena, rq->user_agent);
	c->rq.proxy = arena_str(&c->arena, rq->proxy);
	struct http_header *headers = arena_array(&c->arena, struct http_header, rq->headers_n);
	for (size_t i = 0; i < rq->headers_n; i++) {
		headers[i].name = arena_str(&c->arena, rq->headers[i].name);
		headers[i].value = arena_str(&c->arena, rq->headers[i].value);
	}
	c->rq.headers = headers;
	c->rq.timeout = rq->timeout > 0 ? rq->timeout : TIMEOUT_DEFAULT;
	c->rq.connect_timeout = rq->connect_timeout > 0 ? rq->connect_timeout : CONNECT_DEFAULT;
	c->rq.body_max = rq->body_max ? rq->body_max : HTTP_BODY_DEFAULT;
	c->rq.redirects_max = MIN(rq->redirects_max, HTTP_REDIRECTS_MAX);
	c->method = rq->method;
	c->with_body = rq->method == HTTP_POST || rq->method == HTTP_PUT;
	c->done = done;
	c->arg = arg;
	buf_init(&c->body, NULL, c->rq.body_max);
	c->began = clock_mono();
	c->deadline = loop_timer_new(h->loop, on_deadline, c);
	c->kick = loop_timer_new(h->loop, first_hop, c);
	loop_timer_in(c->deadline, c->rq.timeout);
	loop_timer_in(c->kick, 0);
	return c;
}

static void dial(struct http_call *c)
{
	if (!http_easy_setup(c) || curl_multi_add_handle(c->http->multi, c->easy) != CURLM_OK) {
		http_fail(c, HTTP_BAD_REQUEST, E_INVALID, "the request cannot be made");
		http_call_end(c);
		return;
	}
	c->added = true;
}

/* 0, or E_NOTFOUND … with the call's failure set. */
static int take_answer(struct http_call *c, struct str host, const struct resolved *r)
{
	if (r->code == E_NOTFOUND || r->code == E_INVALID)
		return http_fail(c, HTTP_NO_NAME, E_NOTFOUND, "host %.*s does not exist", STR_FMT(host));
	if (r->code == E_TIMEOUT)
		return http_fail(c, HTTP_DNS, E_TIMEOUT, "no answer from the name servers about %.*s", STR_FMT(host));
	if (r->code)
		return http_fail(c, HTTP_DNS, E_UNAVAIL, "the name servers cannot answer about %.*s", STR_FMT(host));
	c->pins_n = MIN(r->n, ARRAY_LEN(c->pins));
	memcpy(c->pins, r->addrs, c->pins_n * sizeof *c->pins);
	return 0;
}

static void proxy_resolved(void *arg, const struct resolved *r)
{
	struct http_call *c = arg;
	c->lookup = NULL;
	c->target = c->pins[0];
	/* The proxy is the operator's own choice and may stand anywhere: no verdict on its address. */
	if (take_answer(c, c->proxy.url.host, r)) {
		c->result.fault = HTTP_PROXY;
		http_call_end(c);
		return;
	}
	dial(c);
}

static int judge_addresses(struct http_call *c)
{
	struct verdict v;
	for (size_t i = 0; i < c->pins_n; i++)
		if (verdict_ip(c->http->policy, c->url.host, url_port(&c->url), &c->pins[i], &v))
			return http_fail(c, HTTP_BLOCKED, E_BLOCKED, "%s", v.words);
	return 0;
}

static void resolved(void *arg, const struct resolved *r)
{
	struct http_call *c = arg;
	c->lookup = NULL;
	c->result.t_dns = clock_mono() - c->hop_began;
	if (take_answer(c, c->url.host, r) || judge_addresses(c)) {
		http_call_end(c);
		return;
	}
	if (c->rq.proxy.n)
		c->lookup = resolver_lookup(c->http->resolver, c->proxy.url.host, proxy_resolved, c);
	else
		dial(c);
}

void http_hop_begin(void *call)
{
	struct http_call *c = call;
	struct verdict v;
	struct http_hop *hop = vec_add(&c->arena, &c->hops);
	hop->url = url_href(&c->arena, &c->url, URL_HREF_NO_FRAGMENT);
	c->headers.n = 0;
	c->header_bytes = c->body_bytes = c->thrown = 0;
	c->body_begun = c->early = c->vetoed = false;
	c->result.status = c->result.version = 0;
	buf_clear(&c->body);
	if (verdict_url(c->http->policy, &c->url, &v)) {
		http_fail(c, HTTP_BLOCKED, E_BLOCKED, "%s", v.words);
		http_call_end(c);
		return;
	}
	int rc = c->rq.judge ? c->rq.judge(c->rq.arg, &c->url, (int)c->hops.n - 1) : 0;
	if (rc != HTTP_JUDGE_LATER)
		http_judged(c, rc);
}

void http_judged(struct http_call *c, int rc)
{
	if (rc) {
		http_fail(c, HTTP_REFUSED, rc < 0 ? rc : E_BLOCKED, "%.*s is not wanted",
			STR_FMT(vec_last(&c->hops).url));
		http_call_end(c);
		return;
	}
	c->hop_began = clock_mono();
	if (c->url.host_kind == URL_HOST_DOMAIN) {
		c->lookup = resolver_lookup(c->http->resolver, c->url.host, resolved, c);
		return;
	}
	resolved(c, &(struct resolved){ .addrs = &c->url.ip, .n = 1 });
}

/* The next hop of a redirect (RFC 9110 15.4); 0, or the call's failure. */
static int redirect(struct http_call *c, int status)
{
	struct url next;
	struct str location = http_header_of(c->headers.at, c->headers.n, "location");
	if ((int)c->hops.n > c->rq.redirects_max)
		return http_fail(c, HTTP_REDIRECTS, E_LIMIT, "more than %d redirects", c->rq.redirects_max);
	if (url_parse(&c->arena, location, &c->url, &next, NULL))
		return http_fail(c, HTTP_REDIRECTS, E_PROTO, "redirected to an unusable address");
	c->url = next;
	/* As browsers do: 303 always becomes GET, 301 and 302 do for POST. */
	if ((status == 303 && c->method != HTTP_HEAD) || (status <= 302 && c->method == HTTP_POST)) {
		c->method = HTTP_GET;
		c->with_body = false;
	}
	loop_timer_free(c->kick);
	c->kick = loop_timer_new(c->http->loop, next_hop, c);
	loop_timer_in(c->kick, 0);
	return 0;
}

void http_hop_ended(struct http_call *c, int curlcode)
{
	struct http_result *r = &c->result;
	http_easy_info(c, r);
	if (c->hops.n) {
		vec_last(&c->hops).addr = r->addr;
		vec_last(&c->hops).status = r->status;
	}
	if (curlcode != CURLE_OK && !c->early) {
		http_easy_fault(c, curlcode);
		http_call_end(c);
		return;
	}
	if (http_is_redirect(c, r->status)) {
		if (redirect(c, r->status))
			http_call_end(c);
		return;
	}
	r->code = 0;
	r->fault = HTTP_FINE;
	http_call_end(c);
}

/*
 * The client against servers of its own on loopback addresses. Only 127.0.0.2 at its port counts as
 * allowed; everything else on loopback is what an attacker would like to reach.
 */
#include "base/first.h"
#include "base/fd.h"
#include "net/http.h"
#include "fake_http.h"
#include "../tap.h"

#include <zlib.h>

static struct loop *loop;
static struct resolver *resolver;
static struct http *http;
static struct fake *good, *secret;
static struct arena scratch;
static char last_head[4096];

static const char *good_url(const char *path)
{
	return arena_printf(&scratch, "http://127.0.0.2:%d%s", good->port, path).p;
}

static void to_secret(struct fake_conn *c, struct str path, struct str head, struct str body, void *arg)
{
	fake_reply(c, "200 OK", "", STR("secret"));
}

static void redirect(struct fake_conn *c, int status, struct str to)
{
	struct str h = arena_printf(&scratch, "Location: %.*s\r\n", STR_FMT(to));
	fake_reply(c, arena_printf(&scratch, "%d Moved", status).p, h.p, STR("moved"));
}

static void send_gzip(struct fake_conn *c, size_t n)
{
	/* A mebibyte of zeros is a kilobyte on the wire. */
	unsigned char *plain = xcalloc(1, n), *packed = xmalloc(n + 1000);
	z_stream z = { .next_in = plain, .avail_in = (uInt)n, .next_out = packed, .avail_out = (uInt)n + 1000 };
	deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
	deflate(&z, Z_FINISH);
	fake_reply(c, "200 OK", "Content-Encoding: gzip\r\n", str_n((char *)packed, n + 1000 - z.avail_out));
	deflateEnd(&z);
	free(plain);
	free(packed);
}

static void many_headers(struct fake_conn *c, int n)
{
	fake_raw(c, STR("HTTP/1.1 200 OK\r\n"));
	for (int i = 0; i < n; i++)
		fake_raw(c, arena_printf(&scratch, "X-%d: y\r\n", i));
	fake_raw(c, STR("Content-Length: 0\r\n\r\n"));
}

static void serve(struct fake_conn *c, struct str path, struct str head, struct str body, void *arg)
{
	str_copy(last_head, sizeof last_head, head);
	if (str_is(path, "/ok")) {
		fake_reply(c, "200 OK", "Content-Type: text/plain\r\nX-Twice: 1\r\nX-Twice: 2\r\n", STR("hello"));
	} else if (str_starts(path, STR("/to/"))) { /* /to/<status>/<url> */
		redirect(c, (path.p[4] - '0') * 100 + (path.p[5] - '0') * 10 + path.p[6] - '0', str_from(path, 8));
	} else if (str_is(path, "/loop")) {
		redirect(c, 302, STR("/loop"));
	} else if (str_is(path, "/badloc")) {
		redirect(c, 302, STR("http://[nonsense"));
	} else if (str_is(path, "/noloc")) {
		fake_reply(c, "302 Found", "", STR("nowhere"));
	} else if (str_is(path, "/cookie")) {
		fake_reply(c, "302 Found", "Location: /echo\r\nSet-Cookie: a=b\r\n", STR(""));
	} else if (str_is(path, "/echo")) {
		fake_reply(c, "200 OK", "", arena_printf(&scratch, "%.*s\n%.*s", STR_FMT(head), STR_FMT(body)));
	} else if (str_is(path, "/endless")) {
		fake_raw(c, STR("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"));
		c->endless = true;
	} else if (str_is(path, "/announced")) {
		fake_raw(c, STR("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx"));
	} else if (str_is(path, "/bomb")) {
		send_gzip(c, 4 * MiB);
	} else if (str_is(path, "/gzip")) {
		send_gzip(c, 1000);
	} else if (str_is(path, "/short")) {
		fake_raw(c, STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"));
		fake_close(c);
	} else if (str_is(path, "/nothing")) {
		fake_close(c);
	} else if (str_is(path, "/junk")) {
		fake_raw(c, STR("what is this?\r\n\r\n"));
		fake_close(c);
	} else if (str_is(path, "/headers")) {
		many_headers(c, 300);
	} else if (str_is(path, "/early")) {
		fake_raw(c, STR("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"));
		fake_reply(c, "200 OK", "X-Real: 1\r\n", STR("ok"));
	} else if (str_is(path, "/longmove")) {
		fake_raw(c, STR("HTTP/1.1 302 Found\r\nLocation: /ok\r\n\r\n"));
		c->endless = true;
	} else if (!str_is(path, "/silent")) {
		fake_reply(c, "404 Not Found", "", STR("no"));
	}
}

static int fetch(const char *url, struct http_request rq, struct http_result *r)
{
	rq.url = str_of(url);
	if (!rq.user_agent.p)
		rq.user_agent = STR("test/1");
	if (!rq.timeout)
		rq.timeout = 5 * USEC_PER_SEC;
	*r = (struct http_result){ 0 };
	return http_once(http, &rq, &scratch, r);
}

static void test_plain(void)
{
	struct http_result r;
	is_int(fetch(good_url("/ok"), (struct http_request){ 0 }, &r), 0, "a page: %s", r.words);
	is_int(r.status, 200, "its status");
	is_str(r.body, "hello", "its body");
	is_str(http_header(&r, "content-TYPE"), "text/plain", "a header");
	is_str(http_header(&r, "x-twice"), "1", "the first of two");
	ok(!http_header(&r, "x-none").p, "an absent one");
	is_str(r.url, good_url("/ok"), "its URL");
	ok(r.hops_n == 1 && r.addr.family == 4 && r.addr.b[3] == 2 && r.port == good->port, "where it came from");
	ok(r.version == 11 && r.bytes > 50 && r.t_total > 0 && r.t_first > 0, "figures");
	ok(strstr(last_head, "User-Agent: test/1") && strstr(last_head, "Accept-Encoding: "), "what was sent");
	is_int(fetch(good_url("/ok"), (struct http_request){ 0 }, &r), 0, "again");
	ok(r.reused, "over the kept connection");
	is_int(fetch(good_url("/none"), (struct http_request){ 0 }, &r), 0, "an error status is a reply");
	is_int(r.status, 404, "of its own");
	is_int(fetch(good_url("/early"), (struct http_request){ 0 }, &r), 0, "interim replies");
	ok(!http_header(&r, "link").p && http_header(&r, "x-real").p, "leave no headers");
	is_int(fetch(good_url("/ok"), (struct http_request){ .method = HTTP_HEAD }, &r), 0, "HEAD");
	is_int(r.body.n, 0, "has no body");
	is_int(fetch(good_url("/gzip"), (struct http_request){ 0 }, &r), 0, "compressed");
	is_int(r.body.n, 1000, "comes decoded");
	is_int(fetch(good_url("/ok#part"), (struct http_request){ 0 }, &r), 0, "a fragment");
	is_str(r.url, good_url("/ok"), "stays here");
	is_int(fetch(arena_printf(&scratch, "http://good.test:%d/ok", good->port).p, (struct http_request){ 0 }, &r), 0,
	       "by name: %s", r.words);
	is_int(fetch(arena_printf(&scratch, "http://good.test.:%d/ok", good->port).p, (struct http_request){ 0 }, &r),
		0, "by name with a final dot: %s", r.words);
}

static void test_requests(void)
{
	struct http_result r;
	struct http_header h[] = { { STR("X-Mine"), STR("v") }, { STR("Accept"), STR("text/html") },
		{ STR("X-Empty"), STR("") } };
	struct http_request rq = { .method = HTTP_POST, .body = STR("a=1"), .headers = h, .headers_n = 3 };
	is_int(fetch(good_url("/echo"), rq, &r), 0, "POST");
	ok(str_find(r.body, STR("POST /echo")) == 0 && str_ends(r.body, STR("\na=1")), "with its body");
	ok(str_find(r.body, STR("X-Mine: v")) != STR_NPOS && str_find(r.body, STR("X-Empty:")) != STR_NPOS, "headers");
	rq.method = HTTP_PUT;
	is_int(fetch(good_url("/echo"), rq, &r), 0, "PUT");
	ok(str_find(r.body, STR("PUT /echo")) == 0, "so called");
	struct http_header bad[] = { { STR("Host"), STR("evil") }, { STR("X Y"), STR("1") },
		{ STR("X"), STR("a\r\nB: c") } };
	for (int i = 0; i < 3; i++) {
		is_int(fetch(good_url("/echo"), (struct http_request){ .headers = &bad[i], .headers_n = 1 }, &r),
			E_INVALID, "%s", r.words);
		is_int(r.fault, HTTP_BAD_REQUEST, "so");
	}
	is_int(fetch("not a url", (struct http_request){ 0 }, &r), E_INVALID, "%s", r.words);
}

static void test_redirects(void)
{
	struct http_result r;
	struct http_request rq = { .redirects_max = 5 };
	is_int(fetch(good_url("/to/302//to/301//ok"), rq, &r), 0, "two redirects: %s", r.words);
	is_int(r.hops_n, 3, "three hops");
	ok(r.hops[0].status == 302 && r.hops[1].status == 301 && r.hops[2].status == 200, "their statuses");
	is_str(r.hops[1].url, good_url("/to/301//ok"), "their URLs");
	is_str(r.body, "hello", "the last one's body alone");
	is_int(fetch(good_url("/to/302//ok"), (struct http_request){ 0 }, &r), 0, "not followed unless asked");
	is_int(r.status, 302, "the redirect itself");
	is_int(fetch(good_url("/loop"), rq, &r), E_LIMIT, "%s", r.words);
	ok(r.fault == HTTP_REDIRECTS && r.hops_n == 6, "after so many hops");
	is_int(fetch(good_url("/badloc"), rq, &r), E_PROTO, "%s", r.words);
	is_int(fetch(good_url("/noloc"), rq, &r), 0, "a redirect without a target");
	is_str(r.body, "nowhere", "is a page");
	is_int(fetch(good_url("/longmove"), rq, &r), 0, "an endless body of a redirect");
	is_str(r.body, "hello", "is not waited for");

	rq.method = HTTP_POST;
	rq.body = STR("x=1");
	is_int(fetch(good_url("/to/302//echo"), rq, &r), 0, "POST, 302");
	ok(str_find(r.body, STR("GET /echo")) == 0 && !str_ends(r.body, STR("x=1")), "becomes GET");
	is_int(fetch(good_url("/to/307//echo"), rq, &r), 0, "POST, 307");
	ok(str_find(r.body, STR("POST /echo")) == 0 && str_ends(r.body, STR("x=1")), "stays POST with its body");

	is_int(fetch(good_url("/cookie"), (struct http_request){ .redirects_max = 2 }, &r), 0, "cookies");
	ok(str_find(r.body, STR("Cookie:")) == STR_NPOS, "are off");
	is_int(fetch(good_url("/cookie"), (struct http_request){ .redirects_max = 2, .cookies = true }, &r), 0,
		"or on");
	ok(str_find(r.body, STR("Cookie: a=b")) != STR_NPOS, "for the call");
	is_int(fetch(good_url("/echo"), (struct http_request){ .cookies = true }, &r), 0, "the next call");
	ok(str_find(r.body, STR("Cookie:")) == STR_NPOS, "has none of them");

	struct http_header h[] = { { STR("Authorization"), STR("Bearer s") }, { STR("Accept-Language"), STR("de") } };
	struct http_request with = { .redirects_max = 2, .headers = h, .headers_n = 2 };
	is_int(fetch(good_url(arena_printf(&scratch, "/to/302/http://good.test:%d/echo", good->port).p), with, &r), 0,
	       "to another site: %s", r.words);
	ok(str_find(r.body, STR("Bearer")) == STR_NPOS && str_find(r.body, STR("Language: de")) != STR_NPOS,
	   "headers that name the caller stay behind");
	is_int(fetch(good_url("/to/302//echo"), with, &r), 0, "within the site");
	ok(str_find(r.body, STR("Bearer s")) != STR_NPOS, "they go along");
}

static void test_walls(void)
{
	struct http_result r;
	struct http_request rq = { .redirects_max = 5 };
	int p = secret->port;
	const char *targets[] = {
		arena_printf(&scratch, "http://127.0.0.1:%d/", p).p,
		arena_printf(&scratch, "http://2130706433:%d/", p).p,
		arena_printf(&scratch, "http://0x7f.1:%d/", p).p,
		arena_printf(&scratch, "http://[::1]:%d/", p).p,
		arena_printf(&scratch, "http://[::ffff:127.0.0.1]:%d/", p).p,
		arena_printf(&scratch, "http://localhost:%d/", p).p,
		arena_printf(&scratch, "http://evil.test:%d/", p).p,
		arena_printf(&scratch, "http://mixed.test:%d/", p).p,
		"file:///etc/passwd",
		"ftp://127.0.0.1/",
		"gopher://127.0.0.1:70/",
		arena_printf(&scratch, "http://127.0.0.2:%d/", p).p,
		"http://169.254.169.254/latest/meta-data/",
	};
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		is_int(fetch(targets[i], rq, &r), E_BLOCKED, "%s: %s", targets[i], r.words);
		is_int(fetch(good_url(arena_printf(&scratch, "/to/302/%s", targets[i]).p), rq, &r), E_BLOCKED,
		       "a redirect there: %s", r.words);
		is_int(r.fault, HTTP_BLOCKED, "by the verdict");
	}
	is_int(secret->connections, 0, "the secret server was never dialled");
	setenv("http_proxy", arena_printf(&scratch, "http://127.0.0.1:%d", p).p, 1);
	is_int(fetch(good_url("/ok"), rq, &r), 0, "a proxy in the environment");
	is_int(secret->connections, 0, "is ignored");
	unsetenv("http_proxy");
}

static int only_ok(void *arg, const struct url *u, int hop)
{
	++*(int *)arg;
	return str_is(u->path, "/ok") || hop == 0 ? 0 : E_DENIED;
}

static int count_bytes(void *arg, struct str chunk)
{
	*(size_t *)arg += chunk.n;
	return *(size_t *)arg > 100000 ? E_LIMIT : 0;
}

static void test_limits(void)
{
	struct http_result r;
	size_t n = 0;
	int judged = 0;
	is_int(fetch(good_url("/endless"), (struct http_request){ .body_max = 100000 }, &r), E_LIMIT, "%s", r.words);
	is_int(r.fault, HTTP_TOO_LARGE, "too large");
	is_int(fetch(good_url("/endless"), (struct http_request){ .body_max = 100000, .cut = true }, &r), 0, "or cut");
	ok(r.cut && r.body.n == 100000, "to the byte");
	is_int(fetch(good_url("/announced"), (struct http_request){ .body_max = 100000 }, &r), E_LIMIT, "announced: %s",
		r.words);
	is_int(fetch(good_url("/bomb"), (struct http_request){ .body_max = MiB }, &r), E_LIMIT, "a bomb: %s", r.words);
	is_int(fetch(good_url("/endless"), (struct http_request){ .sink = count_bytes, .arg = &n }, &r), E_LIMIT,
		"a sink that has enough");
	ok(n > 100000 && n < 300000 && r.fault == HTTP_REFUSED, "ends the call");
	is_int(fetch(good_url("/headers"), (struct http_request){ 0 }, &r), E_LIMIT, "%s", r.words);
	is_int(fetch(good_url("/short"), (struct http_request){ 0 }, &r), E_PROTO, "%s", r.words);
	is_int(fetch(good_url("/nothing"), (struct http_request){ 0 }, &r), E_PROTO, "%s", r.words);
	is_int(fetch(good_url("/junk"), (struct http_request){ 0 }, &r), E_PROTO, "%s", r.words);
	usec_t t0 = clock_mono();
	is_int(fetch(good_url("/silent"), (struct http_request){ .timeout = 200 * USEC_PER_MS }, &r), E_TIMEOUT, "%s",
		r.words);
	ok(clock_mono() - t0 < 2 * USEC_PER_SEC && r.fault == HTTP_TIMEOUT, "in time");
	is_int(fetch(good_url("/to/302//to/302//none"),
		       (struct http_request){ .redirects_max = 5, .judge = only_ok, .arg = &judged }, &r),
		E_DENIED, "the caller's own judge");
	ok(judged == 2 && r.fault == HTTP_REFUSED, "asked hop by hop");
	is_int(fetch("http://nobody.test/", (struct http_request){ 0 }, &r), E_UNAVAIL, "no name server: %s", r.words);
	is_int(r.fault, HTTP_DNS, "so named");
	is_int(fetch("http://x.invalid/", (struct http_request){ 0 }, &r), E_NOTFOUND, "%s", r.words);
	int port = secret->port;
	struct fake *closed = fake_new(loop, "127.0.0.2", to_secret, NULL);
	is_int(fetch(good_url("/to/302//ok"), (struct http_request){ .redirects_max = 1, .proxy = STR("ftp://x") }, &r),
		E_INVALID, "%s", r.words);
	fake_free(closed);
	ok(port > 0 && !http_fault_passes(HTTP_BLOCKED) && http_fault_passes(HTTP_TIMEOUT), "what may pass");
	is_cstr(http_fault_name(HTTP_TOO_LARGE), "too_large", "names");
}

static char proxy_target[128], proxy_auth[64];
static int proxy_says;

/* Answers CONNECT, then serves what comes through as if it were the far end. */
static void as_proxy(struct fake_conn *c, struct str path, struct str head, struct str body, void *arg)
{
	if (!str_starts(head, STR("CONNECT "))) {
		fake_reply(c, "200 OK", "", arena_printf(&scratch, "through %.*s", STR_FMT(fake_header(head, "host"))));
		return;
	}
	str_copy(proxy_target, sizeof proxy_target, path);
	str_copy(proxy_auth, sizeof proxy_auth, fake_header(head, "proxy-authorization"));
	if (proxy_says == 200)
		fake_raw(c, STR("HTTP/1.1 200 Connected\r\n\r\n"));
	else
		fake_reply(c, "407 Who are you", "Proxy-Authenticate: Basic realm=x\r\n", STR(""));
}

static void test_proxy(void)
{
	struct http_result r;
	struct fake *proxy = fake_new(loop, "127.0.0.4", as_proxy, NULL);
	struct http_request rq = { .proxy = arena_printf(&scratch, "http://127.0.0.4:%d", proxy->port) };
	const char *by_name = arena_printf(&scratch, "http://good.test:%d/ok", good->port).p;
	proxy_says = 200;
	is_int(fetch(by_name, rq, &r), 0, "through a proxy: %s", r.words);
	ok(str_starts(r.body, STR("through good.test")), "the request names the host");
	is_cstr(proxy_target, arena_printf(&scratch, "127.0.0.2:%d", good->port).p,
		"the proxy is told the judged address");
	int before = proxy->connections;
	is_int(fetch(arena_printf(&scratch, "http://evil.test:%d/", secret->port).p, rq, &r), E_BLOCKED,
		"targets are judged: %s", r.words);
	is_int(proxy->connections, before, "before the proxy hears of them");
	proxy_says = 407;
	rq.proxy = arena_printf(&scratch, "http://localhost:%d", proxy->port); /* another name: no kept connection */
	is_int(fetch(by_name, rq, &r), E_UNAVAIL, "localhost is not where it listens: %s", r.words);
	is_int(r.fault, HTTP_PROXY, "so named");
	rq.proxy = arena_printf(&scratch, "http://u:p%%40ss@127.0.0.4:%d", proxy->port);
	is_int(fetch(by_name, rq, &r), E_UNAVAIL, "a proxy that refuses: %s", r.words);
	is_int(r.fault, HTTP_PROXY, "so named");
	is_cstr(proxy_auth, "Basic dTpwQHNz", "it was told who we are");
	struct err e;
	int port = proxy->port;
	is_int(http_proxies(http, arena_printf(&scratch, "http://127.0.0.4:%d , nonsense", port), &e), E_INVALID, "%s",
		e.words);
	is_int(fetch(by_name, (struct http_request){ 0 }, &r), 0, "a bad list changes nothing");
	is_str(r.body, "hello", "direct as before");
	/* The second of them is closed: which of the two a host begins with is chance, both have their turn. */
	is_int(http_proxies(http, arena_printf(&scratch, "http://127.0.0.4:%d,http://127.0.0.4:1", port), &e), 0,
		"a list");
	proxy_says = 200;
	int first = fetch(by_name, (struct http_request){ 0 }, &r),
	    again = fetch(by_name, (struct http_request){ 0 }, &r);
	is_int(again, first, "a host keeps to one proxy");
	int next = fetch(by_name, (struct http_request){ .proxy_turn = 1 }, &r);
	ok((first == 0) != (next == 0), "the next turn goes to the next");
	is_int(http_proxies(http, STR(""), &e), 0, "none");
	fake_free(proxy);
}

static int ended;

static void count_end(void *arg, const struct http_result *r)
{
	ended++;
	if (r->code == 0 && str_is(r->body, "hello"))
		++*(int *)arg;
}

static void test_many(void)
{
	int fine = 0, before = good->connections;
	struct http_request rq = { .url = str_of(good_url("/ok")), .user_agent = STR("t") };
	struct http_request silent = { .url = str_of(good_url("/silent")), .user_agent = STR("t") };
	struct http_call *left[10];
	for (int i = 0; i < 100; i++)
		http_start(http, &rq, count_end, &fine);
	for (int i = 0; i < 10; i++)
		left[i] = http_start(http, &silent, count_end, &fine);
	while (ended < 100)
		loop_turn(loop, true);
	is_int(fine, 100, "a hundred at once");
	is_int(http_pending(http), 10, "ten more wait");
	for (int i = 0; i < 5; i++)
		http_cancel(left[i]);
	is_int(http_pending(http), 5, "half of them cancelled");
	ok(good->connections - before <= 110, "connections are bounded by the calls");
}

int main(void)
{
	char dir[] = "/tmp/kryfto-http-XXXXXX", hosts[64];
	struct err e = { 0 };
	struct verdict_policy *policy;
	arena_init(&scratch, 0);
	if (loop_new(&loop, NULL) || !mkdtemp(dir))
		return 1;
	snprintf(hosts, sizeof hosts, "%s/hosts", dir);
	fd_write_file(hosts,
		STR("127.0.0.2 good.test\n127.0.0.1 evil.test\n192.0.9.1 mixed.test\n127.0.0.1 mixed.test\n"), 0600,
		NULL);
	good = fake_new(loop, "127.0.0.2", serve, NULL);
	secret = fake_new(loop, "127.0.0.1", to_secret, NULL);
	/* Port 1 on loopback answers nobody: the kernel refuses at once. */
	struct resolver_options ro = { .servers = STR("127.0.0.1:1"), .hosts = hosts, .timeout = 100 * USEC_PER_MS };
	if (resolver_new(loop, &ro, &resolver, &e))
		die("%s", e.words);
	struct verdict_config cfg = { .block_private = true,
		.allowed_hosts = arena_printf(&scratch, "127.0.0.2:%d,good.test:%d", good->port, good->port) };
	if (verdict_policy_new(&scratch, &cfg, &policy, &e))
		die("%s", e.words);
	if (http_new(&(struct http_options){ .loop = loop, .resolver = resolver, .policy = policy }, &http, &e))
		die("%s", e.words);
	test_plain();
	test_requests();
	test_redirects();
	test_walls();
	test_limits();
	test_proxy();
	test_many();
	http_free(http);
	resolver_free(resolver);
	fake_free(good);
	fake_free(secret);
	loop_free(loop);
	arena_release(&scratch);
	unlink(hosts);
	rmdir(dir);
	return done_testing();
}

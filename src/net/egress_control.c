#include "base/first.h"
#include "net/egress_control.h"
#include "base/enc.h"
#include "base/fd.h"
#include "base/scan.h"
#include "base/vec.h"

#include <sys/socket.h>

struct held {
	int64_t id;
	struct egress_lease *lease;
};

struct peer {
	struct egress_control *control;
	struct peer *next;
	struct loop_fd *io;
	int fd;
	struct buf in, out;
	VEC(struct held) leases;
	VEC(int) fds; /* came, and wait for their "open" */
	int64_t last_id;
};

struct egress_control {
	struct egress *x;
	struct loop *loop;
	struct loop_fd *io;
	int fd;
	struct peer *peers;
};

static struct held *held_of(struct peer *p, struct str id)
{
	int64_t n;
	if (scan_i64(id, &n) < 0)
		return NULL;
	for (size_t i = 0; i < p->leases.n; i++)
		if (p->leases.at[i].id == n)
			return &p->leases.at[i];
	return NULL;
}

static void do_open(struct peer *p)
{
	struct egress_lease *l = NULL;
	struct err e = { 0 };
	if (!p->fds.n) {
		buf_addz(&p->out, "error no socket came along\n");
		return;
	}
	int fd = p->fds.at[0];
	memmove(p->fds.at, p->fds.at + 1, --p->fds.n * sizeof fd);
	if (p->leases.n >= EGRESS_LEASES_MAX) {
		fd_close(&fd);
		buf_addz(&p->out, "error too many leases\n");
		return;
	}
	if (egress_lease_open(p->control->x, fd, &l, &e) < 0) {
		buf_addf(&p->out, "error %s\n", e.words);
		return;
	}
	vec_push(NULL, &p->leases, (struct held){ ++p->last_id, l });
	buf_addf(&p->out, "ok %" PRId64 "\n", p->last_id);
}

static struct str decoded(struct arena *a, struct str s)
{
	struct buf b;
	buf_init(&b, a, EGRESS_LINE_MAX);
	dec_percent(&b, s, false);
	return buf_str(&b);
}

static int parse_rules(struct arena *a, struct str rest, struct egress_rules *r)
{
	struct str word;
	int64_t conns = 0;
	while (rest.p && rest.n && str_split(&rest, ' ', &word)) {
		size_t eq = str_chr(word, '=');
		if (eq == STR_NPOS)
			return E_INVALID;
		struct str name = str_sub(word, 0, eq), value = decoded(a, str_from(word, eq + 1));
		int rc = 0;
		if (str_is(name, "job"))
			r->job = value;
		else if (str_is(name, "hosts"))
			r->hosts = value;
		else if (str_is(name, "upstream"))
			r->upstream = value;
		else if (str_is(name, "bytes"))
			rc = scan_i64(value, &r->bytes_max);
		else if (str_is(name, "conns"))
			rc = scan_i64(value, &conns);
		else
			rc = E_INVALID;
		if (rc < 0 || r->bytes_max < 0 || conns < 0 || conns > 100000)
			return E_INVALID;
	}
	r->conns_max = (int)conns;
	return 0;
}

static void do_set(struct peer *p, struct held *h, struct str rest)
{
	struct arena a;
	struct egress_rules rules = { 0 };
	struct err e = { 0 };
	arena_init(&a, 4 * KiB);
	if (parse_rules(&a, rest, &rules) < 0)
		buf_addz(&p->out, "error malformed rules\n");
	else if (egress_lease_set(h->lease, &rules, &e) < 0)
		buf_addf(&p->out, "error %s\n", e.words);
	else
		buf_addz(&p->out, "ok\n");
	arena_release(&a);
}

static void take_line(struct peer *p, struct str line)
{
	struct str op = STR(""), id = STR("");
	str_split(&line, ' ', &op);
	if (str_is(op, "open")) {
		do_open(p);
		return;
	}
	if (line.p)
		str_split(&line, ' ', &id);
	struct held *h = held_of(p, id);
	if (h && str_is(op, "set")) {
		do_set(p, h, line);
	} else if (h && str_is(op, "last")) {
		buf_addf(&p->out, "ok %s\n", egress_lease_last(h->lease));
	} else if (h && str_is(op, "close")) {
		egress_lease_close(h->lease);
		*h = vec_last(&p->leases);
		p->leases.n--;
		buf_addz(&p->out, "ok\n");
	} else {
		buf_addz(&p->out, "error unknown request or lease\n");
	}
}

static void drop_peer(struct peer *p)
{
	struct peer **at = &p->control->peers;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	for (size_t i = 0; i < p->leases.n; i++)
		egress_lease_close(p->leases.at[i].lease);
	vec_release(&p->leases);
	for (size_t i = 0; i < p->fds.n; i++)
		close(p->fds.at[i]);
	vec_release(&p->fds);
	loop_fd_free(p->io);
	fd_close(&p->fd);
	buf_release(&p->in);
	buf_release(&p->out);
	free(p);
}

/* False when the peer is gone. */
static bool flush_peer(struct peer *p)
{
	while (p->out.n) {
		ssize_t n = send(p->fd, p->out.p, p->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			return false;
		buf_consume(&p->out, (size_t)n);
	}
	loop_fd_set(p->io, LOOP_READ | (p->out.n ? LOOP_WRITE : 0));
	return buf_ok(&p->out);
}

/* Text, and the descriptors that ride on it. */
static ssize_t receive(struct peer *p, char *at, size_t cap)
{
	union {
		char room[CMSG_SPACE(8 * sizeof(int))];
		struct cmsghdr align;
	} u;
	struct iovec io = { .iov_base = at, .iov_len = cap };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room };
	ssize_t n = recvmsg(p->fd, &m, MSG_CMSG_CLOEXEC);
	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL; c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;
			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			vec_push(NULL, &p->fds, fd);
		}
	}
	return n;
}

static void on_peer(void *arg, int events)
{
	struct peer *p = arg;
	char *at = buf_reserve(&p->in, 4 * KiB);
	ssize_t n = at ? receive(p, at, 4 * KiB) : 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		drop_peer(p);
		return;
	}
	buf_commit(&p->in, (size_t)MAX(n, 0));
	size_t nl;
	while ((nl = str_chr(buf_str(&p->in), '\n')) != STR_NPOS) {
		take_line(p, str_sub(buf_str(&p->in), 0, nl));
		buf_consume(&p->in, nl + 1);
	}
	if (!flush_peer(p))
		drop_peer(p);
}

static void on_connect(void *arg, int events)
{
	struct egress_control *c = arg;
	int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	struct peer *p = xcalloc(1, sizeof *p);
	*p = (struct peer){ .control = c, .next = c->peers, .fd = fd };
	buf_init(&p->in, NULL, EGRESS_LINE_MAX);
	buf_init(&p->out, NULL, 4 * EGRESS_LINE_MAX);
	p->io = loop_fd_new(c->loop, fd, LOOP_READ, on_peer, p);
	c->peers = p;
}

int egress_control_new(struct egress *x, struct loop *l, int fd, struct egress_control **ret, struct err *e)
{
	struct egress_control *c = xcalloc(1, sizeof *c);
	*c = (struct egress_control){ .x = x, .loop = l, .fd = fd };
	if (fd_nonblock(fd, true) < 0) {
		free(c);
		return err_errno(e, "egress control socket");
	}
	c->io = loop_fd_new(l, fd, LOOP_READ, on_connect, c);
	*ret = c;
	return 0;
}

void egress_control_free(struct egress_control *c)
{
	if (!c)
		return;
	while (c->peers)
		drop_peer(c->peers);
	loop_fd_free(c->io);
	fd_close(&c->fd);
	free(c);
}

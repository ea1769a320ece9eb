#include "base/first.h"
#include "net/fiber_io.h"
#include "base/fd.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

struct readiness {
	struct fiber *fiber;
	int events;
};

static void on_ready(void *arg, int events)
{
	struct readiness *r = arg;
	r->events |= events;
	fiber_wake(r->fiber, 0);
}

int fiber_fd_wait(struct loop *l, int fd, int events, usec_t deadline)
{
	struct readiness r = { .fiber = fiber_self() };
	struct loop_fd *h = loop_fd_new(l, fd, events, on_ready, &r);
	int rc = 0;
	while (!r.events && rc >= 0)
		rc = fiber_wait(deadline);
	loop_fd_free(h);
	return r.events ? r.events : rc;
}

ssize_t fiber_read(struct loop *l, int fd, void *p, size_t n, usec_t deadline)
{
	for (;;) {
		ssize_t got = read(fd, p, n);
		if (got >= 0)
			return got;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return E_IO;
		int rc = fiber_fd_wait(l, fd, LOOP_READ, deadline);
		if (rc < 0)
			return rc;
	}
}

int fiber_write(struct loop *l, int fd, const void *p, size_t n, usec_t deadline)
{
	const char *at = p;
	while (n) {
		ssize_t did = send(fd, at, n, MSG_NOSIGNAL);
		if (did > 0) {
			at += did;
			n -= (size_t)did;
			continue;
		}
		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0 && errno != EAGAIN)
			return E_IO;
		int rc = fiber_fd_wait(l, fd, LOOP_WRITE, deadline);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static socklen_t address_of(const struct ip *ip, int port, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof *ss);
	if (ip->family == 4) {
		struct sockaddr_in *v4 = (struct sockaddr_in *)ss;
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		memcpy(&v4->sin_addr, ip->b, 4);
		return sizeof *v4;
	}
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ss;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	memcpy(&v6->sin6_addr, ip->b, 16);
	return sizeof *v6;
}

int fiber_connect(struct loop *l, const struct ip *ip, int port, usec_t deadline, int *ret_fd, struct err *e)
{
	struct sockaddr_storage ss;
	socklen_t n = address_of(ip, port, &ss), len = sizeof(int);
	int error = 0, one = 1;
	_cleanup_fd_ int fd = socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(e, "socket");
	if (connect(fd, (struct sockaddr *)&ss, n) < 0 && errno != EINPROGRESS)
		return err_set(e, E_UNAVAIL, "cannot connect: %s", strerror(errno));
	int rc = fiber_fd_wait(l, fd, LOOP_WRITE, deadline);
	if (rc < 0)
		return err_set(e, rc, "cannot connect: %s", err_name(rc));
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		return err_set(e, E_UNAVAIL, "cannot connect: %s", strerror(error));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

struct lookup_wait {
	struct fiber *fiber;
	struct ip *out;
	size_t max, n;
	int code;
	bool done;
};

static void on_resolved(void *arg, const struct resolved *r)
{
	struct lookup_wait *w = arg;
	w->code = r->code;
	w->n = MIN(r->n, w->max);
	if (w->n)
		memcpy(w->out, r->addrs, w->n * sizeof *w->out);
	w->done = true;
	fiber_wake(w->fiber, 0);
}

int fiber_lookup(struct resolver *r, struct str name, struct ip *ret, size_t max, size_t *ret_n)
{
	struct lookup_wait w = { .fiber = fiber_self(), .out = ret, .max = max };
	struct lookup *l = resolver_lookup(r, name, on_resolved, &w);
	int rc = 0;
	while (!w.done && rc >= 0)
		rc = fiber_wait(FIBER_NEVER);
	if (!w.done) {
		lookup_cancel(l);
		return rc;
	}
	*ret_n = w.n;
	return w.code;
}

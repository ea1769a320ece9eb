#include "base/first.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/scan.h"
#include "fake_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static void drop(struct fake_conn *c)
{
	*(c->prev ? &c->prev->next : &c->fake->conns) = c->next;
	if (c->next)
		c->next->prev = c->prev;
	loop_fd_free(c->io);
	fd_close(&c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

struct str fake_header(struct str head, const char *name)
{
	struct str line;
	size_t n = strlen(name);
	while (str_split(&head, '\n', &line))
		if (line.n > n && line.p[n] == ':' && str_eqi(str_sub(line, 0, n), str_of(name)))
			return str_trim(str_from(line, n + 1));
	return STR_NULL;
}

void fake_raw(struct fake_conn *c, struct str bytes)
{
	buf_adds(&c->out, bytes);
	loop_fd_set(c->io, LOOP_READ | LOOP_WRITE);
}

void fake_close(struct fake_conn *c)
{
	c->close = true;
	loop_fd_set(c->io, LOOP_READ | LOOP_WRITE);
}

void fake_reply(struct fake_conn *c, const char *status, const char *headers, struct str body)
{
	buf_addf(&c->out, "HTTP/1.1 %s\r\n%sContent-Length: %zu\r\n\r\n", status, headers, body.n);
	fake_raw(c, body);
}

/* Serves one whole request out of c->in; false when there is none yet. */
static bool serve(struct fake_conn *c)
{
	struct str in = buf_str(&c->in);
	size_t end = str_find(in, STR("\r\n\r\n"));
	uint64_t length = 0;
	if (end == STR_NPOS)
		return false;
	struct str head = str_sub(in, 0, end + 2);
	if (scan_u64(fake_header(head, "content-length"), &length))
		length = 0;
	if (in.n < end + 4 + length)
		return false;
	struct str rest = head, method, path;
	str_split(&rest, ' ', &method);
	str_split(&rest, ' ', &path);
	c->fake->requests++;
	c->fake->fn(c, path, head, str_sub(in, end + 4, length), c->fake->arg);
	buf_consume(&c->in, end + 4 + length);
	return true;
}

static void on_conn(void *arg, int events)
{
	struct fake_conn *c = arg;
	char chunk[16384];
	if (events & LOOP_READ) {
		ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			drop(c);
			return;
		}
		if (n > 0)
			buf_add(&c->in, chunk, (size_t)n);
		while (serve(c))
			;
	}
	if (c->out.n) {
		ssize_t n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN) {
			drop(c);
			return;
		}
		if (n > 0)
			buf_consume(&c->out, (size_t)n);
	}
	if (c->endless && c->out.n < sizeof chunk) {
		memset(chunk, 'x', sizeof chunk);
		buf_add(&c->out, chunk, sizeof chunk);
	}
	if (!c->out.n && c->close) {
		drop(c);
		return;
	}
	loop_fd_set(c->io, LOOP_READ | (c->out.n ? LOOP_WRITE : 0));
}

static void on_accept(void *arg, int events)
{
	struct fake *f = arg;
	int fd = accept4(f->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	struct fake_conn *c = xcalloc(1, sizeof *c);
	c->fake = f;
	c->fd = fd;
	buf_init(&c->in, NULL, 0);
	buf_init(&c->out, NULL, 0);
	c->next = f->conns;
	if (f->conns)
		f->conns->prev = c;
	f->conns = c;
	c->io = loop_fd_new(f->loop, fd, LOOP_READ, on_conn, c);
	f->connections++;
}

struct fake *fake_new(struct loop *l, const char *addr, fake_fn fn, void *arg)
{
	struct fake *f = xcalloc(1, sizeof *f);
	struct sockaddr_in sa = { .sin_family = AF_INET };
	socklen_t n = sizeof sa;
	inet_pton(AF_INET, addr, &sa.sin_addr);
	f->loop = l;
	f->fn = fn;
	f->arg = arg;
	f->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (bind(f->fd, (struct sockaddr *)&sa, n) || listen(f->fd, 128) ||
		getsockname(f->fd, (struct sockaddr *)&sa, &n))
		die("fake server: %s", strerror(errno));
	f->port = ntohs(sa.sin_port);
	f->io = loop_fd_new(l, f->fd, LOOP_READ, on_accept, f);
	return f;
}

void fake_free(struct fake *f)
{
	while (f->conns)
		drop(f->conns);
	loop_fd_free(f->io);
	fd_close(&f->fd);
	free(f);
}

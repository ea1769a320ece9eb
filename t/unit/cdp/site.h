/* A small web server in a child process on 127.0.0.1: one response a connection, from a table. */
#ifndef KRYFTO_T_UNIT_CDP_SITE_H
#define KRYFTO_T_UNIT_CDP_SITE_H

#include "base/first.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

struct site_page {
	const char *path, *head, *body; /* head: "200 OK\r\nContent-Type: text/html" */
	int delay_ms;
};

#define SITE_HTML "200 OK\r\nContent-Type: text/html; charset=utf-8"

static pid_t site_pid;
static int site_port;

static void site_answer(int fd, const struct site_page *pages)
{
	char request[8192];
	size_t n = 0;
	while (n < sizeof request - 1) {
		ssize_t got = read(fd, request + n, sizeof request - 1 - n);
		if (got <= 0)
			return;
		n += (size_t)got;
		request[n] = 0;
		if (strstr(request, "\r\n\r\n"))
			break;
	}
	struct str line = str_sub(str_n(request, n), 0, str_chr(str_n(request, n), '\r'));
	struct str path = str_from(line, str_chr(line, ' ') + 1);
	path = str_sub(path, 0, str_chr(path, ' '));
	struct str bare = str_sub(path, 0, str_chr(path, '?'));
	struct buf b;
	buf_init(&b, NULL, 0);
	const struct site_page *p = pages;
	while (p->path && !str_is(bare, p->path))
		p++;
	if (str_is(bare, "/echo")) {
		buf_addf(&b,
			"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: "
			"close\r\n\r\n%s",
			n, request);
	} else if (!p->path) {
		buf_addz(&b, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: "
			     "close\r\n\r\nnone");
	} else {
		clock_sleep(p->delay_ms * USEC_PER_MS);
		buf_addf(&b, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", p->head,
			strlen(p->body), p->body);
	}
	fd_write_all(fd, b.p, b.n);
	buf_release(&b);
}

static void site_start(const struct site_page *pages)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof sa;
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s < 0 || bind(s, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(s, 64) < 0 ||
		getsockname(s, (struct sockaddr *)&sa, &len) < 0)
		die("site: %s", strerror(errno));
	site_port = ntohs(sa.sin_port);
	pid_t parent = getpid();
	site_pid = fork();
	if (site_pid) {
		close(s);
		return;
	}
	signal(SIGCHLD, SIG_IGN);
	while (getppid() == parent) {
		int c = accept(s, NULL, NULL);
		if (c < 0 || fork()) {
			fd_close(&c);
			continue;
		}
		site_answer(c, pages);
		shutdown(c, SHUT_WR);
		_exit(0);
	}
	_exit(0);
}

static void site_stop(void)
{
	kill(site_pid, SIGKILL);
	waitpid(site_pid, NULL, 0);
}

static inline struct str site_url(struct arena *a, const char *path)
{
	return arena_printf(a, "http://127.0.0.1:%d%s", site_port, path);
}

#endif

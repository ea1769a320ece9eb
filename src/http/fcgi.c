#include "base/first.h"
#include "http/fcgi.h"

#include <fcgiapp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>

#define DRAIN_MAX (4 * MiB)

struct fcgi {
	int listen_fd;
	FCGX_Request req;
	size_t unread; /* of the body that was announced */
};

int fcgi_init(struct err *e)
{
	static const int taken[] = { SIGPIPE, SIGUSR1, SIGTERM };
	struct sigaction keep[ARRAY_LEN(taken)];
	/* The library waits up to 2 s for the web server to close first; over a UNIX socket nothing is
	 * lost by closing at once, since what was sent stays readable. */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "0", 0);
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		sigaction(taken[i], NULL, &keep[i]);
	int rc = FCGX_Init();
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		sigaction(taken[i], &keep[i], NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	return rc == 0 ? 0 : err_set(e, E_IO, "FastCGI library: error %d", rc);
}

struct fcgi *fcgi_new(int listen_fd)
{
	/* accept() gives up after this, so that a stop request is seen even when its signal came between
	 * the look at the flag and the system call. */
	struct timeval half = { .tv_usec = 500000 };
	setsockopt(listen_fd, SOL_SOCKET, SO_RCVTIMEO, &half, sizeof half);
	struct fcgi *f = xcalloc(1, sizeof *f);
	f->listen_fd = listen_fd;
	FCGX_InitRequest(&f->req, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	return f;
}

void fcgi_free(struct fcgi *f)
{
	if (!f)
		return;
	FCGX_Free(&f->req, 1);
	free(f);
}

static int read_body(struct req *r, char *out, size_t n)
{
	struct fcgi *f = r->transport;
	size_t got = 0;
	while (got < n) {
		int k = FCGX_GetStr(out + got, (int)MIN(n - got, (size_t)1 << 30), f->req.in);
		if (k <= 0)
			return E_GONE;
		got += (size_t)k;
	}
	f->unread -= MIN(f->unread, n);
	return 0;
}

int fcgi_accept(struct fcgi *f, struct arena *a, struct req *r, int *ret_status, struct err *e)
{
	int fd = accept4(f->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return errno == EBADF || errno == EINVAL || errno == ENOTSOCK ? err_errno(e, "accept") : E_AGAIN;
	/* The library is given the connection as one that it kept: its own accept() waits in select(), which
	 * a signal ends by dropping the connection. With no socket to fall back on, it fails instead of waiting. */
	f->req.ipcFd = fd;
	f->req.keepConnection = 1;
	if (FCGX_Accept_r(&f->req) < 0)
		return E_AGAIN;
	*r = (struct req){ .arena = a, .read = read_body, .transport = f };
	*ret_status = 0;
	req_parse(r, (const char *const *)f->req.envp, ret_status, e);
	f->unread = (size_t)r->content_length;
	return 0;
}

/* What the client sent beyond what we read; leaving it would turn the reply into a reset. */
static void drain(struct fcgi *f)
{
	char trash[8192];
	size_t seen = 0;
	while (f->unread && seen < DRAIN_MAX) {
		int k = FCGX_GetStr(trash, sizeof trash, f->req.in);
		if (k <= 0)
			break;
		seen += (size_t)k;
	}
}

int fcgi_reply(struct fcgi *f, const struct req *r, const struct reply *reply)
{
	struct buf head;
	buf_init(&head, r->arena, 0);
	reply_head(reply, &head);
	FCGX_PutStr(head.p, (int)head.n, f->req.out);
	if (r->method != M_HEAD && reply->body.n)
		FCGX_PutStr(reply->body.p, (int)reply->body.n, f->req.out);
	drain(f);
	int bad = FCGX_GetError(f->req.out);
	f->req.keepConnection = 0; /* even if the peer asked for it */
	/* Without this the library ends the connection by shutdown, poll and read; over a UNIX socket, with all input
	 * read, a plain close loses nothing. */
	FCGX_Detach(&f->req);
	FCGX_Finish_r(&f->req);
	return bad ? E_GONE : 0;
}

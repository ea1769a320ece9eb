#include "base/first.h"
#include "net/egress_control.h"
#include "base/enc.h"
#include "base/fd.h"
#include "base/scan.h"

#include <sys/socket.h>

#define ANSWER_TIMEOUT (5 * USEC_PER_SEC)

struct ask {
	struct ask *next;
	struct fiber *fiber; /* NULL: nobody waits for this answer any more */
	char *answer;
};

struct egress_client {
	struct loop *loop;
	struct loop_fd *io;
	int fd;
	struct buf in, out;
	struct ask *first, *last; /* in the order of asking; heap */
	bool dead;
};

static void die_now(struct egress_client *c)
{
	c->dead = true;
	loop_fd_free(c->io);
	c->io = NULL;
	fd_close(&c->fd);
	for (struct ask *k = c->first; k; k = k->next)
		if (k->fiber)
			fiber_wake(k->fiber, E_UNAVAIL);
}

static void flush(struct egress_client *c)
{
	while (c->out.n && !c->dead) {
		ssize_t n = send(c->fd, c->out.p, c->out.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0)
			die_now(c);
		else
			buf_consume(&c->out, (size_t)n);
	}
	if (!c->dead)
		loop_fd_set(c->io, LOOP_READ | (c->out.n ? LOOP_WRITE : 0));
}

static void take_answer(struct egress_client *c, struct str line)
{
	struct ask *k = c->first;
	if (!k)
		return;
	c->first = k->next;
	if (!c->first)
		c->last = NULL;
	if (!k->fiber) {
		free(k);
		return;
	}
	k->answer = xmalloc(line.n + 1);
	str_copy(k->answer, line.n + 1, line);
	fiber_wake(k->fiber, 0);
}

static void on_io(void *arg, int events)
{
	struct egress_client *c = arg;
	char *at = buf_reserve(&c->in, 4 * KiB);
	ssize_t n = at ? read(c->fd, at, 4 * KiB) : 0;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		die_now(c);
		return;
	}
	buf_commit(&c->in, (size_t)MAX(n, 0));
	size_t nl;
	while ((nl = str_chr(buf_str(&c->in), '\n')) != STR_NPOS) {
		take_answer(c, str_sub(buf_str(&c->in), 0, nl));
		buf_consume(&c->in, nl + 1);
	}
	flush(c);
}

int egress_client_new(struct loop *l, const char *path, struct egress_client **ret, struct err *e)
{
	int fd = -1;
	int rc = fd_connect_unix(path, &fd, e);
	if (rc < 0)
		return rc;
	struct egress_client *c = xcalloc(1, sizeof *c);
	*c = (struct egress_client){ .loop = l, .fd = fd };
	fd_nonblock(fd, true);
	buf_init(&c->in, NULL, EGRESS_LINE_MAX);
	buf_init(&c->out, NULL, 4 * EGRESS_LINE_MAX);
	c->io = loop_fd_new(l, fd, LOOP_READ, on_io, c);
	*ret = c;
	return 0;
}

void egress_client_free(struct egress_client *c)
{
	if (!c)
		return;
	if (!c->dead)
		die_now(c);
	for (struct ask *k = c->first, *next; k; k = next) {
		next = k->next;
		if (!k->fiber)
			free(k);
	}
	buf_release(&c->in);
	buf_release(&c->out);
	free(c);
}

bool egress_client_alive(const struct egress_client *c)
{
	return !c->dead;
}

static struct ask *enqueue(struct egress_client *c, struct fiber *f)
{
	struct ask *k = xcalloc(1, sizeof *k);
	k->fiber = f;
	if (c->last)
		c->last->next = k;
	else
		c->first = k;
	c->last = k;
	return k;
}

/* Sends what stands in c->out and waits for the answer; `ret` is the text behind "ok", heap. */
static int ask(struct egress_client *c, char **ret, struct err *e)
{
	if (c->dead)
		return err_set(e, E_UNAVAIL, "the egress proxy is gone");
	struct ask *k = enqueue(c, fiber_self());
	usec_t deadline = clock_mono() + ANSWER_TIMEOUT;
	int rc = 0;
	flush(c);
	while (!k->answer && rc >= 0 && !c->dead)
		rc = fiber_wait(deadline);
	if (!k->answer) {
		/* Its place in the queue stays, so that later answers find theirs. */
		k->fiber = NULL;
		return err_set(e, rc < 0 ? rc : E_UNAVAIL, "the egress proxy did not answer");
	}
	struct str a = str_of(k->answer);
	rc = str_starts(a, STR("ok")) ? 0 : err_set(e, E_INVALID, "egress: %.*s", STR_FMT(str_from(a, 6)));
	if (rc == 0 && ret)
		*ret = xstrdup(k->answer + MIN(a.n, (size_t)3));
	free(k->answer);
	free(k);
	return rc;
}

/* The descriptor rides on the request's own bytes, so what waits to be sent goes first. */
static int send_open(struct egress_client *c, int fd, struct err *e)
{
	static const char text[] = "open\n";
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = { 0 };
	struct iovec io = { .iov_base = (char *)(uintptr_t)text, .iov_len = sizeof text - 1 };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(h), &fd, sizeof fd);
	flush(c);
	if (c->dead || c->out.n || sendmsg(c->fd, &m, MSG_NOSIGNAL) != (ssize_t)sizeof text - 1)
		return err_set(e, E_UNAVAIL, "the egress proxy does not take requests");
	return 0;
}

int egress_client_open(struct egress_client *c, int fd, int64_t *ret_lease, struct err *e)
{
	char *text = NULL;
	int64_t lease;
	int rc = c->dead ? err_set(e, E_UNAVAIL, "the egress proxy is gone") : send_open(c, fd, e);
	if (rc == 0)
		rc = ask(c, &text, e);
	if (rc < 0)
		return rc;
	bool good = scan_i64(str_of(text), &lease) == 0;
	if (good)
		*ret_lease = lease;
	free(text);
	return good ? 0 : err_set(e, E_PROTO, "the egress proxy's answer is malformed");
}

static void add_value(struct buf *b, const char *name, struct str value)
{
	if (!value.n)
		return;
	buf_addf(b, " %s=", name);
	enc_percent(b, value, false);
}

int egress_client_set(struct egress_client *c, int64_t lease, const struct egress_rules *r, struct err *e)
{
	buf_addf(&c->out, "set %" PRId64 " bytes=%" PRId64 " conns=%d", lease, r->bytes_max, r->conns_max);
	add_value(&c->out, "job", r->job);
	add_value(&c->out, "hosts", r->hosts);
	add_value(&c->out, "upstream", r->upstream);
	buf_addc(&c->out, '\n');
	return ask(c, NULL, e);
}

void egress_client_close(struct egress_client *c, int64_t lease)
{
	if (c->dead)
		return;
	buf_addf(&c->out, "close %" PRId64 "\n", lease);
	enqueue(c, NULL);
	flush(c);
}

int egress_client_last(struct egress_client *c, int64_t lease, char *ret, struct err *e)
{
	char *text = NULL;
	buf_addf(&c->out, "last %" PRId64 "\n", lease);
	int rc = ask(c, &text, e);
	if (rc == 0)
		str_copy(ret, 16, str_of(text));
	free(text);
	return rc;
}

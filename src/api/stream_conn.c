/* Connections: the request in, the reply or events out, never waiting. */
#include "base/first.h"
#include "api/stream_impl.h"

#include <sys/socket.h>
#include <unistd.h>

#define ACCEPTS_A_TURN 64
#define READ_SIZE (16 * KiB)

static void on_event(void *arg, int events);

void conn_close(struct conn *c)
{
	struct streams *s = c->s;
	hub_leave(c);
	if (c->prev)
		c->prev->next = c->next;
	else
		s->first = c->next;
	if (c->next)
		c->next->prev = c->prev;
	s->n--;
	loop_fd_free(c->h);
	close(c->fd);
	if (c->in)
		fcgi_in_release(c->in);
	free(c->in);
	buf_release(&c->out);
	free(c);
}

/* As much as the socket takes: the count, or E_GONE. */
static int64_t try_send(struct conn *c, const char *p, size_t n)
{
	size_t done = 0;
	while (done < n) {
		ssize_t k = send(c->fd, p + done, n - done, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0 && errno != EAGAIN && errno != EWOULDBLOCK)
			return E_GONE;
		if (k < 0)
			break;
		done += (size_t)k;
	}
	if (done)
		c->sent_at = loop_now(c->s->loop);
	return (int64_t)done;
}

static void set_blocked(struct conn *c)
{
	c->blocked_at = loop_now(c->s->loop);
	loop_fd_set(c->h, LOOP_READ | LOOP_WRITE);
}

/* Bytes behind what is pending; the caller bounds how often. */
static bool put(struct conn *c, const char *p, size_t n)
{
	int64_t k = c->blocked_at ? 0 : try_send(c, p, n);
	if (k < 0) {
		conn_close(c);
		return false;
	}
	if ((size_t)k < n) {
		buf_add(&c->out, p + k, n - (size_t)k);
		if (!c->blocked_at)
			set_blocked(c);
	}
	return true;
}

bool conn_text(struct conn *c, struct str text)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	fcgi_out_data(&b, c->id, text);
	bool good = put(c, b.p, b.n);
	buf_release(&b);
	return good;
}

bool conn_page(struct conn *c, const struct page *p)
{
	size_t i = 0;
	while (i < p->n && p->id[i] <= c->after)
		i++;
	if (i == p->n)
		return true;
	if (c->blocked_at) {
		c->lagging = true;
		return true;
	}
	size_t from = i ? p->end[i - 1] : 0, all = p->end[p->n - 1];
	int64_t k = try_send(c, p->bytes.p + from, all - from);
	if (k < 0) {
		conn_close(c);
		return false;
	}
	size_t out = from + (size_t)k;
	while (i < p->n && p->end[i] <= out)
		c->after = p->id[i++];
	if (i == p->n)
		return true;
	/* Of the event that is half out the rest is kept, those behind it are read again. */
	if (out > (i ? p->end[i - 1] : 0)) {
		buf_add(&c->out, p->bytes.p + out, p->end[i] - out);
		c->after = p->id[i];
	}
	c->lagging = true;
	set_blocked(c);
	return true;
}

void conn_end(struct conn *c)
{
	struct buf b;
	hub_leave(c);
	c->state = CONN_CLOSING;
	buf_init(&b, NULL, 0);
	fcgi_out_end(&b, c->id);
	bool open = put(c, b.p, b.n);
	buf_release(&b);
	if (open && !c->blocked_at)
		conn_close(c);
}

static void answer(struct conn *c, struct req *req, const struct reply *r, const struct stream_wish *w)
{
	struct buf b;
	buf_init(&b, req->arena, 0);
	reply_head(r, &b);
	bool head = req->method == M_HEAD;
	if (!head && !w->wanted)
		buf_add(&b, r->body.p, r->body.n);
	if (!conn_text(c, buf_str(&b)))
		return;
	if (head || !w->wanted) {
		conn_end(c);
		return;
	}
	c->state = CONN_STREAM;
	hub_join(c, w);
}

/* The request has come: the phases of every API request, then a reply or a stream. */
static void run(struct conn *c)
{
	struct streams *s = c->s;
	struct app *app = s->app;
	const char *const *env;
	struct reply reply;
	struct err e = { 0 };
	int status = 0;
	struct req req = { .arena = &s->arena };
	if (fcgi_in_env(c->in, &s->arena, &env) < 0) {
		conn_close(c);
		return;
	}
	c->id = c->in->id;
	fcgi_in_release(c->in);
	free(c->in);
	c->in = NULL;
	reply_init(&reply, &s->arena);
	req_parse(&req, env, &status, &e);
	req.content_length = 0; /* no route here takes a body, and it was dropped */
	s->wish = (struct stream_wish){ .full = s->n > (size_t)app->conf->stream_max };
	app->stream = &s->wish;
	pipeline_run(&app->pipeline, &req, &reply, status, &e);
	if (reply.status != 200)
		s->wish.wanted = false;
	answer(c, &req, &reply, &s->wish);
	arena_reset(&s->arena);
	hub_settle(s);
}

static void on_readable(struct conn *c)
{
	char bytes[READ_SIZE];
	ssize_t k = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
	if (k < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (k <= 0) {
		conn_close(c);
		return;
	}
	if (c->state != CONN_REQUEST) /* nothing that could matter any more */
		return;
	int rc = fcgi_in_feed(c->in, bytes, (size_t)k);
	if (rc < 0)
		conn_close(c);
	else if (rc > 0)
		run(c);
}

/* False: closed. */
static bool on_writable(struct conn *c)
{
	int64_t k = try_send(c, c->out.p, c->out.n);
	if (k < 0) {
		conn_close(c);
		return false;
	}
	buf_consume(&c->out, (size_t)k);
	if (c->out.n) {
		if (k)
			c->blocked_at = loop_now(c->s->loop);
		return true;
	}
	buf_release(&c->out);
	buf_init(&c->out, NULL, 0);
	c->blocked_at = 0;
	loop_fd_set(c->h, LOOP_READ);
	if (c->state == CONN_CLOSING) {
		conn_close(c);
		return false;
	}
	hub_resume(c);
	return true;
}

static void on_event(void *arg, int events)
{
	struct conn *c = arg;
	if ((events & LOOP_WRITE) && !on_writable(c))
		return;
	if (events & LOOP_READ)
		on_readable(c);
}

void conn_accept(struct streams *s)
{
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		struct conn *c = xcalloc(1, sizeof *c);
		c->s = s;
		c->fd = fd;
		c->opened = c->sent_at = loop_now(s->loop);
		c->in = xcalloc(1, sizeof *c->in);
		fcgi_in_init(c->in);
		buf_init(&c->out, NULL, 0);
		c->next = s->first;
		if (s->first)
			s->first->prev = c;
		s->first = c;
		s->n++;
		c->h = loop_fd_new(s->loop, fd, LOOP_READ, on_event, c);
	}
}

#include "base/first.h"
#include "extract/isolate.h"

#include "base/fd.h"
#include "base/vec.h"
#include "extract/channel.h"

#include <sys/epoll.h>

#define WAITING_MAX 10000

struct task {
	struct task *next;
	struct isolate_req req;
	struct arena *arena;
	isolate_done_fn *done;
	void *ctx;
};

struct worker {
	struct channel channel;
	struct task *task; /* NULL: idle */
	int watched;       /* the descriptor in the epoll set, -1: none */
};

struct isolate_pool {
	struct worker *workers;
	unsigned n;
	int epoll;
	struct task *first, **last;
	struct task *spare;
	size_t pending; /* waiting and at work */
};

int isolate_pool_open(const struct isolate_conf *c, unsigned n, struct isolate_pool **ret, struct err *e)
{
	struct isolate_pool *p = xcalloc(1, sizeof *p);
	int rc = 0;
	p->workers = xcalloc(n, sizeof *p->workers);
	p->last = &p->first;
	p->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (p->epoll < 0)
		rc = err_errno(e, "epoll_create1");
	for (; rc == 0 && p->n < n; p->n++) {
		rc = channel_init(&p->workers[p->n].channel, c, e);
		p->workers[p->n].watched = -1;
		if (rc < 0)
			break;
	}
	if (rc < 0)
		isolate_pool_close(p);
	else
		*ret = p;
	return rc;
}

int isolate_pool_fd(const struct isolate_pool *p)
{
	return p->epoll;
}

size_t isolate_pool_pending(const struct isolate_pool *p)
{
	return p->pending;
}

/* Takes the finished task off the books, then tells its owner, who may submit again. */
static void finish(
	struct isolate_pool *p, struct task *t, int rc, const struct isolate_result *res, const struct err *e)
{
	struct task was = *t;
	t->next = p->spare;
	p->spare = t;
	p->pending--;
	was.done(was.ctx, rc, rc == 0 ? res : NULL, e);
}

static void unwatch(struct isolate_pool *p, struct worker *w)
{
	/* A closed descriptor has left the set by itself; its number may be another's by now. */
	if (w->watched >= 0 && w->watched == w->channel.fd)
		epoll_ctl(p->epoll, EPOLL_CTL_DEL, w->watched, NULL);
	w->watched = -1;
}

void isolate_pool_close(struct isolate_pool *p)
{
	if (!p)
		return;
	struct err e = { 0 };
	err_set(&e, E_CANCELLED, "the parse pool is closing");
	struct task *waiting = p->first;
	p->first = NULL;
	p->last = &p->first;
	for (unsigned i = 0; i < p->n; i++) {
		struct task *t = p->workers[i].task;
		p->workers[i].task = NULL;
		channel_release(&p->workers[i].channel);
		if (t)
			finish(p, t, E_CANCELLED, NULL, &e);
	}
	while (waiting) {
		struct task *t = waiting;
		waiting = t->next;
		finish(p, t, E_CANCELLED, NULL, &e);
	}
	while (p->spare) {
		struct task *t = p->spare;
		p->spare = t->next;
		free(t);
	}
	fd_close(&p->epoll);
	free(p->workers);
	free(p);
}

/* False when this worker cannot serve: the task's failure is in *rc, *e then. */
static bool give(struct isolate_pool *p, struct worker *w, struct task *t, int *rc, struct err *e)
{
	*rc = channel_ask(&w->channel, &t->req, e);
	if (*rc < 0) {
		w->watched = w->channel.fd == w->watched ? w->watched : -1;
		return false;
	}
	if (w->channel.fd != w->watched) {
		struct epoll_event ev = { .events = EPOLLIN, .data.ptr = w };
		epoll_ctl(p->epoll, EPOLL_CTL_ADD, w->channel.fd, &ev);
		w->watched = w->channel.fd;
	}
	w->task = t;
	return true;
}

static void feed(struct isolate_pool *p)
{
	for (unsigned i = 0; i < p->n && p->first; i++) {
		struct worker *w = &p->workers[i];
		while (!w->task && p->first) {
			struct err e = { 0 };
			struct task *t = p->first;
			int rc = 0;
			p->first = t->next;
			if (!p->first)
				p->last = &p->first;
			if (!give(p, w, t, &rc, &e))
				finish(p, t, rc, NULL, &e);
		}
	}
}

int isolate_pool_submit(struct isolate_pool *p, const struct isolate_req *req, struct arena *a, isolate_done_fn *done,
	void *ctx, struct err *e)
{
	if (p->n && frame_request_used(req) > p->workers[0].channel.head.request_max)
		return err_set(e, E_LIMIT, "the document has %zu bytes; %" PRIu64 " are allowed", req->body.n,
			p->workers[0].channel.head.request_max);
	if (p->pending >= WAITING_MAX)
		return err_set(e, E_LIMIT, "%d documents wait for the parse children already", WAITING_MAX);
	struct task *t = p->spare;
	if (t)
		p->spare = t->next;
	else
		t = xmalloc(sizeof *t);
	*t = (struct task){ .req = *req, .arena = a, .done = done, .ctx = ctx };
	p->pending++;
	/* An idle child takes it at once; a failure to start one is told from the loop, never from here. */
	for (unsigned i = 0; i < p->n && !p->first; i++) {
		int rc;
		struct err why = { 0 };
		if (!p->workers[i].task && give(p, &p->workers[i], t, &rc, &why))
			return 0;
	}
	*p->last = t;
	p->last = &t->next;
	return 0;
}

bool isolate_pool_cancel(struct isolate_pool *p, void *ctx)
{
	for (unsigned i = 0; i < p->n; i++) {
		struct worker *w = &p->workers[i];
		if (!w->task || w->task->ctx != ctx)
			continue;
		w->task->next = p->spare;
		p->spare = w->task;
		w->task = NULL;
		p->pending--;
		unwatch(p, w);
		channel_kill(&w->channel);
		return true;
	}
	for (struct task **at = &p->first; *at; at = &(*at)->next) {
		struct task *t = *at;
		if (t->ctx != ctx)
			continue;
		*at = t->next;
		if (p->last == &t->next)
			p->last = at;
		t->next = p->spare;
		p->spare = t;
		p->pending--;
		return true;
	}
	return false;
}

/* Collects what a worker has, or looks at its clocks. */
static void attend(struct isolate_pool *p, struct worker *w, usec_t now)
{
	struct isolate_result res = { 0 };
	struct err e = { 0 };
	struct task *t = w->task;
	int rc = channel_answer(&w->channel, false, t->arena, &res, &e);
	if (rc == E_AGAIN && now >= w->channel.due)
		rc = channel_check(&w->channel, &e);
	if (rc == E_AGAIN)
		return;
	if (w->channel.fd != w->watched)
		w->watched = -1;
	w->task = NULL;
	finish(p, t, rc, &res, &e);
}

void isolate_pool_run(struct isolate_pool *p)
{
	struct epoll_event ev[64];
	int n = epoll_wait(p->epoll, ev, ARRAY_LEN(ev), 0);
	usec_t now = clock_mono();
	for (int i = 0; i < n; i++) {
		struct worker *w = ev[i].data.ptr;
		if (w->task) {
			attend(p, w, now);
			continue;
		}
		/* An idle child has nothing to say: it ended. */
		unwatch(p, w);
		channel_kill(&w->channel);
	}
	for (unsigned i = 0; i < p->n; i++)
		if (p->workers[i].task && now >= p->workers[i].channel.due)
			attend(p, &p->workers[i], now);
	feed(p);
}

usec_t isolate_pool_deadline(const struct isolate_pool *p)
{
	usec_t first = 0;
	bool idle = false;
	for (unsigned i = 0; i < p->n; i++) {
		const struct worker *w = &p->workers[i];
		if (!w->task)
			idle = true;
		else if (!first || w->channel.due < first)
			first = w->channel.due;
	}
	/* Waiting work beside an idle child: a start failed when it was submitted. */
	return idle && p->first ? clock_mono() : first;
}

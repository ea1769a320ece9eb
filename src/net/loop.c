#include "base/first.h"
#include "base/arena.h"
#include "net/loop.h"

#include <ev.h>

struct deferred {
	void (*fn)(void *arg);
	void *arg;
	struct deferred *next;
};

struct loop {
	struct ev_loop *ev;
	struct deferred *first, **last; /* `last` points at the link to fill */
	ev_timer deferred;              /* due at once while the list is not empty */
	usec_t now;
	ev_check check;
};

struct loop_fd {
	ev_io w;
	struct ev_loop *ev;
	void (*fn)(void *arg, int events);
	void *arg;
};

struct loop_timer {
	ev_timer w;
	struct ev_loop *ev;
	void (*fn)(void *arg);
	void *arg;
};

struct loop_signal {
	ev_signal w;
	struct ev_loop *ev;
	void (*fn)(void *arg);
	void *arg;
};

struct loop_wake {
	ev_async w;
	struct ev_loop *ev;
	void (*fn)(void *arg);
	void *arg;
};

static void run_deferred(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct loop *l = w->data;
	/* Only what is there now: work that defers more work must not starve the descriptors. */
	struct deferred *d = l->first;
	l->first = NULL;
	l->last = &l->first;
	while (d) {
		struct deferred *next = d->next;
		d->fn(d->arg);
		free(d);
		d = next;
	}
	if (l->first && !ev_is_active(&l->deferred)) {
		ev_timer_set(&l->deferred, 0, 0);
		ev_timer_start(l->ev, &l->deferred);
	}
}

static void take_time(struct ev_loop *ev, ev_check *w, int revents)
{
	((struct loop *)w->data)->now = clock_mono();
}

int loop_new(struct loop **ret, struct err *e)
{
	struct ev_loop *ev = ev_loop_new(EVFLAG_NOENV);
	if (!ev)
		return err_set(e, E_IO, "cannot make an event loop");
	struct loop *l = xcalloc(1, sizeof *l);
	l->ev = ev;
	l->last = &l->first;
	ev_timer_init(&l->deferred, run_deferred, 0, 0);
	l->deferred.data = l;
	ev_check_init(&l->check, take_time);
	ev_set_priority(&l->check, EV_MAXPRI);
	l->check.data = l;
	ev_check_start(ev, &l->check);
	ev_unref(ev); /* our own watcher keeps no loop alive */
	l->now = clock_mono();
	*ret = l;
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	for (struct deferred *d = l->first; d;) {
		struct deferred *next = d->next;
		free(d);
		d = next;
	}
	ev_ref(l->ev);
	ev_check_stop(l->ev, &l->check);
	ev_timer_stop(l->ev, &l->deferred);
	ev_loop_destroy(l->ev);
	free(l);
}

void loop_after_fork(struct loop *l)
{
	ev_loop_fork(l->ev);
}

void loop_run(struct loop *l)
{
	ev_run(l->ev, 0);
}

void loop_turn(struct loop *l, bool wait)
{
	ev_run(l->ev, wait ? EVRUN_ONCE : EVRUN_NOWAIT);
}

void loop_stop(struct loop *l)
{
	ev_break(l->ev, EVBREAK_ONE);
}

usec_t loop_now(const struct loop *l)
{
	return l->now;
}

void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct deferred *d = xmalloc(sizeof *d);
	*d = (struct deferred){ .fn = fn, .arg = arg };
	*l->last = d;
	l->last = &d->next;
	if (!ev_is_active(&l->deferred)) {
		ev_timer_set(&l->deferred, 0, 0);
		ev_timer_start(l->ev, &l->deferred);
	}
}

static void on_fd(struct ev_loop *ev, ev_io *w, int revents)
{
	struct loop_fd *h = w->data;
	h->fn(h->arg, (revents & (EV_READ | EV_ERROR) ? LOOP_READ : 0) | (revents & EV_WRITE ? LOOP_WRITE : 0));
}

struct loop_fd *loop_fd_new(struct loop *l, int fd, int events, void (*fn)(void *arg, int events), void *arg)
{
	struct loop_fd *h = xcalloc(1, sizeof *h);
	h->ev = l->ev;
	h->fn = fn;
	h->arg = arg;
	ev_io_init(&h->w, on_fd, fd, 0);
	h->w.data = h;
	loop_fd_set(h, events);
	return h;
}

void loop_fd_set(struct loop_fd *h, int events)
{
	int want = (events & LOOP_READ ? EV_READ : 0) | (events & LOOP_WRITE ? EV_WRITE : 0);
	if (ev_is_active(&h->w) && (h->w.events & (EV_READ | EV_WRITE)) == want)
		return;
	ev_io_stop(h->ev, &h->w);
	ev_io_set(&h->w, h->w.fd, want);
	if (want)
		ev_io_start(h->ev, &h->w);
}

void loop_fd_free(struct loop_fd *h)
{
	if (!h)
		return;
	ev_io_stop(h->ev, &h->w);
	free(h);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct loop_timer *t = w->data;
	t->fn(t->arg);
}

struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_timer *t = xcalloc(1, sizeof *t);
	t->ev = l->ev;
	t->fn = fn;
	t->arg = arg;
	ev_timer_init(&t->w, on_timer, 0, 0);
	t->w.data = t;
	return t;
}

void loop_timer_in(struct loop_timer *t, usec_t in)
{
	ev_timer_stop(t->ev, &t->w);
	/* libev counts from the turn's cached time, which a long callback leaves behind. */
	ev_now_update(t->ev);
	ev_timer_set(&t->w, in > 0 ? (double)in / (double)USEC_PER_SEC : 0, 0);
	ev_timer_start(t->ev, &t->w);
}

void loop_timer_every(struct loop_timer *t, usec_t period)
{
	double s = (double)MAX(period, USEC_PER_MS) / (double)USEC_PER_SEC;
	ev_timer_stop(t->ev, &t->w);
	ev_now_update(t->ev);
	ev_timer_set(&t->w, s, s);
	ev_timer_start(t->ev, &t->w);
}

void loop_timer_stop(struct loop_timer *t)
{
	ev_timer_stop(t->ev, &t->w);
}

bool loop_timer_set(const struct loop_timer *t)
{
	return ev_is_active(&t->w);
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	ev_timer_stop(t->ev, &t->w);
	free(t);
}

static void on_signal(struct ev_loop *ev, ev_signal *w, int revents)
{
	struct loop_signal *s = w->data;
	s->fn(s->arg);
}

struct loop_signal *loop_signal_new(struct loop *l, int signo, void (*fn)(void *arg), void *arg)
{
	struct loop_signal *s = xcalloc(1, sizeof *s);
	s->ev = l->ev;
	s->fn = fn;
	s->arg = arg;
	ev_signal_init(&s->w, on_signal, signo);
	s->w.data = s;
	ev_signal_start(l->ev, &s->w);
	return s;
}

void loop_signal_free(struct loop_signal *s)
{
	if (!s)
		return;
	ev_signal_stop(s->ev, &s->w);
	free(s);
}

static void on_wake(struct ev_loop *ev, ev_async *w, int revents)
{
	struct loop_wake *k = w->data;
	k->fn(k->arg);
}

struct loop_wake *loop_wake_new(struct loop *l, void (*fn)(void *arg), void *arg)
{
	struct loop_wake *w = xcalloc(1, sizeof *w);
	w->ev = l->ev;
	w->fn = fn;
	w->arg = arg;
	ev_async_init(&w->w, on_wake);
	w->w.data = w;
	ev_async_start(l->ev, &w->w);
	return w;
}

void loop_wake(struct loop_wake *w)
{
	ev_async_send(w->ev, &w->w);
}

void loop_wake_free(struct loop_wake *w)
{
	if (!w)
		return;
	ev_async_stop(w->ev, &w->w);
	free(w);
}

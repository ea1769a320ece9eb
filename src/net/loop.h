/*
 * The event loop of a daemon: descriptors, timers, signals, wake-ups from other threads, and work put
 * off to the next turn. A thin face over libev, whose types stay inside loop.c.
 *
 * One thread a loop. Handles are heap objects; freeing one (also from inside its own callback) stops it
 * and no callback of it runs afterwards. All times are microseconds of the monotonic clock.
 */
#ifndef KRYFTO_NET_LOOP_H
#define KRYFTO_NET_LOOP_H

#include "base/clock.h"
#include "base/err.h"

struct loop;
struct loop_fd;
struct loop_timer;
struct loop_signal;
struct loop_wake;

enum loop_events { LOOP_READ = 1, LOOP_WRITE = 2 };

int loop_new(struct loop **ret, struct err *e);
/* All handles must have been freed before. NULL is fine. */
void loop_free(struct loop *l);
/* In a forked child that goes on using the loop. */
void loop_after_fork(struct loop *l);

/* Runs until loop_stop(). */
void loop_run(struct loop *l);
/* One turn; with `wait`, blocks until something happens. */
void loop_turn(struct loop *l, bool wait);
/* The innermost loop_run() returns after this turn. */
void loop_stop(struct loop *l);
/* The monotonic time at which this turn began: cheap, and the same for the whole turn. */
usec_t loop_now(const struct loop *l);

/* Calls fn(arg) once, in the next turn, before the loop waits again. Order is kept. */
void loop_defer(struct loop *l, void (*fn)(void *arg), void *arg);

/* `events` is a mask of enum loop_events; 0 leaves it idle. The descriptor stays the caller's and must
 * outlive the handle. */
struct loop_fd *loop_fd_new(struct loop *l, int fd, int events, void (*fn)(void *arg, int events), void *arg);
void loop_fd_set(struct loop_fd *h, int events);
void loop_fd_free(struct loop_fd *h);

/* Created idle. */
struct loop_timer *loop_timer_new(struct loop *l, void (*fn)(void *arg), void *arg);
/* Fires once, `in` from now (0 or less: next turn); replaces an earlier setting. */
void loop_timer_in(struct loop_timer *t, usec_t in);
/* Fires every `period`, first `period` from now. A late turn skips firings instead of making them up. */
void loop_timer_every(struct loop_timer *t, usec_t period);
void loop_timer_stop(struct loop_timer *t);
bool loop_timer_set(const struct loop_timer *t);
void loop_timer_free(struct loop_timer *t);

/* The callback runs in the loop, not in signal context. One handle a signal number and process. */
struct loop_signal *loop_signal_new(struct loop *l, int signo, void (*fn)(void *arg), void *arg);
void loop_signal_free(struct loop_signal *s);

/* loop_wake() may be called from any thread or signal handler; several calls may make one callback. */
struct loop_wake *loop_wake_new(struct loop *l, void (*fn)(void *arg), void *arg);
void loop_wake(struct loop_wake *w);
void loop_wake_free(struct loop_wake *w);

#endif

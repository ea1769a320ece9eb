#include "base/first.h"
#include "proc/responder.h"
#include "base/log.h"

#include <poll.h>
#include <signal.h>

static volatile sig_atomic_t stop_asked, reopen_asked;

static void on_stop(int sig)
{
	stop_asked = 1;
}

static void on_reopen(int sig)
{
	reopen_asked = 1;
}

void responder_signals(void)
{
	static const int stops[] = { SIGTERM, SIGQUIT, SIGINT };
	struct sigaction sa = { .sa_handler = on_stop, .sa_flags = SA_RESTART };
	sigset_t none;
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < ARRAY_LEN(stops); i++)
		sigaction(stops[i], &sa, NULL);
	sa.sa_handler = on_reopen;
	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGPIPE, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* At a stop of the whole server the socket's file is gone already, so what waits in the backlog is
 * all that will come: it is served, too. */
static bool waiting(const struct responder *w)
{
	struct pollfd p = { .fd = w->listen_fd, .events = POLLIN };
	return w->board->stopping && poll(&p, 1, 0) > 0 && (p.revents & POLLIN);
}

bool responder_stop(struct responder *w)
{
	if (reopen_asked) {
		reopen_asked = 0;
		log_reopen();
	}
	if (w->max_requests && w->slot->requests >= w->max_requests)
		return true;
	if (!stop_asked)
		return false;
	if (waiting(w))
		return false;
	w->slot->state = WORKER_STOPPING;
	return true;
}

void responder_busy(struct responder *w, int doing)
{
	atomic_store_explicit(&w->slot->since, clock_mono(), memory_order_relaxed);
	atomic_store_explicit(&w->slot->doing, doing, memory_order_relaxed);
	atomic_store_explicit(&w->slot->state, WORKER_BUSY, memory_order_release);
}

void responder_idle(struct responder *w)
{
	if (w->slot->state == WORKER_BUSY)
		atomic_fetch_add_explicit(&w->slot->requests, 1, memory_order_relaxed);
	atomic_store_explicit(&w->slot->doing, -1, memory_order_relaxed);
	atomic_store_explicit(&w->slot->since, clock_mono(), memory_order_relaxed);
	atomic_store_explicit(&w->slot->state, WORKER_IDLE, memory_order_release);
}

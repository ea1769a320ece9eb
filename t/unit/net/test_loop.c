#include "base/first.h"
#include "base/err.h"
#include "net/loop.h"
#include "../tap.h"

#include <pthread.h>
#include <signal.h>

static struct loop *loop;
static char order[64];
static char a[] = "a", b[] = "b", c3[] = "c", never[] = "never";

static void note(void *arg)
{
	const char *s = arg;
	size_t n = strlen(order);
	str_copy(order + n, sizeof order - n, str_of(s));
}

static void note_twice(void *arg)
{
	note(arg);
	loop_defer(loop, note, b);
}

static void stop(void *arg)
{
	loop_stop(loop);
}

static int ticks;
static struct loop_timer *ticker;

static void tick(void *arg)
{
	if (++ticks == 3) {
		loop_timer_free(ticker); /* inside its own callback */
		loop_stop(loop);
	}
}

static void on_pipe(void *arg, int events)
{
	int *fds = arg;
	char c;
	ok(events & LOOP_READ, "readable");
	is_int(read(fds[0], &c, 1), 1, "a byte is there");
	loop_stop(loop);
}

static void *waker(void *arg)
{
	loop_wake(arg);
	return NULL;
}

int main(void)
{
	is_int(loop_new(&loop, NULL), 0, "a loop");

	loop_defer(loop, note_twice, a);
	loop_defer(loop, note, c3);
	loop_turn(loop, true);
	is_cstr(order, "ac", "deferred work runs in order, and what it defers waits a turn");
	loop_turn(loop, true);
	is_cstr(order, "acb", "then runs");

	usec_t t0 = clock_mono();
	struct loop_timer *t = loop_timer_new(loop, stop, NULL);
	ok(!loop_timer_set(t), "a timer is created idle");
	loop_timer_in(t, 30 * USEC_PER_MS);
	ok(loop_timer_set(t), "set");
	loop_run(loop);
	ok(clock_mono() - t0 >= 29 * USEC_PER_MS, "not early");
	ok(loop_now(loop) >= t0, "the turn's time");
	loop_timer_in(t, 10 * USEC_PER_MS);
	loop_timer_stop(t);
	ok(!loop_timer_set(t), "stopped");
	ticker = loop_timer_new(loop, tick, NULL);
	loop_timer_every(ticker, 5 * USEC_PER_MS);
	loop_run(loop);
	is_int(ticks, 3, "a periodic timer, freed in its callback");

	int fds[2];
	if (pipe(fds))
		die("pipe");
	struct loop_fd *io = loop_fd_new(loop, fds[0], 0, on_pipe, fds);
	is_int(write(fds[1], "x", 1), 1, "written");
	loop_turn(loop, false); /* idle: nothing happens */
	loop_fd_set(io, LOOP_READ);
	loop_run(loop);
	loop_fd_free(io);

	struct loop_signal *s = loop_signal_new(loop, SIGUSR1, stop, NULL);
	kill(getpid(), SIGUSR1);
	loop_run(loop);
	ok(true, "a signal ended the run");
	loop_signal_free(s);

	struct loop_wake *w = loop_wake_new(loop, stop, NULL);
	pthread_t th;
	pthread_create(&th, NULL, waker, w);
	loop_run(loop);
	pthread_join(th, NULL);
	ok(true, "another thread woke it");
	loop_wake_free(w);

	loop_defer(loop, note, never);
	loop_timer_free(t);
	loop_free(loop);
	close(fds[0]);
	close(fds[1]);
	return done_testing();
}

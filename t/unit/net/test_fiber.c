#include "base/first.h"
#include "net/fiber.h"
#include "../tap.h"

static struct loop *loop;
static struct fiber *first, *second;
static int log_[16], n_log;

static void note(int v) { log_[n_log++] = v; }

static void waiter(void *arg)
{
	first = fiber_self();
	note(1);
	note(fiber_wait(FIBER_NEVER));
	note(fiber_wait(clock_mono() + 5 * USEC_PER_MS));
	note(fiber_wait(FIBER_NEVER));
	first = NULL;
}

static void waker(void *arg)
{
	second = fiber_self();
	note(2);
	fiber_wake(first, 42);
	note(3);
	second = NULL;
}

/* Uses a good deal of its stack and keeps what stands there over waits. */
static void deep(void *arg)
{
	volatile char room[64 * 1024];
	int *sum = arg;
	for (size_t i = 0; i < sizeof room; i++)
		room[i] = (char)i;
	fiber_wait(clock_mono() + USEC_PER_MS);
	for (size_t i = 0; i < sizeof room; i++)
		*sum += room[i] == (char)i;
}

static void returns_at_once(void *arg) { ++*(int *)arg; }

int main(void)
{
	ok(loop_new(&loop, NULL) == 0, "a loop");
	fiber_start(loop, waiter, NULL, NULL);
	is_int(n_log, 1, "a fiber runs until it waits");
	fiber_start(loop, waker, NULL, NULL);
	is_int(n_log, 3, "a wake-up does not switch at once");
	while (n_log < 5)
		loop_turn(loop, true);
	is_int(log_[3], 42, "the value arrives");
	is_int(log_[4], E_TIMEOUT, "a deadline passes");
	fiber_wake(first, 7);
	fiber_wake(first, E_CANCELLED);
	fiber_wake(first, 8);
	while (first)
		loop_turn(loop, true);
	is_int(log_[5], E_CANCELLED, "of several wake-ups the first failure wins");
	is_int(fiber_count(), 0, "all ended");
	int sum = 0, ran = 0;
	for (int i = 0; i < 50; i++)
		fiber_start(loop, deep, &sum, NULL);
	is_int(fiber_count(), 50, "fifty at once");
	while (fiber_count())
		loop_turn(loop, true);
	is_int(sum, 50 * 64 * 1024, "each kept its own stack");
	for (int i = 0; i < 1000; i++)
		fiber_start(loop, returns_at_once, &ran, NULL);
	is_int(ran, 1000, "fibers that never wait");
	ok(fiber_self() == NULL, "the loop is no fiber");
	loop_free(loop);
	return done_testing();
}

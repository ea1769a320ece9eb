#include "base/first.h"
#include "api/limiter.h"
#include "base/arena.h"
#include "proc/shm.h"
#include "../tap.h"

#include <sys/wait.h>

static struct limiter *limiter;
static usec_t now = 1700000000 * USEC_PER_SEC;

static struct limit_state hit(const char *key, int64_t limit, bool count)
{
	struct limit_state st;
	const struct limit_ask ask = { .key = str_of(key), .limit = limit, .count = count, .now = now };
	limiter_hit(limiter, NULL, &ask, &st);
	return st;
}

static void check_window(void)
{
	struct limit_state st = hit("a", 3, false);
	ok(st.limit == 3 && st.remaining == 3 && !st.over, "looking costs nothing");
	ok(st.reset >= 1 && st.reset <= 60, "the window ends within a minute");
	now += (st.reset - 1) * USEC_PER_SEC; /* its last second */
	is_int(hit("a", 3, false).reset, 1, "one second is left");
	is_int(hit("a", 3, true).remaining, 2, "first");
	is_int(hit("a", 3, true).remaining, 1, "second");
	st = hit("a", 3, true);
	ok(st.remaining == 0 && !st.over, "the third is the last");
	ok(hit("a", 3, true).over, "the fourth is over");
	ok(!hit("b", 3, true).over, "another key has its own");
	ok(!hit("a", 10, true).over, "a raised limit holds at once");
	now += USEC_PER_SEC;
	st = hit("a", 3, true);
	ok(st.remaining == 2 && st.reset == 60, "a new window begins");
}

static void check_processes(void)
{
	for (int k = 0; k < 4; k++)
		if (fork() == 0) {
			for (int i = 0; i < 2500; i++)
				hit("shared", 100000, true);
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	is_int(hit("shared", 100000, false).remaining, 90000, "four processes count together");
}

static void check_pressure(void)
{
	char key[32];
	int wrong = 0;
	for (int i = 0; i < 50; i++)
		hit("busy", 100, true);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "k%d", i);
		wrong += hit(key, 10, true).over;
	}
	is_int(wrong, 0, "a full table never refuses a newcomer");
	is_int(hit("busy", 100, false).remaining, 50, "and keeps those with many hits");
	now += 3 * LIMITER_WINDOW * USEC_PER_SEC;
	is_int(hit("k1", 10, true).remaining, 9, "old entries give way");
}

int main(void)
{
	size_t slots = 256;
	limiter = limiter_init(shm_map(limiter_size(slots)), slots);
	check_window();
	check_processes();
	check_pressure();
	return done_testing();
}

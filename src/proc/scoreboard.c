#include "base/first.h"
#include "proc/scoreboard.h"

const char *worker_state_name(enum worker_state s)
{
	static const char *const names[] = { "none", "starting", "idle", "busy", "stopping" };
	return (unsigned)s < ARRAY_LEN(names) ? names[s] : "unknown";
}

size_t scoreboard_size(size_t slots)
{
	return sizeof(struct scoreboard) + slots * sizeof(struct slot);
}

struct scoreboard *scoreboard_init(void *mem, size_t slots)
{
	struct scoreboard *sb = mem;
	sb->n = (int32_t)slots;
	sb->started = clock_real();
	return sb;
}

int scoreboard_take(struct scoreboard *sb)
{
	for (int i = 0; i < sb->n; i++)
		if (sb->slots[i].pid == 0 && sb->slots[i].state == WORKER_NONE)
			return i;
	return -1;
}

int scoreboard_find(const struct scoreboard *sb, pid_t pid)
{
	for (int i = 0; i < sb->n; i++)
		if (sb->slots[i].pid == pid)
			return i;
	return -1;
}

void scoreboard_counts(const struct scoreboard *sb, int pool, struct pool_counts *ret)
{
	struct pool_counts c = { 0 };
	usec_t now = clock_mono();
	for (int i = 0; i < sb->n; i++) {
		const struct slot *s = &sb->slots[i];
		if (s->pid == 0 || s->pool != pool)
			continue;
		c.workers++;
		if (s->state == WORKER_IDLE)
			c.idle++;
		if (s->state == WORKER_BUSY) {
			c.busy++;
			c.longest = MAX(c.longest, now - s->since);
		}
	}
	*ret = c;
}

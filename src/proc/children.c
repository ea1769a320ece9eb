#include "base/first.h"
#include "proc/children.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/rng.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define ASK_AGAIN (200 * USEC_PER_MS)

usec_t children_backoff(int fails)
{
	usec_t d = 100 * USEC_PER_MS;
	for (int i = 1; i < fails && d < 10 * USEC_PER_SEC; i++)
		d *= 2;
	return fails <= 0 ? 0 : MIN(d, 10 * USEC_PER_SEC);
}

/* In the child: everything that belongs to the master goes, then the worker runs. */
static NORETURN void run_child(struct children *c, int slot, int pool)
{
	struct master *m = c->m;
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	if (getppid() != c->master)
		_exit(RESPONDER_EXIT_OK); /* the master went between fork and prctl */
	char name[16];
	snprintf(name, sizeof name, "%.8s-%.5s", m->prog, m->pools[pool].name);
	prctl(PR_SET_NAME, name);
	for (size_t i = 0; i < m->n_pools; i++)
		if ((int)i != pool)
			close(c->pools[i].listen_fd);
	uint64_t max = m->limits.max_requests;
	struct responder w = {
		.pool = pool, .pool_name = m->pools[pool].name, .listen_fd = c->pools[pool].listen_fd, .number = slot,
		.slot = &m->board->slots[slot], .board = m->board, .arg = m->arg,
		.max_requests = max ? max - rng_below(max / 8 + 1) : 0,
	};
	responder_signals();
	exit(m->serve(&w));
}

static void spawn(struct children *c, int pool)
{
	struct scoreboard *sb = c->m->board;
	int i = scoreboard_take(sb);
	if (i < 0)
		return;
	struct slot *s = &sb->slots[i];
	usec_t now = clock_mono();
	s->state = WORKER_STARTING;
	s->pool = pool;
	s->generation = c->generation;
	s->started = now;
	s->since = now;
	s->requests = 0;
	s->doing = -1;
	pid_t pid = fork();
	if (pid == 0)
		run_child(c, i, pool);
	if (pid < 0) {
		s->state = WORKER_NONE;
		c->pools[pool].next = now + USEC_PER_SEC;
		log_at(LOG_ERROR, "cannot start a worker", L_CSTR("pool", c->m->pools[pool].name),
			L_CSTR("why", strerror(errno)));
		return;
	}
	s->pid = pid;
	c->at[i] = (struct child){ .pid = pid, .pool = pool, .generation = c->generation, .started = now };
	sb->spawned++;
}

static int current(const struct children *c, int pool, bool up)
{
	int n = 0;
	for (int i = 0; i < c->n; i++) {
		const struct child *k = &c->at[i];
		if (!k->pid || k->pool != pool || k->generation != c->generation)
			continue;
		int state = c->m->board->slots[i].state;
		n += !up || state == WORKER_IDLE || state == WORKER_BUSY;
	}
	return n;
}

/* A worker that was started since the last crash and got old enough ends the caution. */
static void forgive(struct children *c, int pool)
{
	usec_t now = clock_mono();
	for (int i = 0; i < c->n; i++)
		if (c->at[i].pid && c->at[i].pool == pool && c->at[i].started > c->pools[pool].last_crash &&
			now - c->at[i].started >= YOUNG)
			c->pools[pool].fails = 0;
}

void children_fill(struct children *c)
{
	usec_t now = clock_mono();
	for (size_t p = 0; p < c->m->n_pools; p++) {
		struct pool_state *ps = &c->pools[p];
		int missing = c->m->pools[p].workers - current(c, (int)p, false);
		if (ps->next > now)
			continue;
		if (ps->fails)
			forgive(c, (int)p);
		/* While workers die young one at a time is enough to see whether the cause is gone. */
		if (ps->fails)
			missing = MIN(missing, 1);
		while (missing-- > 0 && ps->next <= now)
			spawn(c, (int)p);
		if (ps->fails)
			ps->next = now + children_backoff(ps->fails);
	}
}

static void crashed(struct children *c, const struct child *k, int status, usec_t lived)
{
	struct pool_state *ps = &c->pools[k->pool];
	c->m->board->crashed++;
	ps->fails = lived < YOUNG ? MIN(ps->fails + 1, 30) : 0;
	usec_t wait = children_backoff(ps->fails);
	wait = wait / 2 + (usec_t)rng_below((uint64_t)wait / 2 + 1);
	ps->last_crash = clock_mono();
	ps->next = ps->last_crash + wait;
	log_at(LOG_ERROR, "worker died", L_CSTR("pool", c->m->pools[k->pool].name), L_INT("worker", k->pid),
		L_INT("signal", WIFSIGNALED(status) ? WTERMSIG(status) : 0),
		L_INT("exit", WIFEXITED(status) ? WEXITSTATUS(status) : -1), L_INT("lived_ms", lived / 1000),
		L_INT("restart_in_ms", wait / 1000));
}

static void buried(struct children *c, int i, int status)
{
	struct child k = c->at[i];
	struct slot *s = &c->m->board->slots[i];
	struct pool_state *ps = &c->pools[k.pool];
	usec_t lived = clock_mono() - k.started;
	int exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	bool was_up = s->state != WORKER_STARTING;
	c->at[i] = (struct child){ 0 };
	s->pid = 0;
	s->state = WORKER_NONE;
	if (exit_code == RESPONDER_EXIT_RECYCLE)
		c->m->board->recycled++;
	if (exit_code == RESPONDER_EXIT_FATAL && !ps->was_up)
		ps->fatal = true;
	if (k.ours || exit_code == RESPONDER_EXIT_OK || exit_code == RESPONDER_EXIT_RECYCLE) {
		if (was_up)
			ps->fails = 0;
		return;
	}
	crashed(c, &k, status, lived);
}

bool children_reap(struct children *c)
{
	int status;
	pid_t pid;
	bool any = false;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		any = true;
		for (int i = 0; i < c->n; i++)
			if (c->at[i].pid == pid)
				buried(c, i, status);
	}
	return any;
}

void children_stop(struct children *c, int before, usec_t deadline)
{
	usec_t now = clock_mono();
	for (int i = 0; i < c->n; i++) {
		struct child *k = &c->at[i];
		if (!k->pid || k->generation >= before)
			continue;
		if (k->ours)
			continue;
		if (!k->kill_at || deadline < k->kill_at)
			k->kill_at = deadline;
		if (now >= k->kill_at) {
			log_at(LOG_WARN, "worker did not finish in time and is killed", L_INT("worker", k->pid));
			k->ours = true;
			c->m->board->killed++;
			kill(k->pid, SIGKILL);
		} else if (now - k->asked >= ASK_AGAIN) {
			/* Again and again: one signal may come just before the worker goes to sleep. */
			k->asked = now;
			kill(k->pid, SIGQUIT);
		}
	}
}

void children_unhang(struct children *c)
{
	usec_t limit = c->m->limits.request_timeout, now = clock_mono();
	for (int i = 0; limit && i < c->n; i++) {
		const struct slot *s = &c->m->board->slots[i];
		if (!c->at[i].pid || c->at[i].ours || s->state != WORKER_BUSY || now - s->since < limit)
			continue;
		log_at(LOG_ERROR, "worker hangs and is killed", L_INT("worker", c->at[i].pid),
			L_INT("busy_ms", (now - s->since) / 1000), L_INT("route", s->doing));
		c->at[i].ours = true;
		c->m->board->killed++;
		kill(c->at[i].pid, SIGKILL);
	}
}

void children_signal(struct children *c, int sig)
{
	for (int i = 0; i < c->n; i++)
		if (c->at[i].pid)
			kill(c->at[i].pid, sig);
}

int children_live(const struct children *c)
{
	int n = 0;
	for (int i = 0; i < c->n; i++)
		n += c->at[i].pid != 0;
	return n;
}

bool children_up(const struct children *c)
{
	for (size_t p = 0; p < c->m->n_pools; p++)
		if (current(c, (int)p, true) < c->m->pools[p].workers)
			return false;
	return true;
}

bool children_old(const struct children *c)
{
	for (int i = 0; i < c->n; i++)
		if (c->at[i].pid && c->at[i].generation < c->generation)
			return true;
	return false;
}

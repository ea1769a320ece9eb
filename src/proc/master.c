#include "base/first.h"
#include "proc/master.h"
#include "proc/children.h"
#include "proc/notify.h"
#include "proc/shm.h"
#include "proc/user.h"
#include "base/arena.h"
#include "base/fd.h"
#include "base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#define ORPHANS_MAX (2 * USEC_PER_SEC) /* wait for the workers of a killed master to end */
#define RELOAD_PATIENCE (10 * USEC_PER_SEC)

struct state {
	struct master *m;
	struct children c;
	int signals;            /* signalfd */
	int pid_fd;
	bool ready, stopping, retiring; /* retiring: an old generation still has to be asked to stop */
	int exit_code;
	usec_t stop_by, retire_after, next_tick, next_watchdog, watchdog;
};

size_t master_slots(const struct master *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n_pools; i++)
		n += (size_t)m->pools[i].workers * 2 + 2;
	return n;
}

static int open_pool(struct master *m, size_t i, int *ret_fd, struct err *e)
{
	struct pool *p = &m->pools[i];
	int err = fd_listen_unix(p->socket, p->mode, p->backlog ? p->backlog : 1024, ret_fd, e);
	if (err < 0)
		return err;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1, own;
	if (m->user && *m->user && geteuid() == 0 && (err = user_find(m->user, &uid, &own, e)) < 0)
		return err;
	if (p->group && *p->group && (err = group_find(p->group, &gid, e)) < 0)
		return err;
	if ((uid != (uid_t)-1 || gid != (gid_t)-1) && chown(p->socket, uid, gid) < 0)
		return err_errno(e, "chown %s", p->socket);
	return 0;
}

/* The lock on the file, not the file itself, tells that a master runs. */
static int take_pid_file(struct state *s, struct err *e)
{
	char text[16];
	s->pid_fd = -1;
	if (!s->m->pid_file)
		return 0;
	int fd = open(s->m->pid_file, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_errno(e, "pid file %s", s->m->pid_file);
	/* The workers of a master that was killed hold the lock, too, until they have noticed. */
	usec_t until = clock_mono() + ORPHANS_MAX;
	int rc;
	while ((rc = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EWOULDBLOCK && clock_mono() < until)
		clock_sleep(10 * USEC_PER_MS);
	if (rc < 0) {
		close(fd);
		return err_set(e, E_CONFLICT, "another %s runs already: %s is locked", s->m->prog, s->m->pid_file);
	}
	int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)n, 0) != n) {
		close(fd);
		return err_errno(e, "pid file %s", s->m->pid_file);
	}
	s->pid_fd = fd;
	return 0;
}

static int take_signals(struct state *s, struct err *e)
{
	static const int wanted[] = { SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD };
	sigset_t set;
	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? err_errno(e, "signalfd") : 0;
}

static int start(struct state *s, struct err *e)
{
	struct master *m = s->m;
	int err = take_pid_file(s, e);
	if (err < 0)
		return err;
	for (size_t i = 0; i < m->n_pools; i++)
		if ((err = open_pool(m, i, &s->c.pools[i].listen_fd, e)) < 0)
			return err;
	if (m->user && *m->user && geteuid() == 0 && (err = user_become(m->user, e)) < 0)
		return err;
	size_t slots = master_slots(m);
	if (!m->board)
		m->board = scoreboard_init(shm_map(scoreboard_size(slots)), slots);
	s->c.m = m;
	s->c.master = getpid();
	s->c.n = m->board->n;
	s->c.at = xcalloc((size_t)s->c.n, sizeof *s->c.at);
	return take_signals(s, e);
}

static void begin_stop(struct state *s, const char *why)
{
	if (s->stopping)
		return;
	s->stopping = true;
	s->stop_by = clock_mono() + s->m->limits.drain_timeout;
	/* First no new connections, then the workers take what waits already. */
	for (size_t i = 0; i < s->m->n_pools; i++)
		unlink(s->m->pools[i].socket);
	s->m->board->stopping = 1;
	notify_stopping();
	log_at(LOG_INFO, "stopping", L_CSTR("why", why), L_INT("workers", children_live(&s->c)));
}

static void reload(struct state *s)
{
	struct limits fresh = s->m->limits;
	struct err e = { 0 };
	if (s->stopping)
		return;
	notify_reloading();
	if (s->m->reload && s->m->reload(s->m, &fresh, &e) < 0) {
		log_at(LOG_ERROR, "reload refused, the old settings stay", L_CSTR("why", e.words));
		notify_ready("running with the settings of before");
		return;
	}
	s->m->limits = fresh;
	s->c.generation++;
	s->m->board->generation = s->c.generation;
	s->retiring = true;
	s->retire_after = clock_mono() + RELOAD_PATIENCE;
	s->ready = false;
	log_at(LOG_INFO, "reloading", L_INT("generation", s->c.generation));
}

static void on_signal(struct state *s, int sig)
{
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		if (s->stopping)
			s->stop_by = 1;
		begin_stop(s, strsignal(sig));
		break;
	case SIGQUIT: begin_stop(s, strsignal(sig)); break;
	case SIGHUP: reload(s); break;
	case SIGUSR1:
		log_reopen();
		children_signal(&s->c, SIGUSR1);
		log_at(LOG_INFO, "log opened anew");
		break;
	default: break; /* SIGCHLD: the loop reaps anyway */
	}
}

static void read_signals(struct state *s)
{
	struct signalfd_siginfo si;
	while (read(s->signals, &si, sizeof si) == (ssize_t)sizeof si)
		on_signal(s, (int)si.ssi_signo);
}

static void look_after_starts(struct state *s)
{
	for (size_t p = 0; p < s->m->n_pools; p++) {
		struct pool_counts n;
		scoreboard_counts(s->m->board, (int)p, &n);
		if (n.idle + n.busy > 0)
			s->c.pools[p].was_up = true;
		if (s->c.pools[p].fatal) {
			s->exit_code = 1;
			begin_stop(s, "a worker cannot run with these settings");
		}
	}
	if (!s->ready && children_up(&s->c)) {
		s->ready = true;
		notify_ready("serving");
		log_at(LOG_INFO, "ready", L_INT("workers", children_live(&s->c)), L_INT("generation", s->c.generation));
	}
}

static void keep_running(struct state *s, usec_t now)
{
	children_fill(&s->c);
	look_after_starts(s);
	if (s->retiring && (s->ready || now >= s->retire_after)) {
		children_stop(&s->c, s->c.generation, now + s->m->limits.drain_timeout);
		s->retiring = children_old(&s->c);
	}
	if (now < s->next_tick)
		return;
	s->next_tick = now + USEC_PER_SEC;
	children_unhang(&s->c);
	if (s->m->tick)
		s->m->tick(s->m);
}

/* Short while something is being waited for, else a second. */
static int patience_ms(const struct state *s)
{
	if (s->stopping || s->retiring || !s->ready)
		return 20;
	for (size_t p = 0; p < s->m->n_pools; p++)
		if (s->c.pools[p].fails)
			return 50;
	return 500;
}

static void loop(struct state *s)
{
	while (!s->stopping || children_live(&s->c)) {
		usec_t now = clock_mono();
		if (s->stopping)
			children_stop(&s->c, INT32_MAX, s->stop_by);
		else
			keep_running(s, now);
		if (s->watchdog && now >= s->next_watchdog) {
			notify_send("WATCHDOG=1");
			s->next_watchdog = now + s->watchdog;
		}
		struct pollfd p = { .fd = s->signals, .events = POLLIN };
		poll(&p, 1, patience_ms(s));
		read_signals(s);
		children_reap(&s->c);
	}
}

static void finish(struct state *s)
{
	for (size_t i = 0; i < s->m->n_pools; i++)
		close(s->c.pools[i].listen_fd);
	if (s->pid_fd >= 0) {
		unlink(s->m->pid_file);
		close(s->pid_fd);
	}
	close(s->signals);
	free(s->c.at);
	log_at(LOG_INFO, "stopped", L_INT("exit", s->exit_code));
}

int master_run(struct master *m)
{
	struct state s = { .m = m, .pid_fd = -1, .signals = -1, .watchdog = notify_watchdog() };
	struct err e = { 0 };
	if (start(&s, &e) < 0) {
		log_at(LOG_FATAL, "cannot start", L_CSTR("why", e.words));
		return 1;
	}
	log_at(LOG_INFO, "starting", L_INT("pools", m->n_pools));
	loop(&s);
	finish(&s);
	return s.exit_code;
}

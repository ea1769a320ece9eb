#include "base/first.h"
#include "extract/channel.h"

#include "base/fd.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>

/* A child's RLIMIT_CPU; it is replaced when half of it is used up. */
#define CHILD_CPU_SECS 600
#define LARGE MiB

/* Beside the running program, or where `make install` put it. */
static char *find_program(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 32);
	if (n > 0) {
		path[n] = '\0';
		char *slash = strrchr(path, '/');
		memcpy(slash + 1, "kryfto-parse", sizeof "kryfto-parse");
		if (access(path, X_OK) == 0)
			return xstrdup(path);
	}
	const char *installed = KRYFTO_LIBEXECDIR "/kryfto-parse";
	return access(installed, X_OK) == 0 ? xstrdup(installed) : NULL;
}

int channel_init(struct channel *c, const struct isolate_conf *conf, struct err *e)
{
	struct isolate_conf k = conf ? *conf : (struct isolate_conf){ 0 };
	if (k.cpu < 0 || k.wall < 0 || k.request_max > UINT32_MAX || k.reply_max > UINT32_MAX)
		return err_set(e, E_INVALID, "parse children: a limit is out of range");
	char *program = k.program ? xstrdup(k.program) : find_program();
	if (!program)
		return err_set(e, E_NOTFOUND, "kryfto-parse is neither beside this program nor in " KRYFTO_LIBEXECDIR);
	*c = (struct channel){ .conf = k, .memfd = -1, .fd = -1, .pidfd = -1 };
	c->conf.program = program;
	c->conf.cpu = k.cpu ? k.cpu : 5 * USEC_PER_SEC;
	c->conf.wall = k.wall;
	c->conf.recycle = k.recycle ? k.recycle : 20000;
	c->head = (struct frame_head){ .magic = FRAME_MAGIC, .request_max = k.request_max ? k.request_max : 16 * MiB,
		.reply_max = k.reply_max ? k.reply_max : 64 * MiB, .memory = k.memory ? k.memory : 512 * MiB,
		.cpu_secs = CHILD_CPU_SECS };
	return 0;
}

void channel_release(struct channel *c)
{
	channel_kill(c);
	if (c->region)
		munmap(c->region, frame_size(&c->head));
	fd_close(&c->memfd);
	free((char *)c->conf.program);
	*c = (struct channel){ .memfd = -1, .fd = -1, .pidfd = -1 };
}

static int make_region(struct channel *c, struct err *e)
{
	size_t n = frame_size(&c->head);
	if (c->region)
		return 0;
	/* Sealed, so that a child cannot shrink it under us and have us die of SIGBUS. */
	_cleanup_fd_ int fd = memfd_create("kryfto-parse", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate(fd, (off_t)n) < 0 ||
		fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return err_errno(e, "parse child: shared memory of %zu bytes", n);
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_errno(e, "parse child: mmap of %zu bytes", n);
	memcpy(p, &c->head, sizeof c->head);
	/* A number that is out of the way of the ones the child gets. */
	c->memfd = fcntl(fd, F_DUPFD_CLOEXEC, 16);
	c->region = p;
	return c->memfd < 0 ? err_errno(e, "parse child: dup") : 0;
}

static int spawn(struct channel *c, int sock, struct err *e)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none, all;
	char *argv[] = { (char *)"kryfto-parse", NULL }, *env[] = { NULL };
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&fa, sock, FRAME_CHANNEL_FD);
	posix_spawn_file_actions_adddup2(&fa, c->memfd, FRAME_MEMORY_FD);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	int rc = posix_spawn(&c->pid, c->conf.program, &fa, &attr, argv, env);
	posix_spawn_file_actions_destroy(&fa);
	posix_spawnattr_destroy(&attr);
	if (rc)
		return err_set(e, E_UNAVAIL, "cannot start %s: %s", c->conf.program, strerror(rc));
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0 || clock_getcpuclockid(c->pid, &c->clock) != 0) {
		err_errno(e, "parse child: pidfd");
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		fd_close(&c->pidfd);
		return E_UNAVAIL;
	}
	return 0;
}

int channel_start(struct channel *c, struct err *e)
{
	int pair[2];
	if (c->fd >= 0)
		return 0;
	if (make_region(c, e) < 0)
		return E_UNAVAIL;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		err_errno(e, "parse child: socketpair");
		return E_UNAVAIL;
	}
	_cleanup_fd_ int mine = pair[0], theirs = fcntl(pair[1], F_DUPFD_CLOEXEC, 16);
	close(pair[1]);
	if (theirs < 0) {
		err_errno(e, "parse child: dup");
		return E_UNAVAIL;
	}
	int rc = spawn(c, theirs, e);
	if (rc < 0)
		return rc;
	c->fd = mine;
	mine = -1;
	c->served = 0;
	c->spent = 0;
	c->ready = false;
	c->wait_set = 0;
	return 0;
}

/* Waits for the end of a process that has been killed or has closed its channel. */
static void reap(struct channel *c, siginfo_t *ret)
{
	*ret = (siginfo_t){ 0 };
	if (c->pidfd >= 0) {
		pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0);
		while (waitid(P_PIDFD, (id_t)c->pidfd, ret, WEXITED) < 0 && errno == EINTR)
			;
	}
	fd_close(&c->pidfd);
	fd_close(&c->fd);
	c->pid = 0;
	c->busy = false;
}

void channel_kill(struct channel *c)
{
	siginfo_t how;
	if (c->fd >= 0)
		reap(c, &how);
}

/* CPU clock of the child; 0 when it is gone. */
static usec_t child_cpu(const struct channel *c)
{
	struct timespec ts;
	if (clock_gettime(c->clock, &ts) < 0)
		return 0;
	return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

/* The longest time that channel_answer() blocks. */
static void set_wait(struct channel *c, usec_t t)
{
	if (c->wait_set >= t && c->wait_set <= t + 10 * USEC_PER_MS)
		return;
	c->wait_set = t;
	struct timeval tv = { t / USEC_PER_SEC, t % USEC_PER_SEC };
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
}

static bool send_note(struct channel *c)
{
	struct frame_note note = { .seq = c->seq };
	ssize_t n;
	do
		n = send(c->fd, &note, sizeof note, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == sizeof note;
}

int channel_ask(struct channel *c, const struct isolate_req *req, struct err *e)
{
	assert(!c->busy);
	if (c->fd >= 0 && (c->served >= c->conf.recycle || c->spent > CHILD_CPU_SECS / 2 * USEC_PER_SEC))
		channel_kill(c);
	/* A child that ended while idle did not end because of this document: try once more. */
	for (int tries = 0;; tries++) {
		int rc = channel_start(c, e);
		if (rc < 0)
			return rc;
		rc = frame_put_request(c->region, &c->head, req, e);
		if (rc < 0)
			return rc;
		if (++c->seq == FRAME_SEQ_HELLO)
			c->seq++;
		if (send_note(c))
			break;
		channel_kill(c);
		if (tries)
			return err_set(e, E_UNAVAIL, "the parse child ends as soon as it starts");
	}
	c->served++;
	c->busy = true;
	c->want = req->want;
	c->large = frame_request_used(req) > LARGE;
	usec_t now = clock_mono(), cpu = req->cpu > 0 ? req->cpu : c->conf.cpu;
	c->cpu_from = c->spent;
	c->cpu = cpu;
	c->due = now + cpu;
	c->wall_end = now + (c->conf.wall ? c->conf.wall : 4 * cpu + USEC_PER_SEC);
	c->due = MIN(c->due, c->wall_end);
	return 0;
}

/* The channel is closed: why? */
static int autopsy(struct channel *c, struct err *e)
{
	siginfo_t how;
	bool ready = c->ready;
	reap(c, &how);
	if (!ready)
		return err_set(e, E_UNAVAIL, "the parse child ended before it was ready (%s %d)",
			how.si_code == CLD_EXITED ? "status" : "signal", how.si_status);
	if (how.si_code != CLD_EXITED && how.si_status == SIGABRT)
		return err_set(e, E_LIMIT, "the document needs more memory than is allowed for one");
	if (how.si_code != CLD_EXITED && how.si_status == SIGXCPU)
		return err_set(e, E_TIMEOUT, "the document needs more processor time than is allowed for one");
	return err_set(e, E_INTERNAL, "the parser ended on this document (%s %d)",
		how.si_code == CLD_EXITED ? "status" : "signal", how.si_status);
}

static int broken(struct channel *c, struct err *e)
{
	channel_kill(c);
	return err_set(e, E_INTERNAL, "the parse child broke the protocol");
}

static int take_reply(struct channel *c, int rc, struct arena *a, struct isolate_result *ret, struct err *e)
{
	struct isolate_result res = { 0 };
	rc = frame_get_reply(c->region, &c->head, c->want, rc, a, &res, e);
	if (rc == E_PROTO) {
		channel_kill(c);
		return E_INTERNAL;
	}
	c->busy = false;
	if (rc < 0)
		return rc;
	size_t n = 0;
	for (int i = 0; i < ISOLATE_PARTS; i++)
		n += res.part[i].n;
	if (c->large || n > LARGE)
		frame_trim(c->memfd, &c->head);
	*ret = res;
	return 0;
}

int channel_answer(struct channel *c, bool wait, struct arena *a, struct isolate_result *ret, struct err *e)
{
	struct frame_note note;
	assert(c->busy);
	for (;;) {
		if (wait)
			set_wait(c, MAX(c->due - clock_mono(), 1000));
		ssize_t n = recv(c->fd, &note, sizeof note, wait ? 0 : MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return E_AGAIN;
		if (n <= 0)
			return autopsy(c, e);
		if (n != sizeof note || note.rc > 0)
			return broken(c, e);
		if (note.seq == FRAME_SEQ_HELLO && !c->ready) {
			if (note.rc < 0) {
				frame_get_reply(c->region, &c->head, 0, note.rc, a, ret, e);
				channel_kill(c);
				return E_UNAVAIL;
			}
			c->ready = true;
			continue;
		}
		if (note.seq != c->seq)
			return broken(c, e);
		/* What it says it used; a lie is caught by RLIMIT_CPU. */
		c->spent = MAX(c->spent, child_cpu(c));
		return take_reply(c, note.rc, a, ret, e);
	}
}

int channel_check(struct channel *c, struct err *e)
{
	usec_t now = clock_mono();
	if (now < c->due)
		return E_AGAIN;
	usec_t used = child_cpu(c) - c->cpu_from;
	if (used >= c->cpu || now >= c->wall_end) {
		channel_kill(c);
		return err_set(e, E_TIMEOUT, "the document took longer than the %" PRId64 " ms allowed for one",
			c->cpu / USEC_PER_MS);
	}
	/* It cannot use up the rest of its CPU time sooner than this. */
	c->due = MIN(now + MAX(c->cpu - used, 10 * USEC_PER_MS), c->wall_end);
	return E_AGAIN;
}

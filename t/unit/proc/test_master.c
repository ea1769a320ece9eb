/* The master with real workers, sockets and signals. Workers answer each connection with a line. */
#include "base/first.h"
#include "proc/master.h"
#include "proc/shm.h"
#include "base/fd.h"
#include "base/log.h"
#include "../tap.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

static char dir[64], sock[96], pid_file[96], log_file[96], notify_path[96];
static struct scoreboard *board;
static _Atomic int *mode; /* what workers do, in shared memory */

enum { ECHO, DIE_AT_ONCE, FATAL_AT_ONCE };

static void answer(struct responder *w, int fd)
{
	char c = 0, text[32];
	if (read(fd, &c, 1) == 1) {
		if (c == 'k')
			raise(SIGKILL);
		if (c == 's') /* a slow request */
			clock_sleep(400 * USEC_PER_MS);
		if (c == 'h')
			clock_sleep(60 * USEC_PER_SEC);
		int n = snprintf(text, sizeof text, "%d %d", (int)getpid(), w->slot->generation);
		if (send(fd, text, (size_t)n, MSG_NOSIGNAL) < 0)
			return;
	}
}

static int serve(struct responder *w)
{
	struct timeval half = { .tv_usec = 500000 };
	if (*mode == DIE_AT_ONCE) {
		setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
		abort();
	}
	if (*mode == FATAL_AT_ONCE)
		return RESPONDER_EXIT_FATAL;
	setsockopt(w->listen_fd, SOL_SOCKET, SO_RCVTIMEO, &half, sizeof half);
	responder_idle(w);
	while (!responder_stop(w)) {
		int fd = accept(w->listen_fd, NULL, NULL);
		if (fd < 0)
			continue;
		responder_busy(w, 1);
		answer(w, fd);
		responder_idle(w);
		close(fd);
	}
	return w->max_requests && w->slot->requests >= w->max_requests ? RESPONDER_EXIT_RECYCLE : RESPONDER_EXIT_OK;
}

static int reload(struct master *m, struct limits *ret, struct err *e)
{
	ret->max_requests = 0;
	return 0;
}

static pid_t launch(uint64_t max_requests, usec_t request_timeout)
{
	struct master m = {
		.prog = "test", .pid_file = pid_file, .n_pools = 1, .serve = serve, .reload = reload,
		.pools = { { .name = "fast", .socket = sock, .mode = 0666, .workers = 3 } },
		.limits = { max_requests, 3 * USEC_PER_SEC, request_timeout },
	};
	size_t slots = master_slots(&m);
	board = m.board = scoreboard_init(shm_map(scoreboard_size(slots)), slots);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		log_open("test", log_file, LOG_INFO, NULL);
		_exit(master_run(&m));
	}
	return pid;
}

/* One request; the worker's pid, or 0. `ret_generation` may be NULL. */
static int ask(char what, int *ret_generation)
{
	_cleanup_fd_ int fd = -1;
	char text[64] = "";
	int pid = 0, generation = 0;
	if (fd_connect_unix(sock, &fd, NULL) < 0 || write(fd, &what, 1) != 1)
		return 0;
	ssize_t n = read(fd, text, sizeof text - 1);
	if (n <= 0 || sscanf(text, "%d %d", &pid, &generation) != 2)
		return 0;
	if (ret_generation)
		*ret_generation = generation;
	return pid;
}

static bool wait_for(bool (*cond)(void))
{
	for (usec_t end = clock_mono() + 8 * USEC_PER_SEC; clock_mono() < end; clock_sleep(5000))
		if (cond())
			return true;
	return false;
}

static bool three_idle(void)
{
	struct pool_counts n;
	scoreboard_counts(board, 0, &n);
	return n.workers == 3 && n.idle == 3;
}

static bool stopped(pid_t pid, int *ret_status)
{
	for (usec_t end = clock_mono() + 8 * USEC_PER_SEC; clock_mono() < end; clock_sleep(5000))
		if (waitpid(pid, ret_status, WNOHANG) == pid)
			return true;
	kill(pid, SIGKILL);
	return false;
}

static void end(pid_t pid, const char *name)
{
	int status = -1;
	kill(pid, SIGTERM);
	ok(stopped(pid, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s: stops cleanly", name);
	ok(access(sock, F_OK) < 0 && access(pid_file, F_OK) < 0, "%s: socket and pid file are gone", name);
}

static void check_life(void)
{
	pid_t pid = launch(0, 0);
	ok(wait_for(three_idle), "three workers are idle");
	struct stat st;
	ok(stat(sock, &st) == 0 && (st.st_mode & 0777) == 0666, "the socket has its mode");
	ok(ask('e', NULL) > 0, "a worker answers");
	uint64_t before = board->spawned;
	ask('k', NULL);
	while (board->crashed == 0)
		clock_sleep(1000);
	ok(wait_for(three_idle), "a killed worker is replaced");
	is_int(board->spawned, before + 1, "by one");
	pid_t second = launch(0, 0);
	int status;
	ok(stopped(second, &status) && WEXITSTATUS(status) == 1, "a second master is refused");
	/* The refused one made a board of its own. */
	end(pid, "life");
}

static void check_reload(void)
{
	pid_t pid = launch(0, 0);
	wait_for(three_idle);
	int served = 0, lost = 0, generation = 0;
	kill(pid, SIGHUP);
	for (usec_t until = clock_mono() + 8 * USEC_PER_SEC;
		clock_mono() < until && (generation < 1 || served < 300);) {
		int got = 0;
		if (ask('e', &got) > 0)
			served++;
		else
			lost++;
		generation = MAX(generation, got);
	}
	is_int(lost, 0, "no request is lost while reloading (%d served)", served);
	is_int(generation, 1, "the new generation answers");
	ok(wait_for(three_idle), "the old generation is gone");
	unlink(log_file);
	kill(pid, SIGUSR1);
	for (int i = 0; i < 1000 && access(log_file, F_OK) < 0; i++)
		clock_sleep(5000);
	ok(access(log_file, F_OK) == 0, "USR1 opens the log anew");
	end(pid, "reload");
}

static void check_drain(void)
{
	pid_t pid = launch(0, 0);
	wait_for(three_idle);
	int fds[5];
	char text[64];
	int done = 0;
	/* Three requests are being worked on, two wait in the backlog. */
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fd_connect_unix(sock, &fds[i], NULL) < 0 || write(fds[i], "s", 1) != 1)
			break;
	for (struct pool_counts n = { 0 }; n.busy < 3; clock_sleep(1000))
		scoreboard_counts(board, 0, &n);
	kill(pid, SIGQUIT);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		done += read(fds[i], text, sizeof text) > 0;
		close(fds[i]);
	}
	is_int(done, 5, "requests in flight and in the backlog are finished at a stop");
	int status = -1;
	ok(stopped(pid, &status) && WIFEXITED(status), "then it ends");
}

static bool crashed_twice(void)
{
	return board->crashed >= 2;
}

static void check_guards(void)
{
	pid_t pid = launch(8, 0);
	wait_for(three_idle);
	for (int i = 0; i < 60; i++)
		if (!ask('e', NULL))
			break;
	ok(board->recycled >= 5, "workers are recycled after their requests");
	is_int(board->crashed, 0, "which is no crash");
	end(pid, "recycling");

	*mode = DIE_AT_ONCE;
	pid = launch(0, 0);
	ok(wait_for(crashed_twice), "workers that die at once");
	clock_sleep(900 * USEC_PER_MS); /* the length of time is what is under test */
	ok(board->spawned < 14, "are not started in a hurry (%d)", (int)board->spawned);
	*mode = ECHO;
	ok(wait_for(three_idle), "and serve when the cause is gone");
	end(pid, "crash loop");

	*mode = FATAL_AT_ONCE;
	pid = launch(0, 0);
	int status = -1;
	ok(stopped(pid, &status) && WIFEXITED(status) && WEXITSTATUS(status) == 1, "a fatal setting ends the master");
	*mode = ECHO;

	pid = launch(0, 300 * USEC_PER_MS);
	wait_for(three_idle);
	is_int(ask('h', NULL), 0, "a request that hangs is cut off");
	ok(wait_for(three_idle) && board->killed == 1 && board->crashed == 0, "by replacing its worker");
	end(pid, "hang");
}

static void check_orphans(void)
{
	pid_t pid = launch(0, 0);
	wait_for(three_idle);
	int worker = ask('e', NULL), status;
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	usec_t until = clock_mono() + 5 * USEC_PER_SEC;
	pid_t got;
	while ((got = waitpid(worker, &status, WNOHANG)) == 0 && clock_mono() < until)
		clock_sleep(5000);
	ok(got == worker, "workers end with a master that was killed");
	pid = launch(0, 0);
	ok(wait_for(three_idle), "and a new one starts over what it left behind");
	end(pid, "after a kill");
}

static void check_notify(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char text[512] = "";
	memcpy(sa.sun_path, notify_path, strlen(notify_path));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool bound = bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0;
	setenv("NOTIFY_SOCKET", notify_path, 1);
	pid_t pid = launch(0, 0);
	ssize_t n = bound ? recv(fd, text, sizeof text - 1, 0) : -1;
	ok(n > 0 && strncmp(text, "READY=1\n", 8) == 0, "READY=1 is sent when all workers are up");
	ok(three_idle(), "and not earlier");
	kill(pid, SIGHUP);
	memset(text, 0, sizeof text);
	n = recv(fd, text, sizeof text - 1, 0);
	ok(n > 0 && strncmp(text, "RELOADING=1\nMONOTONIC_USEC=", 27) == 0, "RELOADING=1");
	n = recv(fd, text, sizeof text - 1, 0);
	ok(n > 0 && strncmp(text, "READY=1", 7) == 0, "READY=1 again");
	end(pid, "notify");
	n = recv(fd, text, sizeof text - 1, MSG_DONTWAIT);
	ok(n > 0 && strncmp(text, "STOPPING=1", 10) == 0, "STOPPING=1");
	unsetenv("NOTIFY_SOCKET");
	close(fd);
}

int main(void)
{
	const char *tmp = getenv("TMPDIR");
	snprintf(dir, sizeof dir, "%.40s/kmaster.XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	if (!mkdtemp(dir))
		return 1;
	snprintf(sock, sizeof sock, "%s/s", dir);
	snprintf(pid_file, sizeof pid_file, "%s/pid", dir);
	snprintf(log_file, sizeof log_file, "%s/log", dir);
	snprintf(notify_path, sizeof notify_path, "%s/notify", dir);
	mode = shm_map(sizeof *mode);
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* workers whose master was killed become ours */
	check_life();
	check_reload();
	check_drain();
	check_guards();
	check_orphans();
	check_notify();
	unlink(log_file);
	unlink(notify_path);
	unlink(pid_file);
	unlink(sock);
	rmdir(dir);
	return done_testing();
}

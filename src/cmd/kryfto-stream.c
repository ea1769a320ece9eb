/* kryfto-stream: live log lines of jobs, thousands of streams in one process. See docs/internals/stream.md. */
#include "base/first.h"
#include "api/stream.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/notify.h"
#include "proc/shm.h"
#include "proc/user.h"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define PROGRAM "kryfto-stream"
#define BACKLOG 1024

struct daemon {
	struct arena arena;
	struct conf conf;
	struct app app;
	struct loop *loop;
	struct streams *streams;
	char path[108];
	int listen_fd;
	int argc; /* as given, for reading the settings anew */
	char **argv;
};

static void on_drained(void *arg)
{
	loop_stop(((struct daemon *)arg)->loop);
}

static void on_stop(void *arg)
{
	struct daemon *d = arg;
	notify_stopping();
	log_at(LOG_INFO, "stopping", L_INT("streams", streams_count(d->streams)));
	streams_drain(d->streams, on_drained, d);
}

static void on_reopen(void *arg)
{
	log_reopen();
}

static void on_reload(void *arg)
{
	struct daemon *d = arg;
	struct conf fresh;
	struct err e = { 0 };
	enum log_level level;
	int argc = d->argc;
	notify_reloading();
	/* Values taken over point into this arena, so it lives as long as the process. */
	char **argv = arena_alloc(&d->arena, sizeof *argv * (size_t)(argc + 1));
	memcpy(argv, d->argv, sizeof *argv * (size_t)(argc + 1));
	if (conf_load(&fresh, &d->arena, NULL, &argc, argv, &e) < 0) {
		log_at(LOG_ERROR, "settings not reloaded", L_CSTR("why", e.words));
	} else {
		int stay = conf_reload(&d->conf, &fresh);
		if (log_level_of(d->conf.log_level, &level) == 0)
			log_set_level(level);
		log_at(LOG_INFO, "settings reloaded", L_INT("need_restart", stay));
	}
	notify_ready("streaming");
}

static void on_watchdog(void *arg)
{
	notify_send("WATCHDOG=1");
}

/* The socket, while we may still give it to the service user and the web server's group. */
static int listen_as(struct daemon *d, struct err *e)
{
	const struct conf *c = &d->conf;
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1, group;
	int mode, err = conf_mode(c->socket_mode, &mode, e);
	int n = snprintf(d->path, sizeof d->path, "%.*s/stream.sock", STR_FMT(c->run_dir));
	if (err == 0 && (size_t)n >= sizeof d->path)
		return err_set(e, E_INVALID, "KRYFTO_RUN_DIR: %.*s makes a socket path longer than 107 bytes",
			STR_FMT(c->run_dir));
	if (err == 0 && geteuid() == 0 && c->user.n)
		err = user_find(arena_cstr(&d->arena, c->user), &uid, &gid, e);
	if (err == 0 && c->socket_group.n) {
		err = group_find(arena_cstr(&d->arena, c->socket_group), &group, e);
		gid = group;
	}
	if (err == 0)
		err = fd_mkdirs(arena_cstr(&d->arena, c->run_dir), 0755, e);
	if (err == 0)
		err = fd_listen_unix(d->path, mode, BACKLOG, &d->listen_fd, e);
	if (err == 0 && (uid != (uid_t)-1 || gid != (gid_t)-1) && chown(d->path, uid, gid) < 0)
		err = err_errno(e, "chown %s", d->path);
	return err ? err : fd_nonblock(d->listen_fd, true);
}

static void raise_limits(void)
{
	struct rlimit files;
	/* One heap; what a burst took goes back. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 256 * 1024);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static int build(struct daemon *d, struct err *e)
{
	static const char *const pool_names[] = { "stream", NULL };
	raise_limits();
	int err = listen_as(d, e);
	if (err == 0 && geteuid() == 0 && d->conf.user.n)
		err = user_become(arena_cstr(&d->arena, d->conf.user), e);
	if (err == 0)
		err = app_open(&d->app, PROGRAM, e);
	if (err == 0)
		err = loop_new(&d->loop, e);
	if (err < 0)
		return err;
	d->app.board = scoreboard_init(shm_map(scoreboard_size(1)), 1);
	d->app.pool_names = pool_names;
	d->streams = streams_new(&d->app, d->loop, d->listen_fd);
	return 0;
}

static void run(struct daemon *d)
{
	struct loop_signal *s[] = { loop_signal_new(d->loop, SIGTERM, on_stop, d),
		loop_signal_new(d->loop, SIGINT, on_stop, d), loop_signal_new(d->loop, SIGQUIT, on_stop, d),
		loop_signal_new(d->loop, SIGUSR1, on_reopen, d), loop_signal_new(d->loop, SIGHUP, on_reload, d) };
	struct loop_timer *watchdog = loop_timer_new(d->loop, on_watchdog, d);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	if (notify_watchdog())
		loop_timer_every(watchdog, notify_watchdog());
	notify_ready("streaming");
	log_at(LOG_INFO, "started", L_INT("streams_max", d->conf.stream_max));
	loop_run(d->loop);
	streams_free(d->streams);
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		loop_signal_free(s[i]);
	loop_timer_free(watchdog);
	loop_free(d->loop);
	app_close(&d->app);
	fd_close(&d->listen_fd);
	unlink(d->path);
}

static int usage(void)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	buf_addz(&b, "usage: " PROGRAM
		     " [-t] [--SETTING=VALUE ...]\n\n  -t      check the settings and exit\n  --help  this text\n\n");
	conf_describe(&b, false);
	fputs(buf_cstr(&b), stdout);
	buf_release(&b);
	return 0;
}

static int start(struct daemon *d, int argc, char **argv, struct err *e)
{
	enum log_level level = LOG_INFO;
	int rc = conf_load(&d->conf, &d->arena, NULL, &argc, argv, e);
	bool test = rc == 0 && argc == 2 && strcmp(argv[1], "-t") == 0;
	if (rc == 0 && argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage();
	if (rc == 0 && argc > 1 && !test)
		rc = err_set(e, E_INVALID, "unknown argument %s", argv[1]);
	if (rc == 0)
		rc = log_level_of(d->conf.log_level, &level);
	if (rc == 0)
		rc = app_prepare(&d->app, &d->conf, &d->arena, e);
	if (rc == 0 && !test)
		rc = log_open(PROGRAM, d->conf.log_file.n ? arena_cstr(&d->arena, d->conf.log_file) : NULL, level, e);
	if (rc == 0 && !test)
		rc = build(d, e);
	if (rc == 0 && !test)
		run(d);
	return rc;
}

int main(int argc, char **argv)
{
	static struct daemon d = { .listen_fd = -1 };
	struct err e = { 0 };
	char **copy = xcalloc((size_t)argc + 1, sizeof *copy);
	memcpy(copy, argv, sizeof *copy * (size_t)argc);
	arena_init(&d.arena, 0);
	d.argc = argc;
	d.argv = argv;
	int rc = start(&d, argc, copy, &e);
	if (rc < 0)
		fprintf(stderr, PROGRAM ": %s\n", e.words);
	free(copy);
	arena_release(&d.arena);
	return rc < 0;
}

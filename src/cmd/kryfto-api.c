/* kryfto-api: the prefork FastCGI server of the API. */
#include "base/first.h"
#include "api/app.h"
#include "api/routes.h"
#include "api/serve.h"
#include "base/fd.h"
#include "base/log.h"
#include "proc/master.h"
#include "proc/shm.h"
#include "proc/user.h"

#include <sys/stat.h>

struct program {
	struct arena arena;
	struct conf conf;
	struct app app;
	struct master master;
	int argc;    /* as given, for reading the settings anew */
	char **argv;
};

static const char *const pool_names[] = { "fast", "slow", NULL };

static void usage(FILE *to)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	buf_addz(&b, "usage: kryfto-api [-t] [--NAME=VALUE ...]\n\n"
		     "  -t         check the configuration and exit\n"
		     "  --version  print the version and exit\n"
		     "  --help     print this and exit\n\n");
	conf_describe(&b, false);
	fputs(buf_cstr(&b), to);
	buf_release(&b);
}

static void limits_of(const struct conf *c, struct limits *ret)
{
	*ret = (struct limits){
		.max_requests = (uint64_t)c->api_max_requests,
		.drain_timeout = c->api_drain_timeout,
		.request_timeout = c->api_request_timeout,
	};
}

/* HUP: what may change while running is taken over; the workers of the new generation inherit it. */
static int reload(struct master *m, struct limits *ret, struct err *e)
{
	struct app *app = m->arg;
	struct program *p = (struct program *)((char *)app - offsetof(struct program, app));
	struct conf fresh;
	enum log_level level;
	int argc = p->argc;
	char **argv = arena_alloc(&p->arena, sizeof(char *) * (size_t)(argc + 1));
	memcpy(argv, p->argv, sizeof(char *) * (size_t)(argc + 1));
	int err = conf_load(&fresh, &p->arena, NULL, &argc, argv, e);
	if (err < 0)
		return err;
	int stay = conf_reload(&p->conf, &fresh);
	if (stay > 0)
		log_at(LOG_WARN, "some changed settings need a restart", L_INT("settings", stay));
	if (log_level_of(p->conf.log_level, &level) == 0)
		log_set_level(level);
	limits_of(&p->conf, ret);
	return 0;
}

static int add_pool(struct program *p, size_t i, int64_t workers, int mode, struct err *e)
{
	struct str path = arena_printf(&p->arena, "%.*s/%s.sock", STR_FMT(p->conf.run_dir), pool_names[i]);
	if (path.n > 107)
		return err_set(e, E_INVALID, "KRYFTO_RUN_DIR: %.*s makes a socket path longer than 107 bytes",
			STR_FMT(p->conf.run_dir));
	p->master.pools[i] = (struct pool){
		.name = pool_names[i], .socket = path.p, .mode = mode, .backlog = 1024, .workers = (int)workers,
		.group = arena_cstr(&p->arena, p->conf.socket_group),
	};
	p->master.n_pools = i + 1;
	return 0;
}

static int prepare(struct program *p, struct err *e)
{
	struct conf *c = &p->conf;
	struct master *m = &p->master;
	int mode = 0, err = conf_mode(c->socket_mode, &mode, e);
	uid_t uid;
	gid_t gid;
	if (err == 0)
		err = app_prepare(&p->app, c, &p->arena, e);
	if (err == 0)
		err = add_pool(p, 0, c->api_workers, mode, e);
	if (err == 0)
		err = add_pool(p, 1, c->api_slow_workers, mode, e);
	m->user = arena_cstr(&p->arena, c->user);
	if (err == 0 && *m->user)
		err = user_find(m->user, &uid, &gid, e);
	if (err == 0 && c->socket_group.n)
		err = group_find(arena_cstr(&p->arena, c->socket_group), &gid, e);
	if (err < 0)
		return err;
	m->prog = "kryfto-api";
	m->pid_file = arena_printf(&p->arena, "%.*s/api.pid", STR_FMT(c->run_dir)).p;
	m->serve = api_serve;
	m->reload = reload;
	m->arg = &p->app;
	limits_of(c, &m->limits);
	size_t slots = master_slots(m);
	m->board = scoreboard_init(shm_map(scoreboard_size(slots)), slots);
	p->app.board = m->board;
	p->app.pool_names = pool_names;
	return 0;
}

/* 0 to go on, else an exit code + 1. */
static int options(int argc, char **argv, bool *ret_test)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-t") == 0) {
			*ret_test = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			printf("kryfto-api %s\n", PACKAGE_VERSION);
			return 1;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return 1;
		} else {
			fprintf(stderr, "kryfto-api: unknown argument %s (see --help)\n", argv[i]);
			return 3;
		}
	}
	return 0;
}

/* What is opened as root must stay usable by the service user. */
static int own_paths(struct program *p, struct err *e)
{
	const char *dir = arena_cstr(&p->arena, p->conf.run_dir), *file = arena_cstr(&p->arena, p->conf.log_file);
	struct stat st;
	uid_t uid;
	gid_t gid;
	if (!*p->master.user || geteuid() != 0)
		return 0;
	int err = user_find(p->master.user, &uid, &gid, e);
	if (err < 0)
		return err;
	if (stat(dir, &st) == 0 && st.st_uid == 0 && chown(dir, uid, gid) < 0)
		return err_errno(e, "chown %s", dir);
	if (*file && strcmp(file, "-") != 0 && chown(file, uid, gid) < 0)
		return err_errno(e, "chown %s", file);
	return 0;
}

static int run(struct program *p, int argc, char **argv)
{
	struct err e = { 0 };
	enum log_level level = LOG_INFO;
	bool test = false;
	int err = conf_load(&p->conf, &p->arena, NULL, &argc, argv, &e);
	int done = err ? 0 : options(argc, argv, &test); /* what was no setting */
	if (done)
		return done - 1;
	if (err == 0)
		err = log_level_of(p->conf.log_level, &level);
	if (err == 0)
		err = prepare(p, &e);
	if (err < 0) {
		fprintf(stderr, "kryfto-api: %s\n", e.words);
		return 2;
	}
	if (test) {
		printf("kryfto-api: configuration is good: %zu routes, %d + %d workers\n", p->app.router.n,
			p->master.pools[0].workers, p->master.pools[1].workers);
		return 0;
	}
	if (fd_mkdirs(arena_cstr(&p->arena, p->conf.run_dir), 0755, &e) < 0 ||
		log_open("kryfto-api", arena_cstr(&p->arena, p->conf.log_file), level, &e) < 0 ||
		own_paths(p, &e) < 0) {
		fprintf(stderr, "kryfto-api: %s\n", e.words);
		return 2;
	}
	return master_run(&p->master);
}

int main(int argc, char **argv)
{
	static struct program p;
	char **copy = xcalloc((size_t)argc + 1, sizeof *copy);
	memcpy(copy, argv, sizeof *copy * (size_t)argc);
	arena_init(&p.arena, 0);
	p.argc = argc;
	p.argv = argv;
	int rc = run(&p, argc, copy);
	free(copy);
	arena_release(&p.arena);
	return rc;
}

/* kryfto-crawler: takes jobs off the queue and does them. */
#include "base/first.h"
#include "base/log.h"
#include "crawl/daemon.h"
#include "proc/user.h"

static void usage(FILE *to)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	buf_addz(&b, "usage: kryfto-crawler [-t] [--NAME=VALUE ...]\n\n"
		     "  -t         check the configuration and exit\n"
		     "  --version  print the version and exit\n"
		     "  --help     print this and exit\n\n");
	conf_describe(&b, false);
	fputs(buf_cstr(&b), to);
	buf_release(&b);
}

static int fail(const char *what, const struct err *e)
{
	fprintf(stderr, "kryfto-crawler: %s%s\n", what, e->words);
	return 1;
}

/* -1 to go on, else an exit code. */
static int options(int argc, char **argv, bool *ret_test)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-t") == 0) {
			*ret_test = true;
		} else if (strcmp(argv[i], "--version") == 0) {
			printf("kryfto-crawler %s\n", PACKAGE_VERSION);
			return 0;
		} else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			usage(stdout);
			return 0;
		} else {
			fprintf(stderr, "kryfto-crawler: unknown argument %s (see --help)\n", argv[i]);
			return 2;
		}
	}
	return -1;
}

static int start_log(const struct conf *c, struct arena *a, struct err *e)
{
	enum log_level level;
	int rc = log_level_of(c->log_level, &level);
	return rc ? rc : log_open("kryfto-crawler", c->log_file.n ? arena_cstr(a, c->log_file) : NULL, level, e);
}

int main(int argc, char **argv)
{
	static struct crawler crawler;
	struct crawler *c = &crawler;
	struct err e = { 0 };
	bool test = false;
	arena_init(&c->conf_arena, 0);
	char **args = arena_array(&c->conf_arena, char *, argc + 1);
	int left = argc;
	memcpy(args, argv, sizeof(char *) * (size_t)argc);
	int rc = conf_load(&c->conf, &c->conf_arena, NULL, &left, args, &e);
	if (rc)
		return fail("", &e);
	rc = options(left, args, &test);
	if (rc >= 0)
		return rc;
	if (start_log(&c->conf, &c->conf_arena, &e))
		return fail("log: ", &e);
	if (c->conf.user.n && user_become(arena_cstr(&c->conf_arena, c->conf.user), &e))
		return fail("", &e);
	rc = crawler_open(c, &e);
	if (!rc && !test)
		rc = crawler_run(c, argc, argv);
	else if (!rc)
		printf("kryfto-crawler: the configuration is good\n");
	else
		rc = fail("", &e);
	crawler_close(c);
	return rc;
}

#include "base/first.h"
#include "conf/conf.h"
#include "base/fd.h"
#include "../tap.h"

static struct arena a;
static char file[] = "/tmp/kryfto-conf.XXXXXX";

static int load(struct conf *c, const char *text, char **argv, int *argc, struct err *e)
{
	is_int(fd_write_file(file, str_of(text), 0600, e), 0, "settings file written");
	return conf_load(c, &a, file, argc, argv, e);
}

static void precedence(void)
{
	struct conf c;
	struct err e = { 0 };
	char *argv[] = { (char *)"prog", (char *)"--api-workers=3", (char *)"-t", (char *)"--poll", (char *)"250ms",
		NULL };
	int argc = 5;
	setenv("KRYFTO_API_SLOW_WORKERS", "7", 1);
	setenv("KRYFTO_API_WORKERS", "5", 1);
	int rc = load(&c,
		"# a comment\napi_workers = 2\napi_slow_workers = 2\nlease = 60s\nexport KRYFTO_PROJECT_ID='mine'\n",
		argv, &argc, &e);
	is_int(rc, 0, "loads: %s", e.words);
	is_int(c.api_workers, 3, "a flag beats the environment");
	is_int(c.api_slow_workers, 7, "the environment beats the file");
	is_int(c.lease, 60 * USEC_PER_SEC, "the file beats the default");
	is_int(c.job_max_attempts, 3, "the default stays");
	is_int(c.poll, 250 * USEC_PER_MS, "a flag with its value apart");
	is_str(c.project_id, "mine", "quotes come off, environment names work in the file");
	is_int(argc, 2, "one argument is left");
	is_cstr(argv[1], "-t", "the one that is no setting");
	unsetenv("KRYFTO_API_SLOW_WORKERS");
	unsetenv("KRYFTO_API_WORKERS");
}

static void bad(const char *text, const char *part1, const char *part2)
{
	struct conf c = { .port = 1 };
	struct err e = { 0 };
	ok(load(&c, text, NULL, NULL, &e) < 0, "refused: %s", text);
	ok(strstr(e.words, part1) && strstr(e.words, part2), "says so: %s", e.words);
	is_int(c.port, 1, "nothing changed");
}

static void refusals(void)
{
	bad("port = 99999\n", "port (KRYFTO_PORT): \"99999\"", "1 to 65535");
	bad("lease = 1ms\n", "lease", "2s to 1h");
	bad("api_body_max = 1T\n", "api_body_max", "1k to 64M");
	bad("log_level = loud\n", "log_level", "one of: trace debug");
	bad("humanize = maybe\n", "humanize", "true or false");
	bad("no_such = 1\n", "no_such", "line 1");
	bad("just words\n", "line 1", "name = value");
	bad("artifact_backend = s3\n", "S3_ENDPOINT", "S3_BUCKET");
}

static void showing(void)
{
	struct conf c, fresh;
	struct err e = { 0 };
	struct buf b;
	buf_init(&b, &a, 0);
	setenv("KRYFTO_API_TOKEN", "hunter2", 1);
	is_int(load(&c, "", NULL, NULL, &e), 0, "loads an empty file");
	conf_dump(&c, &b, true);
	ok(str_find(buf_str(&b), STR("hunter2")) == STR_NPOS, "a secret is not shown");
	ok(str_find(buf_str(&b), STR("api_token = [set]")) != STR_NPOS, "but that it is set");
	ok(str_find(buf_str(&b), STR("lease = 45s")) != STR_NPOS, "times in readable units");
	fresh = c;
	fresh.api_workers = 99;
	fresh.job_max_attempts = 9;
	is_int(conf_reload(&c, &fresh), 1, "one change needs a restart");
	is_int(c.job_max_attempts, 9, "one is taken");
	is_int(c.api_workers, 8, "the other is not");
	unsetenv("KRYFTO_API_TOKEN");
}

int main(void)
{
	arena_init(&a, 0);
	int fd = mkstemp(file);
	ok(fd >= 0, "temporary file");
	fd_close(&fd);
	precedence();
	refusals();
	showing();
	unlink(file);
	arena_release(&a);
	return done_testing();
}

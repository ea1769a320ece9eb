/* Against a real memcached on a UNIX socket of its own; skipped where none is installed. */
#include "base/first.h"
#include "base/clock.h"
#include "base/fd.h"
#include "net/memcached.h"
#include "../tap.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[] = "/tmp/kryfto-mc-XXXXXX", sock[64];

static pid_t start(void)
{
	pid_t pid = fork();
	if (pid == 0) {
		if (geteuid() == 0)
			execlp("memcached", "memcached", "-u", "nobody", "-s", sock, "-a", "0777", "-m", "8", NULL);
		execlp("memcached", "memcached", "-s", sock, "-m", "8", NULL);
		_exit(127);
	}
	for (int i = 0; i < 500; i++) {
		int fd;
		if (fd_connect_unix(sock, &fd, NULL) == 0) {
			fd_close(&fd);
			return pid;
		}
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return -1;
		clock_sleep(10 * USEC_PER_MS);
	}
	return -1;
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	unlink(sock);
}

static void test_calls(struct mc *m)
{
	struct arena a;
	arena_init(&a, 0);
	uint64_t v = 0;
	struct str s = STR_NULL;
	is_int(mc_incr(m, STR("count"), 3, 60 * USEC_PER_SEC, &v), 0, "a first increment");
	is_int(v, 3, "begins at its step");
	is_int(mc_incr(m, STR("count"), 4, 60 * USEC_PER_SEC, &v), 0);
	is_int(v, 7, "and adds");
	is_int(mc_get(m, STR("nothing"), &a, &s), E_NOTFOUND, "a miss");
	is_int(mc_set(m, STR("k"), STR("value"), 0), 0);
	is_int(mc_get(m, STR("k"), &a, &s), 0);
	is_str(s, "value", "what was set");
	is_int(mc_set(m, STR("empty"), STR(""), 0), 0);
	is_int(mc_get(m, STR("empty"), &a, &s), 0);
	is_int(s.n, 0, "an empty value is a hit");
	is_int(mc_add(m, STR("k"), STR("other"), 0), E_EXISTS, "add does not replace");
	is_int(mc_delete(m, STR("k")), 0);
	is_int(mc_delete(m, STR("k")), E_NOTFOUND, "gone already");
	is_int(mc_add(m, STR("k"), STR("other"), 0), 0, "add after delete");
	is_int(mc_set(m, STR("two words"), STR("x"), 0), E_INVALID, "a key with a space");
	is_int(mc_set(m, STR(""), STR("x"), 0), E_INVALID, "an empty key");
	char *big = xcalloc(1, MC_VALUE_MAX + 1);
	is_int(mc_set(m, STR("big"), str_n(big, MC_VALUE_MAX + 1), 0), E_LIMIT, "a value over the limit");
	free(big);
	is_int(mc_set(m, STR("brief"), STR("x"), USEC_PER_SEC), 0);
	int rc = 0;
	for (usec_t end = clock_mono() + 4 * USEC_PER_SEC; clock_mono() < end && rc == 0; clock_sleep(50 * USEC_PER_MS))
		rc = mc_get(m, STR("brief"), &a, &s);
	is_int(rc, E_NOTFOUND, "a value expires");
	arena_release(&a);
}

int main(void)
{
	struct err e = { 0 };
	struct mc *m = NULL;
	uint64_t v;
	signal(SIGPIPE, SIG_IGN);
	is_int(mc_open(&(struct mc_options){ .config = STR("") }, &m, &e), 0, "no memcached configured");
	ok(!mc_configured(m) && !mc_up(m), "is down for good");
	is_int(mc_incr(m, STR("x"), 1, 0, &v), E_UNAVAIL);
	mc_free(m);
	is_int(mc_open(&(struct mc_options){ .config = STR("--NONSENSE") }, &m, &e), E_INVALID,
		"a bad configuration: %s", e.words);

	if (!mkdtemp(dir))
		die("mkdtemp");
	chmod(dir, 0777);
	snprintf(sock, sizeof sock, "%s/s", dir);
	pid_t pid = start();
	if (pid < 0) {
		printf("ok %d # SKIP memcached is not installed\n", ++tap_n);
		rmdir(dir);
		return done_testing();
	}
	char config[128];
	snprintf(config, sizeof config, "--SOCKET=\"%s\"", sock);
	is_int(mc_open(
		       &(struct mc_options){
			       .config = str_of(config), .prefix = STR("t:"), .retry_after = 200 * USEC_PER_MS },
		       &m, &e),
		0, "open");
	is_int(mc_ping(m, &e), 0, "ping %s", e.words);
	test_calls(m);

	stop(pid);
	usec_t t0 = clock_mono();
	is_int(mc_incr(m, STR("count"), 1, 0, &v), E_UNAVAIL, "killed: unavailable");
	ok(!mc_up(m), "and known to be down");
	for (int i = 0; i < 1000; i++)
		mc_incr(m, STR("count"), 1, 0, &v);
	ok(clock_mono() - t0 < USEC_PER_SEC, "a thousand calls while down cost nothing");
	is_int(mc_ping(m, &e), E_UNAVAIL, "ping: %s", e.words);
	pid = start();
	int rc = -1;
	for (usec_t end = clock_mono() + 5 * USEC_PER_SEC; clock_mono() < end && rc; clock_sleep(20 * USEC_PER_MS))
		rc = mc_incr(m, STR("count"), 1, 0, &v);
	is_int(rc, 0, "back after a restart");
	is_int(v, 1, "with fresh counters");
	mc_free(m);
	stop(pid);
	rmdir(dir);
	return done_testing();
}

#include "base/first.h"
#include "cdp/browser.h"
#include "cdp/proctree.h"
#include "chromium.h"
#include "../tap.h"

#include <signal.h>
#include <sys/stat.h>

static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-browser.XXXXXX";
static bool finished;
static int gone;

static void on_gone(void *arg) { gone++; }

static size_t entries(void)
{
	struct stat st;
	return stat(dir, &st) == 0 ? (size_t)st.st_nlink - 2 : 99;
}

static void live(void *arg)
{
	struct err e = { 0 };
	struct browser *b = NULL;
	const struct json *r = NULL;
	struct browser_config cfg = { .binary = chromium_path(), .run_dir = dir };
	is_int(browser_start(loop, &cfg, on_gone, NULL, &b, &e), 0, "starts %s", e.words);
	if (!b) {
		finished = true;
		return;
	}
	ok(strstr(browser_version(b)->product, "Chrome/"), "says its version: %s", browser_version(b)->product);
	is_int(cdp_call(browser_cdp(b), STR_NULL, "Target.createTarget", STR("{\"url\":\"about:blank\"}"),
		       CDP_CALL_TIMEOUT, &a, &r, &e),
		0, "a page %s", e.words);
	is_int(browser_check_sandbox(b, &e), 0, "renderers are confined %s", e.words);
	ok(browser_pss(b) > 20 * (int64_t)MiB, "memory is measured: %" PRId64 " MiB", browser_pss(b) / (int64_t)MiB);
	char cmd[8192] = "";
	ok(proctree_cmdline(browser_pid(b), cmd, sizeof cmd) && strstr(cmd, "disable_non_proxied_udp") &&
			!strstr(cmd, "no-sandbox"),
		"flags are pinned");
	is_int(entries(), 1, "one profile folder");
	pid_t pid = browser_pid(b);
	browser_stop(b, USEC_PER_SEC);
	ok(kill(pid, 0) < 0, "no process is left");
	is_int(entries(), 0, "no folder is left");
	is_int(gone, 0, "a stop is no death");

	is_int(browser_start(loop, &cfg, on_gone, NULL, &b, &e), 0, "starts again");
	pid = browser_pid(b);
	kill(pid, SIGKILL);
	while (!gone)
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	is_int(cdp_call(browser_cdp(b), STR_NULL, "Target.getTargets", STR_NULL, CDP_CALL_TIMEOUT, &a, &r, &e), E_GONE,
		"a killed browser is noticed");
	browser_stop(b, 0);
	is_int(entries(), 0, "and cleaned up");

	cfg.binary = "no-such-browser-here";
	is_int(browser_start(loop, &cfg, on_gone, NULL, &b, &e), E_NOTFOUND, "not installed: %s", e.words);
	is_int(entries(), 0, "nothing stays");
	finished = true;
}

int main(void)
{
	if (!chromium_path()) {
		puts("1..0 # SKIP no Chromium here");
		return 0;
	}
	arena_init(&a, 0);
	ok(mkdtemp(dir) && chmod(dir, 0755) == 0, "folder");
	loop_new(&loop, NULL);
	fiber_start(loop, live, NULL, NULL);
	while (!finished)
		loop_turn(loop, true);
	loop_turn(loop, false);
	loop_free(loop);
	rmdir(dir);
	arena_release(&a);
	return done_testing();
}

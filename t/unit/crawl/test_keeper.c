#include "base/first.h"
#include "base/enc.h"
#include "base/fd.h"
#include "crawl/keeper.h"
#include "crypto/digest.h"
#include "../tap.h"

#include <sys/stat.h>
#include <sys/wait.h>

enum { REQUESTS = 60, DOCS = 4 };

static int answers, failures;

static void done(void *arg, int rc, const struct err *e)
{
	answers++;
	failures += rc != 0;
	*(bool *)arg = true;
}

static bool stored(const char *dir, const struct document *d)
{
	char key[BLOB_KEY_LEN + 1], path[200];
	uint8_t want[SHA256_LEN];
	struct stat st;
	sha256(d->bytes, want);
	snprintf(path, sizeof path, "%s/%s", dir, blob_key(d->sha256, key));
	return !memcmp(want, d->sha256, sizeof want) && stat(path, &st) == 0 && st.st_size == (off_t)d->bytes.n;
}

int main(void)
{
	char dir[] = "/tmp/kryfto-keep-XXXXXX", cmd_dir[64];
	struct loop *loop;
	struct keeper *k = NULL;
	struct err e = { 0 };
	struct arena a;
	static struct document docs[REQUESTS][DOCS];
	static bool told[REQUESTS];
	arena_init(&a, 0);
	if (!mkdtemp(dir) || loop_new(&loop, NULL))
		return 1;
	snprintf(cmd_dir, sizeof cmd_dir, "%s/blobs", dir);
	is_int(keeper_new(loop, &(struct blob_config){ .dir = cmd_dir }, 2, &k, &e), 0, "two threads %s", e.words);
	for (int i = 0; i < REQUESTS; i++) {
		for (int j = 0; j < DOCS; j++)
			docs[i][j].bytes = j ? arena_printf(&a, "request %d document %d", i, j) : STR("[]");
		keeper_submit(k, docs[i], i % 7 ? DOCS : 1, done, &told[i]);
	}
	is_int(answers, 0, "never from within");
	is_int(keeper_pending(k), REQUESTS, "all are pending");
	while (answers < REQUESTS)
		loop_turn(loop, true);
	is_int(failures, 0, "all stored");
	int bad = 0;
	for (int i = 0; i < REQUESTS; i++) {
		bad += !told[i];
		for (int j = 0; j < (i % 7 ? DOCS : 1); j++)
			bad += !stored(cmd_dir, &docs[i][j]);
	}
	is_int(bad, 0, "each under its digest");
	is_int(keeper_pending(k), 0, "none pending");
	keeper_submit(k, docs[0], 0, done, &told[0]);
	while (answers < REQUESTS + 1)
		loop_turn(loop, true);
	is_int(failures, 0, "nothing to store is fine");
	for (int i = 0; i < 20; i++)
		keeper_submit(k, docs[i], DOCS, done, &told[i]);
	keeper_free(k);
	is_int(answers, REQUESTS + 1, "freed: no callback");

	/* The folder goes away under it: an error, not a loss. */
	ok(keeper_new(loop, &(struct blob_config){ .dir = "/proc/nowhere" }, 2, &k, &e) < 0, "no such store: %s",
		e.words);
	loop_free(loop);
	arena_release(&a);
	int rc = done_testing();
	if (fork() == 0)
		execlp("rm", "rm", "-rf", "--", dir, NULL);
	wait(NULL);
	return rc;
}

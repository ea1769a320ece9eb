/* The local blob store: content, atomicity under faults and kills, and puts against removals. */
#include "base/first.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "base/enc.h"
#include "base/fd.h"
#include "blob/blob.h"
#include "../tap.h"

static char dir[64];
static const char *self_path;

static struct blob_store *open_store(void)
{
	struct blob_store *s = NULL;
	struct err e = { 0 };
	if (blob_open(&(struct blob_config){ .dir = dir }, &s, &e) < 0)
		die("%s", e.words);
	return s;
}

static int count(const char *sub)
{
	char path[160];
	int n = 0;
	snprintf(path, sizeof path, "%s/%s", dir, sub);
	DIR *d = opendir(path);
	if (!d)
		return -1;
	for (struct dirent *en; (en = readdir(d));)
		n += en->d_name[0] != '.';
	closedir(d);
	return n;
}

static void is_content(struct blob_store *s, const struct blob_info *info, struct str want, const char *what)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	int r = blob_get(s, info->sha256, 0, want.n, &b, NULL);
	ok(r == 0 && str_eq(buf_str(&b), want), "%s reads back", what);
	buf_release(&b);
}

static void test_round_trip(struct blob_store *s)
{
	struct blob_info info, again;
	struct arena a;
	struct buf b;
	struct blob_link link;
	char key[BLOB_KEY_LEN + 1];
	int64_t size;
	arena_init(&a, 0);
	is_int(blob_put(s, STR("abc"), &info, NULL), 0, "put");
	is_cstr(blob_key(info.sha256, key), "ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"key");
	is_int(info.size, 3, "size");
	ok(!info.existed, "new");
	is_content(s, &info, STR("abc"), "abc");
	is_int(blob_put(s, STR("abc"), &again, NULL), 0, "put again");
	ok(again.existed, "is known");
	is_int(count("ba"), 1, "and stored once");
	is_int(blob_stat(s, info.sha256, &size, NULL), 0, "stat");
	is_int(size, 3, "its size");

	buf_init(&b, NULL, 0);
	is_int(blob_get(s, info.sha256, 1, 10, &b, NULL), 0, "from an offset");
	is_str(buf_str(&b), "bc");
	is_int(blob_get(s, info.sha256, 9, 10, &b, NULL), 0, "beyond the end");
	is_int(b.n, 2, "nothing is added");
	is_int(blob_get(s, info.sha256, 0, 2, &b, NULL), E_LIMIT, "more than asked for");
	is_int(blob_get(s, info.sha256, -1, 2, &b, NULL), E_INVALID, "a negative offset");
	is_int(b.n, 2, "an error adds nothing");
	buf_release(&b);
	is_int(blob_link(s, &a, info.sha256, &(struct blob_link_options){ .ttl = 1 }, &link, NULL), 0, "link");
	ok(link.local, "is for the web server");
	is_str(link.text, key, "by key");

	is_int(blob_put(s, STR(""), &info, NULL), 0, "an empty blob");
	is_content(s, &info, STR(""), "nothing");
	struct stat st;
	char path[200];
	snprintf(path, sizeof path, "%s/%s", dir, key);
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0640, "files are not for everybody");

	uint8_t none[BLOB_SHA_LEN] = { 1 };
	is_int(blob_stat(s, none, &size, NULL), E_NOTFOUND, "stat of none");
	is_int(blob_get(s, none, 0, 10, &b, NULL), E_NOTFOUND, "get of none");
	is_int(blob_delete(s, none, 0, NULL), 0, "delete of none");
	is_int(blob_delete(s, again.sha256, 3600 * USEC_PER_SEC, NULL), E_AGAIN, "a young blob stays");
	is_int(blob_delete(s, again.sha256, 0, NULL), 0, "delete");
	is_int(blob_stat(s, again.sha256, &size, NULL), E_NOTFOUND, "gone");
	is_int(blob_probe(s, NULL), 0, "probe");
	arena_release(&a);
}

static void test_many(struct blob_store *s)
{
	enum { N = 150 };
	struct str data[N];
	struct blob_info infos[N];
	static char text[N][16];
	for (int i = 0; i < N; i++)
		data[i] = str_n(text[i], (size_t)snprintf(text[i], 16, "blob %d", i % 140));
	is_int(blob_put_many(s, data, N, infos, NULL), 0, "put many");
	for (int i = 0; i < N; i++) {
		int64_t size = -1;
		if (blob_stat(s, infos[i].sha256, &size, NULL) < 0 || size != (int64_t)data[i].n)
			ok(false, "blob %d is there", i);
	}
	ok(infos[149].existed, "a repetition in a later batch is found");
	is_int(count("tmp"), 0, "no temporary file is left");
	is_int(blob_put_many(s, NULL, 0, NULL, NULL), 0, "none at all");
}

static void test_writer(struct blob_store *s)
{
	struct blob_writer *w;
	struct blob_info info, one;
	char piece[1000];
	struct buf all;
	buf_init(&all, NULL, 0);
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	for (int i = 0; i < 100; i++) {
		memset(piece, 'a' + i % 26, sizeof piece);
		buf_add(&all, piece, sizeof piece);
		if (blob_write(w, piece, sizeof piece, NULL) < 0)
			ok(false, "piece %d", i);
	}
	is_int(count("tmp"), 1, "not named yet");
	is_int(blob_commit(w, &info, NULL), 0, "commit");
	is_int(info.size, 100000, "size");
	is_content(s, &info, buf_str(&all), "what was written");
	is_int(blob_put(s, buf_str(&all), &one, NULL), 0, "put of the same");
	ok(one.existed && !memcmp(one.sha256, info.sha256, BLOB_SHA_LEN), "is the same");
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	blob_write(w, "abandoned", 9, NULL);
	blob_abort(w);
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	blob_write(w, all.p, all.n, NULL);
	is_int(blob_commit(w, &one, NULL), 0, "commit of what is there");
	ok(one.existed, "is known");
	is_int(count("tmp"), 0, "no temporary file is left");
	buf_release(&all);
}

/* Runs this program again as `mode`, with a fault point set. */
static int run(const char *mode, const char *fault)
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		setenv("KRYFTO_FAULT", fault, 1);
		execl(self_path, self_path, mode, dir, (char *)NULL);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void test_faults(struct blob_store *s)
{
#ifdef ENABLE_FAULT_POINTS
	static const char *const points[] = { "blob.put.write", "blob.put.sync", "blob.put.before-rename",
		"blob.put.sync-dir" };
	struct str text = STR("put under a fault");
	struct blob_info info;
	blob_put(s, text, &info, NULL);
	for (size_t i = 0; i < ARRAY_LEN(points); i++) {
		char fault[64];
		for (int kill_it = 0; kill_it < 2; kill_it++) {
			int64_t size;
			blob_delete(s, info.sha256, 0, NULL);
			snprintf(fault, sizeof fault, "%s=%s", points[i], kill_it ? "kill" : "error");
			int left = count("tmp"), status = run("put", fault);
			if (kill_it)
				ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "%s: killed", fault);
			else
				ok(WIFEXITED(status) && WEXITSTATUS(status) == 3, "%s: the put fails with E_IO", fault);
			int r = blob_stat(s, info.sha256, &size, NULL);
			ok(r == E_NOTFOUND || (r == 0 && size == (int64_t)text.n), "%s: all of the blob, or none",
				fault);
			is_int(blob_put(s, text, &info, NULL), 0, "%s: the next put works", fault);
			is_content(s, &info, text, fault);
			if (!kill_it)
				is_int(count("tmp"), left, "%s: cleaned up", fault);
		}
	}
#else
	ok(true, "no fault points in this build");
#endif
}

/* A temporary file of a writer that died long ago goes when a store is opened; a fresh one stays. */
static void test_sweep(void)
{
	char path[200];
	struct timespec old[2] = { { .tv_sec = 1000000 }, { .tv_sec = 1000000 } };
	int before = count("tmp");
	snprintf(path, sizeof path, "%s/tmp/old", dir);
	fd_write_file(path, STR("x"), 0600, NULL);
	utimensat(AT_FDCWD, path, old, 0);
	snprintf(path, sizeof path, "%s/tmp/new", dir);
	fd_write_file(path, STR("x"), 0600, NULL);
	blob_close(open_store());
	is_int(count("tmp"), before + 1, "old leftovers are swept");
	unlink(path);
}

/* Two processes put and a third removes, over and over: what a put has returned is there. */
static void test_race(struct blob_store *s)
{
	pid_t kids[2];
	int bad = 0, status;
	for (int k = 0; k < 2; k++) {
		kids[k] = fork();
		if (kids[k] == 0) {
			execl(self_path, self_path, "race", dir, (char *)NULL);
			_exit(99);
		}
	}
	struct blob_info info;
	blob_put(s, STR("raced for"), &info, NULL);
	/* A grace of 20 ms: longer than a child needs from put to look, shorter than its pauses. */
	for (usec_t end = clock_mono() + USEC_PER_SEC; clock_mono() < end;)
		blob_delete(s, info.sha256, 20 * USEC_PER_MS, NULL);
	for (int k = 0; k < 2; k++) {
		waitpid(kids[k], &status, 0);
		bad += !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	is_int(bad, 0, "no put lost its blob to a removal");
}

static int child(const char *mode)
{
	struct blob_store *s = open_store();
	struct blob_info info;
	int rc = 0;
	if (!strcmp(mode, "put")) {
		rc = blob_put(s, STR("put under a fault"), &info, NULL) == E_IO ? 3 : 0;
	} else {
		usec_t end = clock_mono() + 900 * USEC_PER_MS;
		while (clock_mono() < end && rc == 0) {
			int64_t size;
			usec_t t = clock_real();
			rc = blob_put(s, STR("raced for"), &info, NULL) < 0;
			/* A machine that stalls for longer than the grace proves nothing. */
			if (blob_stat(s, info.sha256, &size, NULL) < 0 && clock_real() - t < 15 * USEC_PER_MS)
				rc = 1;
			clock_sleep(25 * USEC_PER_MS);
		}
	}
	blob_close(s);
	return rc;
}

static void remove_all(const char *path)
{
	DIR *d = opendir(path);
	for (struct dirent *en; d && (en = readdir(d));) {
		char sub[512];
		if (!strcmp(en->d_name, ".") || !strcmp(en->d_name, ".."))
			continue;
		snprintf(sub, sizeof sub, "%s/%s", path, en->d_name);
		if (unlink(sub) < 0)
			remove_all(sub);
	}
	if (d)
		closedir(d);
	rmdir(path);
}

int main(int argc, char **argv)
{
	self_path = argv[0];
	if (argc == 3) {
		str_copy(dir, sizeof dir, str_of(argv[2]));
		return child(argv[1]);
	}
	str_copy(dir, sizeof dir, STR("/tmp/kryfto-blob-XXXXXX"));
	if (!mkdtemp(dir))
		die("mkdtemp");
	struct blob_store *s = open_store();
	is_int(count("."), 257, "all folders are made at once");
	test_round_trip(s);
	test_many(s);
	test_writer(s);
	test_faults(s);
	test_sweep();
	test_race(s);
	blob_close(s);
	blob_close(NULL);

	struct err e = { 0 };
	is_int(blob_open(&(struct blob_config){ .dir = "" }, &s, &e), E_INVALID, "no folder");
	is_int(blob_open(&(struct blob_config){ .dir = "/proc/none/x" }, &s, &e), E_NOTFOUND,
		"a folder that cannot be: %s", e.words);
	remove_all(dir);
	return done_testing();
}

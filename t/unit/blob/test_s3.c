/* The S3 driver against a small S3 of our own that checks every signature (s3-fake beside this file). */
#include "base/first.h"
#include <signal.h>
#include <sys/wait.h>
#include "base/scan.h"
#include "blob/blob.h"
#include "crypto/digest.h"
#include "net/http.h"
#include "../tap.h"

static struct arena a;
static int port;
static pid_t fake;
static int hold[2]; /* the fake's standard input: closing it ends the fake */

static void start_fake(void)
{
	int out[2];
	char path[4096], text[16] = "";
	const char *src = getenv("srcdir");
	snprintf(path, sizeof path, "%s/t/unit/blob/s3-fake", src ? src : ".");
	if (pipe(hold) < 0 || pipe(out) < 0)
		die("pipe");
	fake = fork();
	if (fake == 0) {
		dup2(hold[0], 0);
		dup2(out[1], 1);
		close(hold[1]);
		close(out[0]);
		execlp("perl", "perl", path, "bucket", "eu-test-1", "AKID", "s3cr/t+key", (char *)NULL);
		_exit(99);
	}
	close(hold[0]);
	close(out[1]);
	for (size_t n = 0; n < sizeof text - 1 && read(out[0], text + n, 1) == 1 && text[n] != '\n';)
		n++;
	close(out[0]);
	int64_t v;
	if (scan_i64(str_trim(str_of(text)), &v) < 0)
		die("the fake S3 did not start");
	port = (int)v;
}

static struct blob_store *open_with(const char *secret, const char *bucket)
{
	struct blob_store *s = NULL;
	struct err e = { 0 };
	struct blob_config cfg = { .s3 = true,
		.endpoint = arena_printf(&a, "http://127.0.0.1:%d", port).p,
		.region = "eu-test-1",
		.bucket = bucket,
		.access_key = "AKID",
		.secret_key = secret,
		.path_style = true };
	if (blob_open(&cfg, &s, &e) < 0)
		die("%s", e.words);
	return s;
}

/* A plain request to the fake, outside the driver. */
static struct http_result ask(enum http_method method, struct str url, const char *body)
{
	static struct loop *loop;
	static struct resolver *resolver;
	static struct http *http;
	static struct verdict_policy *open_policy;
	struct http_result r;
	if (!http) {
		struct resolver_options ro = { .timeout = 0 };
		verdict_policy_new(&a, &(struct verdict_config){ .block_private = false }, &open_policy, NULL);
		loop_new(&loop, NULL);
		resolver_new(loop, &ro, &resolver, NULL);
		http_new(&(struct http_options){ .loop = loop, .resolver = resolver, .policy = open_policy }, &http,
			NULL);
	}
	if (!url.p) { /* the end */
		http_free(http);
		resolver_free(resolver);
		loop_free(loop);
		return (struct http_result){ .code = 0 };
	}
	struct http_request rq = {
		.method = method, .url = url, .body = str_of(body ? body : ""), .user_agent = STR("t")
	};
	http_once(http, &rq, &a, &r);
	return r;
}

static void mood(const char *what)
{
	struct http_result r = ask(HTTP_POST, arena_printf(&a, "http://127.0.0.1:%d/!mood", port), what);
	if (r.status != 200)
		die("the fake S3 has no such mood: %s (%s)", what, r.words);
}

/* How many requests since the last reset contain `what`. */
static int seen(const char *what)
{
	struct str log = ask(HTTP_GET, arena_printf(&a, "http://127.0.0.1:%d/!log", port), NULL).body, line;
	int n = 0;
	while (str_split(&log, '\n', &line))
		n += line.n && str_find(line, str_of(what)) != STR_NPOS;
	return n;
}

static struct str noise(size_t n, uint64_t seed)
{
	char *p = arena_alloc(&a, n);
	for (size_t i = 0; i < n; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		p[i] = (char)(seed >> 56);
	}
	return str_n(p, n);
}

static void is_content(struct blob_store *s, const struct blob_info *info, struct str want, const char *what)
{
	struct buf b;
	struct err e = { 0 };
	buf_init(&b, NULL, 0);
	int r = blob_get(s, info->sha256, 0, want.n, &b, &e);
	ok(r == 0 && str_eq(buf_str(&b), want), "%s reads back %s", what, e.words);
	buf_release(&b);
}

static void test_small(struct blob_store *s)
{
	struct blob_info info;
	struct buf b;
	struct err e;
	int64_t size = 0;
	mood("reset");
	is_int(blob_put(s, STR("abc"), &info, &e), 0, "put");
	is_int(seen("PUT /bucket/ba/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), 1,
		"by its key");
	is_int(seen("HEAD"), 0, "a small blob is put unasked");
	is_content(s, &info, STR("abc"), "abc");
	is_int(blob_stat(s, info.sha256, &size, NULL), 0, "stat");
	is_int(size, 3, "size");
	buf_init(&b, &a, 0);
	is_int(blob_get(s, info.sha256, 1, 10, &b, NULL), 0, "from an offset");
	is_str(buf_str(&b), "bc");
	is_int(blob_get(s, info.sha256, 9, 10, &b, NULL), 0, "beyond the end");
	is_int(b.n, 2, "nothing is added");
	is_int(blob_get(s, info.sha256, 0, 2, &b, &e), E_LIMIT, "more than asked for");
	is_int(blob_put(s, STR(""), &info, NULL), 0, "an empty blob");
	is_content(s, &info, STR(""), "nothing");
	uint8_t none[BLOB_SHA_LEN] = { 1 };
	is_int(blob_stat(s, none, &size, &e), E_NOTFOUND, "stat of none");
	is_int(blob_get(s, none, 0, 10, &b, &e), E_NOTFOUND, "get of none");
	is_int(blob_delete(s, none, 0, NULL), 0, "delete of none");
	is_int(blob_delete(s, none, 1, NULL), 0, "delete of none, with a grace");
	is_int(blob_delete(s, info.sha256, 3600 * USEC_PER_SEC, &e), E_AGAIN, "a young blob stays");
	mood("age 7200");
	is_int(blob_delete(s, info.sha256, 3600 * USEC_PER_SEC, NULL), 0, "an old one goes");
	is_int(blob_stat(s, info.sha256, &size, &e), E_NOTFOUND, "gone");
	is_int(blob_probe(s, NULL), 0, "probe");
}

static void test_many(struct blob_store *s)
{
	enum { N = 70 };
	struct str data[N];
	struct blob_info infos[N];
	int64_t size;
	mood("reset");
	for (int i = 0; i < N; i++)
		data[i] = arena_printf(&a, "blob %d", i);
	is_int(blob_put_many(s, data, N, infos, NULL), 0, "put many");
	is_int(seen("PUT"), N, "each once");
	int there = 0;
	for (int i = 0; i < N; i++)
		there += blob_stat(s, infos[i].sha256, &size, NULL) == 0 && size == (int64_t)data[i].n;
	is_int(there, N, "all there");
}

static void test_large(struct blob_store *s)
{
	struct blob_info info;
	struct str middle = noise(MiB, 1), large = noise(40 * MiB, 2);
	struct blob_writer *w;
	struct err e = { 0 };
	mood("reset");
	is_int(blob_put(s, middle, &info, NULL), 0, "a mebibyte");
	ok(!info.existed && seen("HEAD") == 1 && seen("PUT") == 1, "asked for, then put");
	is_int(blob_put(s, middle, &info, NULL), 0, "again");
	ok(info.existed && seen("PUT") == 1, "is there");
	mood("age 600");
	is_int(blob_put(s, middle, &info, NULL), 0, "later");
	ok(!info.existed && seen("PUT") == 2, "is put anew, to be young");

	mood("reset");
	is_int(blob_put(s, large, &info, &e), 0, "40 MiB %s", e.words);
	is_int(seen(" part "), 3, "in three parts");
	is_content(s, &info, large, "40 MiB");
	mood("reset");
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	for (size_t i = 0; i < large.n; i += 3 * MiB)
		blob_write(w, large.p + i, MIN(large.n - i, 3 * MiB), NULL);
	is_int(blob_commit(w, &info, NULL), 0, "commit of the same");
	ok(info.existed && seen("PUT") == 0, "is there");
	struct str other = noise(33 * MiB, 3);
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	blob_write(w, other.p, other.n, NULL);
	is_int(blob_commit(w, &info, NULL), 0, "commit of another");
	is_content(s, &info, other, "a writer's blob");
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	is_int(blob_commit(w, &info, NULL), 0, "commit of nothing");
	is_content(s, &info, STR(""), "nothing");
	is_int(blob_begin(s, &w, NULL), 0, "begin");
	blob_write(w, "x", 1, NULL);
	blob_abort(w);

	mood("reset");
	mood("break-complete");
	blob_delete(s, info.sha256, 0, NULL);
	is_int(blob_put(s, noise(32 * MiB, 4), &info, &e), E_PROTO, "a completion that failed late: %s", e.words);
	is_int(seen("DELETE"), 2, "its parts are dropped");
}

static void test_trouble(struct blob_store *s)
{
	struct blob_info info;
	struct err e = { 0 };
	struct buf b;
	buf_init(&b, &a, 0);
	mood("reset");
	mood("fail 2 503");
	is_int(blob_put(s, STR("patience"), &info, &e), 0, "two failures are ridden out");
	is_int(seen("PUT"), 3, "at the third try");
	mood("reset");
	mood("drop 1");
	is_int(blob_put(s, STR("patience"), &info, &e), 0, "and a lost connection");
	mood("reset");
	mood("fail 100 500");
	is_int(blob_put(s, STR("in vain"), &info, &e), E_UNAVAIL, "not for ever: %s", e.words);
	is_int(seen("PUT"), 4, "tries");
	mood("reset");
	mood("fail 1 400");
	is_int(blob_put(s, STR("wrong"), &info, &e), E_PROTO, "a plain refusal is not tried again: %s", e.words);
	is_int(seen("PUT"), 1, "one try");
	mood("reset");
	mood("skew -7200");
	is_int(blob_put(s, STR("late"), &info, &e), 0, "the server's clock is learnt");
	is_int(blob_put(s, STR("later"), &info, &e), 0, "and kept");
	is_int(seen("PUT"), 3, "so that the second put needs one try");
	mood("reset");
	is_int(blob_put(s, STR("again"), &info, &e), 0, "also when it changes back");
	mood("corrupt");
	is_int(blob_get(s, info.sha256, 0, 100, &b, &e), E_IO, "other bytes are found out: %s", e.words);
	mood("reset");
	mood("no-range");
	is_int(blob_get(s, info.sha256, 2, 100, &b, &e), E_PROTO, "ranges not answered: %s", e.words);
	is_int(b.n, 0, "no error adds anything");
	mood("reset");

	struct blob_store *other = open_with("another", "bucket");
	is_int(blob_put(other, STR("x"), &info, &e), E_DENIED, "another secret: %s", e.words);
	ok(str_find(str_of(e.words), STR("SignatureDoesNotMatch: another signature <here>")) != STR_NPOS,
		"says what S3 said");
	blob_close(other);
	other = open_with("s3cr/t+key", "elsewhere");
	is_int(blob_put(other, STR("x"), &info, &e), E_NOTFOUND, "another bucket: %s", e.words);
	blob_close(other);
}

static void test_link(struct blob_store *s)
{
	struct blob_info info;
	struct blob_link link;
	struct blob_link_options o = { .ttl = 60 * USEC_PER_SEC, .content_type = STR("text/plain; charset=utf-8"),
		.disposition = STR("attachment; filename=\"a b.txt\"") };
	mood("reset");
	blob_put(s, STR("by link"), &info, NULL);
	is_int(blob_link(s, &a, info.sha256, &o, &link, NULL), 0, "link");
	ok(!link.local, "is a URL");
	struct http_result r = ask(HTTP_GET, link.text, NULL);
	is_int(r.status, 200, "opens without credentials");
	is_str(r.body, "by link");
	is_str(http_header(&r, "content-type"), "text/plain; charset=utf-8");
	is_str(http_header(&r, "content-disposition"), "attachment; filename=\"a b.txt\"");
	is_int(ask(HTTP_PUT, link.text, "other").status, 403, "is for reading only");
	mood("skew 61");
	is_int(ask(HTTP_GET, link.text, NULL).status, 403, "ends");
	mood("reset");
	struct str bent = arena_printf(&a, "%.*sx", (int)link.text.n, link.text.p);
	is_int(ask(HTTP_GET, bent, NULL).status, 403, "cannot be altered");
}

/* A store opened before a fork serves both sides. */
static void test_fork(struct blob_store *s)
{
	struct blob_info info;
	int status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(blob_put(s, STR("from the child"), &info, NULL) == 0 ? 0 : 1);
	is_int(blob_put(s, STR("from the parent"), &info, NULL), 0, "the parent puts");
	waitpid(pid, &status, 0);
	ok(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child puts");
}

static void test_config(void)
{
	struct blob_store *s = NULL;
	struct err e = { 0 };
	struct blob_config good = { .s3 = true,
		.endpoint = "https://s3.example.com",
		.region = "r",
		.bucket = "b",
		.access_key = "k",
		.secret_key = "s" };
	struct blob_config bad[6] = { good, good, good, good, good, good };
	bad[0].endpoint = "";
	bad[1].endpoint = "s3.example.com";
	bad[2].endpoint = "https://s3.example.com/path";
	bad[3].bucket = "a/b";
	bad[4].secret_key = NULL;
	bad[5].endpoint = "https://u:p@s3.example.com";
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(blob_open(&bad[i], &s, &e), E_INVALID, "%s", e.words);
	struct blob_link link;
	uint8_t sum[BLOB_SHA_LEN] = { 0 };
	is_int(blob_open(&good, &s, NULL), 0, "virtual hosts");
	is_int(blob_link(s, &a, sum, &(struct blob_link_options){ .ttl = 0 }, &link, NULL), 0, "link");
	ok(str_starts(link.text, STR("https://b.s3.example.com/00/0000")), "the bucket is in the host");
	blob_close(s);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	arena_init(&a, 0);
	start_fake();
	struct blob_store *s = open_with("s3cr/t+key", "bucket");
	test_small(s);
	test_many(s);
	test_large(s);
	test_trouble(s);
	test_link(s);
	test_fork(s);
	test_config();
	blob_close(s);
	ask(HTTP_GET, STR_NULL, NULL);
	close(hold[1]);
	waitpid(fake, NULL, 0);
	arena_release(&a);
	return done_testing();
}

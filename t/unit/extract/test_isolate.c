/* The program is its own child: started under the name kryfto-parse it serves a handler that obeys
 * the document, so that crashes, loops and forbidden calls can be asked for. */
#include "base/first.h"
#include "extract/isolate.h"
#include "extract/serve.h"

#include "../tap.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

static int put(struct reply *r, enum isolate_part part, struct str s, struct err *e)
{
	buf_adds(reply_begin(r, part), s);
	return reply_end(r, e);
}

static int obey(const struct isolate_req *req, struct arena *a, struct reply *r, struct err *e)
{
	static unsigned served;
	volatile uint64_t spin = 0;
	served++;
	snprintf(r->result->charset, sizeof r->result->charset, "utf-8");
	if (str_is(req->body, "crash"))
		raise(SIGSEGV);
	if (str_is(req->body, "exit"))
		_exit(7);
	if (str_is(req->body, "spin"))
		for (;;)
			spin++;
	if (str_is(req->body, "eat"))
		for (;;)
			memset(xmalloc(16 * MiB), 1, 16 * MiB);
	if (str_is(req->body, "open"))
		return put(r, PART_TEXT, open("/etc/passwd", O_RDONLY) < 0 ? STR("refused") : STR("opened"), e);
	if (str_is(req->body, "fd"))
		return put(r, PART_TEXT, read(0, (char[1]){ 0 }, 1) < 0 ? STR("closed") : STR("open"), e);
	if (str_is(req->body, "environ"))
		return put(r, PART_TEXT, environ && environ[0] ? STR("some") : STR("none"), e);
	if (str_is(req->body, "bad"))
		return err_set(e, E_INVALID, "selectors.x: no\nsuch thing");
	if (str_is(req->body, "odd code"))
		return -100;
	if (str_is(req->body, "bad json"))
		return put(r, PART_LINKS, STR("[1,2"), e);
	if (str_is(req->body, "bad utf8"))
		return put(r, PART_TEXT, STR("\xff"), e);
	if (str_is(req->body, "outside")) {
		r->result->part[PART_TEXT] = str_n(r->area + r->max - 1, 4096);
		return 0;
	}
	if (str_is(req->body, "talk")) {
		struct frame_note lie = { 12345, 0 };
		send(FRAME_CHANNEL_FD, &lie, sizeof lie, 0);
	}
	if (str_is(req->body, "flood")) {
		struct buf *b = reply_begin(r, PART_TEXT);
		for (int i = 0; i < 3 * 1024 * 1024; i++)
			buf_addc(b, 'x');
		return reply_end(r, e);
	}
	if (str_is(req->body, "served")) {
		buf_addu(reply_begin(r, PART_TEXT), served);
		return reply_end(r, e);
	}
	if (req->source.p && put(r, PART_MARKDOWN, req->source, e) < 0)
		return e->code;
	return put(r, PART_TEXT, req->body, e);
}

static struct isolate_conf conf;

static int ask(struct isolate *is, const char *body, struct arena *a, struct isolate_result *res, struct err *e)
{
	struct isolate_req req = { .want = WANT(PART_TEXT) | WANT(PART_MARKDOWN) | WANT(PART_LINKS),
		.body = str_of(body), .source = STR("lua") };
	*e = (struct err){ 0 };
	return isolate_run(is, &req, a, res, e);
}

static bool alive(struct isolate *is, struct arena *a)
{
	struct isolate_result res;
	struct err e;
	return ask(is, "hello", a, &res, &e) == 0 && str_is(res.part[PART_TEXT], "hello");
}

static void test_sync(struct arena *a)
{
	struct isolate *is = NULL;
	struct isolate_result res = { 0 };
	struct err e = { 0 };
	is_int(isolate_open(&conf, &is, &e), 0, "open: %s", e.words);
	is_int(isolate_pid(is), 0, "no child before it is needed");
	is_int(ask(is, "hello", a, &res, &e), 0, "%s", e.words);
	is_str(res.part[PART_TEXT], "hello");
	is_str(res.part[PART_MARKDOWN], "lua");
	is_cstr(res.charset, "utf-8");
	ok(res.part[PART_LINKS].p == NULL, "a part that was not written is absent");
	pid_t pid = isolate_pid(is);
	ok(alive(is, a) && isolate_pid(is) == pid, "the same child serves again");

	is_int(ask(is, "bad", a, &res, &e), E_INVALID);
	is_cstr(e.words, "selectors.x: no such thing");
	is_int(isolate_pid(is), pid, "an input error keeps the child");
	is_int(ask(is, "odd code", a, &res, &e), E_INTERNAL, "unknown code");
	is_int(ask(is, "flood", a, &res, &e), E_LIMIT);
	ok(strstr(e.words, "larger than") != NULL, "%s", e.words);
	is_int(ask(is, "environ", a, &res, &e), 0);
	is_str(res.part[PART_TEXT], "none", "no environment, hence no secrets in it");
	is_int(ask(is, "fd", a, &res, &e), 0);
	is_str(res.part[PART_TEXT], "closed", "standard input is closed");
	ok(alive(is, a));

	static const struct { const char *body; int code; const char *says;
	} deaths[] = {
		{ "exit", E_INTERNAL, "status 7" },
		{ "bad json", E_INTERNAL, "not well formed" },
		{ "bad utf8", E_INTERNAL, "not well formed" },
		{ "outside", E_INTERNAL, "outside its region" },
		{ "talk", E_INTERNAL, "protocol" },
		{ "spin", E_TIMEOUT, "longer than" },
#ifndef ENABLE_SANITIZERS
		{ "crash", E_INTERNAL, "signal" },
		{ "eat", E_LIMIT, "more memory" },
		{ "open", E_INTERNAL, "signal 31" },
#endif
	};
	for (size_t i = 0; i < ARRAY_LEN(deaths); i++) {
		is_int(ask(is, deaths[i].body, a, &res, &e), deaths[i].code, "%s", deaths[i].body);
		ok(strstr(e.words, deaths[i].says) != NULL, "%s: %s", deaths[i].body, e.words);
		ok(alive(is, a), "the next document works after %s", deaths[i].body);
	}
	pid = isolate_pid(is);
	kill(pid, SIGKILL);
	while (waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) < 0 && errno == EINTR)
		;
	ok(alive(is, a) && isolate_pid(is) != pid, "a child killed while idle costs no document");
	isolate_close(is);
	ok(kill(pid, 0) < 0, "no child is left");
}

static void test_limits(struct arena *a)
{
	struct isolate *is = NULL;
	struct isolate_result res;
	struct err e = { 0 };
	struct isolate_conf c = conf;
	c.recycle = 3;
	is_int(isolate_open(&c, &is, &e), 0);
	char seen[8] = "";
	for (int i = 0; i < 7; i++)
		if (ask(is, "served", a, &res, &e) == 0)
			seen[i] = res.part[PART_TEXT].p[0];
	is_cstr(seen, "1231231", "replaced after 3 documents");
	struct isolate_req big = { .want = WANT(PART_TEXT), .body = { arena_zalloc(a, 3 * MiB), 3 * MiB } };
	is_int(isolate_run(is, &big, a, &res, &e), E_LIMIT, "request over request_max");
	big.body.n = 2 * MiB - 1;
	memset((char *)big.body.p, 'x', big.body.n);
	is_int(isolate_run(is, &big, a, &res, &e), 0, "request just below it: %s", e.words);
	ok(str_eq(res.part[PART_TEXT], big.body));
	isolate_close(is);

	c = conf;
	c.program = "/nonexistent/kryfto-parse";
	is_int(isolate_open(&c, &is, &e), 0);
	is_int(ask(is, "x", a, &res, &e), E_UNAVAIL, "program missing");
	isolate_close(is);
	c.program = "/bin/false";
	is_int(isolate_open(&c, &is, &e), 0);
	is_int(ask(is, "x", a, &res, &e), E_UNAVAIL, "program ends at once");
	ok(e.words[0] != '\0', "%s", e.words);
	isolate_close(is);
}

static struct {
	int done, failed, cancelled, again;
	char order[64];
	size_t n;
	struct isolate_pool *pool;
	struct arena *arena;
} seen;

static void note(void *ctx, int rc, const struct isolate_result *res, const struct err *e)
{
	const char *name = ctx;
	seen.done++;
	seen.failed += rc < 0 && rc != E_CANCELLED;
	seen.cancelled += rc == E_CANCELLED;
	if (seen.n + 1 < sizeof seen.order)
		seen.order[seen.n++] = name[0];
	ok((rc == 0) == (res != NULL), "result with success only (%s)", rc < 0 ? e->words : name);
	if (seen.again-- > 0) {
		struct isolate_req req = { .want = WANT(PART_TEXT), .body = STR("again") };
		isolate_pool_submit(seen.pool, &req, seen.arena, note, (void *)"+", NULL);
	}
}

static void drain(struct isolate_pool *p)
{
	usec_t end = clock_mono() + 20 * USEC_PER_SEC;
	while (isolate_pool_pending(p) && clock_mono() < end) {
		struct pollfd pfd = { .fd = isolate_pool_fd(p), .events = POLLIN };
		usec_t due = isolate_pool_deadline(p), now = clock_mono();
		poll(&pfd, 1, due ? (int)MAX((due - now) / 1000 + 1, 0) : 1000);
		isolate_pool_run(p);
	}
}

static void test_pool(struct arena *a)
{
	struct isolate_pool *p = NULL;
	struct err e = { 0 };
	is_int(isolate_pool_open(&conf, 2, &p, &e), 0, "%s", e.words);
	static char names[20][2];
	static const char *bodies[20] = { "a", "spin", "b", "exit", "c", "bad", "d" };
	seen.pool = p;
	seen.arena = a;
	seen.again = 3;
	for (int i = 0; i < 20; i++) {
		names[i][0] = (char)('a' + i);
		struct isolate_req req = { .want = WANT(PART_TEXT), .body = str_of(bodies[i] ? bodies[i] : "more") };
		is_int(isolate_pool_submit(p, &req, a, note, names[i], &e), 0);
	}
	is_int(isolate_pool_pending(p), 20);
	drain(p);
	is_int(isolate_pool_pending(p), 0);
	is_int(seen.done, 23, "each submission ends, those made while finishing too");
	is_int(seen.failed, 3);
	ok(seen.order[0] == 'a', "in order: %s", seen.order);

	struct isolate_req req = { .want = WANT(PART_TEXT), .body = STR("spin") };
	isolate_pool_submit(p, &req, a, note, (void *)"1", NULL);
	isolate_pool_submit(p, &req, a, note, (void *)"2", NULL);
	isolate_pool_submit(p, &req, a, note, (void *)"3", NULL);
	seen.done = 0;
	ok(isolate_pool_cancel(p, (void *)"1"), "cancel at work");
	ok(isolate_pool_cancel(p, (void *)"3"), "cancel waiting");
	ok(!isolate_pool_cancel(p, (void *)"9"), "cancel unknown");
	is_int(isolate_pool_pending(p), 1);
	is_int(seen.done, 0, "cancelled work is not told");
	req.body = STR("after");
	isolate_pool_submit(p, &req, a, note, (void *)"4", NULL);
	drain(p);
	is_int(seen.done, 2, "the rest ends");
	isolate_pool_submit(p, &req, a, note, (void *)"5", NULL);
	isolate_pool_close(p);
	is_int(seen.cancelled, 1, "closing tells what was left");

	struct isolate_conf c = conf;
	c.program = "/bin/false";
	seen.done = seen.failed = 0;
	is_int(isolate_pool_open(&c, 1, &p, &e), 0);
	isolate_pool_submit(p, &req, a, note, (void *)"6", NULL);
	drain(p);
	is_int(seen.failed, 1, "a child that cannot start fails the document, not the loop");
	isolate_pool_close(p);
}

static void test_json(void)
{
	static const char *const good[] = { "null", " [1, -2.5e+3 ,{\"a\":[]}] ", "\"\\u00e9\\n\"", "{}", "[[[]]]", "0",
		"{\"a\":1,\"b\":{\"c\":null}}" };
	static const char *const bad[] = { "", "[", "]", "[1,]", "{\"a\"}", "{\"a\":1,}", "{a:1}", "01", "1 2",
		"\"\n\"", "\"\\x\"", "[1}", "{\"a\":1]", "nul", "-", "1.", "1e", "\"\xff\"", "[,1]", "\"abc" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ok(frame_json_ok(str_of(good[i])), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!frame_json_ok(str_of(bad[i])), "%s", bad[i]);
	char deep[2002];
	memset(deep, '[', 1000);
	memset(deep + 1000, ']', 1000);
	ok(!frame_json_ok(str_n(deep, 2000)), "1000 levels");
	memset(deep, '[', 500);
	memset(deep + 500, ']', 500);
	ok(frame_json_ok(str_n(deep, 1000)), "500 levels");
}

static void report_speed(struct isolate *is, struct arena *a)
{
	struct isolate_result res;
	struct err e;
	const int rounds = 2000;
	usec_t from = clock_mono();
	for (int i = 0; i < rounds; i++)
		ask(is, "hello", a, &res, &e);
	printf("# a round trip takes %.1f us\n", (double)(clock_mono() - from) / rounds);
}

int main(int argc, char **argv)
{
	if (strcmp(argv[0], "kryfto-parse") == 0)
		return serve(obey, NULL);
	struct arena a;
	struct isolate *is;
	arena_init(&a, 0);
	conf = (struct isolate_conf){ .program = "/proc/self/exe", .cpu = 300 * USEC_PER_MS, .memory = 96 * MiB,
		.request_max = 2 * MiB, .reply_max = 2 * MiB };
	test_json();
	test_sync(&a);
	test_limits(&a);
	test_pool(&a);
	if (isolate_open(&conf, &is, NULL) == 0) {
		report_speed(is, &a);
		isolate_close(is);
	}
	arena_release(&a);
	return done_testing();
}

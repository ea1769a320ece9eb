#include "base/first.h"
#include "cdp/conn.h"
#include "base/fd.h"
#include "../tap.h"

/* The far end of the pipes is played here, message by message. */
static struct loop *loop;
static struct cdp *cdp;
static int from_cdp, to_cdp, closed, events;
static struct arena a;
static bool finished;

static void on_close(void *arg) { closed++; }
static void on_event(void *arg, struct str method, const struct json *params)
{
	events++;
	ok(str_is(method, "Page.loadEventFired") && json_int(json_get(params, "n"), 0) == 5,
		"an event with its params");
}

static void say(const char *text)
{
	if (fd_write_all(to_cdp, text, strlen(text) + 1) < 0)
		die("pipe");
}

static void calls(void *arg)
{
	const struct json *r = NULL;
	struct err e = { 0 };
	say("{\"id\":1,\"result\":{\"x\":[1,2,3]}}");
	is_int(cdp_call(cdp, STR("S\"1"), "Runtime.evaluate", STR("{\"a\":1}"), USEC_PER_SEC, &a, &r, &e), 0, "a call");
	is_int(json_int(json_at(json_get(r, "x"), 2), 0), 3, "its result");
	char sent[256] = { 0 };
	ok(read(from_cdp, sent, sizeof sent) > 0, "what was sent");
	is_cstr(sent, "{\"id\":1,\"method\":\"Runtime.evaluate\",\"sessionId\":\"S\\\"1\",\"params\":{\"a\":1}}",
		"the message");
	say("{\"id\":2,\"error\":{\"code\":-32000,\"message\":\"No node\"}}");
	is_int(cdp_call(cdp, STR_NULL, "DOM.focus", STR_NULL, USEC_PER_SEC, &a, &r, &e), E_PROTO, "an error: %s",
		e.words);
	is_cstr(e.words, "DOM.focus: No node", "in the browser's words");
	is_int(cdp_call(cdp, STR_NULL, "Slow.call", STR_NULL, 2 * USEC_PER_MS, &a, &r, &e), E_TIMEOUT, "no answer");
	say("{\"id\":3,\"result\":{}}"); /* too late: must be dropped */
	cdp_listen(cdp, STR("T"), on_event, NULL);
	say("{\"method\":\"Page.loadEventFired\",\"params\":{\"n\":5},\"sessionId\":\"T\"}");
	say("{\"method\":\"Page.loadEventFired\",\"params\":{\"n\":6},\"sessionId\":\"other\"}");
	say("not json at all");
	say("{\"id\":4,\"result\":{\"late\":false}}");
	is_int(cdp_call(cdp, STR_NULL, "Next.call", STR_NULL, USEC_PER_SEC, &a, &r, &e), 0,
		"the next call gets its own answer");
	is_int(events, 1, "one event reached its listener");
	cdp_listen(cdp, STR("T"), NULL, NULL);
	fd_close(&to_cdp);
	is_int(cdp_call(cdp, STR_NULL, "Last.call", STR_NULL, USEC_PER_SEC, &a, &r, &e), E_GONE, "the browser went");
	is_int(cdp_call(cdp, STR_NULL, "After.call", STR_NULL, USEC_PER_SEC, &a, &r, &e), E_GONE, "and stays away");
	finished = true;
}

/* A large message that arrives in pieces. */
static void big(void *arg)
{
	const struct json *r = NULL;
	is_int(cdp_call(cdp, STR_NULL, "Big.call", STR_NULL, 5 * USEC_PER_SEC, &a, &r, NULL), 0, "a large answer");
	is_int(json_str(json_get(r, "data"), STR("")).n, 1500000, "is whole");
	finished = true;
}

static void start(void)
{
	int in[2], out[2];
	if (pipe(in) < 0 || pipe(out) < 0)
		die("pipe");
	from_cdp = out[0];
	to_cdp = in[1];
	finished = false;
	closed = 0;
	ok(cdp_new(loop, in[0], out[1], on_close, NULL, &cdp, NULL) == 0, "a connection");
}

int main(void)
{
	arena_init(&a, 0);
	loop_new(&loop, NULL);
	start();
	fiber_start(loop, calls, NULL, NULL);
	while (!finished || !closed)
		loop_turn(loop, true);
	is_int(closed, 1, "told once");
	cdp_free(cdp);
	loop_turn(loop, false);
	fd_close(&from_cdp);

	start();
	fiber_start(loop, big, NULL, NULL);
	struct buf m;
	buf_init(&m, NULL, 0);
	buf_addz(&m, "{\"id\":1,\"result\":{\"data\":\"");
	for (int i = 0; i < 1500000; i++)
		buf_addc(&m, 'x');
	buf_addz(&m, "\"}}");
	buf_addc(&m, '\0');
	for (size_t did = 0; did < m.n;) {
		ssize_t n = write(to_cdp, m.p + did, MIN(m.n - did, (size_t)50000));
		if (n > 0)
			did += (size_t)n;
		loop_turn(loop, false);
	}
	buf_release(&m);
	while (!finished)
		loop_turn(loop, true);
	cdp_free(cdp);
	loop_turn(loop, false);
	fd_close(&from_cdp);
	fd_close(&to_cdp);
	loop_free(loop);
	arena_release(&a);
	return done_testing();
}

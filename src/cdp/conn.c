#include "base/first.h"
#include "cdp/conn.h"
#include "base/fd.h"
#include "base/map.h"
#include "base/scan.h"
#include "base/vec.h"

#define READ_CHUNK (256 * KiB)
#define READS_A_TURN 8

struct call {
	int64_t id;
	struct fiber *fiber;
	struct arena *arena;
	struct str session;
	const struct json *reply;
	bool done;
	struct call *next;
};

struct listener {
	cdp_event_fn *fn;
	void *arg;
	char *session;
};

struct cdp {
	struct loop *loop;
	struct loop_fd *in_io, *out_io;
	int rfd, wfd;
	struct buf in, out;
	size_t scanned; /* of `in`, known to hold no NUL */
	int64_t last_id;
	struct call *calls; /* on the stacks of the fibers that wait */
	struct map listeners; /* session id → struct listener, heap */
	struct arena scratch; /* of the event being dispatched */
	void (*on_close)(void *arg);
	void *arg;
	bool closed, dispatching, free_later;
	struct cdp_stats stats;
};

static void fail_calls(struct cdp *c, struct str session)
{
	for (struct call *k = c->calls; k; k = k->next)
		if (!k->done && (!session.p || str_eq(k->session, session)))
			fiber_wake(k->fiber, E_GONE);
}

static void tell_closed(void *arg)
{
	struct cdp *c = arg;
	if (c->on_close)
		c->on_close(c->arg);
}

static void close_now(struct cdp *c)
{
	if (c->closed)
		return;
	c->closed = true;
	loop_fd_free(c->in_io);
	loop_fd_free(c->out_io);
	c->in_io = c->out_io = NULL;
	fd_close(&c->rfd);
	fd_close(&c->wfd);
	fail_calls(c, STR_NULL);
	loop_defer(c->loop, tell_closed, c);
}

static struct call *call_of(struct cdp *c, int64_t id)
{
	struct call *k = c->calls;
	while (k && k->id != id)
		k = k->next;
	return k;
}

/* Replies begin {"id":N: telling so before the parse lets the reply be built in its caller's arena. */
static struct call *reply_target(struct cdp *c, struct str text, bool *ret_is_reply)
{
	size_t at = 6, end = at;
	int64_t id;
	*ret_is_reply = str_starts(text, STR("{\"id\":"));
	if (!*ret_is_reply)
		return NULL;
	while (end < text.n && is_digit((unsigned char)text.p[end]))
		end++;
	return scan_i64(str_sub(text, at, end - at), &id) == 0 ? call_of(c, id) : NULL;
}

static void dispatch_event(struct cdp *c, struct str text)
{
	const struct json *m;
	static const struct json_limits limits = { .bytes = CDP_MESSAGE_MAX, .nul = true };
	if (json_parse(&c->scratch, text, &limits, &m, NULL) < 0)
		return;
	c->stats.events++;
	struct str session = json_str(json_get(m, "sessionId"), STR(""));
	struct listener *l = map_get(&c->listeners, session);
	if (l && l->fn)
		l->fn(l->arg, json_str(json_get(m, "method"), STR("")), json_get(m, "params"));
}

static void dispatch(struct cdp *c, struct str text)
{
	bool is_reply;
	struct call *k = reply_target(c, text, &is_reply);
	if (!is_reply) {
		dispatch_event(c, text);
		arena_reset(&c->scratch);
	} else if (k && !k->done) {
		static const struct json_limits limits = { .bytes = CDP_MESSAGE_MAX, .nul = true };
		k->done = true;
		int rc = json_parse(k->arena, text, &limits, &k->reply, NULL);
		fiber_wake(k->fiber, rc < 0 ? E_PROTO : 0);
	}
}

/* Hands over every whole message in the buffer. */
static void take_messages(struct cdp *c)
{
	size_t start = 0;
	c->dispatching = true;
	while (!c->closed) {
		const char *nul = memchr(c->in.p + c->scanned, '\0', c->in.n - c->scanned);
		if (!nul) {
			c->scanned = c->in.n;
			break;
		}
		size_t end = (size_t)(nul - c->in.p);
		dispatch(c, str_n(c->in.p + start, end - start));
		start = c->scanned = end + 1;
	}
	c->dispatching = false;
	buf_consume(&c->in, start);
	c->scanned -= start;
	if (c->in.n == 0 && c->in.cap > 4 * READ_CHUNK)
		buf_release(&c->in);
}

static void on_readable(void *arg, int events)
{
	struct cdp *c = arg;
	for (int i = 0; i < READS_A_TURN && !c->closed; i++) {
		char *at = buf_reserve(&c->in, READ_CHUNK);
		ssize_t got = at ? read(c->rfd, at, READ_CHUNK) : 0;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (got <= 0) {
			close_now(c);
			break;
		}
		buf_commit(&c->in, (size_t)got);
		c->stats.bytes_in += (uint64_t)got;
		take_messages(c);
		if ((size_t)got < READ_CHUNK)
			break;
	}
	if (c->free_later)
		cdp_free(c);
}

static void flush(struct cdp *c)
{
	size_t did = 0;
	while (did < c->out.n && !c->closed) {
		ssize_t n = write(c->wfd, c->out.p + did, c->out.n - did);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0)
			close_now(c);
		else
			did += (size_t)n;
	}
	buf_consume(&c->out, did);
	if (!c->closed)
		loop_fd_set(c->out_io, c->out.n ? LOOP_WRITE : 0);
}

static void on_writable(void *arg, int events)
{
	flush(arg);
}

int cdp_new(struct loop *l, int rfd, int wfd, void (*on_close)(void *arg), void *arg, struct cdp **ret, struct err *e)
{
	if (fd_nonblock(rfd, true) < 0 || fd_nonblock(wfd, true) < 0)
		return err_errno(e, "debugging pipe");
	struct cdp *c = xcalloc(1, sizeof *c);
	*c = (struct cdp){ .loop = l, .rfd = rfd, .wfd = wfd, .on_close = on_close, .arg = arg };
	buf_init(&c->in, NULL, CDP_MESSAGE_MAX + READ_CHUNK);
	buf_init(&c->out, NULL, CDP_MESSAGE_MAX);
	map_init(&c->listeners, NULL);
	arena_init(&c->scratch, 64 * KiB);
	c->in_io = loop_fd_new(l, rfd, LOOP_READ, on_readable, c);
	c->out_io = loop_fd_new(l, wfd, 0, on_writable, c);
	*ret = c;
	return 0;
}

void cdp_free(struct cdp *c)
{
	if (!c)
		return;
	c->on_close = NULL;
	close_now(c);
	if (c->dispatching) {
		c->free_later = true;
		return;
	}
	for (struct map_entry *m = NULL; (m = map_next(&c->listeners, m));) {
		struct listener *l = m->value;
		free(l->session);
		free(l);
	}
	map_release(&c->listeners);
	buf_release(&c->in);
	buf_release(&c->out);
	arena_release(&c->scratch);
	/* The deferred notice of close_now() still points here; it runs in the next turn, then this one. */
	loop_defer(c->loop, free, c);
}

bool cdp_closed(const struct cdp *c)
{
	return c->closed;
}

static void send_message(struct cdp *c, int64_t id, struct str session, const char *method, struct str params)
{
	struct jw w;
	if (c->closed)
		return;
	buf_addf(&c->out, "{\"id\":%" PRId64 ",\"method\":\"%s\"", id, method);
	if (session.n) {
		buf_addz(&c->out, ",\"sessionId\":");
		jw_init(&w, &c->out);
		jw_str(&w, session);
	}
	if (params.n) {
		buf_addz(&c->out, ",\"params\":");
		buf_adds(&c->out, params);
	}
	buf_addc(&c->out, '}');
	buf_addc(&c->out, '\0');
	flush(c);
}

void cdp_post(struct cdp *c, struct str session, const char *method, struct str params)
{
	send_message(c, ++c->last_id, session, method, params);
}

static void forget_call(struct cdp *c, struct call *k)
{
	struct call **at = &c->calls;
	while (*at && *at != k)
		at = &(*at)->next;
	if (*at)
		*at = k->next;
}

int cdp_call(struct cdp *c, struct str session, const char *method, struct str params, usec_t timeout, struct arena *a,
	const struct json **ret, struct err *e)
{
	struct call k = { .id = ++c->last_id,
		.fiber = fiber_self(),
		.arena = a,
		.session = session.p ? session : STR(""),
		.next = c->calls };
	if (c->closed)
		return err_set(e, E_GONE, "%s: the browser is gone", method);
	c->calls = &k;
	c->stats.calls++;
	send_message(c, k.id, session, method, params);
	usec_t deadline = clock_mono() + timeout;
	int rc = 0;
	/* Wake-ups meant for other waits of this fiber leave `done` unset. */
	while (!k.done && rc >= 0 && !c->closed)
		rc = fiber_wait(deadline);
	forget_call(c, &k);
	if (!k.done) {
		c->stats.timeouts += rc == E_TIMEOUT;
		rc = rc < 0 ? rc : E_GONE;
		return err_set(e, rc, "%s: %s", method,
			rc == E_TIMEOUT ? "no answer in time"
			: rc == E_GONE  ? "the page or browser is gone"
					: err_name(rc));
	}
	const struct json *error = json_get(k.reply, "error");
	if (!k.reply)
		return err_set(e, E_PROTO, "%s: an answer that is not JSON", method);
	if (error)
		return err_set(e, E_PROTO, "%s: %.*s", method,
			STR_FMT(json_str(json_get(error, "message"), STR("unknown error"))));
	if (ret)
		*ret = json_get(k.reply, "result");
	return 0;
}

void cdp_listen(struct cdp *c, struct str session, cdp_event_fn *fn, void *arg)
{
	struct listener *l = map_get(&c->listeners, session);
	if (!fn) {
		if (map_del(&c->listeners, session)) {
			free(l->session);
			free(l);
		}
		return;
	}
	if (!l) {
		l = xcalloc(1, sizeof *l);
		l->session = xmalloc(session.n + 1);
		str_copy(l->session, session.n + 1, session);
		map_set(&c->listeners, str_n(l->session, session.n), l);
	}
	l->fn = fn;
	l->arg = arg;
}

void cdp_session_gone(struct cdp *c, struct str session)
{
	fail_calls(c, session);
}

const struct cdp_stats *cdp_stats(const struct cdp *c)
{
	return &c->stats;
}

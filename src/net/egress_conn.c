/* One connection of the egress proxy, as straight code in a fiber. */
#include "base/first.h"
#include "net/egress_impl.h"
#include "base/enc.h"
#include "base/fd.h"
#include "url/url.h"

#include <sys/socket.h>

#define HEAD_TIMEOUT (30 * USEC_PER_SEC)
#define SPLICE_BUFFER (32 * KiB)

struct job {
	struct egress_conn *conn;
	struct egress_lease *lease;
	struct loop *loop;
	struct arena arena;
	struct buf in;            /* read from the browser: the head, and what came behind it */
	struct egress_head head;
	struct url url;           /* what is asked for, as judged */
	struct str name;          /* host without brackets */
	int port;
	int server;
	struct egress_record record;
};

/* Answers and ends: `word` tells a program why, `text` a person. */
static int refuse(struct job *j, int status, const char *word, const char *text)
{
	char reply[512];
	int n = snprintf(reply, sizeof reply,
		"HTTP/1.1 %d %s\r\n" EGRESS_REFUSED_HEADER ": %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		"Cache-Control: no-store\r\nConnection: close\r\n\r\n%.200s\n",
		status,
		status == 403   ? "Forbidden"
		: status == 400 ? "Bad Request"
				: "Bad Gateway",
		word, MIN(strlen(text), (size_t)200) + 1, text);
	j->record.verdict = str_of(word);
	str_copy(j->lease->last, sizeof j->lease->last, str_of(word));
	fiber_write(j->loop, j->conn->client, reply, (size_t)n, clock_mono() + 5 * USEC_PER_SEC);
	return E_BLOCKED;
}

static int read_head(struct job *j, size_t *ret_end)
{
	usec_t deadline = clock_mono() + HEAD_TIMEOUT;
	for (;;) {
		size_t end = str_find(buf_str(&j->in), STR("\r\n\r\n"));
		if (end != STR_NPOS) {
			*ret_end = end + 4;
			return 0;
		}
		char *at = buf_reserve(&j->in, 4 * KiB);
		if (!at)
			return refuse(j, 400, "head", "The request head is too large.");
		ssize_t n = fiber_read(j->loop, j->conn->client, at, 4 * KiB, deadline);
		if (n <= 0)
			return n < 0 ? (int)n : E_GONE;
		buf_commit(&j->in, (size_t)n);
	}
}

/* "*.example.org" is the domain and all below it. */
static bool host_listed(struct str list, struct str host)
{
	struct str rest = list, one;
	while (rest.n && str_split(&rest, ',', &one)) {
		one = str_trim(one);
		bool wild = str_starts(one, STR("*."));
		struct str domain = wild ? str_from(one, 2) : one;
		if (str_eqi(host, domain))
			return true;
		if (wild && host.n > domain.n && str_endsi(host, domain) && host.p[host.n - domain.n - 1] == '.')
			return true;
	}
	return false;
}

/* The URL behind the request, judged. A tunnel is judged as https: what flows inside is the browser's. */
static int judge(struct job *j)
{
	struct verdict v;
	struct str text = j->head.target;
	if (j->head.tunnel)
		text = arena_printf(&j->arena, "https://%.*s:%d/", STR_FMT(j->head.host), j->head.port);

	if (verdict_text(&j->arena, j->lease->x->o.policy, text, &j->url, &v) < 0) {
		j->record.host = j->head.tunnel ? j->head.host : j->head.target;
		return refuse(j, 403, verdict_name(v.code), v.words);
	}
	j->name = j->url.host;
	if (j->name.n && j->name.p[0] == '[')
		j->name = str_sub(j->name, 1, j->name.n - 2);
	j->port = url_port(&j->url);
	j->record.host = j->name;
	j->record.port = j->port;
	if (j->lease->rules.hosts.n && !host_listed(j->lease->rules.hosts, j->name))
		return refuse(j, 403, "host", "The job may not reach this host.");
	return 0;
}

/* All addresses must pass: a name with one good and one bad answer is an attack or a mistake. */
static void fill_pin(struct job *j, struct egress_pin *pin)
{
	struct verdict v;
	pin->code = fiber_lookup(j->lease->x->o.resolver, j->name, pin->at, ARRAY_LEN(pin->at), &pin->n);
	str_copy(pin->why, sizeof pin->why, pin->code < 0 ? STR("dns") : STR("ok"));
	for (size_t i = 0; pin->code == 0 && i < pin->n; i++)
		if (verdict_ip(j->lease->x->o.policy, j->url.host, j->port, &pin->at[i], &v) < 0) {
			pin->code = E_BLOCKED;
			str_copy(pin->why, sizeof pin->why, str_of(verdict_name(v.code)));
		}
}

static int resolve(struct job *j, const struct egress_pin **ret)
{
	struct egress_lease *l = j->lease;
	struct str key = arena_printf(&l->arena, "%.*s:%d", STR_FMT(j->name), j->port);
	struct egress_pin *pin = map_get(&l->pins, key);
	if (!pin) {
		struct egress_pin fresh = { 0 };
		fill_pin(j, &fresh);
		if (fresh.code == E_CANCELLED)
			return E_CANCELLED;
		/* Another connection may have asked meanwhile: the first answer stands. */
		pin = map_get(&l->pins, key);
		if (!pin) {
			pin = arena_new(&l->arena, struct egress_pin);
			*pin = fresh;
			/* Failures of the name servers are asked again, verdicts are not. */
			if (fresh.code == 0 || fresh.code == E_BLOCKED)
				map_set(&l->pins, key, pin);
		}
	}
	*ret = pin;
	if (pin->code == E_BLOCKED)
		return refuse(j, 403, pin->why, "The name has an address that is not globally reachable.");
	return pin->code < 0 ? refuse(j, 502, "dns", "The name could not be resolved.") : 0;
}

static int dial(struct job *j, const struct egress_pin *pin, struct err *e)
{
	usec_t deadline = clock_mono() + j->lease->x->o.connect_timeout;
	int rc = err_set(e, E_UNAVAIL, "no address");
	for (size_t i = 0; i < pin->n && clock_mono() < deadline; i++) {
		/* A share of what is left for each, so that a dead first address does not eat the rest. */
		usec_t share = (deadline - clock_mono()) / (int64_t)(pin->n - i);
		rc = fiber_connect(j->loop, &pin->at[i], j->port, clock_mono() + share, &j->server, e);
		j->record.ip = pin->at[i];
		if (rc == 0 || rc == E_CANCELLED)
			break;
	}
	return rc;
}

/* --- upstream proxies: the tunnel is asked for by the judged address, never by name --- */

static int read_exact(struct job *j, void *p, size_t n, usec_t deadline)
{
	for (size_t did = 0; did < n;) {
		ssize_t got = fiber_read(j->loop, j->server, (char *)p + did, n - did, deadline);
		if (got <= 0)
			return got < 0 ? (int)got : E_GONE;
		did += (size_t)got;
	}
	return 0;
}

static int socks_auth(struct job *j, usec_t deadline)
{
	const struct egress_upstream *up = &j->lease->upstream;
	unsigned char m[3 + 255 + 255], reply[2];
	if (up->user.n > 255 || up->password.n > 255)
		return E_INVALID;
	size_t n = 0;
	m[n++] = 1;
	m[n++] = (unsigned char)up->user.n;
	memcpy(m + n, up->user.p, up->user.n);
	n += up->user.n;
	m[n++] = (unsigned char)up->password.n;
	if (up->password.n)
		memcpy(m + n, up->password.p, up->password.n);
	n += up->password.n;
	int rc = fiber_write(j->loop, j->server, m, n, deadline);
	if (rc == 0)
		rc = read_exact(j, reply, 2, deadline);
	return rc == 0 && reply[1] != 0 ? E_DENIED : rc;
}

/* RFC 1928, 1929. */
static int socks_tunnel(struct job *j, const struct ip *ip, usec_t deadline)
{
	bool auth = j->lease->upstream.user.n;
	unsigned char hello[] = { 5, 1, auth ? 2 : 0 }, m[22] = { 5, 1, 0 }, reply[4], rest[258];
	int rc = fiber_write(j->loop, j->server, hello, sizeof hello, deadline);
	if (rc == 0)
		rc = read_exact(j, reply, 2, deadline);
	if (rc == 0 && (reply[0] != 5 || reply[1] != hello[2]))
		rc = E_DENIED;
	if (rc == 0 && auth)
		rc = socks_auth(j, deadline);
	size_t n = ip->family == 4 ? 4 : 16;
	m[3] = ip->family == 4 ? 1 : 4;
	memcpy(m + 4, ip->b, n);
	m[4 + n] = (unsigned char)(j->port >> 8);
	m[5 + n] = (unsigned char)j->port;
	if (rc == 0)
		rc = fiber_write(j->loop, j->server, m, 6 + n, deadline);
	if (rc == 0)
		rc = read_exact(j, reply, 4, deadline);
	if (rc == 0 && reply[1] != 0)
		rc = E_UNAVAIL;
	size_t more = reply[3] == 1 ? 6 : reply[3] == 4 ? 18 : 0;
	if (rc == 0 && reply[3] == 3) {
		rc = read_exact(j, rest, 1, deadline);
		more = rc == 0 ? (size_t)rest[0] + 2 : 0;
	}
	return rc == 0 ? read_exact(j, rest, more, deadline) : rc;
}

static int http_tunnel(struct job *j, const struct ip *ip, usec_t deadline)
{
	const struct egress_upstream *up = &j->lease->upstream;
	char text[IP_TEXT_MAX], byte;
	struct buf b;
	ip_text(ip, text);
	const char *left = ip->family == 6 ? "[" : "", *right = ip->family == 6 ? "]" : "";
	buf_init(&b, &j->arena, 4 * KiB);
	buf_addf(&b, "CONNECT %s%s%s:%d HTTP/1.1\r\nHost: %s%s%s:%d\r\n", left, text, right, j->port, left, text, right,
		j->port);
	if (up->user.n) {
		struct str pair = arena_printf(&j->arena, "%.*s:%.*s", STR_FMT(up->user), STR_FMT(up->password));
		buf_addz(&b, "Proxy-Authorization: Basic ");
		enc_base64(&b, pair.p, pair.n);
		buf_addz(&b, "\r\n");
	}
	buf_addz(&b, "\r\n");
	int rc = fiber_write(j->loop, j->server, b.p, b.n, deadline);
	buf_clear(&b);
	/* Byte by byte: what follows the empty line belongs to the tunnel. */
	while (rc == 0 && !str_ends(buf_str(&b), STR("\r\n\r\n"))) {
		rc = read_exact(j, &byte, 1, deadline);
		buf_addc(&b, byte);
		if (!buf_ok(&b))
			rc = E_PROTO;
	}
	struct str status = str_sub(str_from(buf_str(&b), 9), 0, 3);
	return rc == 0 && !str_starts(status, STR("2")) ? E_UNAVAIL : rc;
}

/* To the upstream's own address: it is the operator's, so it is not judged; the target was. */
static int dial_upstream(struct job *j, const struct egress_pin *target, struct err *e)
{
	const struct egress_upstream *up = &j->lease->upstream;
	struct ip at[RESOLVER_ADDRS_MAX];
	size_t n = 0;
	usec_t deadline = clock_mono() + j->lease->x->o.connect_timeout;
	int rc = fiber_lookup(j->lease->x->o.resolver, up->host, at, ARRAY_LEN(at), &n);
	if (rc == 0)
		rc = fiber_connect(j->loop, &at[0], up->port, deadline, &j->server, e);
	if (rc == 0)
		rc = up->socks ? socks_tunnel(j, &target->at[0], deadline) : http_tunnel(j, &target->at[0], deadline);
	j->record.ip = target->at[0];
	return rc < 0 ? err_set(e, rc, "the upstream proxy failed: %s", err_name(rc)) : 0;
}

/* --- bytes --- */

/* One direction of the splice. */
struct flow {
	int from, to;
	struct buf buf;
	bool ended, shut;
	int64_t *count;
	int64_t limit; /* bytes still to take from `from`; -1: all */
};

static bool over_budget(struct job *j, size_t n)
{
	j->lease->bytes += (int64_t)n;
	return j->lease->bytes > j->lease->rules.bytes_max;
}

static int flow_read(struct job *j, struct flow *f)
{
	size_t want = SPLICE_BUFFER - f->buf.n;
	if (f->limit >= 0)
		want = (size_t)MIN((int64_t)want, f->limit);
	if (f->ended || !want)
		return 0;
	char *at = buf_reserve(&f->buf, want);
	ssize_t n = at ? read(f->from, at, want) : 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : E_IO;
	if (n == 0) {
		f->ended = true;
		return 0;
	}
	buf_commit(&f->buf, (size_t)n);
	*f->count += n;
	if (f->limit >= 0)
		f->limit -= n;
	return over_budget(j, (size_t)n) ? E_LIMIT : 0;
}

static int flow_write(struct flow *f)
{
	while (f->buf.n) {
		ssize_t n = send(f->to, f->buf.p, f->buf.n, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : E_IO;
		buf_consume(&f->buf, (size_t)n);
	}
	if (f->ended && !f->shut) {
		f->shut = true;
		shutdown(f->to, SHUT_WR);
	}
	return 0;
}

static int wants(const struct flow *reads, const struct flow *writes)
{
	bool read_more = !reads->ended && reads->buf.n < SPLICE_BUFFER && reads->limit != 0;
	return (read_more ? LOOP_READ : 0) | (writes->buf.n ? LOOP_WRITE : 0);
}

struct both {
	struct fiber *fiber;
};

static void on_either(void *arg, int events)
{
	fiber_wake(((struct both *)arg)->fiber, 0);
}

static int splice_loop(struct job *j, struct flow *up, struct flow *down)
{
	struct both w = { fiber_self() };
	struct loop_fd *c = loop_fd_new(j->loop, j->conn->client, LOOP_READ, on_either, &w);
	struct loop_fd *s = loop_fd_new(j->loop, j->server, LOOP_READ, on_either, &w);
	int rc = 0;
	while (rc >= 0 && !(down->shut && (up->shut || up->limit >= 0))) {
		rc = flow_read(j, up);
		if (rc == 0)
			rc = flow_read(j, down);
		if (rc == 0)
			rc = flow_write(up);
		if (rc == 0)
			rc = flow_write(down);
		if (rc < 0 || (down->shut && up->limit >= 0) || (up->shut && down->shut))
			break;
		loop_fd_set(c, wants(up, down));
		loop_fd_set(s, wants(down, up));
		rc = fiber_wait(clock_mono() + j->lease->x->o.idle_timeout);
	}
	loop_fd_free(c);
	loop_fd_free(s);
	if (rc == E_LIMIT)
		j->record.verdict = STR("limit");
	return rc;
}

static void splice_both(struct job *j, struct str first, int64_t limit)
{
	struct flow up = { .from = j->conn->client, .to = j->server, .count = &j->record.up, .limit = limit };
	struct flow down = { .from = j->server, .to = j->conn->client, .count = &j->record.down, .limit = -1 };
	buf_init(&up.buf, NULL, EGRESS_HEAD_MAX + SPLICE_BUFFER);
	buf_init(&down.buf, NULL, SPLICE_BUFFER);
	buf_adds(&up.buf, first);
	if (!over_budget(j, first.n))
		splice_loop(j, &up, &down);
	j->record.up += (int64_t)first.n;
	buf_release(&up.buf);
	buf_release(&down.buf);
}

/* Headers that are between the browser and us; Host is written anew from the judged URL. */
static bool is_ours(struct str name)
{
	static const char *const names[] = { "host", "connection", "proxy-connection", "keep-alive", "upgrade", "te",
		"trailer", "proxy-authorization", "proxy-authenticate" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqi(name, str_of(names[i])))
			return true;
	return false;
}

/* The request in origin form, one to a connection, so that no second request slips through unjudged. */
static struct str origin_request(struct job *j)
{
	struct buf b;
	struct str rest = j->head.headers, host = url_host_port(&j->arena, &j->url),
		   target = url_target(&j->arena, &j->url);
	buf_init(&b, &j->arena, EGRESS_HEAD_MAX * 2);
	buf_addf(&b, "%.*s %.*s HTTP/1.1\r\nHost: %.*s\r\n", STR_FMT(j->head.method), STR_FMT(target), STR_FMT(host));
	while (rest.n) {
		size_t at = str_find(rest, STR("\r\n"));
		struct str line = str_sub(rest, 0, at);
		rest = str_from(rest, at + 2);
		if (!is_ours(str_sub(line, 0, str_chr(line, ':')))) {
			buf_adds(&b, line);
			buf_addz(&b, "\r\n");
		}
	}
	buf_addz(&b, "Connection: close\r\n\r\n");
	return buf_str(&b);
}

static void pass_plain(struct job *j, struct str behind)
{
	struct buf b;
	int64_t limit = j->head.body < 0 ? -1 : j->head.body - (int64_t)MIN((int64_t)behind.n, j->head.body);
	/* Chunked bodies end where they say; the server closes behind its reply, which ends this connection too. */
	if (j->head.body >= 0)
		behind = str_sub(behind, 0, (size_t)j->head.body);
	buf_init(&b, &j->arena, EGRESS_HEAD_MAX * 3);
	buf_adds(&b, origin_request(j));
	buf_adds(&b, behind);
	splice_both(j, buf_str(&b), limit);
}

static int answer_canary(struct job *j)
{
	static const char reply[] =
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 22\r\nConnection: close\r\n\r\n"
		"<title>canary</title>\n";
	j->record.verdict = STR("ok");
	j->record.host = STR(EGRESS_CANARY_HOST);
	return fiber_write(j->loop, j->conn->client, reply, sizeof reply - 1, clock_mono() + 5 * USEC_PER_SEC);
}

static int converse(struct job *j)
{
	size_t end = 0;
	struct err e = { 0 };
	const struct egress_pin *pin = NULL;
	int rc = read_head(j, &end);
	if (rc < 0)
		return rc;
	if (egress_head_parse(str_sub(buf_str(&j->in), 0, end), &j->head, &e) < 0)
		return refuse(j, 400, "head", e.words);
	j->record.tunnel = j->head.tunnel;
	if (!j->lease->set || j->lease->closed)
		return refuse(j, 403, "lease", "No job owns this port.");
	if (!j->head.tunnel && str_starts(j->head.target, STR("http://" EGRESS_CANARY_HOST "/")))
		return answer_canary(j);
	rc = judge(j);
	if (rc == 0)
		rc = resolve(j, &pin);
	if (rc < 0)
		return rc;
	rc = j->lease->upstream.host.n ? dial_upstream(j, pin, &e) : dial(j, pin, &e);
	if (rc < 0)
		return rc == E_CANCELLED ? rc : refuse(j, 502, "connect", e.words);
	struct str behind = str_from(buf_str(&j->in), end);
	j->record.verdict = STR("ok");
	if (!j->head.tunnel) {
		pass_plain(j, behind);
		return 0;
	}
	static const char good[] = "HTTP/1.1 200 Connection Established\r\n\r\n";
	rc = fiber_write(j->loop, j->conn->client, good, sizeof good - 1, clock_mono() + 5 * USEC_PER_SEC);
	if (rc == 0)
		splice_both(j, behind, -1);
	return rc;
}

static void unlink_conn(struct egress_conn *c)
{
	struct egress_conn **at = &c->lease->list;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->lease->conns--;
	c->lease->x->connections--;
}

static void run(void *arg)
{
	struct egress_conn *c = arg;
	struct egress_lease *l = c->lease;
	struct job j = { .conn = c, .lease = l, .loop = l->x->o.loop, .server = -1 };
	usec_t start = clock_mono();
	c->fiber = fiber_self();
	arena_init(&j.arena, 8 * KiB);
	buf_init(&j.in, NULL, EGRESS_HEAD_MAX);
	j.record.job = l->rules.job;
	int rc = l->conns > (l->set ? l->rules.conns_max : EGRESS_CONNS_DEFAULT)
			 ? refuse(&j, 403, "limit", "Too many connections.")
			 : converse(&j);
	if (!j.record.verdict.p)
		j.record.verdict = rc == E_CANCELLED ? STR("closed") : STR("gone");
	j.record.took = clock_mono() - start;
	/* The browser may still be sending: an unread byte at close would cut the refusal off with a reset. */
	shutdown(c->client, SHUT_WR);
	fd_close(&j.server);
	fd_close(&c->client);
	if (l->x->o.record)
		l->x->o.record(l->x->o.arg, &j.record);
	buf_release(&j.in);
	arena_release(&j.arena);
	unlink_conn(c);
	free(c);
	egress_lease_unref(l);
}

void egress_serve(struct egress_lease *l, int fd)
{
	struct egress_conn *c = xcalloc(1, sizeof *c);
	*c = (struct egress_conn){ .lease = l, .client = fd, .next = l->list };
	l->list = c;
	l->conns++;
	l->x->connections++;
	if (fiber_start(l->x->o.loop, run, c, NULL) < 0) {
		unlink_conn(c);
		fd_close(&fd);
		free(c);
	}
}

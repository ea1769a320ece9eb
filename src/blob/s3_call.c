#include "base/first.h"
#include "base/rng.h"
#include "base/scan.h"
#include "blob/s3_call.h"
#include "crypto/digest.h"
#include "net/retry.h"
#include "url/url.h"

#define TRIES 4
#define AT_ONCE 8
#define CALL_TIMEOUT (120 * USEC_PER_SEC)
#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)

struct s3_conn {
	struct arena arena;
	struct sigv4_key key;
	struct str origin; /* "https://host[:port]" that requests go to */
	struct str host;   /* Host header */
	struct str prefix; /* "/bucket" with path style, else "" */
	struct verdict_policy *policy;
	usec_t skew;       /* the server's clock less ours, once it told */
	pid_t pid;         /* that the three below belong to: a forked child makes its own */
	struct loop *loop;
	struct resolver *resolver;
	struct http *http;
};

/* --- the connection --- */

static int set_origin(struct s3_conn *c, const struct blob_config *cfg, struct err *e)
{
	struct url u;
	if (url_parse(&c->arena, str_of(cfg->endpoint), NULL, &u, NULL) < 0 || !url_is_http(&u) || u.path.n > 1 ||
		u.query.p || u.username.n || u.password.n)
		return err_set(e, E_INVALID, "S3 endpoint \"%s\" is not http(s)://host[:port]", cfg->endpoint);
	c->host = url_host_port(&c->arena, &u);
	c->prefix = STR("");
	if (cfg->path_style)
		c->prefix = arena_printf(&c->arena, "/%s", cfg->bucket);
	else
		c->host = arena_printf(&c->arena, "%s.%.*s", cfg->bucket, STR_FMT(c->host));
	c->origin = arena_printf(&c->arena, "%.*s://%.*s", STR_FMT(u.scheme), STR_FMT(c->host));
	/* The operator named this host, so it may be anywhere; nothing else may be. */
	struct str allowed = arena_printf(&c->arena, "%.*s%s", STR_FMT(c->host),
		u.port >= 0       ? ""
		: u.scheme.n == 5 ? ":443"
				  : ":80");
	return verdict_policy_new(
		&c->arena, &(struct verdict_config){ .block_private = true, .allowed_hosts = allowed }, &c->policy, e);
}

int s3_conn_new(const struct blob_config *cfg, struct s3_conn **ret, struct err *e)
{
	const char *const needed[][2] = { { cfg->endpoint, "endpoint" }, { cfg->region, "region" },
		{ cfg->bucket, "bucket" }, { cfg->access_key, "access key" }, { cfg->secret_key, "secret key" } };
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!needed[i][0] || !needed[i][0][0])
			return err_set(e, E_INVALID, "the S3 blob store has no %s", needed[i][1]);
	for (const char *p = cfg->bucket; *p; p++)
		if (!is_alnum((unsigned char)*p) && *p != '-' && *p != '.' && *p != '_')
			return err_set(e, E_INVALID, "S3 bucket \"%s\" is not a bucket name", cfg->bucket);
	struct s3_conn *c = xcalloc(1, sizeof *c);
	arena_init(&c->arena, 0);
	c->key = (struct sigv4_key){ .access_key = arena_str(&c->arena, str_of(cfg->access_key)),
		.secret_key = arena_str(&c->arena, str_of(cfg->secret_key)), .service = STR("s3"),
		.region = arena_str(&c->arena, str_of(cfg->region)) };
	int r = set_origin(c, cfg, e);
	if (r < 0) {
		s3_conn_free(c);
		return r;
	}
	*ret = c;
	return 0;
}

static void hang_up(struct s3_conn *c)
{
	http_free(c->http);
	resolver_free(c->resolver);
	loop_free(c->loop);
	c->http = NULL;
	c->resolver = NULL;
	c->loop = NULL;
}

void s3_conn_free(struct s3_conn *c)
{
	if (c->pid == getpid())
		hang_up(c);
	arena_release(&c->arena);
	free(c);
}

static int ready(struct s3_conn *c, struct err *e)
{
	if (c->http && c->pid == getpid())
		return 0;
	/* After a fork the parent's are left alone: their sockets are the parent's too. */
	c->http = NULL;
	c->resolver = NULL;
	c->loop = NULL;
	c->pid = getpid();
	int r = loop_new(&c->loop, e);
	if (r == 0)
		r = resolver_new(c->loop, &(struct resolver_options){ .timeout = 0 }, &c->resolver, e);
	if (r == 0)
		r = http_new(&(struct http_options){ .loop = c->loop, .resolver = c->resolver, .policy = c->policy,
				     .connections_max = AT_ONCE }, &c->http, e);
	if (r < 0)
		hang_up(c);
	return r;
}

/* --- one call --- */

struct flight {
	struct s3_conn *conn;
	struct arena *arena;
	struct s3_call *call;
	size_t *in_flight;
};

struct str s3_xml(struct arena *a, struct str body, const char *name)
{
	static const char *const entities[][2] = { { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" },
		{ "&apos;", "'" }, { "&amp;", "&" } };
	struct str open = arena_printf(a, "<%s>", name), close = arena_printf(a, "</%s>", name);
	size_t from = str_find(body, open);
	if (from == STR_NPOS)
		return STR_NULL;
	struct str text = str_from(body, from + open.n);
	size_t end = str_find(text, close);
	if (end == STR_NPOS)
		return STR_NULL;
	text.n = end;
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < text.n; i++) {
		size_t k = 0;
		while (k < ARRAY_LEN(entities) && !str_starts(str_from(text, i), str_of(entities[k][0])))
			k++;
		if (k < ARRAY_LEN(entities)) {
			buf_addz(&b, entities[k][1]);
			i += strlen(entities[k][0]) - 1;
		} else {
			buf_addc(&b, text.p[i]);
		}
	}
	return buf_str(&b);
}

static void note_words(struct arena *a, struct s3_call *call)
{
	struct str code = s3_xml(a, call->body, "Code"), message = s3_xml(a, call->body, "Message");
	snprintf(call->words, sizeof call->words, "S3 answered %d%s%.*s%s%.*s", call->status, code.p ? " " : "",
		(int)MIN(code.n, (size_t)40), code.p ? code.p : "", message.p ? ": " : "",
		(int)MIN(message.n, (size_t)100), message.p ? message.p : "");
}

/* A refusal because of the clock tells the server's time: the next try uses it. */
static bool learn_skew(struct s3_conn *c, struct arena *a, const struct s3_call *call, struct str date)
{
	usec_t theirs;
	if (call->status != 403 || !str_is(s3_xml(a, call->body, "Code"), "RequestTimeTooSkewed") ||
		clock_parse_http(date, &theirs) < 0)
		return false;
	c->skew = theirs - clock_real();
	return true;
}

static void landed(void *arg, const struct http_result *r)
{
	struct flight *f = arg;
	struct s3_call *call = f->call;
	usec_t date, modified;
	*f->in_flight -= 1;
	call->tries++;
	call->code = r->code;
	call->status = r->status;
	call->too_large = r->fault == HTTP_TOO_LARGE;
	call->body = arena_str(f->arena, r->body);
	struct str etag = http_header(r, "etag"), length = http_header(r, "content-length");
	call->etag = etag.p ? arena_str(f->arena, etag) : STR_NULL;
	if (!length.p || scan_i64(length, &call->length) < 0)
		call->length = -1;
	call->modified = -1;
	if (clock_parse_http(http_header(r, "last-modified"), &modified) == 0) {
		if (clock_parse_http(http_header(r, "date"), &date) < 0)
			date = clock_real();
		call->modified = MAX(date - modified, 0);
	}
	if (r->code < 0)
		snprintf(call->words, sizeof call->words, "S3 cannot be reached: %.150s", r->words);
	else if (call->status >= 300 || (call->method == HTTP_POST && s3_xml(f->arena, call->body, "Code").p))
		note_words(f->arena, call);
	bool again = r->code < 0
			     ? http_fault_passes(r->fault)
			     : retry_status(r->status) || learn_skew(f->conn, f->arena, call, http_header(r, "date"));
	call->done = !again || call->tries >= TRIES;
}

static void start(struct s3_conn *c, struct arena *a, struct s3_call *call, struct flight *f)
{
	struct sigv4_signed s;
	struct err e = { 0 };
	struct http_header headers[5];
	size_t n = 0;
	char hex[SHA256_HEX + 1];
	struct sigv4_request rq = { .host = c->host, .query = call->query, .now = clock_real() + c->skew };
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };
	rq.method = str_of(methods[call->method]);
	rq.path = arena_printf(a, "%.*s/%s", STR_FMT(c->prefix), call->key ? call->key : "");
	while (rq.query_n < S3_PARAMS_MAX && call->query[rq.query_n].name.p)
		rq.query_n++;
	if (!call->payload_hash.p)
		call->payload_hash = arena_str(a, str_of(sha256_hex(call->payload, hex)));
	rq.payload_hash = call->payload_hash;
	if (sigv4_sign(a, &c->key, &rq, &s, &e) < 0)
		die("an S3 call cannot be signed: %s", e.words);
	headers[n++] = (struct http_header){ STR("Authorization"), s.authorization };
	headers[n++] = (struct http_header){ STR("x-amz-date"), s.date };
	headers[n++] = (struct http_header){ STR("x-amz-content-sha256"), rq.payload_hash };
	if (call->method == HTTP_PUT || call->method == HTTP_POST)
		headers[n++] = (struct http_header){ STR("Content-Type"), STR("application/octet-stream") };
	if (call->range_from)
		headers[n++] =
			(struct http_header){ STR("Range"), arena_printf(a, "bytes=%" PRId64 "-", call->range_from) };
	/* Signed text and request line are the same bytes: the URL parser leaves what is encoded alone. */
	struct http_request req = { .method = call->method,
		.url = arena_printf(a, "%.*s%.*s", STR_FMT(c->origin), STR_FMT(s.target)),
		.headers = headers,
		.headers_n = n,
		.body = call->payload,
		.user_agent = STR("kryfto"),
		.body_max = MAX(call->body_max, 64 * KiB),
		.timeout = CALL_TIMEOUT,
		.connect_timeout = CONNECT_TIMEOUT };
	*f->in_flight += 1;
	http_start(c->http, &req, landed, f);
}

int s3_run(struct s3_conn *c, struct arena *a, struct s3_call *calls, size_t n, struct err *e)
{
	size_t in_flight = 0;
	struct flight *flights = arena_array(a, struct flight, n);
	int r = ready(c, e);
	if (r < 0)
		return r;
	for (int round = 0; round < TRIES; round++) {
		size_t left = 0;
		for (size_t i = 0; i < n; i++) {
			if (calls[i].done)
				continue;
			flights[i] = (struct flight){ c, a, &calls[i], &in_flight };
			start(c, a, &calls[i], &flights[i]);
			while (in_flight >= AT_ONCE)
				loop_turn(c->loop, true);
		}
		while (in_flight)
			loop_turn(c->loop, true);
		for (size_t i = 0; i < n; i++)
			left += !calls[i].done;
		if (!left)
			break;
		clock_sleep(retry_delay(round + 1, 50 * USEC_PER_MS, 2 * USEC_PER_SEC, 0));
	}
	return 0;
}

int s3_fault(const struct s3_call *call, const char *what, struct err *e)
{
	int code = E_PROTO;
	if (call->too_large)
		code = E_LIMIT;
	else if (call->code < 0)
		code = call->code == E_LIMIT ? E_LIMIT : E_UNAVAIL;
	else if (call->status == 404)
		code = E_NOTFOUND;
	else if (call->status == 401 || call->status == 403)
		code = E_DENIED;
	else if (retry_status(call->status))
		code = E_UNAVAIL;
	return err_set(e, code, "%s: %s", what, call->words[0] ? call->words : "an unexpected reply");
}

int s3_presign(struct s3_conn *c, struct arena *a, const char *key, const struct blob_link_options *o, struct str *ret,
	struct err *e)
{
	struct sigv4_param query[2];
	struct sigv4_signed s;
	struct sigv4_request rq = { .method = STR("GET"),
		.host = c->host,
		.query = query,
		.now = clock_real() + c->skew,
		.payload_hash = STR(SIGV4_UNSIGNED),
		.path = arena_printf(a, "%.*s/%s", STR_FMT(c->prefix), key) };
	if (o->content_type.n)
		query[rq.query_n++] = (struct sigv4_param){ STR("response-content-type"), o->content_type };
	if (o->disposition.n)
		query[rq.query_n++] = (struct sigv4_param){ STR("response-content-disposition"), o->disposition };
	usec_t ttl = o->ttl ? o->ttl : 300 * USEC_PER_SEC;
	int r = sigv4_presign(a, &c->key, &rq, MIN(ttl, SIGV4_PRESIGN_MAX), &s, e);
	if (r == 0)
		*ret = arena_printf(a, "%.*s%.*s", STR_FMT(c->origin), STR_FMT(s.target));
	return r;
}

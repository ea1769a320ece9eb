#include "base/first.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "crypto/sigv4.h"

struct pair {
	struct str name, value; /* as they are compared and hashed */
};

/* Sorted parameters or headers, with room for those that signing adds. */
struct pairs {
	struct pair at[SIGV4_PARAMS_MAX + 8];
	size_t n;
};

static void insert(struct pairs *l, struct str name, struct str value)
{
	size_t i = l->n++;
	for (; i; i--) {
		struct pair *p = &l->at[i - 1];
		int c = str_cmp(p->name, name);
		if (c < 0 || (c == 0 && str_cmp(p->value, value) <= 0))
			break;
		l->at[i] = *p;
	}
	l->at[i] = (struct pair){ name, value };
}

static struct str encoded(struct arena *a, struct str s, bool slash)
{
	struct buf b;
	buf_init(&b, a, 0);
	enc_percent(&b, s, slash);
	return buf_str(&b);
}

static void add_param(struct arena *a, struct pairs *l, struct str name, struct str value)
{
	insert(l, encoded(a, name, false), encoded(a, value, false));
}

/* Names in lower case; values without space around, runs of spaces as one. */
static void add_header(struct arena *a, struct pairs *l, struct str name, struct str value)
{
	char *lower = arena_cstr(a, name);
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)to_lower(lower[i]);
	value = str_trim(value);
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] != ' ' || value.p[i - 1] != ' ')
			buf_addc(&b, value.p[i]);
	insert(l, str_n(lower, name.n), buf_str(&b));
}

static struct str join_query(struct arena *a, const struct pairs *l)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, '&');
		buf_adds(&b, l->at[i].name);
		buf_addc(&b, '=');
		buf_adds(&b, l->at[i].value);
	}
	return buf_str(&b);
}

static struct str join_names(struct arena *a, const struct pairs *l)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < l->n; i++) {
		if (i)
			buf_addc(&b, ';');
		buf_adds(&b, l->at[i].name);
	}
	return buf_str(&b);
}

static struct str amz_date(struct arena *a, usec_t t)
{
	char iso[CLOCK_ISO_MAX];
	clock_iso(t, iso); /* 2013-05-24T00:00:00.000Z */
	return arena_printf(a, "%.4s%.2s%.2sT%.2s%.2s%.2sZ", iso, iso + 5, iso + 8, iso + 11, iso + 14, iso + 17);
}

static struct str scope(struct arena *a, const struct sigv4_key *key, struct str date)
{
	return arena_printf(a, "%.8s/%.*s/%.*s/aws4_request", date.p, STR_FMT(key->region), STR_FMT(key->service));
}

static struct str bytes(const uint8_t sum[SHA256_LEN])
{
	return str_n((const char *)sum, SHA256_LEN);
}

/* The signature over canonical request and scope, in hex. */
static void signature(struct arena *a, const struct sigv4_key *key, const struct sigv4_request *rq, struct str path,
	struct str query, const struct pairs *headers, struct str date, char ret[SHA256_HEX + 1])
{
	struct buf b;
	char hash[SHA256_HEX + 1];
	uint8_t k[2][SHA256_LEN];
	struct str where = scope(a, key, date);
	buf_init(&b, a, 0);
	buf_addf(&b, "%.*s\n%.*s\n%.*s\n", STR_FMT(rq->method), STR_FMT(path), STR_FMT(query));
	for (size_t i = 0; i < headers->n; i++)
		buf_addf(&b, "%.*s:%.*s\n", STR_FMT(headers->at[i].name), STR_FMT(headers->at[i].value));
	struct str names = join_names(a, headers);
	buf_addf(&b, "\n%.*s\n%.*s", STR_FMT(names), STR_FMT(rq->payload_hash));
	sha256_hex(buf_str(&b), hash);

	struct str to_sign = arena_printf(a, "AWS4-HMAC-SHA256\n%.*s\n%.*s\n%s", STR_FMT(date), STR_FMT(where), hash);
	struct str secret = arena_printf(a, "AWS4%.*s", STR_FMT(key->secret_key));
	hmac_sha256(secret, str_sub(date, 0, 8), k[0]);
	hmac_sha256(bytes(k[0]), key->region, k[1]);
	hmac_sha256(bytes(k[1]), key->service, k[0]);
	hmac_sha256(bytes(k[0]), STR("aws4_request"), k[1]);
	hmac_sha256_hex(bytes(k[1]), to_sign, ret);
	mem_wipe((char *)secret.p, secret.n);
	mem_wipe(k, sizeof k);
}

static int collect(
	struct arena *a, const struct sigv4_request *rq, struct pairs *query, struct pairs *headers, struct err *e)
{
	if (rq->query_n > SIGV4_PARAMS_MAX || rq->headers_n > SIGV4_PARAMS_MAX)
		return err_set(e, E_LIMIT, "more than %d parameters or headers to sign", SIGV4_PARAMS_MAX);
	for (size_t i = 0; i < rq->query_n; i++)
		add_param(a, query, rq->query[i].name, rq->query[i].value);
	for (size_t i = 0; i < rq->headers_n; i++)
		add_header(a, headers, rq->headers[i].name, rq->headers[i].value);
	add_header(a, headers, STR("host"), rq->host);
	return 0;
}

int sigv4_sign(struct arena *a, const struct sigv4_key *key, const struct sigv4_request *rq, struct sigv4_signed *ret,
	struct err *e)
{
	struct pairs query = { .n = 0 }, headers = { .n = 0 };
	char sum[SHA256_HEX + 1];
	int r = collect(a, rq, &query, &headers, e);
	if (r < 0)
		return r;
	struct str date = amz_date(a, rq->now), path = encoded(a, rq->path, true), where = scope(a, key, date);
	add_header(a, &headers, STR("x-amz-date"), date);
	add_header(a, &headers, STR("x-amz-content-sha256"), rq->payload_hash);
	if (key->session_token.n)
		add_header(a, &headers, STR("x-amz-security-token"), key->session_token);
	struct str text = join_query(a, &query), names = join_names(a, &headers);
	signature(a, key, rq, path, text, &headers, date, sum);
	ret->authorization = arena_printf(a, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s,SignedHeaders=%.*s,Signature=%s",
		STR_FMT(key->access_key), STR_FMT(where), STR_FMT(names), sum);
	ret->date = date;
	ret->target = arena_printf(a, "%.*s%s%.*s", STR_FMT(path), text.n ? "?" : "", STR_FMT(text));
	return 0;
}

int sigv4_presign(struct arena *a, const struct sigv4_key *key, const struct sigv4_request *rq, usec_t ttl,
	struct sigv4_signed *ret, struct err *e)
{
	struct pairs query = { .n = 0 }, headers = { .n = 0 };
	char sum[SHA256_HEX + 1];
	int r = collect(a, rq, &query, &headers, e);
	if (r < 0)
		return r;
	if (ttl < USEC_PER_SEC || ttl > SIGV4_PRESIGN_MAX)
		return err_set(e, E_LIMIT, "a presigned URL is good for 1 second to 7 days");
	struct str date = amz_date(a, rq->now), path = encoded(a, rq->path, true), where = scope(a, key, date);
	add_param(a, &query, STR("X-Amz-Algorithm"), STR("AWS4-HMAC-SHA256"));
	add_param(a, &query, STR("X-Amz-Credential"),
		arena_printf(a, "%.*s/%.*s", STR_FMT(key->access_key), STR_FMT(where)));
	add_param(a, &query, STR("X-Amz-Date"), date);
	add_param(a, &query, STR("X-Amz-Expires"), arena_printf(a, "%" PRId64, ttl / USEC_PER_SEC));
	add_param(a, &query, STR("X-Amz-SignedHeaders"), join_names(a, &headers));
	if (key->session_token.n)
		add_param(a, &query, STR("X-Amz-Security-Token"), key->session_token);
	struct str text = join_query(a, &query);
	signature(a, key, rq, path, text, &headers, date, sum);
	ret->authorization = STR_NULL;
	ret->date = date;
	ret->target = arena_printf(a, "%.*s?%.*s&X-Amz-Signature=%s", STR_FMT(path), STR_FMT(text), sum);
	return 0;
}

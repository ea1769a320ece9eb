/*
 * AWS Signature Version 4 as S3 wants it (docs.aws.amazon.com, "Authenticating Requests"): an Authorization header, or
 * a presigned URL. The canonical path is encoded once, as S3 does; other services of AWS encode it twice.
 */
#ifndef KRYFTO_CRYPTO_SIGV4_H
#define KRYFTO_CRYPTO_SIGV4_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"

struct sigv4_key {
	struct str access_key, secret_key;
	struct str session_token; /* of temporary credentials; may be absent */
	struct str region, service; /* "us-east-1", "s3" */
};

struct sigv4_param {
	struct str name, value; /* of query: not encoded; of headers: any case, any order */
};

#define SIGV4_UNSIGNED "UNSIGNED-PAYLOAD"
#define SIGV4_PARAMS_MAX 32
#define SIGV4_PRESIGN_MAX (7 * 24 * 3600 * USEC_PER_SEC)

struct sigv4_request {
	struct str method; /* "GET" */
	struct str host;   /* as in the Host header */
	struct str path;   /* decoded, beginning with '/' */
	const struct sigv4_param *query;
	size_t query_n;
	const struct sigv4_param
		*headers; /* to be signed; host, x-amz-date, -content-sha256, -security-token are added */
	size_t headers_n;
	struct str payload_hash; /* lower-case hex SHA-256, or SIGV4_UNSIGNED */
	usec_t now;
};

/* What has to be sent with the request. */
struct sigv4_signed {
	struct str authorization; /* p is NULL for a presigned URL */
	struct str date;          /* x-amz-date: 20130524T000000Z */
	struct str target;        /* encoded path and query, as the request line has them */
};

/* E_LIMIT for more than SIGV4_PARAMS_MAX parameters or headers. */
int sigv4_sign(struct arena *a, const struct sigv4_key *key, const struct sigv4_request *rq, struct sigv4_signed *ret,
	struct err *e);
/* `ret->target` with its X-Amz-… parameters is the whole result; good for `ttl` (1 s to 7 days). */
int sigv4_presign(struct arena *a, const struct sigv4_key *key, const struct sigv4_request *rq, usec_t ttl,
	struct sigv4_signed *ret, struct err *e);

#endif

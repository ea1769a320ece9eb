/* Signed calls to an S3 endpoint, several at once, tried again when that may help. Private to src/blob. */
#ifndef KRYFTO_BLOB_S3_CALL_H
#define KRYFTO_BLOB_S3_CALL_H

#include "blob/blob.h"
#include "crypto/sigv4.h"
#include "net/http.h"

struct s3_conn;

int s3_conn_new(const struct blob_config *cfg, struct s3_conn **ret, struct err *e);
void s3_conn_free(struct s3_conn *c);

#define S3_PARAMS_MAX 4

struct s3_call {
	enum http_method method;
	const char *key;                      /* NULL: the bucket itself */
	struct sigv4_param query[S3_PARAMS_MAX]; /* ends at an absent name */
	struct str payload;                   /* of PUT and POST; lives until the call is done */
	struct str payload_hash;              /* hex SHA-256; absent: it is computed */
	int64_t range_from;                   /* GET: from this byte on; 0: all */
	size_t body_max;

	/* The reply; strings live in the arena of s3_run(). */
	int code;            /* 0, or why there is no complete reply */
	int status;
	bool too_large;      /* the body passed body_max */
	struct str body, etag;
	int64_t length;      /* Content-Length, -1 when not given */
	usec_t modified;     /* Last-Modified by the server's clock, as an age; -1 when not given */
	char words[200];
	int tries;
	bool done;
};

/* Runs all calls, a few at a time, until each has a reply or is given up. */
int s3_run(struct s3_conn *c, struct arena *a, struct s3_call *calls, size_t n, struct err *e);
/* What a reply outside 2xx amounts to; `what` begins the words. */
int s3_fault(const struct s3_call *call, const char *what, struct err *e);
/* The text between <name> and </name>, entities resolved; p is NULL when there is none. */
struct str s3_xml(struct arena *a, struct str body, const char *name);
/* A presigned GET. */
int s3_presign(struct s3_conn *c, struct arena *a, const char *key, const struct blob_link_options *o, struct str *ret,
	struct err *e);

#endif

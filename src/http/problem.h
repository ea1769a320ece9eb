/*
 * What went wrong, for the client: one catalogue of code, status, message and remedy. OpenAPI, the
 * error page in docs and every family's envelope come from it. Families may define further ones.
 */
#ifndef KRYFTO_HTTP_PROBLEM_H
#define KRYFTO_HTTP_PROBLEM_H

#include "base/err.h"
#include "base/str.h"

struct call;
struct jw;
struct schema;

struct problem {
	const char *code;    /* "NOT_FOUND" */
	int status;
	const char *message; /* when the handler has no better words */
	const char *remedy;  /* one sentence for the error catalogue */
};

extern const struct problem problem_validation;    /* 400 VALIDATION_ERROR */
extern const struct problem problem_bad_request;   /* 400 BAD_REQUEST: malformed at the level of HTTP */
extern const struct problem problem_unauthorized;  /* 401 AUTH_UNAUTHORIZED */
extern const struct problem problem_forbidden;     /* 403 AUTH_FORBIDDEN */
extern const struct problem problem_not_found;     /* 404 NOT_FOUND */
extern const struct problem problem_method;        /* 405 METHOD_NOT_ALLOWED */
extern const struct problem problem_conflict;      /* 409 CONFLICT */
extern const struct problem problem_gone;          /* 410 GONE */
extern const struct problem problem_too_large;     /* 413 PAYLOAD_TOO_LARGE */
extern const struct problem problem_uri_too_long;  /* 414 URI_TOO_LONG */
extern const struct problem problem_media_type;    /* 415 UNSUPPORTED_MEDIA_TYPE */
extern const struct problem problem_range;         /* 416 RANGE_NOT_SATISFIABLE: said by the web server */
extern const struct problem problem_unprocessable; /* 422 UNPROCESSABLE */
extern const struct problem problem_rate;          /* 429 RATE_LIMITED */
extern const struct problem problem_headers;       /* 431 HEADERS_TOO_LARGE */
extern const struct problem problem_internal;      /* 500 INTERNAL_ERROR */
extern const struct problem problem_unsupported;   /* 501 NOT_IMPLEMENTED */
extern const struct problem problem_upstream;      /* 502 UPSTREAM_ERROR */
extern const struct problem problem_unavailable;   /* 503 SERVICE_UNAVAILABLE */
extern const struct problem problem_timeout;       /* 504 TIMEOUT */
extern const struct problem problem_blocked;       /* 403 SSRF_BLOCKED */

/* All of the above, NULL at the end. */
extern const struct problem *const problem_catalogue[];

/* The one that an error code means when nobody says more; problem_internal for unknown codes. */
const struct problem *problem_of(int err_code);
/* The one of an HTTP status, or problem_internal. */
const struct problem *problem_of_status(int status);

/* How one published contract words its errors. */
struct family {
	const char *name;
	/* Writes the complete JSON body. `message` is never empty; issues, when there are any, are c->issues. */
	void (*write)(struct call *c, struct jw *w, const struct problem *p, struct str message);
	const struct schema *schema; /* of that body, for OpenAPI and reply checks */
};

#endif

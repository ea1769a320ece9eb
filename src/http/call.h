/*
 * One request on its way through the phases, and the pipeline that runs them.
 *
 * A phase returns 0 (go on), 1 (answered: skip to the phases marked `always`) or a negative error code,
 * which becomes a reply through the problem catalogue and the family's envelope. Phases are injected:
 * this folder knows no database and no product.
 */
#ifndef KRYFTO_HTTP_CALL_H
#define KRYFTO_HTTP_CALL_H

#include "http/metrics.h"
#include "http/problem.h"
#include "http/reply.h"
#include "http/route.h"

struct app;       /* of the program; opaque here */
struct principal; /* who calls; opaque here */
struct fetched;   /* what prefetch brought; opaque here */

#define PHASES_MAX 12

struct phase {
	const char *name;
	int (*run)(struct call *c);
	bool always; /* also after an answer or an error */
};

struct pipeline {
	const struct phase *phases; /* name NULL ends */
	const struct router *router;
	const struct family *family; /* default envelope */
	struct metrics *metrics;     /* may be NULL */
	struct app *app;
	size_t body_max;             /* for routes without a maximum of their own */
	/* Called last, with the finished reply; for the access log. May be NULL. */
	void (*done)(struct call *c);
};

struct call {
	const struct pipeline *pl;
	struct app *app;
	struct arena *arena;
	struct req *req;
	struct reply *reply;
	const struct family *family;
	const struct route *route;   /* NULL while or when none matches */
	struct route_match match;
	bool params_ok;              /* path parameters passed their schema */
	void *params, *query, *body; /* decoded structs, NULL without schema */
	const struct json *body_json; /* checked, as sent */
	struct principal *who;       /* set by authentication */
	struct fetched *fetched;
	struct issues *issues;       /* NULL until a check found some */
	struct err err;
	const struct problem *problem; /* set by call_fail, wins over problem_of(err.code) */
	int64_t retry_after;           /* seconds, for 429 and 503; 0: 1 */
	usec_t started;
	usec_t phase_us[PHASES_MAX];
	/* For audit and log lines; set by handlers. */
	struct str resource_id;
	struct str audit_details;    /* JSON text */
};

/* Answers one request completely: never fails, never leaves reply->status 0. `parse_status` is the
 * status of req_parse's refusal with its words in `parse_err`, or 0. */
void pipeline_run(const struct pipeline *pl, struct req *req, struct reply *reply, int parse_status,
	const struct err *parse_err);

/* Records the problem with words for the client and returns a negative code for `return`. */
int call_fail(struct call *c, const struct problem *p, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* A validation problem with a single issue at `member` (NULL: the whole body). */
int call_issue(struct call *c, const char *member, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* The collected issues; made on first use. */
struct issues *call_issues(struct call *c);
/* Writes the answer of a problem now, in the call's envelope. */
void call_problem(struct call *c, const struct problem *p, struct str message);
/* Ready-made phases. */
/* Query and path parameters' issues, media type, size, JSON, schema; decodes into c->body. */
int phase_body(struct call *c);
/* Runs route->run. */
int phase_handler(struct call *c);

#ifdef ENABLE_REPLY_CHECKS
/* 0, or E_INTERNAL with words when the reply breaks the route's documentation. */
int reply_check(struct call *c, struct err *e);
#endif

#endif

/*
 * Routes as const data, and the router built from them. A table ends with a row whose id is NULL.
 * One descriptor a route drives matching, validation, OpenAPI, the nginx route file, metrics labels
 * and the contract tests.
 */
#ifndef KRYFTO_HTTP_ROUTE_H
#define KRYFTO_HTTP_ROUTE_H

#include "http/request.h"
#include "json/schema.h"

struct call;
struct family;

enum route_pool { POOL_FAST, POOL_SLOW, POOL_STREAM };

/* One documented answer; `status` 0 ends the list. */
struct reply_doc {
	int status;
	const struct schema *schema; /* NULL: no JSON body */
	const char *what;
	const char *type;            /* media type; NULL: application/json */
};

struct route {
	const char *id;              /* operationId */
	enum http_method method;     /* HEAD follows GET */
	const char *path;            /* "/v1/jobs/:jobId" */
	int (*run)(struct call *c);  /* 0 or 1: answered; <0: problem */
	/* Queues what the handler will need on the round trip that authenticates; runs before
	 * authentication has an answer, and only when the path parameters are well formed. */
	int (*prefetch)(struct call *c);
	uint32_t roles;              /* bits, meaning given by the role phase; 0: public */
	int limit;                   /* rate-limit class, meaning given by the limit phase */
	enum route_pool pool;
	struct {
		const struct schema *schema; /* S_OBJECT; NULL: the route takes no body */
		size_t size;                 /* of the decoded struct */
		size_t max;                  /* bytes of text; 0: the server's maximum */
		bool optional;               /* an absent body is an empty object */
	} body;
	const struct schema *query;  /* S_OBJECT of scalars, NULL: none */
	const struct schema *params; /* S_OBJECT with one field for each ":name" */
	const struct reply_doc *replies;
	const char *audit_action, *audit_type; /* NULL: not audited */
	const char *summary, *doc, *tag;
	const struct family *family; /* NULL: the table's default */
	bool idempotent_key;         /* takes the Idempotency-Key header */
	bool query_token;            /* may also be called with a token in the query (OpenAPI notes it) */
};

#define ROUTE_TABLES_MAX 32
#define ROUTES_MAX 384

struct route_node;

struct router {
	struct arena *arena;
	struct route_node *root;
	const struct route *all[ROUTES_MAX]; /* index = route number, used by metrics */
	size_t n;
};

struct route_match {
	const struct route *route;   /* NULL: none */
	int index;                   /* in router->all; -1 */
	struct str params[REQ_SEGMENTS_MAX]; /* decoded, in the order of the ":name"s */
	size_t n_params;
	uint32_t allowed;            /* bit (1 << method) for each method that the path has */
};

/* E_INVALID, with words naming the route, for: duplicate method and path, a path parameter without
 * schema, a parameter schema without place in the path, no reply documented, no handler, a body
 * without size, a public route with a role, an id used twice. */
int router_build(struct router *r, struct arena *a, const struct route *const *tables, struct err *e);
/* 0; E_NOTFOUND (unknown path); E_UNSUPPORTED (path known, method not: `allowed` is set);
 * E_INVALID (NUL or bad UTF-8 in a parameter). GET answers HEAD. */
int router_match(const struct router *r, struct arena *a, enum http_method m, struct str path, struct route_match *ret);
/* Value of ":name" in a match, or a NULL slice. */
struct str route_param(const struct route_match *m, const char *name);
/* "GET, HEAD, OPTIONS" of a bit set. */
struct str route_allow(struct arena *a, uint32_t allowed);

#endif

/*
 * robots.txt files of origins, fetched when first asked for and kept (RFC 9309 section 2.3, 2.4): 4xx allow
 * everything, 5xx, 429 and silence deny it, ROBOTS_MAX bytes are read, five redirects followed, kept at
 * most 24 h. One fetch an origin is in flight, later askers wait for it.
 */
#ifndef KRYFTO_NET_ROBOTS_CACHE_H
#define KRYFTO_NET_ROBOTS_CACHE_H

#include "net/http.h"
#include "net/robots.h"

struct robots_cache;
struct robots_wait;

struct robots_cache_options {
	struct http *http;
	struct str user_agent; /* sent, and the name looked for in groups */
	usec_t timeout;        /* of a fetch; 0: 10 s */
	usec_t ttl;            /* of an answer; 0: 1 h; at most 24 h. Cache-Control: max-age may shorten it. */
	usec_t ttl_failed;     /* of a denial for 5xx or silence; 0: 30 s */
	size_t origins_max;    /* remembered; 0: 5 000 */
};

struct robots_cache *robots_cache_new(struct loop *l, const struct robots_cache_options *o);
/* Waiters end without a callback. */
void robots_cache_free(struct robots_cache *c);

struct robots_verdict {
	bool allowed;
	bool unreachable;  /* denied because robots.txt could not be had: worth a retry */
	bool blocked;      /* the SSRF verdict refused the origin itself */
	int status;        /* of the fetch; 0: none */
	enum http_fault fault; /* of the fetch; HTTP_FINE when there was a reply */
	const char *words; /* of that failure */
	struct robots_answer answer; /* of the file's rules, when there was one */
	const struct robots *robots; /* NULL without a file; valid during the callback */
};
typedef void (*robots_fn)(void *arg, const struct robots_verdict *v);

/* Calls fn(arg, …) once, never from within. `u` is an http or https URL. */
struct robots_wait *robots_cache_ask(struct robots_cache *c, const struct url *u, robots_fn fn, void *arg);
/* Not after the callback. */
void robots_wait_cancel(struct robots_wait *w);

struct robots_cache_stats {
	uint64_t asked, fetched;
	size_t origins;
};
void robots_cache_stats(const struct robots_cache *c, struct robots_cache_stats *ret);

#endif

/*
 * The browser fleet of one crawler: a few browsers, many contexts, one fresh context a job, some of them
 * opened ahead of time. Browsers are replaced with overlap (the new one lives before the old one goes) by
 * pages served, age, memory, and any sign of trouble; a browser that dies takes its jobs with it, and the pool goes on.
 *
 * Everything a page sends goes through a lease of its own at kryfto-egress.
 */
#ifndef KRYFTO_CDP_POOL_H
#define KRYFTO_CDP_POOL_H

#include "cdp/page.h"
#include "net/egress_control.h"

struct pool;
struct pool_page; /* a page and its lease */

struct pool_config {
	struct browser_config browser; /* strings must outlive the pool */
	const char *egress;            /* control socket path */
	int browsers;                  /* ≥ 1 */
	int concurrency;               /* pages at once in each */
	int prewarm;                   /* blank pages kept ready in each */
	int recycle_pages;
	usec_t recycle_age;
	int64_t recycle_memory;        /* PSS of an idle browser */
	usec_t canary;                 /* between health checks; 0: a minute */
	/* Something to log: "browser started", "browser gone" …; `words` may be "". */
	void (*event)(void *arg, const char *what, const char *words);
	void *arg;
};

/* Starts filling in the background. */
int pool_new(struct loop *l, const struct pool_config *cfg, struct pool **ret, struct err *e);
/* Inside a fiber: waits for pages that are out (give them back), stops all browsers. */
void pool_free(struct pool *p);
/* Takes new limits; browsers beyond `browsers` drain. */
void pool_reconfigure(struct pool *p, const struct pool_config *cfg);

/* How many pages could be taken now: what a dispatcher may claim. 0 while unhealthy. */
int pool_room(const struct pool *p);
/* Inside a fiber: a page of its own for one job, at most until `deadline`. E_UNAVAIL with words when no browser can
 * be had (not installed, no sandbox, egress gone). */
int pool_take(struct pool *p, const struct page_options *o, const struct egress_rules *rules, usec_t deadline,
	struct pool_page **ret, struct err *e);
struct page *pool_page(struct pool_page *pp);
/* Why the proxy last refused something of this page: a verdict word, or "". Waits. */
int pool_refusal(struct pool *p, struct pool_page *pp, char ret[16]);
/* Inside a fiber: closes the page and its lease. `suspect`: the browser misbehaved (timeouts, crash): replace it. */
void pool_give(struct pool *p, struct pool_page *pp, bool suspect);

struct pool_state {
	int browsers, pages, warm; /* alive, out, ready */
	uint64_t started, died, recycled, served, canaries_failed;
	bool healthy;
	char trouble[200]; /* why not, of the last failure to start */
	int64_t pss;       /* of all browsers, measured at most every 10 s */
};
void pool_state(const struct pool *p, struct pool_state *ret);
/* Process ids of the live browsers, for tests and ops. */
size_t pool_pids(const struct pool *p, pid_t *ret, size_t max);

#endif

/*
 * One URL of a crawl from claim to outcome: robots, fetch, parse, links, the page's blob.
 *
 * Redirects are not followed here: their target goes into the frontier as a URL of its own, so that it is judged,
 * paced and fetched once like any other.
 */
#ifndef KRYFTO_CRAWL_VISIT_H
#define KRYFTO_CRAWL_VISIT_H

#include "base/vec.h"
#include "crawl/crawler.h"
#include "crawl/page.h"
#include "crawl/plan.h"
#include "store/frontier.h"

#define VISIT_HOPS_MAX 10     /* redirects in a row */
#define VISIT_LINKS_MAX 5000  /* of a page that are looked at */
#define VISIT_DELAY_MAX (30 * USEC_PER_SEC)
#define VISIT_HOLD_MAX (60 * 60 * USEC_PER_SEC) /* what a server may ask for by Retry-After */

struct visit {
	struct crawler *crawler;
	struct visit *prev, *next;   /* of the engine */
	struct arena arena;
	struct visit_claimed claimed; /* strings in the arena */
	struct plan plan;
	struct url url;
	void (*done)(struct visit *v); /* `outcome` and `links` are complete; from the loop, never from within */
	void *owner;
	struct robots_wait *robots;
	struct http_call *call;
	struct isolate_req rq;
	bool parsing, keeping, ending, lost;
	struct page page;
	struct document doc;
	usec_t robots_delay;
	struct str found;            /* the links of the page, JSON */
	struct visit_outcome outcome;
	VEC(struct visit_link) links;
};

/* Copies `cl`. */
struct visit *visit_new(struct crawler *c, const struct visit_claimed *cl, void (*done)(struct visit *v), void *owner);
void visit_start(struct visit *v);
/* Ends the work at once, without `done`; the outcome is VISIT_RELEASED. False while its blob is being written or
 * its end is on its way: then `done` comes soon. */
bool visit_stop(struct visit *v);
void visit_free(struct visit *v);

#endif

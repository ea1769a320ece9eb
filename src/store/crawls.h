/*
 * Crawls as their owners see them: create, read, cancel, list. What crawlers do with them is in frontier.h.
 *
 * A crawl is queued until its first URL is claimed, running while URLs wait or are fetched, and ends succeeded (at
 * least one page), failed (none) or cancelled; ended crawls never change state again.
 */
#ifndef KRYFTO_STORE_CRAWLS_H
#define KRYFTO_STORE_CRAWLS_H

#include "store/tokens.h"

enum crawl_state { CRAWL_QUEUED, CRAWL_RUNNING, CRAWL_SUCCEEDED, CRAWL_FAILED, CRAWL_CANCELLED };
const char *crawl_state_name(enum crawl_state s);
int crawl_state_of(struct str s, enum crawl_state *ret); /* E_INVALID */

/* The first 128 bits of SHA-256 over a canonical URL. */
struct crawl_key {
	int64_t k1, k2;
};
struct crawl_key crawl_key(struct str canonical);

struct crawl_new {
	struct str project;
	enum token_family family;
	struct str seed;       /* ≤ 8 KiB */
	struct str seed_url;   /* the same as it will be fetched: serialised, without fragment */
	struct str host;       /* host[:port] of the seed */
	struct crawl_key key;  /* of the seed's canonical form */
	struct str request;    /* JSON of what to do, ≤ 1 MiB */
	struct str request_id; /* ≤ 128 bytes */
	int32_t max_pages;     /* at least 1 */
};
/* Makes the crawl with its seed in the frontier. Audit: crawl.create. */
int crawl_create(struct db *db, const struct crawl_new *n, const struct audit *who, char ret_id[UUID_LEN + 1],
		 struct err *e);

struct crawl {
	char id[UUID_LEN + 1];
	struct str project, seed, error_message; /* the last absent unless failed */
	enum crawl_state state;
	int64_t queued, running, succeeded, failed; /* URLs */
	int64_t pages, skipped;                     /* replies of any status; URLs left alone, each with its reason */
	usec_t created_at, updated_at, started_at, finished_at; /* 0: none */
};
/* Whatever its project: compare it. E_NOTFOUND. */
int crawl_get(struct db *db, struct arena *a, struct str id, struct crawl *ret, struct err *e);
/* Newest first; limit 1..1000. */
int crawl_list(struct db *db, struct arena *a, struct str project, int64_t offset, int64_t limit, struct crawl **ret,
	       size_t *ret_n, struct err *e);
/* Crawls of a project, and those of them that have not ended. */
int crawl_totals(struct db *db, struct str project, int64_t *ret_all, int64_t *ret_live, struct err *e);

/*
 * Cancels a crawl of `project` and empties its frontier; fetches under way are discarded. E_NOTFOUND when unknown
 * there. `ret_state`: what it is in now; an ended crawl stays as it is. Audit: crawl.cancel.
 */
int crawl_cancel(struct db *db, struct str id, struct str project, const struct audit *who,
		 enum crawl_state *ret_state, struct err *e);

#endif

/*
 * The frontier of crawls, for crawlers: claim what is due, polite by host; hold leases; acknowledge in batches.
 *
 * A URL of a crawl waits (crawl_ready), is fetched under a lease (crawl_lease) and ends succeeded, failed or skipped
 * with a reason. One acknowledgement is one transaction: pages, new links, counters, hosts and leases together,
 * fenced by the leases that still are ours. Commits do not wait for the disk: what a crash of the server loses was
 * consistent before and is done again.
 */
#ifndef KRYFTO_STORE_FRONTIER_H
#define KRYFTO_STORE_FRONTIER_H

#include "store/crawls.h"

#define CRAWL_ATTEMPTS_MAX 3

struct visit_lease {
	int64_t id, no;
};

struct visit_claimed {
	struct visit_lease lease;
	char crawl[UUID_LEN + 1];
	struct crawl_key key;
	int32_t depth, hops, attempt; /* attempt 1 is the first */
	struct str url, host;
	struct str request;           /* the crawl's, JSON */
	struct str seed;
};
/* At most `max` URLs, one a host at a time unless the host's row allows more, of hosts that are due. `ret_due`: time
 * until the next host is due, INT64_MAX when none waits. Marks their crawls as running. */
int frontier_claim_send(struct db *db, struct str worker, int64_t max, usec_t lease, struct err *e);
int frontier_claim_recv(struct db *db, struct arena *a, struct visit_claimed **ret, size_t *ret_n, usec_t *ret_due,
			struct err *e);

/* Renews leases; those that are not renewed any more are lost. */
int frontier_beat_send(struct db *db, const struct visit_lease *at, size_t n, usec_t lease, struct err *e);
int frontier_beat_recv(struct db *db, struct arena *a, struct visit_lease **ret_lost, size_t *ret_n, struct err *e);

enum visit_kind {
	VISIT_SUCCEEDED,
	VISIT_FAILED,
	VISIT_SKIPPED,  /* was not, or should not have been, fetched: its place under the cap is given back */
	VISIT_RETRY,
	VISIT_RELEASED, /* back in line, the attempt does not count */
};
struct visit_outcome {
	struct visit_lease lease;
	char crawl[UUID_LEN + 1];
	int32_t kind;          /* enum visit_kind */
	struct str reason;     /* of failed and skipped */
	usec_t delay;          /* no fetch from this host before */
	int32_t status;        /* of the reply; 0: none, and then no page is kept */
	struct str url;        /* ≤ 8 KiB */
	struct str content_type, title;
	struct str metadata, extracted; /* JSON or absent */
	int64_t bytes;
	usec_t elapsed;
	int32_t has_html;
	uint8_t html[32];      /* SHA-256 of the stored blob, with has_html */
};
/* A URL found on a page. */
struct visit_link {
	struct visit_lease from;
	struct crawl_key key;
	struct str url, host; /* host[:port] */
	struct str reason;    /* absent: fetch it; else why it is skipped */
	int32_t hops;         /* 0: a link, one deeper; n: the n-th redirect, as deep as its origin */
};
/* `ret_held`: the leases that were still ours; the others changed nothing. */
int frontier_ack_send(struct db *db, const struct visit_outcome *at, size_t n, const struct visit_link *links,
		      size_t links_n, struct err *e);
int frontier_ack_recv(struct db *db, struct arena *a, struct visit_lease **ret_held, size_t *ret_n, struct err *e);
int frontier_ack(struct db *db, struct arena *a, const struct visit_outcome *at, size_t n,
		 const struct visit_link *links, size_t links_n, struct visit_lease **ret_held, size_t *ret_n,
		 struct err *e);

/* Puts URLs whose lease ran out back in line, or fails them after CRAWL_ATTEMPTS_MAX; ends crawls that nothing is
 * left of. Any crawler may run it, several at once do no harm. */
int frontier_reap(struct db *db, int64_t *ret_requeued, int64_t *ret_failed, struct err *e);

#endif

/*
 * robots.txt: RFC 9309, and where it leaves room, what Google documents of its own parser: typos of
 * "disallow", a missing colon, "index.html" in an allow rule standing for its folder, keys matched by prefix,
 * lines of other kinds (sitemap, unknown) not closing a group, over-long lines cut.
 *
 * Matching is on octets as the URL spells them, after parsing makes it ASCII: escapes compare in upper case,
 * are never decoded, and other bytes of a rule are percent-encoded first.
 */
#ifndef KRYFTO_NET_ROBOTS_H
#define KRYFTO_NET_ROBOTS_H

#include "base/arena.h"
#include "base/clock.h"

#define ROBOTS_MAX (500 * KiB)    /* RFC 9309 2.5: what lies beyond is not read */
#define ROBOTS_LINE_MAX 16663     /* bytes of a line that count */
#define ROBOTS_PATH_MAX (32 * KiB) /* bytes of a URL that are matched: more than any rule has */
#define ROBOTS_SITEMAPS_MAX 1000

struct robots;
/* Never fails: whatever is not understood is skipped. Copies what it needs into `a`. */
struct robots *robots_parse(struct arena *a, struct str text);

struct robots_answer {
	bool allowed;
	int line;        /* of the deciding rule, 1-based; 0: no rule decided */
	bool specific;   /* a group named this agent, else the group of "*" or none */
	usec_t delay;    /* Crawl-delay of the group, or -1; at most an hour */
};
/*
 * `agent`: a product token ("KryftoBot") or a User-Agent value, of which what stands before the
 * first '/' is taken. `url`: the text of a URL or path; only its path and query count.
 */
struct robots_answer robots_check(const struct robots *r, struct str agent, struct str url);

/* Sitemap lines in order; values as they stand. */
size_t robots_sitemaps(const struct robots *r, const struct str **ret);

/*
 * What a reply to GET /robots.txt means (RFC 9309 2.3.1): 2xx use the body, 4xx everything is allowed,
 * 5xx and no reply (0) nothing is. 429 counts with 5xx.
 */
enum robots_fetch { ROBOTS_USE_BODY, ROBOTS_ALLOW_ALL, ROBOTS_DENY_ALL };
enum robots_fetch robots_fetched(int status);

#endif

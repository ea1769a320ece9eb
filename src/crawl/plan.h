/* What a crawl asks for, out of the request stored with it, and what it says about a URL. */
#ifndef KRYFTO_CRAWL_PLAN_H
#define KRYFTO_CRAWL_PLAN_H

#include "base/clock.h"
#include "json/value.h"
#include "store/crawls.h"
#include "url/glob.h"

#define PLAN_PATTERNS_MAX 200 /* of each kind */

struct plan {
	struct url seed;
	struct glob **allow, **deny;
	size_t allow_n, deny_n;
	int max_depth;
	bool same_domain;           /* the seed's host and no other */
	usec_t delay;               /* between the fetches from a host */
	const struct json *extract; /* NULL or the extraction configuration */
};

/* {"seed","rules":{…},"extract"} with defaults in. E_INVALID or E_LIMIT name what is wrong. */
int plan_read(struct arena *a, struct str request, struct plan *ret, struct err *e);

/* NULL, or the reason for which the crawl leaves this URL alone: "scheme", "domain", "pattern", "depth". */
const char *plan_refuses(const struct plan *p, struct arena *a, const struct url *u, int depth);

/* Under which a crawl knows a URL. */
struct crawl_key plan_key(struct arena *a, const struct url *u);

#endif

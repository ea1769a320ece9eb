/*
 * Keeps the crawler busy: claims as many jobs as there is room for, when woken (NOTIFY), when jobs ended,
 * when a retry falls due, and at least every poll interval; renews leases; reaps those of the dead.
 */
#ifndef KRYFTO_CRAWL_DISPATCH_H
#define KRYFTO_CRAWL_DISPATCH_H

#include "crawl/crawler.h"

struct dispatch *dispatch_new(struct crawler *c);
void dispatch_free(struct dispatch *d);
/* There may be jobs, or room for jobs. Cheap. */
void dispatch_wake(struct dispatch *d);
/* The database woke us: it does not count us as asleep any more. */
void dispatch_woken(struct dispatch *d);
/* The connection is new: say hello again. */
void dispatch_hello(struct dispatch *d);
/* No further claims. */
void dispatch_stop(struct dispatch *d);

#endif

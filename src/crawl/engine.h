/*
 * The crawl engine of this process, beside its jobs: claims URLs of the frontier, has each visited, acknowledges them
 * in batches, renews their leases, and gives back what dead crawlers left.
 */
#ifndef KRYFTO_CRAWL_ENGINE_H
#define KRYFTO_CRAWL_ENGINE_H

#include "crawl/crawler.h"

struct engine;

struct engine *engine_new(struct crawler *c);
/* Whatever is still under way is dropped; its leases run out. The keeper must have ended before. NULL is fine. */
void engine_free(struct engine *g);
/* There may be URLs to claim. Cheap. NULL is fine. */
void engine_wake(struct engine *g);
/* No further claims; what is under way goes back to the frontier. */
void engine_stop(struct engine *g);
/* Claimed and not yet acknowledged. */
size_t engine_count(const struct engine *g);

struct engine_stats {
	uint64_t claimed, acked, lost;
};
const struct engine_stats *engine_stats(const struct engine *g);

#endif

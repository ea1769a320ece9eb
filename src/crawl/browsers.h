/* The crawler's browser fleet: made from the settings, drained with the daemon. */
#ifndef KRYFTO_CRAWL_BROWSERS_H
#define KRYFTO_CRAWL_BROWSERS_H

#include "cdp/pool.h"
#include "crawl/crawler.h"

/* Nothing when the settings say that there are no browsers. */
int browsers_open(struct crawler *c, struct err *e);
void browsers_reload(struct crawler *c);
/* Turns the loop until all browsers ended. */
void browsers_close(struct crawler *c);
/* Jobs that could begin in a browser now. */
int64_t browsers_room(const struct crawler *c);
#endif

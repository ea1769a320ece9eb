/*
 * Keeps the database small: partitions ahead of time, old rows away, by the settings keep_*. A thread with a connection
 * of its own, since such statements may take long and the loop must not wait for them. Every crawler has one; that
 * several run at once does no harm.
 */
#ifndef KRYFTO_CRAWL_JANITOR_H
#define KRYFTO_CRAWL_JANITOR_H

#include "conf/conf.h"

struct janitor;

/* `c` must live as long as the janitor; its connection and times are read at the start only. Never fails: trouble
 * is logged and tried again. */
struct janitor *janitor_new(const struct conf *c);
/* Waits for the statement that runs, a few seconds at most. NULL is fine. */
void janitor_free(struct janitor *j);

#endif

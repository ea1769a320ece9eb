/*
 * Keeps database and blobs small: partitions ahead of time, old rows away by the settings keep_*, and then the blobs
 * that no row needs. A thread with a connection and a blob store of its own, since such statements may take long and
 * the loop must not wait for them. Every crawler has one; that several run at once does no harm.
 */
#ifndef KRYFTO_CRAWL_JANITOR_H
#define KRYFTO_CRAWL_JANITOR_H

#include "blob/blob.h"
#include "conf/conf.h"

struct janitor;

/* `c` must live as long as the janitor; its connection and times are read at the start only. Fails when the blob store
 * does not open; all later trouble is logged and tried again. */
int janitor_new(const struct conf *c, const struct blob_config *blobs, struct janitor **ret, struct err *e);
/* Waits for the statement that runs, a few seconds at most. NULL is fine. */
void janitor_free(struct janitor *j);

#endif

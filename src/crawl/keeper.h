/*
 * Stores documents as blobs beside the loop: storing waits for the disk, so threads do it, each with a
 * store of its own. Documents of several jobs travel in one batch where they meet.
 */
#ifndef KRYFTO_CRAWL_KEEPER_H
#define KRYFTO_CRAWL_KEEPER_H

#include "blob/blob.h"
#include "crawl/product.h"
#include "net/loop.h"

struct keeper;

/* Opens the store once per thread: E_IO, E_UNAVAIL, E_INVALID. */
int keeper_new(struct loop *l, const struct blob_config *cfg, int threads, struct keeper **ret, struct err *e);
/* Waits for what the threads are at; callbacks do not run any more. NULL is fine. */
void keeper_free(struct keeper *k);
/* Gives each document its digest. Documents stay the caller's and must live until `done`, which comes from
 * the loop, never from within, exactly once: 0, or what blob_put_many() said. */
void keeper_submit(struct keeper *k, struct document *docs, size_t n,
	void (*done)(void *arg, int rc, const struct err *e), void *arg);
/* Requests not yet answered. */
size_t keeper_pending(const struct keeper *k);

#endif

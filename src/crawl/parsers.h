/* The confined parse children on the crawler's loop. */
#ifndef KRYFTO_CRAWL_PARSERS_H
#define KRYFTO_CRAWL_PARSERS_H

#include "extract/isolate.h"
#include "net/loop.h"

struct parsers;

int parsers_new(struct loop *l, const struct isolate_conf *c, unsigned n, struct parsers **ret, struct err *e);
/* Pending requests end with E_CANCELLED. NULL is fine. */
void parsers_free(struct parsers *p);
/* As isolate_pool_submit(): `done` comes from the loop. */
int parsers_submit(struct parsers *p, const struct isolate_req *req, struct arena *a, isolate_done_fn *done, void *ctx,
		   struct err *e);
void parsers_cancel(struct parsers *p, void *ctx);
size_t parsers_pending(const struct parsers *p);

#endif

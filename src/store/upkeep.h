/* Work that keeps the database small: partitions ahead of time, retention in batches. Safe to run anywhere, often. */
#ifndef KRYFTO_STORE_UPKEEP_H
#define KRYFTO_STORE_UPKEEP_H

#include "store/db.h"

struct retention {
	usec_t logs, audit, jobs; /* how long to keep; 0: for ever. Jobs take artifacts and idempotency rows along. */
	usec_t tokens;            /* revoked or expired API tokens; 0: for ever */
};
struct upkept {
	int64_t partitions_made, partitions_dropped, jobs, download_tokens, idempotency, tokens;
};
/* One pass, at most `batch` rows of each kind (1..10000); call again while anything was removed. */
int upkeep_run(struct db *db, const struct retention *r, int64_t batch, struct upkept *ret, struct err *e);

/* Blobs that no artifact refers to and that are older than `grace`: their rows are removed and returned, so that the
 * caller deletes the bytes. */
struct blob_ref {
	uint8_t sha256[32];
	int64_t byte_size;
};
int upkeep_blobs(struct db *db, struct arena *a, usec_t grace, int64_t limit, struct blob_ref **ret, size_t *ret_n,
		 struct err *e);

#endif

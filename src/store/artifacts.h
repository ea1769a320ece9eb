/*
 * Artifacts: rows over content-addressed blobs. The bytes are blob's business; a worker stores them before it
 * reports the job (queue.h), so a row never points at nothing.
 */
#ifndef KRYFTO_STORE_ARTIFACTS_H
#define KRYFTO_STORE_ARTIFACTS_H

#include "store/audit.h"

struct artifact {
	char id[UUID_LEN + 1];
	char job_id[UUID_LEN + 1];
	struct str project;
	struct str type, file_name, content_type;
	int64_t byte_size;
	uint8_t sha256[32];
	usec_t created_at;
	char download_token[UUID_LEN + 1];   /* artifact_list() only */
	usec_t download_token_expires_at;
};

/* Of the job if it is `project`'s (absent: any), newest first, each with a fresh download token (stored as SHA-256).
 * Empty for an unknown job: job_brief tells 404 and 403 apart and may travel in the same round trip. */
int artifact_list_send(struct db *db, struct str job_id, struct str project, usec_t token_ttl, struct err *e);
int artifact_list_recv(struct db *db, struct arena *a, struct artifact **ret, size_t *ret_n, struct err *e);
int artifact_list(struct db *db, struct arena *a, struct str job_id, struct str project, usec_t token_ttl,
		  struct artifact **ret, size_t *ret_n, struct err *e);

/* Whatever its project: compare it. E_NOTFOUND, also for an id that is no uuid. */
int artifact_get_send(struct db *db, struct str id, struct err *e);
int artifact_get_recv(struct db *db, struct arena *a, struct artifact *ret, struct err *e);
int artifact_get(struct db *db, struct arena *a, struct str id, struct artifact *ret, struct err *e);

/* By download token (any text). E_UNAUTH when the token is unknown, expired or of another artifact. */
int artifact_by_token(struct db *db, struct arena *a, struct str id, struct str token, struct artifact *ret,
		      struct err *e);

#endif

/*
 * Audit trail: one row for each mutating call, written in the same transaction as the change. Functions that
 * change something take a `struct audit` and write the row only if the change happened.
 */
#ifndef KRYFTO_STORE_AUDIT_H
#define KRYFTO_STORE_AUDIT_H

#include "store/db.h"

/* Who does it, filled by the API's pipeline once a request. Absent strings (NULL p) become SQL null. */
struct audit {
	struct str project;    /* of the actor */
	struct str token_id;   /* uuid, or absent */
	struct str role;       /* "admin", "developer", "readonly", "system", "anonymous" */
	struct str request_id; /* ≤ 128 bytes */
	struct str ip;         /* ≤ 64 bytes */
	struct str details;    /* JSON object, or absent for {} ; ≤ 16 KiB; already redacted */
};

/* For changes that are no statement of their own (extract.run, search.run, artifact.download). */
int audit_add_send(struct db *db, const struct audit *who, struct str action, struct str resource_type,
		   struct str resource_id, struct err *e);
int audit_add_recv(struct db *db, struct err *e);
int audit_add(struct db *db, const struct audit *who, struct str action, struct str resource_type,
	      struct str resource_id, struct err *e);

struct audit_row {
	int64_t id;
	struct str project, token_id, role, action, resource_type, resource_id, request_id, ip, details;
	usec_t created_at;
};
struct audit_filter {
	struct str project; /* required */
	struct str action;  /* absent: all */
	int64_t before_id;  /* rows older than this id; 0: from the newest */
	int64_t offset;
	int64_t limit;      /* 1..1000 */
};
/* Newest first. */
int audit_list(struct db *db, struct arena *a, const struct audit_filter *f, struct audit_row **ret, size_t *ret_n,
	       struct err *e);

#endif

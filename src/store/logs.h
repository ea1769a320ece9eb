/*
 * Log lines of jobs. Ids grow over the whole instance and are what streams resume from. Lines are kept in
 * partitions by day.
 */
#ifndef KRYFTO_STORE_LOGS_H
#define KRYFTO_STORE_LOGS_H

#include "store/db.h"

struct log_line {
	char job[UUID_LEN + 1];
	int64_t id;          /* set by reads */
	struct str level;    /* "trace" … "fatal" */
	struct str message;  /* ≤ 8 KiB, redacted by the caller */
	struct str meta;     /* JSON object; absent: {} */
	usec_t created_at;   /* set by reads */
};

/* Appends a batch in the order given. Committed without waiting for the disk when sent alone. */
int logs_append_send(struct db *db, const struct log_line *at, size_t n, struct err *e);
int logs_append_recv(struct db *db, struct err *e);
int logs_append(struct db *db, const struct log_line *at, size_t n, struct err *e);

/* Lines of one job with id > `after`, oldest first, at most `limit` (1..1000). `since`: the job's created_at, which
 * spares the older partitions. */
int logs_read(struct db *db, struct arena *a, struct str job, usec_t since, int64_t after, int64_t limit,
	      struct log_line **ret, size_t *ret_n, struct err *e);

#endif

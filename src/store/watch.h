/* What those ask who keep an eye on many jobs for long: live streams of log lines. */
#ifndef KRYFTO_STORE_WATCH_H
#define KRYFTO_STORE_WATCH_H

#include "store/jobs.h"

#define WATCH_MAX 1000 /* in one call */

struct job_watch {
	char id[UUID_LEN + 1];
	bool found;
	bool settled;      /* ended more than a second ago: no log line of its worker is under way any more */
	enum job_state state;
	int64_t last_log;  /* greatest id of its log lines, 0: none */
};
/* Fills all but the ids, in one statement. */
int jobs_watch(struct db *db, struct job_watch *at, size_t n, struct err *e);

struct token_watch {
	char id[UUID_LEN + 1];
	bool good; /* known, not revoked, not expired */
};
int tokens_watch(struct db *db, struct token_watch *at, size_t n, struct err *e);

#endif

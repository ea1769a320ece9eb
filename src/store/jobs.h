/*
 * Jobs as their owners see them: create, read, cancel, list. What workers do with them is in queue.h.
 *
 * A job is queued until a worker claims it, running while a lease exists, and ends succeeded, failed, cancelled or
 * expired; ended jobs never change state again. Between attempts a job is queued, not failed.
 */
#ifndef KRYFTO_STORE_JOBS_H
#define KRYFTO_STORE_JOBS_H

#include "store/tokens.h"

enum job_state { JOB_QUEUED, JOB_RUNNING, JOB_SUCCEEDED, JOB_FAILED, JOB_CANCELLED, JOB_EXPIRED };
const char *job_state_name(enum job_state s);
int job_state_of(struct str s, enum job_state *ret); /* E_INVALID */
static inline bool job_state_ended(enum job_state s) { return s >= JOB_SUCCEEDED; }

/* Which kind of worker takes it. */
enum job_queue { QUEUE_HTTP, QUEUE_BROWSER, QUEUE_COUNT };
const char *job_queue_name(enum job_queue q);

struct job {
	char id[UUID_LEN + 1];
	struct str project;
	enum token_family family;
	enum job_queue queue;
	enum job_state state;
	struct str url;
	struct str request_id;
	int32_t attempts, max_attempts;
	struct str result_summary; /* JSON, absent until the end, and then only if the worker had one */
	struct str error_code;     /* absent unless failed; "FETCH_TIMEOUT" … */
	struct str error_message;  /* absent unless failed, or why the last attempt was not the last */
	usec_t created_at, updated_at;
	usec_t started_at, finished_at, expires_at; /* 0: none */
};

struct job_new {
	struct str id;         /* uuid; absent: a version 7 uuid is made */
	struct str project;
	enum token_family family;
	enum job_queue queue;
	int32_t priority;      /* smaller first; -100..100, 0 usual */
	struct str url;        /* ≤ 8 KiB */
	struct str request;    /* canonical JSON of what to do, ≤ 1 MiB */
	struct str request_id; /* ≤ 128 bytes */
	int32_t max_attempts;  /* 1..20 */
	usec_t timeout;        /* of one attempt; a lease cannot outlive it by more than 30 s */
	usec_t expires_in;     /* not started within this: expired; 0: never */
	/* Idempotency; key absent: none. */
	struct str idempotency_key;    /* ≤ 255 bytes */
	struct str idempotency_route;  /* "POST /v1/jobs" */
	const uint8_t *idempotency_sha256; /* of the canonical request body, 32 bytes */
	usec_t idempotency_ttl;        /* 0: 24 h */
};

struct job_created {
	char id[UUID_LEN + 1]; /* of the first job when replayed */
	enum job_state state;
	bool replayed;         /* the key was used before with the same body: nothing was made */
	usec_t created_at;
};

/* Job, queue row, idempotency row and audit row (job.create) in one durable transaction and one round trip; wakes
 * an idle worker behind it. Of concurrent first uses of a key one creates, the others replay.
 * E_CONFLICT: the key was used with another body. */
int job_create(struct db *db, const struct job_new *j, const struct audit *who, struct job_created *ret,
	       struct err *e);

/* Whatever its project: compare `project` yourself and answer 403. E_NOTFOUND, also for an id that is no uuid. */
int job_get_send(struct db *db, struct str id, struct err *e);
int job_get_recv(struct db *db, struct arena *a, struct job *ret, struct err *e);
int job_get(struct db *db, struct arena *a, struct str id, struct job *ret, struct err *e);

/* What was asked for, as JSON. E_NOTFOUND. */
int job_request(struct db *db, struct arena *a, struct str id, struct str *ret, struct err *e);

/* Project and state only, for routes below /v1/jobs/:id. */
struct job_brief {
	struct str project;
	enum job_state state;
	usec_t created_at;
};
int job_brief_send(struct db *db, struct str id, struct err *e);
int job_brief_recv(struct db *db, struct arena *a, struct job_brief *ret, struct err *e);

struct job_cancelled {
	struct str project;
	enum job_state state;  /* now */
	enum job_state before;
	bool done;             /* this call cancelled it */
};
/* A queued or running job of `project` (absent: any) becomes cancelled at once; a running job's lease goes with it,
 * so that nothing its worker still does can take effect, and CH_CANCEL tells the worker to stop. Ended jobs and
 * those of another project stay as they are: look at `ret`. E_NOTFOUND. Audit: job.cancel. */
int job_cancel(struct db *db, struct arena *a, struct str id, struct str project, const struct audit *who,
	       struct job_cancelled *ret, struct err *e);

struct job_filter {
	struct str project;           /* absent: all */
	const enum job_state *state;  /* NULL: all */
	struct str before;            /* rows created before this job id; absent: from the newest */
	int64_t offset, limit;        /* limit 1..1000 */
};
/* Newest first; result_summary stays absent. */
int job_list(struct db *db, struct arena *a, const struct job_filter *f, struct job **ret, size_t *ret_n,
	     struct err *e);

/* Puts an ended job (not a succeeded one) back with a fresh count of attempts. E_NOTFOUND; E_CONFLICT when it has
 * not ended or succeeded. Audit: job.requeue. */
int job_requeue(struct db *db, struct str id, const struct audit *who, struct err *e);

#endif

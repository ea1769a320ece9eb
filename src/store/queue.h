/*
 * The job queue as workers see it (docs/internals/queue.md). A claim moves rows from `ready` to `lease` and counts
 * the attempt; everything a worker reports is fenced by the lease's number: once a lease was lost (expired, reaped,
 * cancelled), nothing said about it has any effect, and the function tells so.
 *
 * Times are the database's. All functions take batches; arrays may be empty.
 */
#ifndef KRYFTO_STORE_QUEUE_H
#define KRYFTO_STORE_QUEUE_H

#include "store/jobs.h"
#include "store/logs.h"

#define QUEUE_BATCH_MAX 1000

/* A worker process; its row is its heartbeat. Workers not heard of for 60 s are gone. */
struct worker {
	struct str id;   /* unique for each start: "host/pid/random", ≤ 128 bytes */
	struct str host;
	struct str kind; /* "crawler" */
	int32_t pid;
	int32_t slots;   /* jobs at once */
};
int queue_worker_start(struct db *db, const struct worker *w, struct err *e);
/* Removes the row; its leases, if any, run out by themselves. */
int queue_worker_stop(struct db *db, struct str id, struct err *e);

/* Claimed job. Strings in the arena. */
struct claimed {
	char id[UUID_LEN + 1];
	int64_t lease_no;
	struct str project;
	enum token_family family;
	struct str url, request, request_id;
	int32_t attempt, max_attempts; /* attempt counts from 1 and includes this one */
	usec_t timeout;
	usec_t created_at;
	usec_t now; /* the database's clock at the claim */
};

/* Where a dispatcher's claims start, so that index scans step over the dead prefix. Zero it once, keep it. */
struct claim_cursor {
	int64_t floor;    /* id of the last row claimed, and its priority */
	int32_t priority;
	usec_t rescan_at; /* monotonic; from then on the scan starts at the front again */
};

struct claim {
	struct str worker;
	enum job_queue queue;
	int32_t max;  /* 1..QUEUE_BATCH_MAX */
	usec_t lease; /* how long without a heartbeat */
	struct claim_cursor *cursor;
};
/* First promotes retries that are due, then claims up to `max` jobs in order of priority and age. May give fewer
 * than there are (cancelled ones drop out, others hold locks): ask again until `more` is false. */
struct claim_result {
	struct claimed *at;
	size_t n;
	bool more;       /* the batch was full before dropping cancelled ones */
	usec_t next_due; /* until the next retry is due; INT64_MAX: none */
};
int queue_claim_send(struct db *db, const struct claim *c, struct err *e);
int queue_claim_recv(struct db *db, struct arena *a, const struct claim *c, struct claim_result *ret, struct err *e);
int queue_claim(struct db *db, struct arena *a, const struct claim *c, struct claim_result *ret, struct err *e);

/* Says that the worker found nothing and sleeps: the next job_create() notifies CH_READY. Claim once more after it,
 * then sleep at most the poll interval. The wake-up clears the mark; a claim that finds jobs does, too. */
int queue_idle(struct db *db, struct str worker, struct err *e);

struct lease_ref {
	char id[UUID_LEN + 1];
	int64_t lease_no;
};
/* Prolongs the leases of jobs that made progress since the last call (leave the others out: they shall run out) and
 * the worker's own row. `ret_lost`: those of `at` that are ours no more; stop their work. Call at a third of the
 * lease. No lease outlives the job's timeout + 30 s. */
int queue_beat_send(struct db *db, struct str worker, const struct lease_ref *at, size_t n, usec_t lease,
		    struct err *e);
int queue_beat_recv(struct db *db, struct arena *a, struct lease_ref **ret_lost, size_t *ret_n, struct err *e);
int queue_beat(struct db *db, struct arena *a, struct str worker, const struct lease_ref *at, size_t n, usec_t lease,
	       struct lease_ref **ret_lost, size_t *ret_n, struct err *e);

/* An artifact of a finished job; its blob is stored before the job is finished. */
struct artifact_new {
	struct str id;           /* uuid; absent: made */
	struct str type;         /* "final_html" …, ≤ 64 bytes */
	struct str file_name;    /* ≤ 255 bytes */
	struct str content_type; /* ≤ 128 bytes */
	int64_t byte_size;
	uint8_t sha256[32];
};

enum outcome_kind {
	OUTCOME_SUCCEEDED,
	OUTCOME_FAILED, /* for good, however many attempts are left */
	OUTCOME_RETRY,  /* again after `delay` while attempts are left, else failed and dead-lettered */
};
struct outcome {
	struct lease_ref lease;
	enum outcome_kind kind;
	struct str result_summary; /* JSON, of an attempt that is the last */
	struct str error_code, error_message;
	usec_t delay;              /* for retry */
	struct str host;           /* that was worked on, for the ops views; may be absent */
	usec_t elapsed;            /* of this attempt */
	const struct artifact_new *artifacts; /* in contractual order; of a last attempt, also a failed one */
	size_t artifact_n;
};
struct finished {
	char id[UUID_LEN + 1];
	bool lost;            /* the lease was not ours any more: nothing was changed */
	enum job_state state; /* queued when it will be tried again */
};
/* Acknowledges a batch in one transaction: state, summary, artifacts and blobs, retry or dead letter, one audit row
 * for each job that ended (job.update.succeeded, job.update.failed). `ret` is in the order of `at`. */
int queue_finish_send(struct db *db, const struct outcome *at, size_t n, struct err *e);
int queue_finish_recv(struct db *db, struct arena *a, const struct outcome *at, size_t n, struct finished **ret,
		      struct err *e);
int queue_finish(struct db *db, struct arena *a, const struct outcome *at, size_t n, struct finished **ret,
		 struct err *e);

/* Gives unstarted jobs back without counting the attempt: for drain and shutdown (`delay` 0), or for a host that has
 * no turn for them now (they come up again after `delay`). */
int queue_release_send(struct db *db, const struct lease_ref *at, size_t n, usec_t delay, struct err *e);
int queue_release_recv(struct db *db, size_t *ret_released, struct err *e);
int queue_release(struct db *db, const struct lease_ref *at, size_t n, usec_t delay, size_t *ret_released,
		  struct err *e);

struct reaped {
	int64_t requeued, failed; /* leases that ran out: queued again, or out of attempts */
	int64_t expired;          /* queued jobs that were not started in time */
	int64_t workers;          /* worker rows that went silent */
};
/* Any worker may run it, every 5 s; several at once do no harm. */
int queue_reap(struct db *db, usec_t retry_base, usec_t retry_max, struct reaped *ret, struct err *e);

struct queue_depth {
	int64_t ready, delayed, running;
	usec_t oldest; /* age of the oldest ready job; 0: none */
};
struct queue_stats {
	struct queue_depth at[QUEUE_COUNT];
	int64_t dead;    /* dead letters */
	int64_t workers; /* alive */
	int64_t idle;
};
/* For metrics; counts stop at 1,000,000 rows. */
int queue_stats(struct db *db, struct queue_stats *ret, struct err *e);

struct lease_row {
	char id[UUID_LEN + 1];
	int64_t lease_no;
	struct str worker, project, url;
	enum job_queue queue;
	int32_t attempt;
	usec_t age, remaining; /* remaining may be negative */
};
/* Oldest first. */
int queue_leases(struct db *db, struct arena *a, int64_t limit, struct lease_row **ret, size_t *ret_n,
		 struct err *e);

#endif

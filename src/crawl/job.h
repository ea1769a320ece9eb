/*
 * One claimed job from claim to acknowledgement: its deadline, its runner, its documents, its outcome.
 *
 * starting → running (a runner works) → keeping (documents become blobs) → reporting (the outcome is on its
 * way to the database). Until `keeping` a job can be stopped at any moment.
 */
#ifndef KRYFTO_CRAWL_JOB_H
#define KRYFTO_CRAWL_JOB_H

#include "crawl/crawler.h"
#include "crawl/product.h"
#include "crawl/task.h"
#include "store/queue.h"

enum job_phase { JOB_RUN_STARTING, JOB_RUN_RUNNING, JOB_RUN_KEEPING, JOB_RUN_REPORTING };

struct runner;

struct job_run {
	struct crawler *crawler;
	struct job_run *prev, *next;
	struct arena arena;       /* everything of this attempt */
	struct claimed claimed;   /* strings in the arena */
	struct lease_ref lease;
	struct task task;
	struct product product;
	enum job_phase phase;
	const struct runner *runner;
	void *state;              /* the runner's */
	struct loop_timer *timer; /* starting: begins; then the deadline of the attempt */
	usec_t claimed_at, began; /* monotonic; began 0: waits for its turn */
	bool lost;                /* the lease is not ours any more: say nothing */
	struct document *docs;
	size_t docs_n;
	struct artifact_new *artifacts;
	struct outcome outcome;
	bool alone;               /* report.c: a batch with it was refused */
};

struct jobs *jobs_new(struct crawler *c);
/* Stops all that can be stopped. */
void jobs_free(struct jobs *js);
/* Takes over a claimed job; its work begins in the next turn. */
void job_take(struct jobs *js, const struct claimed *cl);
/* By the runner: the work proper begins now (its turn at the host has come); the deadline counts from here. */
void job_begun(struct job_run *r);
/* By the runner: r->product is complete. */
void job_done(struct job_run *r);
/* A log line of the job; meta is JSON text, p NULL for none. */
void job_log(struct job_run *r, const char *level, struct str meta, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* By report.c, when the database has answered (or does not want to hear it). */
void job_reported(struct job_run *r, const struct finished *f);

/* The lease is gone: cancelled by its owner (lease_no 0: whichever it is) or lost. Nothing is said about the job any
 * more. False when there is no such job here. */
bool job_abandon(struct jobs *js, const char *id, int64_t lease_no, const char *why);
/* Gives back every job that is still starting or running, without counting the attempt. */
void jobs_give_back(struct jobs *js);

/* Puts up to `n` jobs that have waited a second or more for a turn at their host back in line. */
void jobs_yield(struct jobs *js, size_t n);
/* Claimed and not yet reported. */
size_t jobs_count(const struct jobs *js);
/* Of these, the ones that wait for a turn at their host. */
size_t jobs_waiting(const struct jobs *js);
/* Leases of all, for the heartbeat. */
size_t jobs_leases(const struct jobs *js, struct arena *a, struct lease_ref **ret);

struct jobs_stats {
	uint64_t claimed, succeeded, failed, retried, lost, released;
};
const struct jobs_stats *jobs_stats(const struct jobs *js);

#endif

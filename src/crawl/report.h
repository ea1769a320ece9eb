/*
 * What the crawler tells the database: outcomes in batches, each batch one transaction fenced by its
 * leases, and log lines, collected for a moment and written in order. Both wait out an outage.
 */
#ifndef KRYFTO_CRAWL_REPORT_H
#define KRYFTO_CRAWL_REPORT_H

#include "crawl/job.h"

struct report *report_new(struct crawler *c);
void report_free(struct report *r);
/* The outcome must live until job_reported(). */
void report_outcome(struct report *r, struct job_run *job);
/* Copied. */
void report_log(
	struct report *r, const char job_id[UUID_LEN + 1], const char *level, struct str message, struct str meta);
/* Gives these leases back without counting the attempt; their jobs come up again after `delay`. Copied. */
void report_release(struct report *r, const struct lease_ref *at, size_t n, usec_t delay);
/* Nothing left to tell. */
bool report_idle(const struct report *r);

#endif

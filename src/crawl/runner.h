/* How a job's work is done: over HTTP, or in a browser. One table a way. */
#ifndef KRYFTO_CRAWL_RUNNER_H
#define KRYFTO_CRAWL_RUNNER_H

#include "crawl/job.h"

struct runner {
	const char *name;
	/* Begins; ends with job_done() exactly once, from the loop and never from within, unless stopped. */
	void (*start)(struct job_run *r);
	/* Ends at once and frees what it holds; job_done() is not called any more. */
	void (*stop)(struct job_run *r);
};

extern const struct runner via_http, via_browser;

/* The runner that can do this task; NULL when this process has none. */
const struct runner *runner_for(const struct crawler *c, const struct task *t);

#endif

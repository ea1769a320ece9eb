/* What a job asks for, out of the request stored with it (the API has checked and completed it). */
#ifndef KRYFTO_CRAWL_TASK_H
#define KRYFTO_CRAWL_TASK_H

#include "base/clock.h"
#include "base/err.h"
#include "json/value.h"
#include "url/url.h"

struct task {
	struct url url;
	struct str href;            /* serialised, without fragment */
	bool respect_robots;
	bool requires_browser;      /* asked for, or implied by steps */
	bool may_upgrade;           /* a browser may be taken when the page turns out to want one */
	usec_t timeout;             /* of the whole attempt */
	const struct json *steps;   /* NULL or an array with at least one step */
	const struct json *extract; /* NULL or the extraction configuration */
	const struct json *options; /* NULL or as given, for runners that read more of it */
};

/* `url`: the job's own column. E_INVALID names what is wrong. */
int task_read(struct arena *a, struct str url, struct str request, usec_t timeout, struct task *ret, struct err *e);

#endif

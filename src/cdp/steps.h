/*
 * Browser steps: the thirteen types of the published contract (kryfto-rest-api-v3.8, "Step Types"), run one
 * after the other in a page. What a step needs from outside (the verdict on a URL, extraction, a place for
 * artifacts) comes through `struct steps_host`.
 */
#ifndef KRYFTO_CDP_STEPS_H
#define KRYFTO_CDP_STEPS_H

#include "cdp/page.h"

struct steps_host {
	void *arg;
	/* May the page go to `url`? 0, or E_BLOCKED with words. Asked before each goto. */
	int (*judge)(void *arg, struct str url, struct err *e);
	/* One line of the job's log; `meta` is the JSON text of an object. */
	void (*log)(void *arg, struct str message, struct str meta);
	/* Runs the extraction `config` over `html`; may wait. The result in `a`. */
	int (*extract)(void *arg, struct str html, struct str url, const struct json *config, struct arena *a,
		const struct json **ret, struct err *e);
	/* A file to keep: type as in the published artifact list ("screenshot", "cookies", "pdf"). Copies. */
	void (*artifact)(void *arg, const char *type, struct str name, const char *content_type, struct str data);
	/* One finished step, for timings.json. */
	void (*timing)(void *arg, struct str step, usec_t took);
};

struct steps_plan {
	struct str url;              /* of the job; gone to first unless the first step is a goto */
	const struct json *steps;    /* checked against the step schema; NULL or empty: go to url and wait until idle */
	const struct json *extract;  /* of the job: applied to each page of a paginate step; may be NULL */
	bool human;
};

struct steps_result {
	const struct json *extracted; /* of the last extract step that gave something; NULL: none */
	const struct json *pages;     /* one item a page of a paginate step with extraction; NULL: none */
	size_t done;                  /* steps completed */
};

/* Inside the page's fiber. On failure `ret` is filled as far as the steps came and `e` names the step. */
int steps_run(struct page *p, const struct steps_plan *plan, const struct steps_host *host, struct arena *a,
	struct steps_result *ret, struct err *e);
/* A step as it may be logged: secret text masked whole, cookie and header values left out. JSON text in `a`. */
struct str step_public(struct arena *a, const struct json *step);
/* A file name out of what a user called it: letters, digits, '.', '_', '-'; never empty, at most 100 bytes. */
struct str step_file_name(struct arena *a, struct str name, const char *extension);

#endif

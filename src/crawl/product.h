/*
 * What an attempt at a job brought: documents and how it went, before it becomes artifacts, log lines
 * and a result summary. Everything lives in the job's arena.
 */
#ifndef KRYFTO_CRAWL_PRODUCT_H
#define KRYFTO_CRAWL_PRODUCT_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/vec.h"
#include "json/value.h"

/* A file of the job, in the order of creation. */
struct document {
	const char *type;        /* "final_html" … */
	struct str file_name;
	struct str content_type;
	struct str bytes;
	/* set when kept */
	char id[37];
	uint8_t sha256[32];
};

struct timing {
	const char *step;
	usec_t took;
};

struct network_error {
	struct str url, words;
};

struct console_line {
	struct str type, text;
};

struct picture {
	const char *type;         /* "screenshot", "pdf" */
	struct str name;          /* file name, safe */
	const char *content_type;
	struct str bytes;
};

/* Why an attempt failed. */
struct failure {
	const char *code;   /* "FETCH_TIMEOUT"; NULL: it did not */
	bool passes;        /* another attempt may succeed */
	usec_t after;       /* not before (Retry-After); 0: as the back-off says */
	struct str words;
};

struct product {
	struct arena *arena;
	struct failure failure;
	bool used_browser;
	int http_status;            /* 0: no reply */
	struct str url;             /* where it ended, after redirects; p NULL: nowhere */
	struct str page;            /* UTF-8 HTML, or the bytes of another kind of document; p NULL: none */
	struct str page_type;       /* "text/html", else the kind of those bytes */
	VEC(struct console_line) console;
	VEC(struct network_error) errors;
	struct str console_text,
		errors_text; /* ready JSON of a browser's recorder instead of the two lists; p NULL: none */
	VEC(struct timing) timings;
	struct str har;             /* JSON; p NULL: none was recorded */
	struct str extracted;       /* JSON; p NULL: none was asked for */
	struct str issues;          /* JSON array: where it breaks its schema; p NULL: not checked or fine */
	struct str cookies;         /* JSON; p NULL: not exported */
	VEC(struct picture) pictures;
};

void product_init(struct product *p, struct arena *a);
/* Ends the attempt as failed; the first failure stands. */
void product_fail(struct product *p, const char *code, bool passes, const char *fmt, ...) PRINTF_LIKE(4, 5);
void product_timing(struct product *p, const char *step, usec_t took);

/*
 * The artifacts in their contractual order: page, console-logs, network-errors, timings, [har],
 * [extracted], [cookies], screenshots. A product without a page has none.
 */
size_t product_documents(struct product *p, struct document **ret);

/*
 * {"usedBrowser","artifactCount","artifacts","extracted","httpStatus","finalUrl"} and, beside them, the keys of
 * the extracted object, which never overwrite the first four.
 */
struct str product_summary(const struct product *p, const struct document *docs, size_t n);

#endif

/* Shared by the page_*.c files only. */
#ifndef KRYFTO_CDP_PAGE_IMPL_H
#define KRYFTO_CDP_PAGE_IMPL_H

#include "cdp/page.h"
#include "base/rng.h"
#include "base/vec.h"

#define REFUSED_WORD "refused by the egress proxy"

struct page {
	struct browser *browser;
	struct cdp *cdp;
	struct loop *loop;
	struct fiber *fiber;       /* that waits for an event, else NULL */
	struct arena arena;        /* as long as the page */
	struct arena scratch;      /* of one call; reset by page_scratch() */
	struct page_options o;
	struct str context, target, session, frame;
	struct page_reply reply;
	struct recorder *recorder;
	usec_t deadline;
	int64_t world;             /* execution context of our isolated world; 0: make one */
	int64_t loads;             /* main-frame documents committed */
	bool dom_ready, loaded;    /* of the current document */
	bool navigating;           /* the main frame was told to go somewhere and has not committed */
	struct str loader, loader_dom; /* of the current document; of the last that became ready */
	struct str document_request; /* request id of the main document under way */
	struct str nav_error;
	usec_t last_activity;      /* when the in-flight count last was above two */
	size_t popups, downloads;
	bool cancelled, crashed, detached, given;
	usec_t first_nav, t_dom, t_load;
};

/* A scratch buffer for parameters; the scratch arena is emptied first. */
struct jw page_params(struct page *p, struct buf *b);
/* A call to the page's session; `ret` lives in the scratch arena. */
int page_call(
	struct page *p, const char *method, struct str params, usec_t timeout, const struct json **ret, struct err *e);
/* The same to the browser itself. */
int page_browser_call(struct page *p, const char *method, struct str params, const struct json **ret, struct err *e);
/* Waits in turns until `cond(p, arg)` or `timeout`. */
int page_until(struct page *p, bool (*cond)(struct page *p, void *arg), void *arg, usec_t timeout, const char *what,
	struct err *e);
/* 0, or why nothing more can be done with the page. */
int page_alive(const struct page *p, struct err *e);
/* Calls one of the helper functions of inject.c in the isolated world; `args` is the JSON text of an array of plain
 * values. Survives a navigation in between by calling again in the new document, until `timeout`. */
int page_help(
	struct page *p, const char *function, struct str args, usec_t timeout, const struct json **ret, struct err *e);
extern const char page_helpers[];

#endif

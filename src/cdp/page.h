/*
 * One page in a browser context of its own: nothing of it outlives page_close(), nothing of another
 * project's can be seen in it. All functions but page_cancel() and the getters run inside the fiber
 * that opened the page, and wait.
 *
 * Deadlines: each call has its own `timeout`; the page's deadline (page_set_deadline) sits above all.
 * Common errors: E_TIMEOUT, E_CANCELLED (page_cancel), E_GONE (browser went), E_UNAVAIL (the tab crashed),
 * E_PROTO (the browser said no), E_INVALID (unusable selector or argument), E_NOTFOUND (no such element).
 */
#ifndef KRYFTO_CDP_PAGE_H
#define KRYFTO_CDP_PAGE_H

#include "cdp/browser.h"
#include "cdp/recorder.h"

struct page;

#define PAGE_WIDTH BROWSER_WIDTH
#define PAGE_HEIGHT BROWSER_HEIGHT
#define PAGE_HTML_MAX (32 * MiB)
#define PAGE_SHOT_HEIGHT_MAX 16384 /* CSS pixels; taller pages are cut */

struct page_options {
	int width, height;      /* 0: PAGE_WIDTH x PAGE_HEIGHT */
	struct str user_agent;  /* empty: the browser's, without the word Headless */
	struct str agent_suffix; /* behind the browser's own user agent, e.g. "KryftoBot/3.8" */
	struct str language;    /* "de-DE"; empty: en-US */
	struct str timezone;    /* IANA name; empty: the host's */
	struct str platform;    /* of navigator.platform and client hints; empty: Linux */
	bool quiet;             /* keeps the Runtime domain off: no console record, harder to notice */
	size_t record_max;      /* network entries recorded; 0: 2000 */
};

/* A context and its blank page, not yet given to anyone: opening takes most of a small job's time, so pools keep
 * some ready. `proxy_port`: of the egress lease that all its traffic takes; 0: what the browser was started with. */
int page_open(struct browser *b, struct loop *l, int proxy_port, struct page **ret, struct err *e);
/* Makes an opened page somebody's; once. */
int page_begin(struct page *p, const struct page_options *o, struct err *e);
/* Closes the tab and disposes of the context with all its storage. NULL is fine. Waits at most 2 s. */
void page_close(struct page *p);
void page_set_deadline(struct page *p, usec_t deadline);
/* From the loop: the running call and all later ones fail with E_CANCELLED. */
void page_cancel(struct page *p);

struct page_reply {
	int status;        /* of the main document; 0: none (about:blank, data:) */
	struct str url;    /* after redirects */
	struct str mime;
};

/* Navigates and waits for DOMContentLoaded. The caller has judged `url`. A network failure is E_UNAVAIL with the
 * browser's word (net::ERR_…), a refusal by the egress proxy E_BLOCKED. */
int page_goto(struct page *p, struct str url, usec_t timeout, struct err *e);
const struct page_reply *page_reply(const struct page *p);
/* Waits until at most two requests are in flight for 500 ms and the DOM was quiet for 300 ms. `ret_by` (may be NULL):
 * what released it, "idle" or, at the timeout, "timeout" (which is no error: pages that never rest are common). */
int page_wait_idle(struct page *p, usec_t timeout, const char **ret_by, struct err *e);
/* Until an element is there and visible. Open shadow roots are searched too. */
int page_wait_selector(struct page *p, struct str selector, usec_t timeout, struct err *e);
/* Now: visible at this moment? */
int page_is_visible(struct page *p, struct str selector, bool *ret, struct err *e);
int page_sleep(struct page *p, usec_t d, struct err *e);

/* Scrolls into view, waits until the element is visible, enabled, still and not covered, then presses the mouse there.
 * A navigation that the click starts is waited for (DOMContentLoaded). `human`: moves along a curve first. */
int page_click(struct page *p, struct str selector, bool human, usec_t timeout, struct err *e);
/* Replaces the value of an input, textarea, select or contenteditable. `human`: key by key with pauses. */
int page_type(struct page *p, struct str selector, struct str text, bool human, usec_t timeout, struct err *e);
/* By `dy` CSS pixels, negative upwards. */
int page_scroll(struct page *p, int64_t dy, bool human, struct err *e);

/* Extra headers of all later requests. Host, Content-Length, Proxy-*, Connection and the like are E_INVALID. */
int page_set_headers(struct page *p, const struct json *headers, struct err *e);
/* [{name,value,domain?,path?,expires?,httpOnly?,secure?,sameSite?}]; domain and path default to those of `url`. */
int page_set_cookies(struct page *p, const struct json *cookies, struct str url, struct err *e);
/* All of the context, the same form, in `a`. */
int page_cookies(struct page *p, struct arena *a, const struct json **ret, struct err *e);

/* The document as it stands, shadow roots included as <template shadowrootmode>. E_LIMIT over PAGE_HTML_MAX. */
int page_html(struct page *p, struct arena *a, struct str *ret, struct err *e);
enum page_shot_kind { SHOT_PNG, SHOT_JPEG, SHOT_PDF };
/* The full page (or what is visible), decoded bytes in `a`. */
int page_shot(struct page *p, enum page_shot_kind kind, bool full, struct arena *a, struct str *ret, struct err *e);
/* The value of a JavaScript expression in our isolated world, by value. For tests and probes. */
int page_eval(
	struct page *p, struct str expression, usec_t timeout, struct arena *a, const struct json **ret, struct err *e);

/* Fills what the page knows of itself into the head of its HAR. */
void page_har_page(const struct page *p, struct har_page *ret);
struct recorder *page_recorder(struct page *p);
bool page_crashed(const struct page *p);
/* Pop-up windows and downloads that the page tried; they were closed and denied. */
size_t page_popups(const struct page *p);
size_t page_downloads(const struct page *p);

#endif

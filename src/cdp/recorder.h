/*
 * What a page did on the network and said on its console: the source of the artifacts network-errors.json,
 * console-logs.json and trace.har. Fed with DevTools events, bounded, secrets masked.
 */
#ifndef KRYFTO_CDP_RECORDER_H
#define KRYFTO_CDP_RECORDER_H

#include "json/writer.h"

struct recorder;

#define RECORDER_CONSOLE_MAX 1000  /* lines, 4 KiB each */
#define RECORDER_TEXT_MAX (4 * KiB)

/* Lives in `a` and copies into it. */
struct recorder *recorder_new(struct arena *a, size_t entries_max);
/* Takes Network.*, Runtime.consoleAPICalled and exceptionThrown, Log.entryAdded events; ignores others. */
void recorder_event(struct recorder *r, struct str method, const struct json *params);
/* Requests under way. */
size_t recorder_inflight(const struct recorder *r);
/* Text that must not appear in any artifact (typed secrets): replaced by "***" when written. */
void recorder_hide(struct recorder *r, struct str secret);

/* [{"type","text"}] */
void recorder_console(const struct recorder *r, struct jw *w);
/* [{"url","errorText"}] */
void recorder_errors(const struct recorder *r, struct jw *w);
/* HAR 1.2. `title` and `url` of the page; `started` its first navigation (unix time), `t_dom` and `t_load` since then,
 * negative when they did not happen. */
struct har_page {
	struct str title, url, browser, browser_version;
	usec_t started, t_dom, t_load;
};
void recorder_har(const struct recorder *r, const struct har_page *page, struct jw *w);

#endif

/*
 * A connection to one browser over --remote-debugging-pipe: NUL-terminated JSON messages of the Chrome
 * DevTools Protocol on two descriptors, flattened sessions, a deadline on every call.
 *
 * Calls are made inside fibers (net/fiber.h) and read like function calls. Events go to one listener a
 * session; a listener runs in the loop's context and must not wait.
 */
#ifndef KRYFTO_CDP_CONN_H
#define KRYFTO_CDP_CONN_H

#include "json/writer.h"
#include "net/fiber.h"

struct cdp;

#define CDP_MESSAGE_MAX (96 * MiB)          /* one message; a larger one closes the connection */
#define CDP_CALL_TIMEOUT (5 * USEC_PER_SEC) /* for calls that answer at once */

/* `rfd` and `wfd` become the connection's and are closed with it. `on_close(arg)` runs once, in the loop,
 * when the browser is gone or broke the protocol; waiting calls have failed with E_GONE by then. */
int cdp_new(struct loop *l, int rfd, int wfd, void (*on_close)(void *arg), void *arg, struct cdp **ret, struct err *e);
/* Fails calls still waiting with E_GONE. NULL is fine. */
void cdp_free(struct cdp *c);
bool cdp_closed(const struct cdp *c);

/* Sends `method` with `params` (JSON text of an object, STR_NULL for none) to `session` (STR_NULL: the browser)
 * and waits in the running fiber. `ret` (may be NULL) is the result in `a`.
 * E_TIMEOUT after `timeout`; E_GONE when the browser or the session went; E_PROTO with the browser's words when it
 * answers with an error; whatever else the fiber was woken with (E_CANCELLED). */
int cdp_call(struct cdp *c, struct str session, const char *method, struct str params, usec_t timeout, struct arena *a,
	const struct json **ret, struct err *e);
/* Sends and does not wait; the answer is dropped. Fine outside fibers. */
void cdp_post(struct cdp *c, struct str session, const char *method, struct str params);

/* `fn` gets the session's events; params live until it returns. Replaces an earlier listener; NULL removes it.
 * The session id must stay valid until then. */
typedef void cdp_event_fn(void *arg, struct str method, const struct json *params);
void cdp_listen(struct cdp *c, struct str session, cdp_event_fn *fn, void *arg);
/* All calls that wait on `session` fail with E_GONE (its target went). */
void cdp_session_gone(struct cdp *c, struct str session);

struct cdp_stats {
	uint64_t calls, events, timeouts, bytes_in;
};
const struct cdp_stats *cdp_stats(const struct cdp *c);

#endif

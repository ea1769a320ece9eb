/*
 * The child's side of the parse channel: confine, then answer one request after another until the
 * parent goes away.
 */
#ifndef KRYFTO_EXTRACT_SERVE_H
#define KRYFTO_EXTRACT_SERVE_H

#include "extract/frame.h"

/* Answers one request: writes parts with reply_begin/reply_end, may set result->charset. Returns 0 or a
 * code with words. `a` is empty at each call and reset afterwards. */
typedef int serve_fn(const struct isolate_req *req, struct arena *a, struct reply *r, struct err *e);

/* Does what a library would do lazily by opening files, before that becomes impossible; may be NULL. */
typedef void serve_prepare_fn(void);

/* Expects the channel on FRAME_CHANNEL_FD and the region on FRAME_MEMORY_FD. Returns an exit status. */
int serve(serve_fn *fn, serve_prepare_fn *prepare);

#endif

/*
 * Named fault points for tests, compiled in only by --enable-fault-points.
 *
 *   KRYFTO_FAULT="blob.put.before-rename=kill,crawl.ack.before=delay:500,store.claim=error@3"
 *
 * Actions: error (the point returns true), kill (SIGKILL to itself), delay:MS. "@N" fires at the
 * N-th pass only; without it, at each pass.
 */
#ifndef KRYFTO_BASE_FAULT_H
#define KRYFTO_BASE_FAULT_H

#include "base/first.h"

#ifdef ENABLE_FAULT_POINTS
/* True: the caller must fail as if its next operation had. */
bool fault_hit(const char *name);
#define FAULT(name) fault_hit(name)
#else
#define FAULT(name) false
#endif

#endif

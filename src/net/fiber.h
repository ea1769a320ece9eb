/*
 * Fibers: functions with stacks of their own that run on the event loop and may wait in the middle.
 * They turn long conversations (a browser job: dozens of calls, each with a deadline) into straight
 * code, without threads: exactly one fiber or the loop runs at a time, and a switch happens only in
 * fiber_wait() and fiber_end.
 *
 * A fiber must not be freed from outside: wake it with an error and let it return. Stack: 256 KiB and
 * a guard page; overrunning it is a SIGSEGV, not a corruption.
 */
#ifndef KRYFTO_NET_FIBER_H
#define KRYFTO_NET_FIBER_H

#include "net/loop.h"

struct fiber;

#define FIBER_NEVER INT64_MAX

/* Runs fn(arg) on a new fiber at once, until it waits or returns. E_LIMIT when no stack can be had. */
int fiber_start(struct loop *l, void (*fn)(void *arg), void *arg, struct err *e);
/* The running fiber; NULL in the loop's own context. */
struct fiber *fiber_self(void);
/* Inside a fiber: sleeps until fiber_wake(), whose value it returns, or until `deadline` (monotonic;
 * FIBER_NEVER for none), then E_TIMEOUT. A wake-up that came before is taken at once. */
int fiber_wait(usec_t deadline);
/* From the loop or another fiber: `f` continues in the next turn. Of several, the first negative value
 * wins, else the last. */
void fiber_wake(struct fiber *f, int value);
/* Fibers alive, for drains and tests. */
size_t fiber_count(void);

#endif

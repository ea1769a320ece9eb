/*
 * The scoreboard: one cache line a worker, in shared memory. Each worker writes its own slot; the
 * master and the metrics page read all of them without locks.
 */
#ifndef KRYFTO_PROC_SCOREBOARD_H
#define KRYFTO_PROC_SCOREBOARD_H

#include "base/clock.h"

#include <stdatomic.h>

#define POOLS_MAX 4

enum worker_state { WORKER_NONE, WORKER_STARTING, WORKER_IDLE, WORKER_BUSY, WORKER_STOPPING };
const char *worker_state_name(enum worker_state s);

struct slot {
	_Atomic int32_t pid;       /* 0: free */
	_Atomic int32_t state;     /* enum worker_state */
	_Atomic int32_t pool;
	_Atomic int32_t generation;
	_Atomic int64_t started;   /* clock_mono */
	_Atomic int64_t since;     /* clock_mono of the last change between idle and busy */
	_Atomic uint64_t requests; /* of this worker */
	_Atomic int32_t doing;     /* whatever the worker says: a route number; -1 */
} __attribute__((aligned(64)));

struct scoreboard {
	_Atomic int64_t started;      /* clock_real of the master's start */
	_Atomic int32_t generation;   /* goes up at each reload */
	_Atomic int32_t stopping;
	_Atomic uint64_t spawned;     /* workers started in all */
	_Atomic uint64_t crashed;     /* workers that died of a signal or an exit code */
	_Atomic uint64_t recycled;    /* workers that served their number of requests */
	_Atomic uint64_t killed;      /* workers that the master had to end */
	int32_t n;                    /* slots */
	struct slot slots[];
};

size_t scoreboard_size(size_t slots);
struct scoreboard *scoreboard_init(void *mem, size_t slots);
/* A free slot, or -1. Master only. */
int scoreboard_take(struct scoreboard *sb);
/* The slot of a process, or -1. */
int scoreboard_find(const struct scoreboard *sb, pid_t pid);

struct pool_counts {
	int workers, idle, busy;
	usec_t longest; /* the longest current request */
};
/* Live figures of one pool. */
void scoreboard_counts(const struct scoreboard *sb, int pool, struct pool_counts *ret);

#endif

/* The master's children: starting, reaping, counting, replacing. For master.c only. */
#ifndef KRYFTO_PROC_CHILDREN_H
#define KRYFTO_PROC_CHILDREN_H

#include "proc/master.h"

struct child {
	pid_t pid;        /* 0: free */
	int pool;
	int generation;
	usec_t started;
	usec_t asked;     /* when it was last told to stop; 0: never */
	usec_t kill_at;   /* 0: no deadline */
	bool ours;        /* killed by the master itself, so no crash */
};

struct pool_state {
	int listen_fd;
	int fails;        /* young deaths in a row */
	usec_t last_crash;
	usec_t next;      /* no spawn before */
	bool was_up;      /* some worker became idle once */
	bool fatal;       /* a worker says that trying again is useless */
};

struct children {
	struct master *m;
	struct child *at;     /* by slot */
	int n;                /* slots */
	struct pool_state pools[POOLS_MAX];
	int generation;
	pid_t master;
};

#define YOUNG (5 * USEC_PER_SEC)

/* How long to wait after the `fails`-th young death in a row, before jitter: 100 ms, 200 ms … 10 s. */
usec_t children_backoff(int fails);
/* Starts what is missing of the current generation. */
void children_fill(struct children *c);
/* Takes the dead; true when there were any. */
bool children_reap(struct children *c);
/* Asks one or all of a generation (`before`: those older than it) to stop, once in 200 ms; kills late ones. */
void children_stop(struct children *c, int before, usec_t deadline);
/* Kills workers that sit on one request for longer than `limits.request_timeout`. */
void children_unhang(struct children *c);
void children_signal(struct children *c, int sig);
/* Live children, all or of one generation. */
int children_live(const struct children *c);
/* Every pool has its number of current workers past starting. */
bool children_up(const struct children *c);
/* Any worker of generations before the current one. */
bool children_old(const struct children *c);

#endif

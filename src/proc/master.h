/*
 * Prefork master: opens the sockets, starts the workers, keeps their number, and otherwise sleeps.
 *
 * Signals: TERM, INT, QUIT drain (requests in flight are finished, up to the drain timeout) and exit;
 * a second TERM or INT kills at once. HUP asks `reload` for the new limits, starts a new generation and
 * drains the old one; the sockets stay open, so no request is refused. USR1 opens logs anew, here and in
 * the workers. A worker that dies is replaced at once; when workers of a pool die young again and again,
 * with a delay that doubles from 100 ms to 10 s (full jitter above the half), until one lives 5 s.
 */
#ifndef KRYFTO_PROC_MASTER_H
#define KRYFTO_PROC_MASTER_H

#include "base/err.h"
#include "proc/responder.h"

struct pool {
	const char *name;
	const char *socket;      /* path */
	int mode;                /* of the socket file, e.g. 0660 */
	const char *group;       /* owner group of the socket file, NULL or "": the process's */
	int backlog;
	int workers;
};

struct limits {              /* what a reload may change */
	uint64_t max_requests;   /* 0: never; each worker takes 0 … 12.5 % off, so that they do not go together */
	usec_t drain_timeout;
	usec_t request_timeout;  /* a worker busy for longer is killed and replaced; 0: never */
};

struct master {
	const char *prog;
	const char *pid_file;    /* NULL: none */
	const char *user;        /* to run as when started as root; NULL or "": stay */
	struct pool pools[POOLS_MAX];
	size_t n_pools;
	struct limits limits;
	/* Runs in the fresh child, until it should end; returns the exit code. */
	int (*serve)(struct responder *w);
	/* HUP, in the master: reads settings anew and fills `ret`. A negative code with words keeps what is. */
	int (*reload)(struct master *m, struct limits *ret, struct err *e);
	/* Once a second in the master; may be NULL. Must not block. */
	void (*tick)(struct master *m);
	void *arg;
	/* filled by master_run */
	struct scoreboard *board;
};

/* Slots that `m` needs: room for two generations side by side. */
size_t master_slots(const struct master *m);
/* Runs until told to stop. `m->board` may be set before (by scoreboard_init over shm_map memory of
 * master_slots), else it is made. Returns the exit code of the program; logs through base/log. */
int master_run(struct master *m);

#endif

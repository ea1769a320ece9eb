/*
 * One parse child and the parent's end of it: start, ask, answer, time limits, end. The synchronous
 * and the pooled front of isolate.h are both built on it.
 */
#ifndef KRYFTO_EXTRACT_CHANNEL_H
#define KRYFTO_EXTRACT_CHANNEL_H

#include "extract/frame.h"

struct channel {
	struct isolate_conf conf; /* with defaults filled in; `program` is owned */
	struct frame_head head;
	void *region;             /* NULL until the first start */
	int memfd;
	int fd;                   /* socket to the child, -1: none runs */
	int pidfd;
	pid_t pid;
	clockid_t clock;          /* its CPU clock */
	uint32_t seq;             /* of the last request */
	unsigned served;          /* requests of this child */
	usec_t spent;             /* CPU time of this child, as it says */
	bool ready;               /* its hello came */
	/* of the request at work */
	bool busy;
	bool large;               /* trim afterwards */
	unsigned want;
	usec_t cpu, cpu_from;     /* CPU time allowed; the child's CPU clock at the start */
	usec_t due;               /* when to look at the clocks again (monotonic) */
	usec_t wall_end;
	usec_t wait_set;          /* receive timeout of `fd` */
};

/* Fills in defaults and finds the program. E_INVALID or E_NOTFOUND. */
int channel_init(struct channel *c, const struct isolate_conf *conf, struct err *e);
void channel_release(struct channel *c);
/* Starts a child if none runs. 0 or E_UNAVAIL. */
int channel_start(struct channel *c, struct err *e);
/* Kills and forgets the child, if one runs. */
void channel_kill(struct channel *c);
/* Starts a child if need be and gives it the request. 0, E_LIMIT or E_UNAVAIL. */
int channel_ask(struct channel *c, const struct isolate_req *req, struct err *e);
/* Takes one note if there is one. E_AGAIN: nothing yet (see `due`); else the request's outcome. With `wait`,
 * blocks until `due` at the longest. */
int channel_answer(struct channel *c, bool wait, struct arena *a, struct isolate_result *ret, struct err *e);
/* To be called at `due`: moves `due` on and returns E_AGAIN while the child has time left, else kills
 * it and returns E_TIMEOUT. */
int channel_check(struct channel *c, struct err *e);

#endif

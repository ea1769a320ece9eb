/* The worker's side of a prefork server: what it is told, and what it says about itself. */
#ifndef KRYFTO_PROC_RESPONDER_H
#define KRYFTO_PROC_RESPONDER_H

#include "proc/scoreboard.h"

struct responder {
	int pool;                  /* index into the master's pools */
	const char *pool_name;
	int listen_fd;             /* blocking; give it a receive timeout (SO_RCVTIMEO) before accept() */
	int number;                /* slot */
	struct slot *slot;
	struct scoreboard *board;
	uint64_t max_requests;     /* 0: no bound */
	void *arg;                 /* the master's */
};

/* Installs the worker's handlers: TERM, QUIT and INT ask it to stop after the current request, USR1 to
 * open its log anew, HUP does nothing. System calls are restarted,
 * so that no read or write of a request is cut short; accept() on a socket with a receive timeout is not (signal(7)),
 * and that is where a worker hears of a stop. Call after libraries that take signals. */
void responder_signals(void);
/* True when the loop must end now: asked to, the master is gone, or enough requests were served.
 * Also opens the log anew when that was asked for. Cheap. */
bool responder_stop(struct responder *w);
/* Around each request. `doing`: a number for the scoreboard. */
void responder_busy(struct responder *w, int doing);
void responder_idle(struct responder *w);

/* Exit codes that the master tells apart. */
enum {
	RESPONDER_EXIT_OK = 0,
	RESPONDER_EXIT_RECYCLE = 3,
	RESPONDER_EXIT_FATAL = 4 /* do not try again: configuration */
};

#endif

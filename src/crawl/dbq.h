/*
 * One database connection on the event loop: operations queue up, travel together in one flush, and
 * their answers come back in order while the loop goes on. Each operation is a transaction of its own.
 *
 * While the server is away, operations marked `keep` stay in line and are tried again until they get an
 * answer; the others end with E_UNAVAIL. Only connecting blocks the loop, for 2 s at most.
 */
#ifndef KRYFTO_CRAWL_DBQ_H
#define KRYFTO_CRAWL_DBQ_H

#include "net/loop.h"
#include "store/db.h"

struct dbq;

struct dbq_op {
	const char *what; /* for the log */
	/* Sends the statements. NULL: `recv` is a plain blocking call, made when nothing is in flight. */
	int (*send)(void *arg, struct db *db, struct err *e);
	/* Takes all their answers; what it puts into `a` lives until `done` returns. */
	int (*recv)(void *arg, struct db *db, struct arena *a, struct err *e);
	/* The end, never from within dbq_submit(). May submit again. NULL: nobody waits. */
	void (*done)(void *arg, int rc, const struct err *e);
	void *arg;
	bool keep;
};

struct dbq_options {
	struct loop *loop;
	struct db *db; /* taken over */
	/* A notification came. */
	void (*notice)(void *arg, const struct db_notice *n);
	/* The connection was made anew (true) or was lost (false). May be NULL. */
	void (*state)(void *arg, bool up, const char *words);
	void *arg;
	usec_t timeout; /* of an answer, then the connection is dropped; 0: 15 s */
};

struct dbq *dbq_new(const struct dbq_options *o);
/* Operations still in line end without their callback. */
void dbq_free(struct dbq *q);
void dbq_submit(struct dbq *q, const struct dbq_op *op);
/* In line and in flight. */
size_t dbq_pending(const struct dbq *q);
bool dbq_up(const struct dbq *q);
/* For start and stop, when the loop does not run: the connection itself. Nothing may be in flight. */
struct db *dbq_db(struct dbq *q);

#endif

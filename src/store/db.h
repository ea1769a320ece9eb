/*
 * One connection to Postgres. It connects when first used, comes back by itself after a loss (exponential
 * back-off with full jitter, at most one second), and never ends the process: while the server is away every call
 * answers E_UNAVAIL at once.
 *
 * All statements of the project are static text behind typed functions (tokens.h, jobs.h, queue.h …). A plain
 * function `thing_verb()` is one transaction and one round trip. Functions that matter for speed also come as a
 * pair: `thing_verb_send()` queues the statement, `thing_verb_recv()` takes its answer. Statements queued between
 * two db_sync() calls travel together and are ONE transaction; answers are taken in the order of sending:
 *
 *	token_auth_send(db, hash, e);           // the API's hot path: one round trip, two answers
 *	job_get_send(db, id, e);
 *	db_sync(db, e);
 *	r = token_auth_recv(db, arena, &principal, e);
 *	r = job_get_recv(db, arena, &job, e);
 *
 * An answer that is not wanted any more is dropped by db_drop(). The recv of the last statement before a db_sync()
 * returns only once the transaction is committed, so its 0 means durable.
 *
 * Errors common to all: E_UNAVAIL (no connection; the work may or may not have been done if it was in flight),
 * E_TIMEOUT (statement or lock timeout), E_AGAIN (deadlock or serialisation failure: run it again), E_CONFLICT
 * (unique), E_NOTFOUND (foreign key), E_INVALID (a value the column cannot hold, NUL in text), E_LIMIT (too long),
 * E_DENIED (the database role lacks the right), E_INTERNAL. Words never hold values of parameters.
 *
 * Not thread-safe; a connection must not cross fork(): call db_forget() in the child.
 */
#ifndef KRYFTO_STORE_DB_H
#define KRYFTO_STORE_DB_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/rng.h"

struct db;

struct db_options {
	struct str uri;          /* libpq connection URI or keyword string */
	const char *app;         /* application_name: "kryfto-api fast/3" */
	const char *role;        /* NULL, or the role to become: "kryfto_api", "kryfto_crawler", "kryfto_ops" */
	usec_t timeout;          /* statement_timeout; 0: 10 s. The client gives up 2 s later. */
	usec_t connect_timeout;  /* 0: 2 s */
};

/* Never fails and does not connect yet. Strings are copied. */
struct db *db_new(const struct db_options *o);
void db_free(struct db *db); /* NULL is fine */
void db_freep(struct db **db);
#define _cleanup_db_ _cleanup_(db_freep)
/* In a forked child: closes the descriptor without telling the server, and starts unconnected. */
void db_forget(struct db *db);

/* Connects unless connected, and notices a connection that died while idle. Every send does this itself. */
int db_ready(struct db *db, struct err *e);
bool db_connected(const struct db *db);
/* A trivial round trip, for readyz. */
int db_ping(struct db *db, struct err *e);
/* Drops the connection; the next use makes a new one. */
void db_reset(struct db *db);
/* Counts connections made; a change means that LISTENs were made anew and notifications may be missed. */
uint64_t db_generation(const struct db *db);

/* --- pipelines --- */
/* Ends the transaction of the statements sent so far and flushes them. */
int db_sync(struct db *db, struct err *e);
/* Throws away the next answer (of a statement whose recv nobody will call). */
void db_drop(struct db *db);
/* Throws away all answers still due; cheap when there are none. For the end of a request. */
void db_drain(struct db *db);
/* For event loops: reads what has arrived; 1 when the next recv will not block, 0 when it would, or E_UNAVAIL. */
int db_poll(struct db *db, struct err *e);
/* The socket to watch for reading, -1 when not connected. Changes when db_generation() does. */
int db_fd(const struct db *db);
/* True when some bytes wait for the socket to become writable: watch it for writing, then db_poll(). */
bool db_want_write(const struct db *db);

/* --- transactions over several round trips; plain functions in between take part --- */
int db_begin(struct db *db, struct err *e);
int db_commit(struct db *db, struct err *e);
void db_rollback(struct db *db); /* no-op outside a transaction, so it may stand in every clean-up path */

/* --- LISTEN / NOTIFY --- */
enum db_channel {
	CH_READY,  /* jobs were queued while a worker was idle; no payload */
	CH_CANCEL, /* payload: id of a job that was cancelled while running */
	CH_LOG,    /* payload: ids of jobs with new log lines or a new state, comma-separated */
	CH_CONFIG, /* rate limits or recipes changed; payload says which */
	CH_COUNT,
};
struct db_notice {
	enum db_channel channel;
	struct str payload; /* in the arena */
};
/* Listens now and after each reconnect. */
int db_listen(struct db *db, enum db_channel ch, struct err *e);
/* The next notification received so far: 1 and `ret`, or 0. Call db_poll() first when db_fd() is readable. */
int db_notice(struct db *db, struct arena *a, struct db_notice *ret);
/* Sends one; payload at most 7,900 bytes. Takes an instance-wide lock at commit: coalesce, never once a job. */
int db_notify_send(struct db *db, enum db_channel ch, struct str payload, struct err *e);
int db_notify_recv(struct db *db, struct err *e);
int db_notify(struct db *db, enum db_channel ch, struct str payload, struct err *e);

/* Text form of a connection URI without its password, for logs. */
struct str db_uri_public(struct arena *a, struct str uri);

#endif

/* The insides of struct db, for db.c, pipe.c and row.c, the only files that see libpq. */
#ifndef KRYFTO_STORE_CONN_H
#define KRYFTO_STORE_CONN_H

#include "base/buf.h"
#include "store/stmt.h"

struct pg_conn;

/* Answers due, oldest first. */
#define PENDING_MAX 128
enum pending_kind { PENDING_STMT, PENDING_PREPARE, PENDING_SILENT, PENDING_SYNC };
struct pending {
	enum pending_kind kind;
	const struct stmt *s;
	int dead; /* 0, or the error code its recv answers: it never reached the server */
	bool drop; /* nobody will call its recv */
};

enum prepared { NOT_PREPARED, PREPARE_SENT, PREPARED };

struct db {
	struct pg_conn *c; /* NULL: not connected */
	struct db_options o;
	char *uri, *app, *role;
	uint64_t generation;
	unsigned failures; /* connection attempts in a row */
	usec_t next_try;   /* monotonic */
	struct pending ring[PENDING_MAX];
	unsigned head, n;
	uint8_t prepared[STMT_COUNT]; /* enum prepared */
	struct err group; /* first error since the last sync, told to the statements that it took down */
	struct err last;  /* why the connection went */
	bool want_write;
	bool doomed;  /* the server said good-bye */
	bool in_tx;   /* BEGIN was sent */
	bool tx_lost; /* the connection that held the transaction is gone */
	bool unsynced; /* statements were sent since the last sync */
	bool listen[CH_COUNT];
	struct buf scratch; /* binary parameters of the statement being sent */
};

/* The front of the ring, or NULL. */
struct pending *ring_front(struct db *db);
struct pending *ring_push(struct db *db, enum pending_kind kind, const struct stmt *s);
void ring_pop(struct db *db);
/* The connection is of no use any more: close it, mark what is due as dead. Keeps the words of `e` if given. */
int db_lost(struct db *db, const char *words);
/* Waits until something arrives or `deadline` (monotonic) passes; sends what is still buffered. 0, E_TIMEOUT,
 * E_UNAVAIL. */
int db_wait(struct db *db, usec_t deadline, struct err *e);

/* SQLSTATE to error code. */
int sqlstate_code(const char *state);

/* Parameters in libpq's form; storage in db->scratch. */
#define BIND_MAX 40
struct binding {
	const char *values[BIND_MAX];
	int lengths[BIND_MAX], formats[BIND_MAX];
};
int bind_args(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct binding *ret,
	      struct err *e);
/* Type oids of a letter string; returns how many. */
int bind_oids(const char *letters, uint32_t *ret);

#endif

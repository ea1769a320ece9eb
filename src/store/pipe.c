/* Pipelines: statements go out, answers come back in the same order, a sync ends each transaction. */
#include "base/first.h"
#include <libpq-fe.h>
#include "base/fault.h"
#include "store/conn.h"

/* The client gives up this much later than the server. */
#define GRACE (2 * USEC_PER_SEC)
#define SCRATCH_KEEP (256 * KiB)

struct pending *ring_front(struct db *db)
{
	return db->n ? &db->ring[db->head] : NULL;
}

struct pending *ring_push(struct db *db, enum pending_kind kind, const struct stmt *s)
{
	if (db->n == PENDING_MAX)
		die("more than %d statements in one pipeline", PENDING_MAX);
	struct pending *p = &db->ring[(db->head + db->n++) % PENDING_MAX];
	*p = (struct pending){ .kind = kind, .s = s };
	return p;
}

void ring_pop(struct db *db)
{
	db->head = (db->head + 1) % PENDING_MAX;
	db->n--;
}

static int send_failed(struct db *db, const struct stmt *s, int code)
{
	ring_push(db, PENDING_STMT, s)->dead = code;
	return code;
}

/* Prepares `s` on this connection unless it is. */
static bool send_prepare(struct db *db, const struct stmt *s)
{
	Oid oids[BIND_MAX];
	if (db->prepared[s->id] != NOT_PREPARED)
		return true;
	int n = bind_oids(s->in, oids);
	if (!PQsendPrepare(db->c, s->name, s->sql, n, oids))
		return false;
	db->prepared[s->id] = PREPARE_SENT;
	ring_push(db, PENDING_PREPARE, s);
	return true;
}

int stmt_send(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct err *e)
{
	struct binding b;
	int r = db_ready(db, e);
	if (r < 0)
		return send_failed(db, s, r);
	if (FAULT("store.send"))
		return send_failed(db, s, err_set(e, E_UNAVAIL, "fault point"));
	r = bind_args(db, s, args, n, &b, e);
	if (r < 0)
		return send_failed(db, s, r);
	if (!send_prepare(db, s) ||
		!PQsendQueryPrepared(db->c, s->name, (int)n, b.values, b.lengths, b.formats, 1)) {
		r = err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
		return send_failed(db, s, r);
	}
	if (db->scratch.cap > SCRATCH_KEEP) {
		buf_release(&db->scratch);
		buf_init(&db->scratch, NULL, db->scratch.max);
	}
	db->unsynced = true;
	ring_push(db, PENDING_STMT, s);
	return 0;
}

int db_sync(struct db *db, struct err *e)
{
	if (!db->c)
		return err_set(e, E_UNAVAIL, "%s", db->last.code ? db->last.words : "not connected");
	if (!db->unsynced)
		return 0;
	if (!PQpipelineSync(db->c))
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	db->unsynced = false;
	ring_push(db, PENDING_SYNC, NULL);
	int left = PQflush(db->c);
	if (left < 0)
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	db->want_write = left > 0;
	return 0;
}

/* The next result of the connection, NULL for "this statement has no more". 0 or an error code, then the
 * connection is gone. */
static int next_result(struct db *db, usec_t deadline, PGresult **ret, struct err *e)
{
	while (PQisBusy(db->c)) {
		int r = db_wait(db, deadline, e);
		if (r < 0)
			return r;
	}
	*ret = PQgetResult(db->c);
	if (PQstatus(db->c) == CONNECTION_BAD) {
		char words[160] = "connection lost";
		if (*ret)
			str_copy(words, sizeof words, str_of(PQresultErrorField(*ret, PG_DIAG_MESSAGE_PRIMARY)));
		PQclear(*ret);
		*ret = NULL;
		return err_set(e, db_lost(db, words), "%s", db->last.words);
	}
	return 0;
}

/* Turns a failed result into code and words; the first of a group stands for all that follow. */
static int result_error(struct db *db, const struct stmt *s, const PGresult *res)
{
	const char *name = s ? s->name : "transaction";
	if (PQresultStatus(res) == PGRES_PIPELINE_ABORTED && db->group.code)
		return db->group.code;
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	int code = sqlstate_code(state);
	return err_set(&db->group, code, "%s: %s (%s)", name, words ? words : "failed", state ? state : "no state");
}

static bool good(const PGresult *res)
{
	ExecStatusType st = PQresultStatus(res);
	return st == PGRES_TUPLES_OK || st == PGRES_COMMAND_OK;
}

/* Takes the front entry's result off the wire and pops it. `ret` NULL: throw rows away. Answers the code of the
 * statement, with the group's error filled, or of the connection's loss. */
static int take(struct db *db, usec_t deadline, struct rows *ret, struct err *e)
{
	struct pending p = *ring_front(db);
	PGresult *res, *more;
	int r = next_result(db, deadline, &res, e);
	if (r < 0)
		return r;
	int code = good(res) ? 0 : result_error(db, p.s, res);
	if (p.kind == PENDING_PREPARE)
		db->prepared[p.s->id] = code ? NOT_PREPARED : PREPARED;
	if (!code && ret) {
		const char *count = PQcmdTuples(res);
		*ret = (struct rows){ .res = res, .s = p.s, .n = PQntuples(res), .affected = strtoll(count, NULL, 10) };
	} else {
		PQclear(res);
	}
	while ((r = next_result(db, deadline, &more, e)) == 0 && more)
		PQclear(more);
	if (r < 0) {
		if (!code && ret)
			rows_clear(ret);
		return r;
	}
	ring_pop(db);
	return code;
}

/* The end of a transaction; a commit can still fail. */
static int take_sync(struct db *db, usec_t deadline, struct err *e)
{
	PGresult *res;
	int code = 0;
	for (;;) {
		int r = next_result(db, deadline, &res, e);
		if (r < 0)
			return r;
		ExecStatusType st = PQresultStatus(res);
		if (st == PGRES_PIPELINE_SYNC) {
			PQclear(res);
			break;
		}
		if (res && !good(res))
			code = result_error(db, NULL, res);
		PQclear(res);
	}
	ring_pop(db);
	if (code)
		err_set(e, code, "%s", db->group.words);
	db->group.code = 0;
	return code;
}

static usec_t deadline_of(const struct db *db)
{
	return clock_mono() + db->o.timeout + GRACE;
}

/* Entries before the wanted one: separators, preparations, answers nobody wants. */
static int skip_to(struct db *db, const struct stmt *s, usec_t deadline, struct err *e)
{
	struct pending *p;
	while ((p = ring_front(db))) {
		if (p->dead) {
			if (p->s == s && !p->drop)
				return 0;
			ring_pop(db);
			continue;
		}
		if (p->kind == PENDING_STMT && !p->drop) {
			if (p->s != s)
				die("answers out of order: %s is due, %s was asked for", p->s->name, s->name);
			return 0;
		}
		int r = p->kind == PENDING_SYNC ? take_sync(db, deadline, NULL) : take(db, deadline, NULL, NULL);
		if (r < 0 && !db->c)
			continue; /* what is left is dead now */
	}
	return err_set(e, E_UNAVAIL, "%s", db->last.code ? db->last.words : "the database is away");
}

int stmt_recv(struct db *db, const struct stmt *s, struct rows *ret, struct err *e)
{
	usec_t deadline = deadline_of(db);
	struct rows rows = { 0 };
	int r = skip_to(db, s, deadline, e);
	if (r < 0)
		return r;
	struct pending *p = ring_front(db);
	if (p->dead) {
		r = p->dead;
		ring_pop(db);
		return err_set(e, r, "%s", r == E_NOTFOUND ? "not an id" : db->last.code ? db->last.words : s->name);
	}
	if (db->unsynced && db->n == 1)
		die("%s: recv without db_sync()", s->name);
	r = take(db, deadline, &rows, e);
	if (r < 0) {
		if (db->c)
			err_set(e, r, "%s", db->group.words);
		else if (ring_front(db) && ring_front(db)->s == s)
			ring_pop(db); /* marked dead by the loss */
	}
	/* The last statement before a sync answers for the commit, too. */
	p = ring_front(db);
	if (db->c && p && p->kind == PENDING_SYNC) {
		int c = take_sync(db, deadline, r < 0 ? NULL : e);
		if (c < 0 && r == 0)
			r = c;
	}
	if (r < 0) {
		rows_clear(&rows);
		return r;
	}
	*ret = rows;
	return 0;
}

int stmt_recv_none(struct db *db, const struct stmt *s, struct err *e)
{
	_cleanup_rows_ struct rows rows = { 0 };
	return stmt_recv(db, s, &rows, e);
}

int stmt_run(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct rows *ret, struct err *e)
{
	int r = stmt_send(db, s, args, n, e);
	if (r < 0) {
		stmt_recv_none(db, s, NULL); /* takes the dead entry away */
		return r;
	}
	db_sync(db, NULL);
	return stmt_recv(db, s, ret, e);
}

int stmt_run_none(struct db *db, const struct stmt *s, const struct arg *args, size_t n, struct err *e)
{
	_cleanup_rows_ struct rows rows = { 0 };
	return stmt_run(db, s, args, n, &rows, e);
}

void db_drop(struct db *db)
{
	for (unsigned i = 0; i < db->n; i++) {
		struct pending *p = &db->ring[(db->head + i) % PENDING_MAX];
		if (p->kind == PENDING_STMT && !p->drop) {
			p->drop = true;
			return;
		}
	}
}

void db_drain(struct db *db)
{
	usec_t deadline = 0;
	struct pending *p;
	db_sync(db, NULL);
	while ((p = ring_front(db))) {
		if (!deadline)
			deadline = deadline_of(db);
		if (p->dead || !db->c) {
			ring_pop(db);
			continue;
		}
		if (p->kind == PENDING_SYNC)
			take_sync(db, deadline, NULL);
		else
			take(db, deadline, NULL, NULL);
	}
	db->group.code = 0;
}

int db_poll(struct db *db, struct err *e)
{
	struct pending *p = ring_front(db);
	if (p && p->dead)
		return 1;
	if (!db->c)
		return err_set(e, E_UNAVAIL, "%s", db->last.code ? db->last.words : "not connected");
	int left = PQflush(db->c);
	if (left < 0 || !PQconsumeInput(db->c))
		return err_set(e, db_lost(db, "connection lost"), "%s", db->last.words);
	db->want_write = left > 0;
	return p && !PQisBusy(db->c);
}

DEFINE_STMT(db_ping, "", "i", "SELECT 1");

int db_ping(struct db *db, struct err *e)
{
	return stmt_run_none(db, &stmt_db_ping, NULL, 0, e);
}

/* --- transactions --- */

/* A statement without parameters or rows whose answer is taken by whoever comes next. */
static int send_silent(struct db *db, const char *sql, struct err *e)
{
	if (!PQsendQueryParams(db->c, sql, 0, NULL, NULL, NULL, NULL, 1))
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	db->unsynced = true;
	ring_push(db, PENDING_SILENT, NULL);
	return 0;
}

int db_begin(struct db *db, struct err *e)
{
	assert(!db->in_tx);
	db_drain(db);
	int r = db_ready(db, e);
	if (r < 0)
		return r;
	r = send_silent(db, "BEGIN", e);
	if (r < 0)
		return r;
	db->in_tx = true;
	return 0;
}

int db_commit(struct db *db, struct err *e)
{
	int r = 0;
	assert(db->in_tx);
	if (db->tx_lost) {
		db_rollback(db);
		return err_set(e, E_UNAVAIL, "the transaction was lost with its connection");
	}
	db_drain(db);
	PGTransactionStatusType st = db->c ? PQtransactionStatus(db->c) : PQTRANS_UNKNOWN;
	if (st != PQTRANS_INTRANS) {
		db_rollback(db);
		return err_set(e, st == PQTRANS_INERROR ? E_CONFLICT : E_UNAVAIL, "the transaction had failed");
	}
	r = send_silent(db, "COMMIT", e);
	if (r == 0)
		r = db_sync(db, e);
	usec_t deadline = deadline_of(db);
	while (r == 0 && ring_front(db)) {
		if (ring_front(db)->kind == PENDING_SYNC)
			r = take_sync(db, deadline, e);
		else if ((r = take(db, deadline, NULL, e)) < 0 && db->c)
			err_set(e, r, "%s", db->group.words);
	}
	db->in_tx = db->tx_lost = false;
	return r;
}

void db_rollback(struct db *db)
{
	if (!db->in_tx)
		return;
	if (!db->tx_lost) {
		db_drain(db);
		if (db->c && send_silent(db, "ROLLBACK", NULL) == 0)
			db_drain(db);
	}
	db->in_tx = db->tx_lost = false;
}

/* --- migrations and checks --- */

static bool leave_pipeline(struct db *db)
{
	db_drain(db);
	return db->c && PQexitPipelineMode(db->c) && PQsetnonblocking(db->c, 0) == 0;
}

static bool enter_pipeline(struct db *db)
{
	return db->c && PQenterPipelineMode(db->c) && PQsetnonblocking(db->c, 1) == 0;
}

/* Words of a failed result outside pipelines, with the place in the text where there is one. */
static int plain_error(const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
	return err_set(e, sqlstate_code(state), "%s (%s%s%s)", words ? words : "connection lost",
		state ? state : "no state", at ? ", at character " : "", at ? at : "");
}

int db_script(struct db *db, const char *sql, struct err *e)
{
	int r = db_ready(db, e);
	if (r < 0)
		return r;
	if (!leave_pipeline(db) || !PQsendQuery(db->c, sql))
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	PGresult *res;
	while ((res = PQgetResult(db->c))) {
		if (!good(res) && r == 0)
			r = plain_error(res, e);
		PQclear(res);
	}
	if (PQstatus(db->c) == CONNECTION_BAD)
		return err_set(e, db_lost(db, "connection lost"), "%s", db->last.words);
	if (!enter_pipeline(db))
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	return r;
}

static int compare_types(const struct stmt *s, const PGresult *res, struct err *e)
{
	Oid in[BIND_MAX], out[BIND_MAX];
	int n = bind_oids(s->in, in), m = bind_oids(s->out, out);
	if (PQnparams(res) != n)
		return err_set(e, E_INVALID, "has %d parameters, the code binds %d", PQnparams(res), n);
	for (int i = 0; i < n; i++)
		if (PQparamtype(res, i) != in[i])
			return err_set(e, E_INVALID, "parameter %d is of type %u, the code binds %u", i + 1,
				PQparamtype(res, i), in[i]);
	if (PQnfields(res) != m)
		return err_set(e, E_INVALID, "gives %d columns, the code reads %d", PQnfields(res), m);
	for (int i = 0; i < m; i++)
		if (PQftype(res, i) != out[i])
			return err_set(e, E_INVALID, "column %d (%s) is of type %u, the code reads %u", i + 1,
				PQfname(res, i), PQftype(res, i), out[i]);
	return 0;
}

int db_describe(struct db *db, const struct stmt *s, struct err *e)
{
	Oid oids[BIND_MAX];
	int r = db_ready(db, e);
	if (r < 0)
		return r;
	if (!leave_pipeline(db))
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	/* The unnamed statement: it leaves nothing behind. */
	PGresult *res = PQprepare(db->c, "", s->sql, bind_oids(s->in, oids), oids);
	if (!good(res))
		r = plain_error(res, e);
	PQclear(res);
	if (r == 0) {
		res = PQdescribePrepared(db->c, "");
		r = good(res) ? compare_types(s, res, e) : plain_error(res, e);
		PQclear(res);
	}
	if (PQstatus(db->c) == CONNECTION_BAD || !enter_pipeline(db))
		return err_set(e, db_lost(db, "connection lost"), "%s", db->last.words);
	return r;
}

/* The connection: made when needed, checked when idle, dropped when it misbehaves. */
#include "base/first.h"
#include <fcntl.h>
#include <poll.h>
#include <libpq-fe.h>
#include "store/conn.h"

#define RETRY_FIRST (50 * USEC_PER_MS)
#define RETRY_MAX USEC_PER_SEC
#define SCRATCH_MAX (64 * MiB)

const struct stmt *stmt_at(size_t i)
{
	static const struct stmt *const all[] = {
#define STMT(name) &stmt_##name,
#include "store/statements.def"
	};
	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

struct db *db_new(const struct db_options *o)
{
	struct db *db = xcalloc(1, sizeof *db);
	db->o = *o;
	db->uri = xmalloc(o->uri.n + 1);
	str_copy(db->uri, o->uri.n + 1, o->uri);
	db->app = xstrdup(o->app ? o->app : "kryfto");
	db->role = o->role ? xstrdup(o->role) : NULL;
	if (!db->o.timeout)
		db->o.timeout = 10 * USEC_PER_SEC;
	if (!db->o.connect_timeout)
		db->o.connect_timeout = 2 * USEC_PER_SEC;
	buf_init(&db->scratch, NULL, SCRATCH_MAX);
	return db;
}

static void forget_session(struct db *db)
{
	memset(db->prepared, 0, sizeof db->prepared);
	db->want_write = false;
	db->unsynced = false;
	if (db->in_tx)
		db->tx_lost = true;
	/* What is due will never come; separators and preparations need no answer. */
	unsigned kept = 0;
	struct pending keep[PENDING_MAX];
	for (; ring_front(db); ring_pop(db)) {
		struct pending p = *ring_front(db);
		if (p.kind != PENDING_STMT || p.drop)
			continue;
		p.dead = p.dead ? p.dead : E_UNAVAIL;
		keep[kept++] = p;
	}
	memcpy(db->ring, keep, kept * sizeof *keep);
	db->head = 0;
	db->n = kept;
}

void db_reset(struct db *db)
{
	if (db->c)
		PQfinish(db->c);
	db->c = NULL;
	forget_session(db);
}

void db_free(struct db *db)
{
	if (!db)
		return;
	db_reset(db);
	buf_release(&db->scratch);
	free(db->uri);
	free(db->app);
	free(db->role);
	free(db);
}

void db_freep(struct db **db)
{
	db_free(*db);
}

void db_forget(struct db *db)
{
	int fd = db->c ? PQsocket(db->c) : -1;
	if (fd >= 0) {
		/* PQfinish() says good-bye on the socket, and the session is the parent's: let it talk to nobody. */
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null >= 0) {
			dup3(null, fd, O_CLOEXEC);
			close(null);
		}
	}
	db_reset(db);
	db->n = 0;
	db->in_tx = db->tx_lost = false;
	db->failures = 0;
	db->next_try = 0;
}

int db_lost(struct db *db, const char *words)
{
	if (db->last.code == 0)
		err_set(&db->last, E_UNAVAIL, "the database is away: %s", words ? words : "connection lost");
	db_reset(db);
	return E_UNAVAIL;
}

bool db_connected(const struct db *db)
{
	return db->c != NULL;
}

uint64_t db_generation(const struct db *db)
{
	return db->generation;
}

int db_fd(const struct db *db)
{
	return db->c ? PQsocket(db->c) : -1;
}

bool db_want_write(const struct db *db)
{
	return db->want_write;
}

/* libpq's messages end in a newline and may have several lines; the first one says it. */
static int connect_failed(struct db *db, struct err *e)
{
	char words[200];
	struct str s = str_of(PQerrorMessage(db->c)), line;
	if (!str_split(&s, '\n', &line))
		line = STR("no answer in time");
	str_copy(words, sizeof words, line);
	PQfinish(db->c);
	db->c = NULL;
	usec_t cap = MIN(RETRY_FIRST << MIN(db->failures, 10u), RETRY_MAX);
	db->failures++;
	db->next_try = clock_mono() + (usec_t)rng_below((uint64_t)cap) + USEC_PER_MS;
	err_set(&db->last, E_UNAVAIL, "cannot connect to the database: %s", words);
	return err_set(e, E_UNAVAIL, "%s", db->last.words);
}

static bool connect_poll(struct db *db)
{
	usec_t deadline = clock_mono() + db->o.connect_timeout;
	PostgresPollingStatusType st = PGRES_POLLING_WRITING;
	while (st != PGRES_POLLING_OK && st != PGRES_POLLING_FAILED) {
		struct pollfd p = { .fd = PQsocket(db->c), .events = st == PGRES_POLLING_READING ? POLLIN : POLLOUT };
		usec_t left = deadline - clock_mono();
		if (left <= 0)
			return false;
		int r = poll(&p, 1, (int)(left / USEC_PER_MS) + 1);
		if (r < 0 && errno != EINTR)
			return false;
		if (r > 0)
			st = PQconnectPoll(db->c);
	}
	return st == PGRES_POLLING_OK;
}

/* One round trip for all that a session wants; set_config() takes parameters where SET does not.
 *
 * Plans are made once a connection and kept, often while tables are empty, and a LIMIT in a parameter is taken for a
 * tenth of the table: left to itself the planner scans whole tables for a claim of fifty, or plans each claim anew,
 * which costs more than the claim. Every statement here is written for its indexes, so the session says so
 * (t/unit/store/db_plans.c looks at each plan). */
static bool session_setup(struct db *db)
{
	char timeout[24];
	snprintf(timeout, sizeof timeout, "%" PRId64, db->o.timeout / USEC_PER_MS);
	const char *values[] = { timeout };
	PGresult *res = PQexecParams(db->c,
		"SELECT set_config('search_path', 'kryfto', false), set_config('timezone', 'UTC', false), "
		"set_config('statement_timeout', $1, false), "
		"set_config('idle_in_transaction_session_timeout', '5000', false), set_config('jit', 'off', false), "
		"set_config('client_min_messages', 'error', false), "
		"set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', "
		"false), "
		"set_config('enable_bitmapscan', 'off', false), set_config('enable_hashjoin', 'off', false), "
		"set_config('enable_mergejoin', 'off', false)",
		1, NULL, values, NULL, NULL, 0);
	bool good = PQresultStatus(res) == PGRES_TUPLES_OK;
	PQclear(res);
	if (!good || !db->role)
		return good;
	const char *role[] = { db->role };
	res = PQexecParams(db->c, "SELECT set_config('role', $1, false)", 1, NULL, role, NULL, NULL, 0);
	good = PQresultStatus(res) == PGRES_TUPLES_OK;
	PQclear(res);
	return good;
}

static const char *const listen_sql[CH_COUNT] = {
	[CH_READY] = "LISTEN kryfto_ready",
	[CH_CANCEL] = "LISTEN kryfto_cancel",
	[CH_LOG] = "LISTEN kryfto_log",
	[CH_CONFIG] = "LISTEN kryfto_config",
};
static const char *const channel_names[CH_COUNT] = {
	[CH_READY] = "kryfto_ready",
	[CH_CANCEL] = "kryfto_cancel",
	[CH_LOG] = "kryfto_log",
	[CH_CONFIG] = "kryfto_config",
};

static bool send_listens(struct db *db)
{
	for (int ch = 0; ch < CH_COUNT; ch++) {
		if (!db->listen[ch])
			continue;
		PGresult *res = PQexecParams(db->c, listen_sql[ch], 0, NULL, NULL, NULL, NULL, 0);
		bool good = PQresultStatus(res) == PGRES_COMMAND_OK;
		PQclear(res);
		if (!good)
			return false;
	}
	return true;
}

/* Remarks of the server would go to stderr, and a library does not speak there. What it says to an idle session
 * before it ends it comes this way, too. */
static void on_notice(void *arg, const PGresult *res)
{
	struct db *db = arg;
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
	if (severity && (!strcmp(severity, "FATAL") || !strcmp(severity, "PANIC")))
		db->doomed = true;
}

static int db_connect(struct db *db, struct err *e)
{
	if (db->next_try > clock_mono())
		return err_set(e, E_UNAVAIL, "%s", db->last.code ? db->last.words : "the database is away");
	/* Entries behind dbname win over what the URI says. */
	const char *keys[] = { "dbname", "application_name", "client_encoding", "fallback_application_name", NULL };
	const char *values[] = { db->uri, db->app, "UTF8", "kryfto", NULL };
	db->doomed = false;
	db->c = PQconnectStartParams(keys, values, 1);
	if (!db->c)
		die("out of memory");
	PQsetNoticeReceiver(db->c, on_notice, db);
	if (PQstatus(db->c) == CONNECTION_BAD || !connect_poll(db) || !session_setup(db) || !send_listens(db) ||
		!PQenterPipelineMode(db->c) || PQsetnonblocking(db->c, 1) < 0)
		return connect_failed(db, e);
	fcntl(PQsocket(db->c), F_SETFD, FD_CLOEXEC);
	db->failures = 0;
	db->next_try = 0;
	db->last.code = 0;
	db->generation++;
	return 0;
}

int db_ready(struct db *db, struct err *e)
{
	if (db->c && !db->n) {
		/* A server that went away while we were idle has left its word or an end of file. */
		struct pollfd p = { .fd = PQsocket(db->c), .events = POLLIN | POLLRDHUP };
		if (poll(&p, 1, 0) > 0) {
			bool alive = PQconsumeInput(db->c);
			PQisBusy(db->c); /* reads the messages that came */
			alive = alive && PQstatus(db->c) == CONNECTION_OK && !db->doomed;
			if (!alive || (p.revents & (POLLHUP | POLLERR | POLLRDHUP)))
				db_lost(db, "the server closed the connection");
		}
	}
	if (db->c)
		return 0;
	if (db->tx_lost)
		return err_set(e, E_UNAVAIL, "the transaction was lost with its connection");
	return db_connect(db, e);
}

int db_wait(struct db *db, usec_t deadline, struct err *e)
{
	int left = PQflush(db->c);
	if (left < 0)
		return err_set(e, db_lost(db, "send failed"), "%s", db->last.words);
	db->want_write = left > 0;
	usec_t wait = deadline - clock_mono();
	struct pollfd p = { .fd = PQsocket(db->c), .events = (short)(POLLIN | (left ? POLLOUT : 0)) };
	int r = wait <= 0 ? 0 : poll(&p, 1, (int)(wait / USEC_PER_MS) + 1);
	if (r < 0 && errno == EINTR)
		return 0;
	if (r == 0) {
		db_lost(db, "no answer in time");
		return err_set(e, E_TIMEOUT, "the database did not answer in time");
	}
	if (r < 0 || !PQconsumeInput(db->c))
		return err_set(e, db_lost(db, "connection lost"), "%s", db->last.words);
	return 0;
}

/* --- notifications --- */

int db_listen(struct db *db, enum db_channel ch, struct err *e)
{
	db->listen[ch] = true;
	/* LISTEN takes no part in pipelines of others; a fresh session sends all of them. */
	if (db->c) {
		db_drain(db);
		if (!db->c)
			return db_ready(db, e);
		if (!PQexitPipelineMode(db->c) || PQsetnonblocking(db->c, 0) < 0 || !send_listens(db) ||
			!PQenterPipelineMode(db->c) || PQsetnonblocking(db->c, 1) < 0)
			return err_set(e, db_lost(db, "LISTEN failed"), "%s", db->last.words);
	}
	return db_ready(db, e);
}

int db_notice(struct db *db, struct arena *a, struct db_notice *ret)
{
	PGnotify *n;
	while (db->c && (n = PQnotifies(db->c))) {
		for (int ch = 0; ch < CH_COUNT; ch++) {
			if (strcmp(n->relname, channel_names[ch]) != 0)
				continue;
			*ret = (struct db_notice){ .channel = ch, .payload = arena_str(a, str_of(n->extra)) };
			PQfreemem(n);
			return 1;
		}
		PQfreemem(n);
	}
	return 0;
}

DEFINE_STMT(db_notify, "tt", "o", "SELECT pg_notify($1, $2) IS NULL");

int db_notify_send(struct db *db, enum db_channel ch, struct str payload, struct err *e)
{
	if (payload.n > 7900)
		return err_set(e, E_LIMIT, "notification is too long");
	return stmt_send(db, &stmt_db_notify, ARGS(A_CSTR(channel_names[ch]), A_STR(payload.p ? payload : STR(""))), e);
}

int db_notify_recv(struct db *db, struct err *e)
{
	return stmt_recv_none(db, &stmt_db_notify, e);
}

int db_notify(struct db *db, enum db_channel ch, struct str payload, struct err *e)
{
	int r = db_notify_send(db, ch, payload, e);
	if (r == E_LIMIT)
		return r;
	db_sync(db, NULL);
	return db_notify_recv(db, e);
}

/* --- connection strings --- */

struct str db_uri_public(struct arena *a, struct str uri)
{
	char *err = NULL, *copy = arena_cstr(a, uri);
	PQconninfoOption *all = PQconninfoParse(copy, &err);
	struct buf b;
	buf_init(&b, a, 8 * KiB);
	if (!all)
		buf_addz(&b, "[unreadable connection string]");
	PQfreemem(err);
	for (PQconninfoOption *o = all; o && o->keyword; o++) {
		/* dispchar "*" marks passwords. */
		if (!o->val || (o->dispchar && o->dispchar[0] == '*') || str_is(str_of(o->keyword), "sslkey"))
			continue;
		buf_addf(&b, "%s%s=%s", b.n ? " " : "", o->keyword, o->val);
	}
	PQconninfoFree(all);
	return buf_str(&b);
}

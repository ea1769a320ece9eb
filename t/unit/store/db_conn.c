/* The connection itself: pipelines, transactions, errors, notifications, loss and return. */
#include "fixture.h"
#include <poll.h>
#include <sys/wait.h>
#include "store/conn.h"
#include "store/limits.h"
#include "store/projects.h"

static const uint8_t hash[32] = { 1, 2, 3 };
#define NO_JOB STR("550e8400-e29b-41d4-a716-446655440000")

static void test_pipeline(void)
{
	struct principal p;
	struct job j;
	struct rate_limits l;
	token_auth_send(db, hash, &err);
	job_get_send(db, NO_JOB, &err);
	limits_get_send(db, &err);
	good(db_sync(db, &err), "sync");
	is_int(token_auth_recv(db, &arena, &p, &err), E_UNAUTH, "unknown token");
	is_int(job_get_recv(db, &arena, &j, &err), E_NOTFOUND, "unknown job");
	good(limits_get_recv(db, &l, &err), "and the third answer");
	is_int(l.rpm[TOKEN_ADMIN], 500, "with what it holds");

	/* A send that fails has its error wait for the recv. */
	token_auth_send(db, hash, &err);
	is_int(job_get_send(db, STR("no-uuid"), &err), E_NOTFOUND, "an id that is no uuid");
	limits_get_send(db, &err);
	db_sync(db, &err);
	is_int(token_auth_recv(db, &arena, &p, &err), E_UNAUTH, "the one before it answers");
	is_int(job_get_recv(db, &arena, &j, &err), E_NOTFOUND, "it answers with its error");
	good(limits_get_recv(db, &l, &err), "the one behind it answers");

	/* Answers nobody wants. */
	token_auth_send(db, hash, &err);
	job_get_send(db, NO_JOB, &err);
	db_sync(db, &err);
	db_drop(db);
	is_int(job_get_recv(db, &arena, &j, &err), E_NOTFOUND, "a dropped answer is skipped");
	token_auth_send(db, hash, &err);
	job_get_send(db, NO_JOB, &err);
	db_drain(db);
	good(db_ping(db, &err), "drained, and in order again");
	is_int(job_get_recv(db, &arena, &j, &err), E_UNAVAIL, "nothing is due");
}

/* An error takes its transaction down, not the next one. */
static void test_errors(void)
{
	struct rate_limits l;
	struct project p;
	char long_name[300];
	memset(long_name, 'x', sizeof long_name);
	const struct audit bad = { .project = STR("default"), .role = STR("admin"),
		.request_id = str_n(long_name, sizeof long_name) };
	audit_add_send(db, &bad, STR("a"), STR("b"), STR("c"), &err);
	limits_get_send(db, &err);
	db_sync(db, &err);
	err.words[0] = 0;
	is_int(audit_add_recv(db, &err), E_INVALID, "a check fails: %s", err.words);
	ok(strstr(err.words, "23514") != NULL, "the words name the SQLSTATE");
	is_int(limits_get_recv(db, &l, &err), E_INVALID, "its companions fail with the same");
	good(limits_get(db, &l, &err), "the next transaction does not");
	is_int(project_create(db, &arena, STR("p\xff"), STR("n"), &nobody, &p, &err), E_INVALID, "bad UTF-8");
	is_int(project_create(db, &arena, str_n("p\0", 2), STR("n"), &nobody, &p, &err), E_INVALID, "NUL");
	good(project_create(db, &arena, STR("p1"), STR("n"), &nobody, &p, &err), "a project");
	is_int(project_create(db, &arena, STR("p1"), STR("other"), &nobody, &p, &err), E_EXISTS, "once only");
	is_str(p.name, "n", "what is there stays and is told");
}

static void test_transactions(void)
{
	struct project p;
	good(db_begin(db, &err), "begin");
	good(project_create(db, &arena, STR("t1"), STR("n"), &nobody, &p, &err), "inside");
	db_rollback(db);
	is_int(project_get(db, &arena, STR("t1"), &p, &err), E_NOTFOUND, "rolled back");
	good(db_begin(db, &err), "begin");
	good(project_create(db, &arena, STR("t2"), STR("n"), &nobody, &p, &err), "inside");
	good(db_commit(db, &err), "commit");
	good(project_get(db, &arena, STR("t2"), &p, &err), "there");
	good(db_begin(db, &err), "begin");
	is_int(audit_add(db, &(struct audit){ 0 }, STR("a"), STR("b"), STR("c"), &err), E_INVALID, "an error inside");
	is_int(db_commit(db, &err), E_CONFLICT, "such a transaction cannot commit");
	good(db_ping(db, &err), "and leaves the connection usable");
	db_rollback(db);
	good(db_begin(db, &err), "begin");
	good(project_create(db, &arena, STR("t3"), STR("n"), &nobody, &p, &err), "inside");
	db_reset(db);
	is_int(project_create(db, &arena, STR("t4"), STR("n"), &nobody, &p, &err), E_UNAVAIL,
		"a transaction that lost its connection does nothing more");
	is_int(db_commit(db, &err), E_UNAVAIL, "nor does it commit");
	is_int(project_get(db, &arena, STR("t3"), &p, &err), E_NOTFOUND, "nothing of it remains");
}

static bool wait_notice(struct db *listener, struct db_notice *ret)
{
	usec_t end = clock_mono() + 5 * USEC_PER_SEC;
	while (clock_mono() < end) {
		if (db_notice(listener, &arena, ret))
			return true;
		struct pollfd p = { .fd = db_fd(listener), .events = POLLIN };
		poll(&p, 1, 100);
		if (db_poll(listener, NULL) < 0)
			db_ready(listener, NULL);
	}
	return false;
}

static void test_notify(void)
{
	struct db_notice n = { 0 };
	_cleanup_db_ struct db *listener = fixture_connect("kryfto_crawler");
	good(db_listen(listener, CH_CANCEL, &err), "listen");
	good(db_listen(listener, CH_LOG, &err), "to a second channel");
	is_int(db_notice(listener, &arena, &n), 0, "nothing yet");
	good(db_notify(db, CH_CONFIG, STR("limits"), &err), "notify on a third");
	good(db_notify(db, CH_CANCEL, STR("job-1"), &err), "notify");
	ok(wait_notice(listener, &n), "it arrives");
	is_int(n.channel, CH_CANCEL, "on its channel");
	is_str(n.payload, "job-1", "with its payload");
	good(db_ping(listener, &err), "the listener can also ask");
	uint64_t g = db_generation(listener);
	db_reset(listener);
	good(db_ready(listener, &err), "after a loss");
	ok(db_generation(listener) != g, "the generation tells");
	good(db_notify(db, CH_LOG, STR("x"), &err), "notify");
	ok(wait_notice(listener, &n) && n.channel == CH_LOG, "it listens again");
	char big[8000];
	memset(big, 'x', sizeof big);
	is_int(db_notify(db, CH_LOG, str_n(big, sizeof big), &err), E_LIMIT, "too long a payload");
}

/* Ends the server side of `victim`. */
static void terminate(struct db *victim)
{
	char sql[100];
	db_ping(victim, NULL);
	snprintf(sql, sizeof sql,
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'");
	run_sql(sql);
}

static void test_loss(void)
{
	struct rate_limits l;
	_cleanup_db_ struct db *v = db_new(
		&(struct db_options){ .uri = str_of(getenv("KRYFTO_TEST_PGURI")), .app = "victim" });
	good(limits_get(v, &l, &err), "a query");
	uint64_t g = db_generation(v);
	terminate(v);
	/* The end of the backend is asynchronous; poll until the socket says so. */
	struct pollfd p = { .fd = db_fd(v), .events = POLLIN | POLLRDHUP };
	poll(&p, 1, 5000);
	good(limits_get(v, &l, &err), "a connection that died while idle is replaced before use");
	ok(db_generation(v) == g + 1, "by one new connection");

	limits_get_send(v, &err);
	limits_get_send(v, &err);
	db_reset(v);
	is_int(limits_get_recv(v, &l, &err), E_UNAVAIL, "in flight at the loss");
	is_int(limits_get_recv(v, &l, &err), E_UNAVAIL, "both of them");
	good(limits_get(v, &l, &err), "then it works again");
}

static void test_fork(void)
{
	struct rate_limits l;
	int status = -1;
	good(limits_get(db, &l, &err), "before the fork");
	pid_t pid = fork();
	if (pid == 0) {
		db_forget(db);
		int rc = limits_get(db, &l, NULL);
		db_reset(db);
		_exit(rc == 0 ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	is_int(status, 0, "the child has a connection of its own");
	uint64_t g = db_generation(db);
	good(limits_get(db, &l, &err), "the parent's still works");
	ok(db_generation(db) == g, "and is the same");
}

static void test_async(void)
{
	struct rate_limits l;
	int r = 0;
	limits_get_send(db, &err);
	db_sync(db, &err);
	for (int i = 0; i < 500 && r == 0; i++) {
		struct pollfd p = { .fd = db_fd(db), .events = POLLIN };
		poll(&p, 1, 10);
		r = db_poll(db, &err);
	}
	is_int(r, 1, "db_poll() tells that an answer is there");
	good(limits_get_recv(db, &l, &err), "and it is");
	is_int(db_poll(db, &err), 0, "nothing more");
}

static void test_timeout(void)
{
	_cleanup_db_ struct db *slow = db_new(&(struct db_options){ .uri = str_of(getenv("KRYFTO_TEST_PGURI")),
		.app = "slow", .timeout = 50 * USEC_PER_MS });
	const struct stmt s = { .id = STMT_db_ping, .name = "nap", .in = "", .out = "l",
		.sql = "SELECT count(pg_sleep(3))" };
	is_int(stmt_run_none(slow, &s, NULL, 0, &err), E_TIMEOUT, "statement_timeout: %s", err.words);
	ok(db_connected(slow), "the connection stays");
}

/* A ring's worth of statements in one pipeline, rows larger than socket buffers both ways. */
static void test_large(void)
{
	struct audit_row *rows;
	size_t n;
	char *big = xmalloc(16 * KiB);
	memset(big, 'x', 16 * KiB);
	memcpy(big, "{\"k\":\"", 6);
	memcpy(big + 16 * KiB - 2, "\"}", 2);
	const struct audit who = { .project = STR("big"), .role = STR("admin"), .details = str_n(big, 16 * KiB) };
	int failed = 0;
	for (int i = 0; i < 100; i++)
		failed += audit_add_send(db, &who, STR("a"), STR("b"), STR("c"), &err) < 0;
	db_sync(db, &err);
	for (int i = 0; i < 100; i++)
		failed += audit_add_recv(db, &err) < 0;
	is_int(failed, 0, "100 statements of 16 KiB in one pipeline");
	good(audit_list(db, &arena, &(struct audit_filter){ .project = STR("big"), .limit = 1000 }, &rows, &n, &err),
		"read back");
	is_int(n, 100, "all of them");
	is_int(rows[99].details.n, 16 * KiB, "whole");
	ok(rows[0].id > rows[1].id, "newest first");
	free(big);
}

int main(void)
{
	fixture_open(NULL);
	test_pipeline();
	test_errors();
	test_transactions();
	test_notify();
	test_loss();
	test_fork();
	test_async();
	test_timeout();
	test_large();
	return fixture_close();
}

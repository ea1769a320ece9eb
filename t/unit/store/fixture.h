/* For the store's tests that need a database: a connection, an arena, and short ways to make rows. */
#ifndef KRYFTO_T_UNIT_STORE_FIXTURE_H
#define KRYFTO_T_UNIT_STORE_FIXTURE_H

#include "base/first.h"
#include "crypto/digest.h"
#include "store/queue.h"
#include "store/stmt.h"
#include "../tap.h"

static struct arena arena;
static struct db *db;    /* in the role under test */
static struct db *owner; /* who may look at everything */
static struct err err;

static inline struct db *fixture_connect(const char *role)
{
	const char *uri = getenv("KRYFTO_TEST_PGURI");
	if (!uri)
		die("KRYFTO_TEST_PGURI is not set; run this through t/it/store.t");
	return db_new(&(struct db_options){ .uri = str_of(uri),
		.app = "store-test",
		.role = role,
		.connect_timeout = 20 * USEC_PER_SEC });
}

static inline void fixture_open(const char *role)
{
	arena_init(&arena, 0);
	db = fixture_connect(role);
	owner = fixture_connect(NULL);
}

static inline int fixture_close(void)
{
	db_free(db);
	db_free(owner);
	arena_release(&arena);
	return done_testing();
}

/* 0 expected; shows the words otherwise. */
#define good(call, ...)                                                     \
	do {                                                                \
		err = (struct err){ 0 };                                    \
		int good_rc = (call);                                       \
		if (!ok(good_rc == 0, __VA_ARGS__))                         \
			printf("#   %s: %s\n", err_name(good_rc), err.words); \
	} while (0)

/* One integer of a query; a fresh statement each, so not prepared under a name that stays. */
static inline int64_t ask(const char *sql)
{
	_cleanup_rows_ struct rows r = { 0 };
	db_reset(owner); /* the id below is borrowed, so forget what is prepared under it */
	const struct stmt s = { .id = STMT_db_ping, .name = "ask", .in = "", .out = "l", .sql = sql };
	struct err e = { 0 };
	if (stmt_run(owner, &s, NULL, 0, &r, &e) < 0 || !r.n) {
		printf("# %s: %s\n", sql, e.words);
		db_reset(owner);
		return -1;
	}
	int64_t v = row_int(&r, 0, 0);
	db_reset(owner);
	return v;
}

/* Runs text that gives no rows. */
static inline void run_sql(const char *sql)
{
	struct err e = { 0 };
	if (db_script(owner, sql, &e) < 0)
		printf("# %s: %s\n", sql, e.words);
}

static const struct audit nobody = { .project = STR_INIT("default"), .role = STR_INIT("admin"),
	.request_id = STR_INIT("req-1"), .ip = STR_INIT("127.0.0.1") };

static inline struct job_new a_job(const char *url)
{
	return (struct job_new){ .project = STR("default"), .url = str_of(url), .request = STR("{\"url\": \"x\"}"),
		.request_id = STR("req-1"), .max_attempts = 3, .timeout = 60 * USEC_PER_SEC };
}

#endif

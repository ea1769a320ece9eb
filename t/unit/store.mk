EXTRA_DIST += t/unit/store/fixture.h

STORE_TEST_LIBS = $(STORE_LIBS) $(CRYPTO_LIBS) $(JSON_LIBS) $(BASE_LIBS) -lm

check_PROGRAMS += t/unit/store/test_bind
t_unit_store_test_bind_SOURCES = t/unit/store/test_bind.c
t_unit_store_test_bind_LDADD = $(STORE_TEST_LIBS)

# These need a database: t/it/store.t gives each a migrated one of its own in KRYFTO_TEST_PGURI.
STORE_DB_TESTS = \
	t/unit/store/db_conn \
	t/unit/store/db_crawls \
	t/unit/store/db_jobs \
	t/unit/store/db_plans \
	t/unit/store/db_queue \
	t/unit/store/db_tokens \
	t/unit/store/db_upkeep
check_PROGRAMS += $(STORE_DB_TESTS)
t_unit_store_db_conn_SOURCES = t/unit/store/db_conn.c
t_unit_store_db_conn_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_crawls_SOURCES = t/unit/store/db_crawls.c
t_unit_store_db_crawls_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_jobs_SOURCES = t/unit/store/db_jobs.c
t_unit_store_db_jobs_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_plans_SOURCES = t/unit/store/db_plans.c
t_unit_store_db_plans_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_queue_SOURCES = t/unit/store/db_queue.c
t_unit_store_db_queue_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_tokens_SOURCES = t/unit/store/db_tokens.c
t_unit_store_db_tokens_LDADD = $(STORE_TEST_LIBS)
t_unit_store_db_upkeep_SOURCES = t/unit/store/db_upkeep.c
t_unit_store_db_upkeep_LDADD = $(STORE_TEST_LIBS)

# The load of t/it/queue_crash.t.
check_PROGRAMS += t/unit/store/crash_load
t_unit_store_crash_load_SOURCES = t/unit/store/crash_load.c
t_unit_store_crash_load_LDADD = $(STORE_TEST_LIBS)

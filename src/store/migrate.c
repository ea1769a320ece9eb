/* Migrations: each once, under a lock, with its hash on record. */
#include "base/first.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "store/migrate.h"
#include "store/stmt.h"

/* Generated from sql/NNN_*.sql by sql/embed.sh. */
extern const struct migration migration_list[];
extern const size_t migration_count;

const struct migration *migrations(size_t *ret_n)
{
	*ret_n = migration_count;
	return migration_list;
}

/* Statements of this file run when the tables they name may not exist, so they are prepared only after a look. */
DEFINE_STMT(migrate_lock, "", "o", "SELECT pg_advisory_lock(hashtextextended('kryfto.migrate', 0)) IS NULL");
DEFINE_STMT(migrate_unlock, "", "o", "SELECT pg_advisory_unlock(hashtextextended('kryfto.migrate', 0))");
DEFINE_STMT(migrate_exists, "", "o", "SELECT to_regclass('kryfto.schema_migration') IS NOT NULL");
DEFINE_STMT(migrate_list, "", "ibz", "SELECT version, sha256, applied_at FROM schema_migration ORDER BY version");
DEFINE_STMT(migrate_record, "itbl", "",
	"INSERT INTO schema_migration (version, name, sha256, elapsed_us) VALUES ($1, $2, $3, $4)");

static const char bootstrap_sql[] =
	"BEGIN;"
	"CREATE SCHEMA IF NOT EXISTS kryfto;"
	"CREATE TABLE IF NOT EXISTS kryfto.schema_migration ("
	"version integer PRIMARY KEY, name text NOT NULL, sha256 bytea NOT NULL CHECK (length(sha256) = 32), "
	"applied_at timestamptz NOT NULL DEFAULT now(), elapsed_us bigint NOT NULL);"
	"COMMIT";

static int exists(struct db *db, bool *ret, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_migrate_exists, NULL, 0, &r, e);
	if (rc == 0)
		*ret = row_bool(&r, 0, 0);
	return rc;
}

/* Marks in `at` what is on record and compares hashes. */
static int compare(struct db *db, struct migration_state *at, size_t n, struct err *e)
{
	_cleanup_rows_ struct rows r = { 0 };
	int rc = stmt_run(db, &stmt_migrate_list, NULL, 0, &r, e);
	for (int i = 0; rc == 0 && i < r.n; i++) {
		uint8_t want[32], have[32];
		int64_t version = row_int(&r, i, 0);
		size_t k = 0;
		while (k < n && at[k].m->version != version)
			k++;
		if (k == n)
			return err_set(e, E_CONFLICT,
				"the database has migration %03" PRId64 ", which this program does not know: "
				"it is older than the database",
				version);
		sha256(at[k].m->sql, want);
		row_sha256(&r, i, 1, have);
		if (memcmp(want, have, sizeof want) != 0)
			return err_set(
				e, E_CONFLICT, "migration %s was changed after it had been applied", at[k].m->name);
		at[k].applied = true;
		at[k].applied_at = row_time(&r, i, 2);
	}
	return rc;
}

int migrate_status(struct db *db, struct arena *a, struct migration_state **ret, size_t *ret_n, struct err *e)
{
	bool there = false;
	struct migration_state *at = arena_array(a, struct migration_state, migration_count);
	for (size_t i = 0; i < migration_count; i++)
		at[i].m = &migration_list[i];
	int rc = exists(db, &there, e);
	if (rc == 0 && there)
		rc = compare(db, at, migration_count, e);
	if (rc < 0)
		return rc;
	*ret = at;
	*ret_n = migration_count;
	return 0;
}

static int apply(struct db *db, const struct migration *m, struct err *e)
{
	uint8_t hash[32];
	struct err why = { 0 };
	usec_t start = clock_mono();
	sha256(m->sql, hash);
	int rc = db_script(db, "BEGIN; SET LOCAL search_path = kryfto", &why);
	if (rc == 0)
		rc = db_script(db, m->sql.p, &why);
	if (rc == 0)
		rc = stmt_run_none(db, &stmt_migrate_record,
			ARGS(A_INT(m->version), A_CSTR(m->name), A_BYTES(hash, sizeof hash),
				A_INT(clock_mono() - start)),
			&why);
	if (rc == 0)
		rc = db_script(db, "COMMIT", &why);
	if (rc < 0) {
		db_script(db, "ROLLBACK", NULL);
		return err_set(e, rc, "migration %s: %.180s", m->name, why.words);
	}
	return 0;
}

static int apply_all(struct db *db, struct arena *a, size_t *ret_applied, struct err *e)
{
	struct migration_state *at;
	size_t n, applied = 0;
	int rc = db_script(db, bootstrap_sql, e);
	if (rc == 0)
		rc = migrate_status(db, a, &at, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!at[i].applied && (rc = apply(db, at[i].m, e)) == 0)
			applied++;
	if (rc == 0)
		*ret_applied = applied;
	return rc;
}

int migrate_run(struct db *db, size_t *ret_applied, struct err *e)
{
	struct arena a;
	int rc = stmt_run_none(db, &stmt_migrate_lock, NULL, 0, e);
	if (rc < 0)
		return rc;
	arena_init(&a, 0);
	rc = apply_all(db, &a, ret_applied, e);
	stmt_run_none(db, &stmt_migrate_unlock, NULL, 0, NULL); /* a lost connection has let go of it */
	arena_release(&a);
	return rc;
}

int migrate_check(struct db *db, struct err *e)
{
	struct arena a;
	struct migration_state *at;
	size_t n;
	arena_init(&a, 0);
	int rc = migrate_status(db, &a, &at, &n, e);
	for (size_t i = 0; rc == 0 && i < n; i++)
		if (!at[i].applied)
			rc = err_set(
				e, E_UNAVAIL, "the database lacks migration %s: run kryftoctl migrate", at[i].m->name);
	arena_release(&a);
	return rc;
}

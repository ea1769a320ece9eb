/*
 * Migrations: sql/NNN_name.sql, compiled into the binary so that a daemon and its schema cannot be installed apart.
 * Each runs once, in its own transaction, under one advisory lock; its SHA-256 is recorded. A recorded file whose
 * text has changed since stops everything: published migrations are never edited.
 */
#ifndef KRYFTO_STORE_MIGRATE_H
#define KRYFTO_STORE_MIGRATE_H

#include "store/db.h"

struct migration {
	int32_t version;
	const char *name; /* "001_base" */
	struct str sql;
};
const struct migration *migrations(size_t *ret_n);

struct migration_state {
	const struct migration *m;
	bool applied;
	usec_t applied_at;
};
/* `ret` holds one entry for each known migration, in order; absent tables mean none applied. E_CONFLICT: a recorded
 * hash differs, or the database knows a newer version. */
int migrate_status(struct db *db, struct arena *a, struct migration_state **ret, size_t *ret_n, struct err *e);
/* Applies what is missing; `ret_applied` counts. Waits for a run elsewhere. Needs a login that may create schemas
 * and, unless they exist, the roles kryfto_api, kryfto_crawler and kryfto_ops. */
int migrate_run(struct db *db, size_t *ret_applied, struct err *e);
/* For daemons at their start: 0 when the schema is the one this binary was built with; E_UNAVAIL with the remedy. */
int migrate_check(struct db *db, struct err *e);

#endif

/* Proof that every statement of the project fits the migrated schema: `kryftoctl check-sql`. */
#ifndef KRYFTO_STORE_CHECK_H
#define KRYFTO_STORE_CHECK_H

#include "store/db.h"

/* PREPAREs each statement and compares parameter and column types with what the C side binds and reads. Calls `bad`
 * for each misfit. Returns 0 or E_INVALID; `ret_n` counts the statements. */
int check_sql(struct db *db, void (*bad)(void *arg, const char *name, const char *words), void *arg, size_t *ret_n,
	      struct err *e);

#endif

/* Every statement against the schema. */
#include "base/first.h"
#include "store/check.h"
#include "store/stmt.h"

int check_sql(struct db *db, void (*bad)(void *arg, const char *name, const char *words), void *arg, size_t *ret_n,
	      struct err *e)
{
	const struct stmt *s;
	size_t n = 0, wrong = 0;
	for (; (s = stmt_at(n)); n++) {
		struct err why = { 0 };
		int rc = db_describe(db, s, &why);
		if (rc == 0)
			continue;
		if (rc == E_UNAVAIL || rc == E_TIMEOUT)
			return err_set(e, rc, "%s", why.words);
		wrong++;
		bad(arg, s->name, why.words);
	}
	*ret_n = n;
	return wrong ? err_set(e, E_INVALID, "%zu of %zu statements do not fit the schema", wrong, n) : 0;
}

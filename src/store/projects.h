/* Projects: the tenant boundary. The id is a word (1..255 characters), as clients send it. */
#ifndef KRYFTO_STORE_PROJECTS_H
#define KRYFTO_STORE_PROJECTS_H

#include "store/audit.h"

struct project {
	struct str id, name;
	usec_t created_at;
};

/* `ret` is the row as it stands; E_EXISTS with `ret` filled when the id was there (nothing is changed).
 * Audit: admin.project.create. */
int project_create(struct db *db, struct arena *a, struct str id, struct str name, const struct audit *who,
		   struct project *ret, struct err *e);
int project_get(struct db *db, struct arena *a, struct str id, struct project *ret, struct err *e);
/* `only` absent: all. By id. limit 1..1000. */
int project_list(struct db *db, struct arena *a, struct str only, int64_t offset, int64_t limit,
		 struct project **ret, size_t *ret_n, struct err *e);

#endif

/* Recipes that projects keep: reusable extraction templates, unique by id within a project. */
#ifndef KRYFTO_STORE_RECIPES_H
#define KRYFTO_STORE_RECIPES_H

#include "store/audit.h"

struct recipe_row {
	struct str id;
	struct str definition; /* JSON, as it was checked and normalised */
	usec_t created_at, updated_at;
};

/* Of one project, oldest first; limit 1..10000. `_send` and `_recv` may share a round trip with the token. */
int recipe_list_send(struct db *db, struct str project, int64_t limit, struct err *e);
int recipe_list_recv(struct db *db, struct arena *a, struct recipe_row **ret, size_t *ret_n, struct err *e);
int recipe_list(struct db *db, struct arena *a, struct str project, int64_t limit, struct recipe_row **ret,
	size_t *ret_n, struct err *e);
/* E_NOTFOUND. */
int recipe_get(struct db *db, struct arena *a, struct str project, struct str id, struct recipe_row *ret,
	struct err *e);

struct recipe_put {
	struct str project, id, name, version, definition;
};
/* Creates or replaces. Audit: recipe.upsert. */
int recipe_upsert(struct db *db, const struct recipe_put *r, const struct audit *who, bool *ret_created,
	struct err *e);
/* E_NOTFOUND. Audit: recipe.delete. */
int recipe_delete(struct db *db, struct str project, struct str id, const struct audit *who, struct err *e);

#endif

/*
 * The recipes that a project sees: built-in ones, those of files in KRYFTO_RECIPES_DIR, its own in the
 * database; of one id the later wins and keeps the place of the first. Each worker keeps what it read:
 * files are looked at anew every 2 s, rows when a worker of this host changed some or after 2 s.
 */
#ifndef KRYFTO_API_RECIPES_H
#define KRYFTO_API_RECIPES_H

#include "http/call.h"
#include "url/url.h"

#define RECIPE_PATTERNS_MAX 100
#define RECIPE_FILES_MAX 1000

enum recipe_origin { RECIPE_BUILTIN, RECIPE_FILE, RECIPE_ROW };

struct glob;

struct recipe {
	struct str id;
	enum recipe_origin origin;
	const struct json *def;   /* checked, with defaults */
	struct glob **patterns;
	size_t n_patterns;
};

struct recipe_list {
	const struct recipe **at;
	size_t n;
};

extern const struct schema recipe_s; /* in collect/contract_recipes.c */

/* Makes a recipe of a definition that passed recipe_s. 0, or E_LIMIT for a pattern with too many alternatives. */
int recipe_make(struct arena *a, const struct json *def, enum recipe_origin origin, struct recipe *ret, struct err *e);

/* All that the caller's project sees. The list is in the call's arena, the recipes live until the next call. */
int recipes_of(struct call *c, struct recipe_list *ret);
/* NULL when there is none. */
const struct recipe *recipes_find(const struct recipe_list *l, struct str id);
/* The first whose patterns match. */
const struct recipe *recipes_match(struct arena *a, const struct recipe_list *l, struct str url);
/* To be called after a row was written or removed: workers of this host read anew. */
void recipes_changed(struct call *c);

/* --- recipe_files.c --- */
struct recipe_files;
/* What lies in `dir` (recursively; .yaml, .yml, .json), read anew when something changed. Files that are no recipe
 * are skipped with a warning in the log. */
struct recipe_files *recipe_files_new(void);
void recipe_files_free(struct recipe_files *f); /* NULL is fine */
void recipe_files_look(struct recipe_files *f, struct str dir, const struct recipe **ret, size_t *ret_n);

/* --- recipes_builtin.c --- */
extern const char *const recipes_builtin[]; /* JSON texts, NULL at the end */

#endif

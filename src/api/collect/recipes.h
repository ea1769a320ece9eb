/* Recipes: reusable extraction templates that match URLs by pattern. */
#ifndef KRYFTO_API_COLLECT_RECIPES_H
#define KRYFTO_API_COLLECT_RECIPES_H

#include "api/recipes.h"

struct recipe_body {
	struct str id, name, version, description;
	const struct json *match; /* {"patterns":[…]} */
	bool requiresBrowser;
	const struct json *steps, *extraction, *throttling;
	struct str pluginPath;
};
struct recipe_param {
	struct str recipeId;
};

int run_list_recipes(struct call *c);
int run_get_recipe(struct call *c);
int run_put_recipe(struct call *c);
int run_delete_recipe(struct call *c);
int run_validate_recipe(struct call *c);

/* The request of a job with what its recipe supplies put in: steps if it has none, extraction if it has none,
 * requiresBrowser if it does not say. The recipe is the one that `recipeId` names, else the first that matches.
 * `ret` is the request itself when there is none. 0, 404 RECIPE_NOT_FOUND, or a database's error. */
int recipe_apply(struct call *c, const struct json *request, const struct json **ret);

#endif

#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/recipes.h"
#include "api/collect/shapes.h"
#include "api/collect/steps.h"
#include "api/session.h"
#include "url/glob.h"

static const struct schema recipe_id_s = { S_STRING, .string = { .min = 1, .max = 128 } };
static const struct schema version_s = { S_STRING, .string = { .min = 1, .max = 64 } };
static const struct schema description_s = { S_STRING, .string = { .max = 4096 } };
static const struct schema pattern_s = { S_STRING, .string = { .min = 1, .max = GLOB_PATTERN_MAX } };
static const struct schema delay_s = { S_INTEGER, .integer = { 0, 3600000, true } };
static const struct schema hint_s = { S_INTEGER, .integer = { 1, 1000 } };

/* Braces multiply: a short pattern can stand for very many. */
static void patterns_compile(const struct json *v, struct issues *is)
{
	for (uint32_t i = 0; i < v->n; i++) {
		struct glob *g;
		struct err e = { 0 };
		if (glob_compile(is->arena, v->items[i]->s, &g, &e) == 0)
			continue;
		is->path[is->depth++] = (struct path_part){ .index = i };
		issue_add(is, "custom", STR_NULL, "Invalid pattern: %s", e.words);
		is->depth--;
	}
}
static const struct schema patterns_s = { S_ARRAY, .refine = patterns_compile,
	.array = { &pattern_s, 1, RECIPE_PATTERNS_MAX } };
static const struct schema match_s = { OBJECT(HAS("patterns", &patterns_s)) };
static const struct schema throttling_s = {
	.component = "Throttling",
	OBJECT(MAY("minDelayMs", &delay_s), MAY("concurrencyHint", &hint_s)),
};

const struct schema recipe_s = {
	.kind = S_OBJECT,
	.component = "Recipe",
	.object = { .size = sizeof(struct recipe_body), .fields = (const struct field[]){
		STRF(struct recipe_body, id, &recipe_id_s, .required = true, .doc = "Unique within the project"),
		STRF(struct recipe_body, name, &name_s, .required = true, .doc = "Display name"),
		STRF(struct recipe_body, version, &version_s, .required = true),
		STRF(struct recipe_body, description, &description_s),
		JSONF(struct recipe_body, match, &match_s, .required = true,
			.doc = "Globs: with a scheme against the whole URL, else against host and path"),
		BOOLF(struct recipe_body, requiresBrowser, &bool_s, .fallback = "false"),
		JSONF(struct recipe_body, steps, &steps_s),
		JSONF(struct recipe_body, extraction, &extraction_s),
		JSONF(struct recipe_body, throttling, &throttling_s),
		STRF(struct recipe_body, pluginPath, &name_s, .doc = "Name of a plugin in the server's plugin folder"),
		FIELDS_END } },
};

static const struct schema recipes_s = { S_ARRAY, .array = { &recipe_s, 0, 20000 } };
static const struct schema recipe_list_s = {
	.component = "RecipeList",
	OBJECT(HAS("items", &recipes_s)),
};
static const struct schema stored_s = { .component = "RecipeStored", OBJECT(HAS("id", &text_s)) };
static const struct schema deleted_s = {
	.component = "RecipeDeleted",
	OBJECT(HAS("id", &text_s), HAS("deleted", &bool_s)),
};
static const struct schema issues_s = { S_ARRAY, .array = { &object_s } };
static const struct schema verdict_s = {
	.component = "RecipeVerdict",
	OBJECT(HAS("valid", &bool_s), MAY("recipe", &recipe_s), MAY("issues", &issues_s)),
};
static const struct schema anything_s = { S_ANY, .doc = "A recipe, or {\"recipe\": …}" };
static const struct schema recipe_param_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct recipe_param), .fields = (const struct field[]){
		STRF(struct recipe_param, recipeId, &recipe_id_s, .required = true), FIELDS_END } },
};

#define NO_RECIPE { 404, &error_s, "No such recipe" }

const struct route collect_recipe_routes[] = {
	{ .id = "listRecipes",
		.method = M_GET,
		.path = "/v1/recipes",
		.run = run_list_recipes,
		.roles = ROLE_READONLY,
		.replies =
			(const struct reply_doc[]){
				{ 200, &recipe_list_s, "Built-in ones, those of files, the project's own" }, { 0 } },
		.tag = "recipes",
		.summary = "Recipes that the project can use" },
	{ .id = "putRecipe",
		.method = M_POST,
		.path = "/v1/recipes",
		.run = run_put_recipe,
		.roles = ROLE_ADMIN,
		.body = { &recipe_s, sizeof(struct recipe_body), 256 * KiB },
		.replies = (const struct reply_doc[]){ { 201, &stored_s, "Created or replaced, for this project" },
			{ 400, &error_s, "A field breaks a rule" }, { 0 } },
		.audit_action = "recipe.upsert",
		.audit_type = "recipe",
		.tag = "recipes",
		.summary = "Create or replace a recipe" },
	{ .id = "validateRecipe",
		.method = M_POST,
		.path = "/v1/recipes/validate",
		.run = run_validate_recipe,
		.roles = ROLE_DEVELOPER,
		.body = { &anything_s, 0, 256 * KiB, .optional = true },
		.replies =
			(const struct reply_doc[]){ { 200, &verdict_s, "Valid and normalised, or the issues" }, { 0 } },
		.tag = "recipes",
		.summary = "Check a recipe without keeping it" },
	{ .id = "getRecipe",
		.method = M_GET,
		.path = "/v1/recipes/:recipeId",
		.run = run_get_recipe,
		.roles = ROLE_READONLY,
		.params = &recipe_param_s,
		.replies = (const struct reply_doc[]){ { 200, &recipe_s, "The recipe" }, NO_RECIPE, { 0 } },
		.tag = "recipes",
		.summary = "One recipe" },
	{ .id = "deleteRecipe",
		.method = M_DELETE,
		.path = "/v1/recipes/:recipeId",
		.run = run_delete_recipe,
		.roles = ROLE_ADMIN,
		.params = &recipe_param_s,
		.replies = (const struct reply_doc[]){ { 200, &deleted_s, "Removed" },
			{ 409, &error_s, "It is built in or comes from a file" }, NO_RECIPE, { 0 } },
		.audit_action = "recipe.delete",
		.audit_type = "recipe",
		.tag = "recipes",
		.summary = "Remove a recipe of the project" },
	{ 0 },
};

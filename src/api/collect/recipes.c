#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/recipes.h"
#include "api/session.h"
#include "store/recipes.h"

int run_list_recipes(struct call *c)
{
	struct recipe_list l;
	int err = recipes_of(c, &l);
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < l.n; i++)
		jw_value(w, l.at[i]->def);
	jw_end_array(w);
	jw_end_object(w);
	return 0;
}

static int find(struct call *c, struct str id, const struct recipe **ret)
{
	struct recipe_list l;
	int err = recipes_of(c, &l);
	if (err < 0)
		return err;
	*ret = recipes_find(&l, id);
	return *ret ? 0 : call_fail(c, &problem_recipe, "Recipe not found");
}

int run_get_recipe(struct call *c)
{
	const struct recipe_param *p = c->params;
	const struct recipe *r;
	int err = find(c, p->recipeId, &r);
	if (err == 0)
		jw_value(reply_json(c->reply, 200), r->def);
	return err;
}

int run_put_recipe(struct call *c)
{
	const struct recipe_body *b = c->body;
	const struct recipe_put put = {
		.project = c->who->project, .id = b->id, .name = b->name, .version = b->version,
		.definition = json_text(c->arena, schema_normal(&recipe_s, c->body_json, c->arena)),
	};
	struct audit who = call_audit(c, STR_NULL);
	bool created;
	int err = recipe_upsert(c->app->db, &put, &who, &created, &c->err);
	if (err < 0)
		return err;
	recipes_changed(c);
	c->resource_id = b->id;
	struct jw *w = reply_json(c->reply, 201);
	jw_object(w);
	jw_kstr(w, "id", b->id);
	jw_end_object(w);
	return 0;
}

int run_delete_recipe(struct call *c)
{
	const struct recipe_param *p = c->params;
	const struct recipe *r;
	struct audit who = call_audit(c, STR_NULL);
	int err = recipe_delete(c->app->db, c->who->project, p->recipeId, &who, &c->err);
	if (err == E_NOTFOUND && find(c, p->recipeId, &r) == 0)
		return call_fail(c, &problem_conflict, "This recipe is not the project's own and cannot be removed");
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_recipe, "Recipe not found");
	if (err < 0)
		return err;
	recipes_changed(c);
	c->resource_id = p->recipeId;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kstr(w, "id", p->recipeId);
	jw_kbool(w, "deleted", true);
	jw_end_object(w);
	return 0;
}

int run_validate_recipe(struct call *c)
{
	const struct json *v = c->body_json, *inner = json_get(v, "recipe");
	struct issues *is = call_issues(c);
	if (inner)
		v = inner;
	bool valid = schema_check(&recipe_s, v, is) == 0;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kbool(w, "valid", valid);
	if (valid) {
		jw_key(w, "recipe");
		jw_value(w, schema_normal(&recipe_s, v, c->arena));
	} else {
		jw_key(w, "issues");
		issues_write(w, is);
	}
	jw_end_object(w);
	return 0;
}

static struct json *copy_object(struct arena *a, const struct json *from)
{
	struct json *o = json_new_object(a);
	for (uint32_t i = 0; from && i < from->n; i++)
		json_put(a, o, from->members[i].name, from->members[i].value);
	return o;
}

static const struct json *merged(struct arena *a, const struct json *request, const struct recipe *r)
{
	struct json *o = copy_object(a, request);
	const struct json *steps = json_get(request, "steps"), *options = json_get(request, "options");
	const struct json *plugin = json_get(r->def, "pluginPath"), *extraction = json_get(r->def, "extraction");
	if ((!steps || !steps->n) && json_get(r->def, "steps"))
		json_set(a, o, STR("steps"), json_get(r->def, "steps"));
	if (!extraction && plugin) {
		struct json *by = json_new_object(a);
		json_put(a, by, STR("mode"), json_new_str(a, STR("plugin")));
		json_put(a, by, STR("plugin"), plugin);
		extraction = by;
	}
	if (!json_get(request, "extract") && extraction)
		json_set(a, o, STR("extract"), extraction);
	if (!json_get(options, "requiresBrowser") && json_bool(json_get(r->def, "requiresBrowser"), false)) {
		struct json *more = copy_object(a, options);
		json_put(a, more, STR("requiresBrowser"), &json_true_v);
		json_set(a, o, STR("options"), more);
	}
	json_set(a, o, STR("recipeId"), json_new_str(a, r->id));
	return o;
}

int recipe_apply(struct call *c, const struct json *request, const struct json **ret)
{
	struct str id = json_str(json_get(request, "recipeId"), STR_NULL);
	struct recipe_list l;
	int err = recipes_of(c, &l);
	if (err < 0)
		return err;
	const struct recipe *r = id.p ? recipes_find(&l, id)
				      : recipes_match(c->arena, &l, json_str(json_get(request, "url"), STR("")));
	if (id.p && !r)
		return call_fail(c, &problem_recipe, "Recipe not found");
	*ret = r ? merged(c->arena, request, r) : request;
	return 0;
}

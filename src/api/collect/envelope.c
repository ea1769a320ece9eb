#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/shapes.h"

const struct problem problem_idempotency = { "IDEMPOTENCY_CONFLICT", 409,
	"Idempotency key reused with different payload",
	"Use a new Idempotency-Key, or send exactly the request that the key was first used with." };
const struct problem problem_recipe = { "RECIPE_NOT_FOUND", 404, "Recipe not found",
	"List the recipes with GET /v1/recipes and use one of their ids." };

const struct problem *const collect_problems[] = { &problem_idempotency, &problem_recipe, NULL };

/* {"error":{"code","message","requestId","status","details"?}}; details as clients of the published server read
 * them, with the issues themselves added. */
static void write_error(struct call *c, struct jw *w, const struct problem *p, struct str message)
{
	jw_object(w);
	jw_key(w, "error");
	jw_object(w);
	jw_kcstr(w, "code", p->code);
	jw_kstr(w, "message", message);
	jw_kcstr(w, "requestId", c->req->id);
	jw_kint(w, "status", p->status);
	if (p == &problem_validation && c->issues && c->issues->n) {
		jw_key(w, "details");
		jw_object(w);
		issues_write_flat_members(w, c->issues);
		jw_key(w, "issues");
		issues_write(w, c->issues);
		jw_end_object(w);
	}
	jw_end_object(w);
	jw_end_object(w);
}

const struct family collect_family = { "collect", write_error, &error_s };

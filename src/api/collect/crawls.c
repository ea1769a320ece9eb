#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/crawls.h"
#include "api/collect/jobs.h"
#include "api/session.h"
#include "store/crawls.h"
#include "url/canon.h"
#include "url/glob.h"

/* A pattern that cannot be compiled is refused here, with its place, and not found out by the crawler. */
static void patterns_offered(struct call *c, const char *member, const struct json *list)
{
	struct issues *is = call_issues(c);
	for (size_t i = 0; list && i < list->n; i++) {
		struct glob *g;
		struct err e = { 0 };
		if (glob_compile(c->arena, json_str(json_at(list, i), STR("")), &g, &e) == 0)
			continue;
		is->path[is->depth] = (struct path_part){ .name = STR("rules") };
		is->path[is->depth + 1] = (struct path_part){ .name = str_of(member) };
		is->path[is->depth + 2] = (struct path_part){ .index = i };
		is->depth += 3;
		issue_add(is, "custom", STR_NULL, "%s", e.words);
		is->depth -= 3;
	}
}

static int crawl_offered(struct call *c, const struct crawl_create_body *b)
{
	size_t before = call_issues(c)->n;
	patterns_offered(c, "allowPatterns", b->rules.allowPatterns);
	patterns_offered(c, "denyPatterns", b->rules.denyPatterns);
	if (c->issues->n > before)
		return call_fail(c, &problem_validation, "%s", problem_validation.message);
	return extraction_accepted(c, b->extract);
}

static int create(struct call *c, const struct crawl_create_body *b, char ret_id[UUID_LEN + 1])
{
	struct buf request;
	struct url seed;
	int err = url_parse(c->arena, b->seed, NULL, &seed, &c->err);
	if (err < 0)
		return call_issue(c, "seed", "Invalid url");
	buf_init(&request, c->arena, 0);
	json_write_canonical(&request, schema_normal(&crawl_create_s, c->body_json, c->arena));
	const struct crawl_new n = {
		.project = c->who->project, .family = FAMILY_COLLECT, .seed = b->seed,
		.seed_url = url_href(c->arena, &seed, URL_HREF_NO_FRAGMENT | URL_HREF_NO_USERINFO),
		.host = url_host_port(c->arena, &seed), .key = crawl_key(url_key(c->arena, &seed, 0)),
		.request = buf_str(&request), .request_id = str_of(c->req->id),
		.max_pages = (int32_t)b->rules.maxPages,
	};
	struct audit who = call_audit(c, STR_NULL);
	return crawl_create(c->app->db, &n, &who, ret_id, &c->err);
}

int run_create_crawl(struct call *c)
{
	const struct crawl_create_body *b = c->body;
	char id[UUID_LEN + 1];
	int err = crawl_offered(c, b);
	if (err == 0)
		err = url_allowed(c, b->seed, "seed");
	if (err == 0 && b->recipeId.p)
		err = call_fail(c, &problem_recipe, "Recipe not found");
	if (err == 0)
		err = create(c, b, id);
	if (err < 0)
		return err;
	c->resource_id = arena_str(c->arena, str_of(id));
	struct jw *w = reply_json(c->reply, 202);
	jw_object(w);
	jw_kcstr(w, "crawlId", id);
	jw_kcstr(w, "state", crawl_state_name(CRAWL_QUEUED));
	jw_kcstr(w, "requestId", c->req->id);
	jw_end_object(w);
	return 0;
}

static int no_crawl(struct call *c, int err)
{
	return err == E_NOTFOUND ? call_fail(c, &problem_not_found, "Crawl not found") : err;
}

static void write_stats(struct jw *w, const struct crawl *r)
{
	jw_key(w, "stats");
	jw_object(w);
	jw_kint(w, "queued", r->queued);
	jw_kint(w, "running", r->running);
	jw_kint(w, "succeeded", r->succeeded);
	jw_kint(w, "failed", r->failed);
	jw_kint(w, "skipped", r->skipped);
	jw_end_object(w);
}

int run_get_crawl(struct call *c)
{
	const struct id_param *p = c->params;
	struct crawl r;
	int err = no_crawl(c, crawl_get(c->app->db, c->arena, p->id, &r, &c->err));
	if (err == 0)
		err = call_owns(c, r.project);
	if (err < 0)
		return err;
	c->resource_id = arena_str(c->arena, str_of(r.id));
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kcstr(w, "id", r.id);
	jw_kstr(w, "projectId", r.project);
	jw_kcstr(w, "state", crawl_state_name(r.state));
	jw_kstr(w, "seed", r.seed);
	write_stats(w, &r);
	jw_kstr(w, "errorMessage", r.error_message);
	jw_ktime(w, "createdAt", r.created_at);
	jw_ktime(w, "updatedAt", r.updated_at);
	jw_end_object(w);
	return 0;
}

int run_cancel_crawl(struct call *c)
{
	const struct id_param *p = c->params;
	struct crawl r;
	enum crawl_state state;
	int err = no_crawl(c, crawl_get(c->app->db, c->arena, p->id, &r, &c->err));
	if (err == 0)
		err = call_owns(c, r.project);
	if (err < 0)
		return err;
	struct audit who = call_audit(c, STR_NULL);
	err = no_crawl(c, crawl_cancel(c->app->db, p->id, r.project, &who, &state, &c->err));
	if (err < 0)
		return err;
	c->resource_id = p->id;
	struct jw *w = reply_json(c->reply, 202);
	jw_object(w);
	jw_kstr(w, "crawlId", p->id);
	jw_kcstr(w, "state", crawl_state_name(state));
	jw_end_object(w);
	return 0;
}

int run_list_crawls(struct call *c)
{
	struct window win = paging_window(c->query, 20);
	struct crawl *at;
	size_t n;
	int64_t total = 0, live = 0;
	int err = crawl_list(c->app->db, c->arena, c->who->project, win.offset, win.limit, &at, &n, &c->err);
	if (err == 0)
		err = crawl_totals(c->app->db, c->who->project, &total, &live, &c->err);
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		jw_kcstr(w, "id", at[i].id);
		jw_kstr(w, "seed", at[i].seed);
		jw_kcstr(w, "state", crawl_state_name(at[i].state));
		write_stats(w, &at[i]);
		jw_kstr(w, "errorMessage", at[i].error_message);
		jw_ktime(w, "createdAt", at[i].created_at);
		jw_ktime(w, "updatedAt", at[i].updated_at);
		jw_end_object(w);
	}
	jw_end_array(w);
	paging_write(w, &win, total);
	jw_end_object(w);
	return 0;
}

#include "base/first.h"
#include "api/collect/admin.h"
#include "api/cache.h"
#include "api/session.h"
#include "base/scan.h"
#include "store/crawls.h"
#include "store/db.h"
#include "store/limits.h"
#include "store/projects.h"
#include "store/stats.h"

/* The bootstrap token, and the admins of its project, run the instance; other admins run their project. */
static bool runs_instance(const struct call *c)
{
	return c->who->instance || str_eq(c->who->project, c->app->conf->project_id);
}

static int instance_only(struct call *c)
{
	if (runs_instance(c))
		return 0;
	return call_fail(c, &problem_forbidden, "Only an admin of the whole instance may do this");
}

static struct jw *begin_list(struct call *c)
{
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	return w;
}

static void end_list(struct jw *w, const struct window *win, int64_t total)
{
	jw_end_array(w);
	paging_write(w, win, total);
	jw_end_object(w);
}

/* A total that a list carries: of the cache if it was slow to count last time. `count` runs the statement. */
static int total_of(struct call *c, struct str key, int (*count)(struct call *c, int64_t *ret), int64_t *ret)
{
	usec_t from = clock_mono();
	if (scan_i64(cache_get(c, key), ret) == 0)
		return 0;
	int err = count(c, ret);
	if (err == 0)
		cache_put(c, key, arena_printf(c->arena, "%" PRId64, *ret), clock_mono() - from);
	return err;
}

static int count_projects(struct call *c, int64_t *ret)
{
	*ret = 1;
	return runs_instance(c) ? stats_projects(c->app->db, ret, &c->err) : 0;
}

static int count_jobs(struct call *c, int64_t *ret)
{
	const struct job_list_query *q = c->query;
	enum job_state state;
	bool one = q->state.p && job_state_of(q->state, &state) == 0;
	return stats_jobs(c->app->db, c->who->project, one ? &state : NULL, ret, &c->err);
}

static int count_audit(struct call *c, int64_t *ret)
{
	const struct audit_list_query *q = c->query;
	return stats_audit(c->app->db, c->who->project, q->action, ret, &c->err);
}

static void write_project(struct jw *w, const struct project *p)
{
	jw_object(w);
	jw_kstr(w, "id", p->id);
	jw_kstr(w, "name", p->name);
	jw_ktime(w, "createdAt", p->created_at);
	jw_end_object(w);
}

int run_list_projects(struct call *c)
{
	struct window win = paging_window(c->query, 200);
	struct str only = runs_instance(c) ? STR_NULL : c->who->project;
	struct project *at;
	size_t n;
	int64_t total = 0;
	int err = project_list(c->app->db, c->arena, only, win.offset, win.limit, &at, &n, &c->err);
	if (err == 0)
		err = total_of(c, cache_key(c, "projects", only, STR("")), count_projects, &total);
	if (err < 0)
		return err;
	struct jw *w = begin_list(c);
	for (size_t i = 0; i < n; i++)
		write_project(w, &at[i]);
	end_list(w, &win, total);
	return 0;
}

/* "My Project!" gives "my-project". */
static struct str id_of_name(struct arena *a, struct str name)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < name.n; i++) {
		unsigned char ch = (unsigned char)name.p[i];
		if (is_alnum(ch) || ch >= 0x80)
			buf_addc(&b, (char)to_lower(ch));
		else if (b.n && b.p[b.n - 1] != '-')
			buf_addc(&b, '-');
	}
	struct str id = buf_str(&b);
	if (id.n && id.p[id.n - 1] == '-')
		id.n--;
	return id;
}

int run_create_project(struct call *c)
{
	const struct project_body *b = c->body;
	struct project made;
	struct str id = b->id.n ? b->id : id_of_name(c->arena, b->name);
	int err = instance_only(c);
	if (err < 0)
		return err;
	if (!id.n)
		return call_issue(c, "name", "no id can be derived from this name: send one");
	struct audit who = call_audit(c, STR_NULL);
	err = project_create(c->app->db, c->arena, id, b->name, &who, &made, &c->err);
	if (err < 0 && err != E_EXISTS)
		return err;
	c->resource_id = id;
	write_project(reply_json(c->reply, 201), &made);
	return 0;
}

int run_list_jobs(struct call *c)
{
	const struct job_list_query *q = c->query;
	const struct paging page = { q->page, q->limit, q->offset };
	struct window win = paging_window(&page, 20);
	enum job_state state;
	struct job_filter f = { .project = c->who->project, .offset = win.offset, .limit = win.limit };
	struct job *at;
	size_t n;
	if (q->state.p && job_state_of(q->state, &state) == 0)
		f.state = &state;
	int64_t total = 0;
	int err = job_list(c->app->db, c->arena, &f, &at, &n, &c->err);
	if (err == 0)
		err = total_of(c, cache_key(c, "jobs", f.project, q->state), count_jobs, &total);
	if (err < 0)
		return err;
	struct jw *w = begin_list(c);
	for (size_t i = 0; i < n; i++) {
		jw_object(w);
		jw_kcstr(w, "id", at[i].id);
		jw_kcstr(w, "state", job_state_name(at[i].state));
		jw_kstr(w, "url", at[i].url);
		jw_kint(w, "attempts", at[i].attempts);
		jw_kint(w, "maxAttempts", at[i].max_attempts);
		jw_kstr(w, "errorMessage", at[i].error_message);
		jw_ktime(w, "createdAt", at[i].created_at);
		jw_ktime(w, "updatedAt", at[i].updated_at);
		jw_end_object(w);
	}
	end_list(w, &win, total);
	return 0;
}

static void write_audit(struct jw *w, const struct audit_row *r)
{
	jw_object(w);
	jw_kint(w, "id", r->id);
	jw_kstr(w, "projectId", r->project);
	jw_kstr(w, "tokenId", r->token_id);
	jw_kstr(w, "actorRole", r->role);
	jw_kstr(w, "action", r->action);
	jw_kstr(w, "resourceType", r->resource_type);
	jw_kstr(w, "resourceId", r->resource_id);
	jw_kstr(w, "requestId", r->request_id);
	jw_kstr(w, "ipAddress", r->ip);
	jw_key(w, "details");
	jw_raw(w, r->details.n ? r->details : STR("{}"));
	jw_ktime(w, "createdAt", r->created_at);
	jw_end_object(w);
}

int run_list_audit(struct call *c)
{
	const struct audit_list_query *q = c->query;
	const struct paging page = { q->page, q->limit, q->offset };
	struct window win = paging_window(&page, 50);
	const struct audit_filter f = { .project = c->who->project, .action = q->action, .offset = win.offset,
		.limit = win.limit };
	struct audit_row *at;
	size_t n;
	int64_t total = 0;
	int err = audit_list(c->app->db, c->arena, &f, &at, &n, &c->err);
	if (err == 0)
		err = total_of(c, cache_key(c, "audit", f.project, q->action), count_audit, &total);
	if (err < 0)
		return err;
	struct jw *w = begin_list(c);
	for (size_t i = 0; i < n; i++)
		write_audit(w, &at[i]);
	end_list(w, &win, total);
	return 0;
}

static void write_stats(struct jw *w, const struct project_stats *s, int64_t crawls, int64_t crawling)
{
	jw_object(w);
	jw_key(w, "jobs");
	jw_object(w);
	jw_kint(w, "total", s->jobs);
	for (int i = JOB_QUEUED; i <= JOB_EXPIRED; i++)
		jw_kint(w, job_state_name((enum job_state)i), s->by_state[i]);
	jw_end_object(w);
	jw_key(w, "crawls");
	jw_object(w);
	jw_kint(w, "total", crawls);
	jw_kint(w, "running", crawling);
	jw_end_object(w);
	jw_key(w, "tokens");
	jw_object(w);
	jw_kint(w, "total", s->tokens);
	jw_kint(w, "active", s->tokens_active);
	jw_end_object(w);
	jw_key(w, "artifacts");
	jw_object(w);
	jw_kint(w, "total", s->artifacts);
	jw_kint(w, "totalBytes", s->artifact_bytes);
	jw_end_object(w);
	jw_end_object(w);
}

int run_stats(struct call *c)
{
	struct project_stats s;
	int64_t crawls = 0, crawling = 0;
	struct str key = cache_key(c, "stats", c->who->project, STR(""));
	struct str kept = cache_get(c, key);
	usec_t from = clock_mono();
	if (kept.n) {
		jw_raw(reply_json(c->reply, 200), kept);
		return 0;
	}
	int err = stats_get(c->app->db, c->who->project, &s, &c->err);
	if (err == 0)
		err = crawl_totals(c->app->db, c->who->project, &crawls, &crawling, &c->err);
	if (err < 0)
		return err;
	write_stats(reply_json(c->reply, 200), &s, crawls, crawling);
	cache_put(c, key, buf_str(&c->reply->body), clock_mono() - from);
	return 0;
}

static void write_limits(struct call *c, const struct rate_limits *l)
{
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "limits");
	jw_object(w);
	for (int r = TOKEN_ADMIN; r >= TOKEN_READONLY; r--)
		jw_kint(w, token_role_name((enum token_role)r), l->rpm[r]);
	jw_end_object(w);
	jw_end_object(w);
}

int run_get_limits(struct call *c)
{
	struct rate_limits l;
	int err = limits_get(c->app->db, &l, &c->err);
	if (err == 0)
		write_limits(c, &l);
	return err;
}

static void take_limit(struct rate_limits *l, struct str role, const struct json *rpm)
{
	enum token_role r;
	if (token_role_of(role, &r) == 0)
		l->rpm[r] = (int32_t)json_int(rpm, 0);
}

int run_set_limits(struct call *c)
{
	const struct limits_body *b = c->body;
	struct rate_limits l = { 0 }, now;
	int err = instance_only(c);
	if (err < 0)
		return err;
	for (uint32_t i = 0; i < b->limits->n; i++) {
		const struct json *item = json_at(b->limits, i);
		if (item)
			take_limit(&l, json_str(json_get(item, "role"), STR("")), json_get(item, "rpm"));
		else
			take_limit(&l, b->limits->members[i].name, b->limits->members[i].value);
	}
	struct audit who = call_audit(c, STR_NULL);
	err = limits_set(c->app->db, &l, &who, &now, &c->err);
	if (err < 0)
		return err;
	for (size_t r = 0; r < ARRAY_LEN(now.rpm); r++)
		c->app->shared->rpm[r] = now.rpm[r];
	c->resource_id = STR("global");
	write_limits(c, &now);
	return 0;
}

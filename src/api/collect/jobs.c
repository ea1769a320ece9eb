#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/jobs.h"
#include "api/collect/shapes.h"
#include "api/session.h"
#include "crypto/digest.h"

#define KEY_MAX 255

int idempotency_key(struct call *c, struct str *ret)
{
	struct str key = str_trim(req_header(c->req, "idempotency-key"));
	*ret = key.n ? key : STR_NULL;
	for (size_t i = 0; i < key.n; i++)
		if ((unsigned char)key.p[i] < 0x20 || (unsigned char)key.p[i] >= 0x7f)
			return call_issue(c, "Idempotency-Key", "Idempotency-Key must be printable ASCII");
	if (key.n > KEY_MAX)
		return call_issue(
			c, "Idempotency-Key", "Idempotency-Key must contain at most %d character(s)", KEY_MAX);
	return 0;
}

/* The request with defaults in, members sorted: what is stored and what the key's digest is taken over. */
static struct str canonical(struct call *c)
{
	struct buf b;
	buf_init(&b, c->arena, 0);
	json_write_canonical(&b, schema_normal(&job_create_s, c->body_json, c->arena));
	return buf_str(&b);
}

/* Steps need a page to act on; without them the page is fetched first, and a browser only taken when it is asked for.
 */
static enum job_queue queue_of(const struct job_create *b)
{
	return b->options.requiresBrowser.v || (b->steps && b->steps->n) ? QUEUE_BROWSER : QUEUE_HTTP;
}

static int create(struct call *c, const struct job_create *b, struct str key, struct job_created *ret)
{
	uint8_t digest[SHA256_LEN];
	struct str request = canonical(c);
	sha256(request, digest);
	struct job_new j = {
		.project = c->who->project, .family = FAMILY_COLLECT, .queue = queue_of(b),
		.url = b->url, .request = request, .request_id = str_of(c->req->id),
		.max_attempts = (int32_t)c->app->conf->job_max_attempts, .timeout = b->options.timeoutMs * USEC_PER_MS,
		.expires_in = c->app->conf->job_start_timeout,
		.idempotency_key = key, .idempotency_route = STR("POST /v1/jobs"), .idempotency_sha256 = digest,
	};
	struct audit who = call_audit(c, STR_NULL);
	int err = job_create(c->app->db, &j, &who, ret, &c->err);
	return err == E_CONFLICT ? call_fail(c, &problem_idempotency, "%s", problem_idempotency.message) : err;
}

int run_create_job(struct call *c)
{
	const struct job_create *b = c->body;
	struct job_created made;
	struct str key;
	int err = url_allowed(c, b->url, "url");
	if (err == 0)
		err = steps_allowed(c, b->steps);
	if (err == 0)
		err = job_offered(c, b);
	if (err == 0 && b->recipeId.p)
		err = call_fail(c, &problem_recipe, "Recipe not found");
	if (err == 0)
		err = idempotency_key(c, &key);
	if (err == 0)
		err = create(c, b, key, &made);
	if (err < 0)
		return err;
	if (made.replayed)
		metrics_event(c->pl->metrics, ME_IDEMPOTENT_REPLAYS);
	c->resource_id = arena_str(c->arena, str_of(made.id));
	struct jw *w = reply_json(c->reply, 202);
	jw_object(w);
	jw_kcstr(w, "jobId", made.id);
	jw_kcstr(w, "state", job_state_name(made.state));
	jw_kcstr(w, "requestId", c->req->id);
	if (key.p)
		jw_kstr(w, "idempotencyKey", key);
	jw_end_object(w);
	return 0;
}

int prefetch_job(struct call *c)
{
	const struct id_param *p = c->params;
	return job_get_send(c->app->db, p->id, &c->err);
}

static int no_job(struct call *c, int err)
{
	return err == E_NOTFOUND ? call_fail(c, &problem_not_found, "Job not found") : err;
}

int run_get_job(struct call *c)
{
	struct job j;
	int err = no_job(c, job_get_recv(c->app->db, c->arena, &j, &c->err));
	if (err == 0)
		err = call_owns(c, j.project);
	if (err < 0)
		return err;
	c->resource_id = arena_str(c->arena, str_of(j.id));
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_kcstr(w, "id", j.id);
	jw_kstr(w, "projectId", j.project);
	jw_kcstr(w, "state", job_state_name(j.state));
	jw_kstr(w, "url", j.url);
	jw_kstr(w, "requestId", j.request_id);
	jw_kint(w, "attempts", j.attempts);
	jw_kint(w, "maxAttempts", j.max_attempts);
	jw_ktime(w, "createdAt", j.created_at);
	jw_ktime(w, "updatedAt", j.updated_at);
	jw_key(w, "resultSummary");
	jw_raw(w, j.result_summary);
	jw_kstr(w, "errorCode", j.error_code);
	jw_kstr(w, "errorMessage", j.error_message);
	jw_end_object(w);
	return 0;
}

int run_cancel_job(struct call *c)
{
	const struct id_param *p = c->params;
	struct job_cancelled done;
	struct audit who = call_audit(c, STR_NULL);
	int err = job_cancel(c->app->db, c->arena, p->id, c->who->project, &who, &done, &c->err);
	err = no_job(c, err);
	if (err == 0)
		err = call_owns(c, done.project);
	if (err < 0)
		return err;
	c->resource_id = p->id;
	struct jw *w = reply_json(c->reply, 202);
	jw_object(w);
	jw_kstr(w, "jobId", p->id);
	jw_kcstr(w, "state", job_state_name(done.state));
	jw_end_object(w);
	return 0;
}

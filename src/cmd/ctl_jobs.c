/* kryftoctl jobs. */
#include "base/first.h"
#include "cmd/ctl.h"
#include "json/writer.h"
#include "store/jobs.h"
#include "store/logs.h"

#define SHOW_LOG_LINES 200

static void json_job(struct jw *w, const struct job *j)
{
	jw_kcstr(w, "id", j->id);
	jw_kstr(w, "projectId", j->project);
	jw_kcstr(w, "family", token_family_name(j->family));
	jw_kcstr(w, "queue", job_queue_name(j->queue));
	jw_kcstr(w, "state", job_state_name(j->state));
	jw_kstr(w, "url", j->url);
	jw_kstr(w, "requestId", j->request_id);
	jw_kint(w, "attempts", j->attempts);
	jw_kint(w, "maxAttempts", j->max_attempts);
	jw_kstr(w, "errorCode", j->error_code);
	jw_kstr(w, "errorMessage", j->error_message);
	jw_ktime(w, "createdAt", j->created_at);
	jw_ktime(w, "updatedAt", j->updated_at);
	jw_ktime(w, "startedAt", j->started_at);
	jw_ktime(w, "finishedAt", j->finished_at);
	jw_ktime(w, "expiresAt", j->expires_at);
}

static void print_jobs(struct ctl *c, const struct job *at, size_t n, bool json)
{
	struct ctl_table t;
	struct buf b;
	struct jw w;
	if (json) {
		buf_init(&b, &c->arena, 32 * MiB);
		jw_init(&w, &b);
		jw_array(&w);
		for (size_t i = 0; i < n; i++) {
			jw_object(&w);
			json_job(&w, &at[i]);
			jw_end_object(&w);
		}
		jw_end_array(&w);
		ctl_print(&b);
		return;
	}
	ctl_table_init(&t, &c->arena, 7,
		(const char *const[]){ "ID", "PROJECT", "STATE", "TRIES", "CREATED", "ERROR", "URL" });
	for (size_t i = 0; i < n; i++) {
		ctl_cell(&t, str_of(at[i].id));
		ctl_cell(&t, at[i].project);
		ctl_cell(&t, str_of(job_state_name(at[i].state)));
		ctl_cellf(&t, "%d/%d", at[i].attempts, at[i].max_attempts);
		ctl_cell_time(&t, at[i].created_at);
		ctl_cell(&t, at[i].error_code);
		ctl_cell(&t, str_sub(at[i].url, 0, 100));
	}
	ctl_table_print(&t);
}

int ctl_jobs_list(struct ctl *c, int argc, char **argv)
{
	struct job_filter f = { .limit = 20 };
	struct str state = STR_NULL, limit = STR_NULL;
	enum job_state wanted;
	bool json = false;
	struct job *at;
	size_t n;
	struct err e = { 0 };
	const struct ctl_option options[] = { { "project", .value = &f.project }, { "state", .value = &state },
		{ "before", .value = &f.before }, { "limit", .value = &limit }, { "json", .flag = &json } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc == 0)
		rc = ctl_number(c, "limit", limit, 1, 1000, &f.limit);
	if (rc)
		return rc;
	if (state.p && job_state_of(state, &wanted) < 0)
		return ctl_usage(c, "--state: queued, running, succeeded, failed, cancelled or expired is needed");
	f.state = state.p ? &wanted : NULL;
	if (job_list(ctl_db(c, 0), &c->arena, &f, &at, &n, &e) < 0)
		return ctl_fail(&e);
	print_jobs(c, at, n, json);
	return CTL_OK;
}

/* The one operand. 0 or an exit status. */
static int one_id(struct ctl *c, int argc, char **argv, struct str *ret)
{
	int rc = ctl_options(c, NULL, 0, &argc, argv);
	if (rc)
		return rc;
	if (argc != 2)
		return ctl_usage(c, "one job id is needed");
	*ret = str_of(argv[1]);
	return 0;
}

static void print_job(struct ctl *c, const struct job *j, struct str request, const struct log_line *log, size_t n)
{
	struct buf b;
	struct jw w;
	buf_init(&b, &c->arena, 64 * MiB);
	jw_init(&w, &b);
	w.indent = 2;
	jw_object(&w);
	json_job(&w, j);
	jw_key(&w, "request");
	jw_raw(&w, request);
	jw_key(&w, "resultSummary");
	jw_raw(&w, j->result_summary);
	jw_key(&w, "log");
	jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w);
		jw_kint(&w, "id", log[i].id);
		jw_ktime(&w, "at", log[i].created_at);
		jw_kstr(&w, "level", log[i].level);
		jw_kstr(&w, "message", log[i].message);
		jw_key(&w, "meta");
		jw_raw(&w, log[i].meta);
		jw_end_object(&w);
	}
	jw_end_array(&w);
	jw_end_object(&w);
	ctl_print(&b);
}

int ctl_jobs_show(struct ctl *c, int argc, char **argv)
{
	struct str id, request;
	struct job j;
	struct log_line *log;
	size_t n;
	struct err e = { 0 };
	int rc = one_id(c, argc, argv, &id);
	if (rc)
		return rc;
	struct db *db = ctl_db(c, 0);
	rc = job_get(db, &c->arena, id, &j, &e);
	if (rc == 0)
		rc = job_request(db, &c->arena, id, &request, &e);
	if (rc == 0)
		rc = logs_read(db, &c->arena, id, j.created_at, 0, SHOW_LOG_LINES, &log, &n, &e);
	if (rc < 0)
		return ctl_fail(&e);
	print_job(c, &j, request, log, n);
	return CTL_OK;
}

int ctl_jobs_cancel(struct ctl *c, int argc, char **argv)
{
	struct str id;
	struct job j;
	struct job_cancelled done;
	struct err e = { 0 };
	int rc = one_id(c, argc, argv, &id);
	if (rc)
		return rc;
	struct db *db = ctl_db(c, 0);
	if (job_get(db, &c->arena, id, &j, &e) < 0)
		return ctl_fail(&e);
	const struct audit who = ctl_audit(c, j.project);
	if (job_cancel(db, &c->arena, id, STR_NULL, &who, &done, &e) < 0)
		return ctl_fail(&e);
	printf("%s %s\n", j.id, job_state_name(done.state));
	return done.done || done.state == JOB_CANCELLED ? CTL_OK : CTL_CONFLICT;
}

int ctl_jobs_requeue(struct ctl *c, int argc, char **argv)
{
	struct str id;
	struct job j;
	struct err e = { 0 };
	int rc = one_id(c, argc, argv, &id);
	if (rc)
		return rc;
	struct db *db = ctl_db(c, 0);
	if (job_get(db, &c->arena, id, &j, &e) < 0)
		return ctl_fail(&e);
	const struct audit who = ctl_audit(c, j.project);
	if (job_requeue(db, id, &who, &e) < 0)
		return ctl_fail(&e);
	printf("%s queued\n", j.id);
	return CTL_OK;
}

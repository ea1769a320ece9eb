/* kryftoctl queue. */
#include "base/first.h"
#include "cmd/ctl.h"
#include "json/writer.h"
#include "store/queue.h"

static void json_depth(struct ctl *c, const struct queue_stats *s)
{
	struct buf b;
	struct jw w;
	buf_init(&b, &c->arena, 64 * KiB);
	jw_init(&w, &b);
	jw_object(&w);
	for (int q = 0; q < QUEUE_COUNT; q++) {
		jw_key(&w, job_queue_name(q));
		jw_object(&w);
		jw_kint(&w, "ready", s->at[q].ready);
		jw_kint(&w, "delayed", s->at[q].delayed);
		jw_kint(&w, "running", s->at[q].running);
		jw_kint(&w, "oldestMs", s->at[q].oldest / USEC_PER_MS);
		jw_end_object(&w);
	}
	jw_kint(&w, "dead", s->dead);
	jw_kint(&w, "workers", s->workers);
	jw_kint(&w, "idle", s->idle);
	jw_end_object(&w);
	ctl_print(&b);
}

int ctl_queue_depth(struct ctl *c, int argc, char **argv)
{
	bool json = false;
	struct queue_stats s;
	struct ctl_table t;
	struct err e = { 0 };
	const struct ctl_option options[] = { { "json", .flag = &json } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc)
		return rc;
	if (queue_stats(ctl_db(c, 0), &s, &e) < 0)
		return ctl_fail(&e);
	if (json) {
		json_depth(c, &s);
		return CTL_OK;
	}
	ctl_table_init(&t, &c->arena, 5, (const char *const[]){ "QUEUE", "READY", "DELAYED", "RUNNING", "OLDEST" });
	for (int q = 0; q < QUEUE_COUNT; q++) {
		ctl_cell(&t, str_of(job_queue_name(q)));
		ctl_cellf(&t, "%" PRId64, s.at[q].ready);
		ctl_cellf(&t, "%" PRId64, s.at[q].delayed);
		ctl_cellf(&t, "%" PRId64, s.at[q].running);
		ctl_cell(&t, s.at[q].ready ? ctl_duration(&c->arena, s.at[q].oldest) : STR_NULL);
	}
	ctl_table_print(&t);
	printf("%" PRId64 " dead letters, %" PRId64 " workers, %" PRId64 " of them idle\n", s.dead, s.workers, s.idle);
	return CTL_OK;
}

static void json_leases(struct ctl *c, const struct lease_row *at, size_t n)
{
	struct buf b;
	struct jw w;
	buf_init(&b, &c->arena, 16 * MiB);
	jw_init(&w, &b);
	jw_array(&w);
	for (size_t i = 0; i < n; i++) {
		jw_object(&w);
		jw_kcstr(&w, "jobId", at[i].id);
		jw_kint(&w, "leaseNo", at[i].lease_no);
		jw_kstr(&w, "worker", at[i].worker);
		jw_kstr(&w, "projectId", at[i].project);
		jw_kcstr(&w, "queue", job_queue_name(at[i].queue));
		jw_kint(&w, "attempt", at[i].attempt);
		jw_kint(&w, "ageMs", at[i].age / USEC_PER_MS);
		jw_kint(&w, "remainingMs", at[i].remaining / USEC_PER_MS);
		jw_kstr(&w, "url", at[i].url);
		jw_end_object(&w);
	}
	jw_end_array(&w);
	ctl_print(&b);
}

int ctl_queue_leases(struct ctl *c, int argc, char **argv)
{
	bool json = false;
	struct str limit_text = STR_NULL;
	int64_t limit = 100;
	struct lease_row *at;
	size_t n;
	struct ctl_table t;
	struct err e = { 0 };
	const struct ctl_option options[] = { { "limit", .value = &limit_text }, { "json", .flag = &json } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc == 0)
		rc = ctl_number(c, "limit", limit_text, 1, 10000, &limit);
	if (rc)
		return rc;
	if (queue_leases(ctl_db(c, 0), &c->arena, limit, &at, &n, &e) < 0)
		return ctl_fail(&e);
	if (json) {
		json_leases(c, at, n);
		return CTL_OK;
	}
	ctl_table_init(&t, &c->arena, 7,
		(const char *const[]){ "JOB", "TRY", "AGE", "LEASE LEFT", "WORKER", "PROJECT", "URL" });
	for (size_t i = 0; i < n; i++) {
		ctl_cell(&t, str_of(at[i].id));
		ctl_cellf(&t, "%d", at[i].attempt);
		ctl_cell(&t, ctl_duration(&c->arena, at[i].age));
		ctl_cell(&t, ctl_duration(&c->arena, at[i].remaining));
		ctl_cell(&t, at[i].worker);
		ctl_cell(&t, at[i].project);
		ctl_cell(&t, str_sub(at[i].url, 0, 80));
	}
	ctl_table_print(&t);
	return CTL_OK;
}

/* Jobs for their owners: create, idempotency, read, cancel, list, requeue. */
#include "fixture.h"
#include <sys/wait.h>

static struct db *ops;

static uint8_t body1[32] = { 1 }, body2[32] = { 2 };

static void test_create(void)
{
	struct job_created c;
	struct job j;
	struct str request;
	struct job_new n = a_job("https://example.com/a");
	n.expires_in = 3600 * USEC_PER_SEC;
	good(job_create(db, &n, &nobody, &c, &err), "create");
	ok(c.state == JOB_QUEUED && !c.replayed && uuid_valid(str_of(c.id)), "queued");
	is_int(c.id[14], '7', "a version 7 id");
	good(job_get(db, &arena, str_of(c.id), &j, &err), "get");
	is_str(j.project, "default", "project");
	is_str(j.url, "https://example.com/a", "url");
	is_str(j.request_id, "req-1", "request id");
	ok(j.state == JOB_QUEUED && j.attempts == 0 && j.max_attempts == 3, "state and attempts");
	ok(!j.result_summary.p && !j.error_message.p && !j.error_code.p && !j.started_at, "nothing yet");
	ok(j.expires_at - j.created_at == n.expires_in, "expiry");
	good(job_request(db, &arena, str_of(c.id), &request, &err), "request");
	is_str(request, "{\"url\": \"x\"}", "as it was stored");
	is_int(ask("SELECT count(*) FROM ready"), 1, "a queue row");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'job.create'"), 1, "an audit row");
	is_int(job_get(db, &arena, STR("550e8400-e29b-41d4-a716-446655440000"), &j, &err), E_NOTFOUND, "unknown");
	is_int(job_get(db, &arena, STR("x"), &j, &err), E_NOTFOUND, "no uuid");
	n.request = STR("{broken");
	is_int(job_create(db, &n, &nobody, &c, &err), E_INVALID, "a request that is no JSON");
	is_int(ask("SELECT count(*) FROM ready"), 1, "leaves nothing");
	is_int(ask("SELECT count(*) FROM job"), 1, "at all");
}

static void test_idempotency(void)
{
	struct job_created first, c;
	struct job_new n = a_job("https://example.com/idem");
	n.idempotency_key = STR("k1");
	n.idempotency_route = STR("POST /v1/jobs");
	n.idempotency_sha256 = body1;
	good(job_create(db, &n, &nobody, &first, &err), "first use");
	ok(!first.replayed, "made");
	good(job_create(db, &n, &nobody, &c, &err), "second use");
	ok(c.replayed, "replayed");
	is_cstr(c.id, first.id, "the same job");
	n.idempotency_sha256 = body2;
	is_int(job_create(db, &n, &nobody, &c, &err), E_CONFLICT, "another body");
	n.project = STR("other");
	good(job_create(db, &n, &nobody, &c, &err), "another project");
	ok(!c.replayed, "has keys of its own");
	n = a_job("https://example.com/idem");
	n.idempotency_key = STR("k1");
	n.idempotency_route = STR("POST /v1/crawl");
	n.idempotency_sha256 = body2;
	good(job_create(db, &n, &nobody, &c, &err), "another route");
	ok(!c.replayed, "has keys of its own");
	run_sql("UPDATE idempotency SET expires_at = now() - interval '1 s' WHERE key = 'k1'");
	n.idempotency_route = STR("POST /v1/jobs");
	good(job_create(db, &n, &nobody, &c, &err), "a key past its time");
	ok(!c.replayed && strcmp(c.id, first.id) != 0, "may be used anew");
	run_sql("DELETE FROM job");
	is_int(job_create(db, &n, &nobody, &c, &err), E_CONFLICT, "its job was removed");
	run_sql("DELETE FROM idempotency; DELETE FROM ready");
}

/* Many first uses of one key at the same moment. */
static void race(const char *key, bool two_bodies)
{
	enum { N = 12 };
	int made = 0, replayed = 0, conflicts = 0, other = 0;
	pid_t pid[N];
	for (int i = 0; i < N; i++) {
		fflush(stdout);
		pid[i] = fork();
		if (pid[i])
			continue;
		db_forget(db);
		struct job_created c;
		struct job_new n = a_job("https://example.com/race");
		n.idempotency_key = str_of(key);
		n.idempotency_route = STR("POST /v1/jobs");
		n.idempotency_sha256 = two_bodies && i % 2 ? body2 : body1;
		db_ready(db, NULL);
		int rc = job_create(db, &n, &nobody, &c, NULL);
		db_reset(db);
		_exit(rc == 0 ? c.replayed : rc == E_CONFLICT ? 2 : 3);
	}
	for (int i = 0; i < N; i++) {
		int status = 0;
		waitpid(pid[i], &status, 0);
		switch (WIFEXITED(status) ? WEXITSTATUS(status) : 3) {
		case 0: made++; break;
		case 1: replayed++; break;
		case 2: conflicts++; break;
		default: other++;
		}
	}
	is_int(made, 1, "one of twelve makes the job");
	is_int(replayed, two_bodies ? 5 : 11, "those with its body get it");
	is_int(conflicts, two_bodies ? 6 : 0, "those with another are told");
	is_int(other, 0, "no other answer");
}

static void test_races(void)
{
	run_sql("TRUNCATE job, ready, idempotency");
	race("r1", false);
	is_int(ask("SELECT count(*) FROM job"), 1, "one job");
	is_int(ask("SELECT count(*) FROM ready"), 1, "one queue row");
	race("r2", true);
	is_int(ask("SELECT count(*) FROM job"), 2, "one more");
	is_int(ask("SELECT count(*) FROM ready"), 2, "one more");
}

static void test_cancel(void)
{
	struct job_created c;
	struct job_cancelled k;
	struct job j;
	struct job_new n = a_job("https://example.com/cancel");
	good(job_create(db, &n, &nobody, &c, &err), "create");
	struct str id = str_of(c.id);
	good(job_cancel(db, &arena, id, STR("other"), &nobody, &k, &err), "from another project");
	ok(!k.done && k.state == JOB_QUEUED, "nothing happens");
	is_str(k.project, "default", "and its project is told");
	good(job_cancel(db, &arena, id, STR("default"), &nobody, &k, &err), "cancel");
	ok(k.done && k.state == JOB_CANCELLED && k.before == JOB_QUEUED, "cancelled");
	good(job_get(db, &arena, id, &j, &err), "get");
	ok(j.state == JOB_CANCELLED && j.finished_at, "at once");
	good(job_cancel(db, &arena, id, STR("default"), &nobody, &k, &err), "cancel again");
	ok(!k.done && k.state == JOB_CANCELLED, "no change, the true state");
	run_sql("UPDATE job SET state = 'succeeded'");
	good(job_cancel(db, &arena, id, STR_NULL, &nobody, &k, &err), "cancel one that ended");
	ok(!k.done && k.state == JOB_SUCCEEDED, "stays as it is");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'job.cancel'"), 1, "audited once");
	is_int(job_cancel(db, &arena, STR("550e8400-e29b-41d4-a716-446655440000"), STR_NULL, &nobody, &k, &err),
		E_NOTFOUND, "unknown");
	is_int(job_requeue(ops, id, &nobody, &err), E_CONFLICT, "a succeeded job is not queued again");
	run_sql("UPDATE job SET state = 'failed', attempts = 3, error_code = 'X'; TRUNCATE ready");
	good(job_requeue(ops, id, &nobody, &err), "a failed one is");
	good(job_get(db, &arena, id, &j, &err), "get");
	ok(j.state == JOB_QUEUED && j.attempts == 0 && !j.error_code.p && !j.finished_at, "as new");
	is_int(ask("SELECT count(*) FROM ready"), 1, "with a queue row");
	is_int(job_requeue(ops, STR("550e8400-e29b-41d4-a716-446655440000"), &nobody, &err), E_NOTFOUND, "unknown");
}

static void test_list(void)
{
	struct job_created c[5];
	struct job *at;
	size_t n;
	const enum job_state cancelled = JOB_CANCELLED;
	struct job_cancelled k;
	run_sql("TRUNCATE job, ready");
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		struct job_new j = a_job("https://example.com/list");
		j.project = i < 4 ? STR("default") : STR("other");
		job_create(db, &j, &nobody, &c[i], NULL);
	}
	good(job_list(db, &arena, &(struct job_filter){ .project = STR("default"), .limit = 10 }, &at, &n, &err),
		"list");
	ok(n == 4 && str_eq(str_of(at[0].id), str_of(c[3].id)), "of the project, newest first");
	good(job_list(db, &arena, &(struct job_filter){ .limit = 10 }, &at, &n, &err), "all projects");
	is_int(n, 5, "all");
	good(job_list(db, &arena, &(struct job_filter){ .before = str_of(c[2].id), .limit = 1 }, &at, &n, &err),
		"by key");
	ok(n == 1 && str_eq(str_of(at[0].id), str_of(c[1].id)), "the one before");
	good(job_list(db, &arena, &(struct job_filter){ .offset = 4, .limit = 3 }, &at, &n, &err), "by offset");
	ok(n == 1 && str_eq(str_of(at[0].id), str_of(c[0].id)), "the oldest");
	job_cancel(db, &arena, str_of(c[1].id), STR_NULL, &nobody, &k, NULL);
	good(job_list(db, &arena, &(struct job_filter){ .project = STR("default"), .state = &cancelled, .limit = 3 },
		     &at, &n, &err),
		"by state");
	ok(n == 1 && str_eq(str_of(at[0].id), str_of(c[1].id)), "the cancelled one");
}

static void test_hot_path(void)
{
	struct job_created c;
	struct job_brief b;
	struct job_new n = a_job("https://example.com/hot");
	good(job_create(db, &n, &nobody, &c, &err), "create");
	job_brief_send(db, str_of(c.id), &err);
	db_sync(db, &err);
	good(job_brief_recv(db, &arena, &b, &err), "brief");
	ok(b.state == JOB_QUEUED && str_is(b.project, "default") && b.created_at == c.created_at, "what it holds");
	/* Durability is the point of the 202. */
	is_int(ask("SELECT CASE WHEN current_setting('synchronous_commit') = 'on' THEN 1 ELSE 0 END"), 1,
		"commits wait for the disk");
}

int main(void)
{
	fixture_open("kryfto_api");
	ops = fixture_connect("kryfto_ops");
	test_create();
	test_idempotency();
	test_races();
	test_cancel();
	test_list();
	test_hot_path();
	db_free(ops);
	return fixture_close();
}

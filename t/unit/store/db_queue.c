/* The queue: claims, fencing, heartbeats, retries, poison, reaping, expiry, cancel of running jobs, wake-ups. */
#include "fixture.h"
#include <poll.h>
#include <sys/wait.h>
#include "store/artifacts.h"
#include "store/stats.h"

#define W1 STR("w1")
#define W2 STR("w2")
#define LEASE (45 * USEC_PER_SEC)

static struct db *api, *ops; /* the roles of those who create, cancel and requeue */
static struct claim_cursor cursor;

static void empty(void)
{
	run_sql("TRUNCATE job, ready, delayed, lease, dead_letter, worker, artifact, blob, crawl_page, download_token; "
		"TRUNCATE audit_log, job_log");
	cursor = (struct claim_cursor){ 0 };
	queue_worker_start(
		db, &(struct worker){ .id = W1, .host = STR("h"), .kind = STR("crawler"), .pid = 1, .slots = 4 }, NULL);
	queue_worker_start(
		db, &(struct worker){ .id = W2, .host = STR("h"), .kind = STR("crawler"), .pid = 2, .slots = 4 }, NULL);
}

static struct job_created add(const char *url, int32_t attempts, int32_t priority)
{
	struct job_created c = { 0 };
	struct job_new n = a_job(url);
	n.max_attempts = attempts;
	n.priority = priority;
	struct err e = { 0 };
	if (job_create(api, &n, &nobody, &c, &e) < 0)
		printf("# job_create: %s\n", e.words);
	return c;
}

static struct claim_result claim(struct str worker, int32_t max)
{
	struct claim_result r = { 0 };
	const struct claim c = { .worker = worker, .queue = QUEUE_HTTP, .max = max, .lease = LEASE, .cursor = &cursor };
	struct err e = { 0 };
	if (queue_claim(db, &arena, &c, &r, &e) < 0)
		printf("# queue_claim: %s\n", e.words);
	return r;
}

static struct outcome outcome(const struct claimed *c, enum outcome_kind kind)
{
	struct outcome o = { .kind = kind, .host = STR("example.com"), .elapsed = 1000 };
	memcpy(o.lease.id, c->id, sizeof o.lease.id);
	o.lease.lease_no = c->lease_no;
	if (kind == OUTCOME_SUCCEEDED)
		o.result_summary = STR("{\"usedBrowser\":false}");
	else {
		o.error_code = STR("FETCH_FAILED");
		o.error_message = STR("fetch failed");
	}
	return o;
}

static struct finished finish(struct outcome o)
{
	struct finished *f, none = { .lost = true };
	struct err e = { 0 };
	if (queue_finish(db, &arena, &o, 1, &f, &e) < 0) {
		printf("# queue_finish: %s\n", e.words);
		return none;
	}
	return *f;
}

static struct job get(const char *id)
{
	struct job j = { 0 };
	job_get(api, &arena, str_of(id), &j, NULL);
	return j;
}

static void test_order(void)
{
	empty();
	add("https://a/1", 3, 0);
	add("https://a/2", 3, 0);
	add("https://a/urgent", 3, -5);
	add("https://a/later", 3, 5);
	struct claim_result r = claim(W1, 3);
	is_int(r.n, 3, "a batch of three");
	ok(r.more, "there is more");
	is_str(r.at[0].url, "https://a/urgent", "by priority");
	is_str(r.at[1].url, "https://a/1", "then by age");
	is_str(r.at[2].url, "https://a/2", "then by age");
	is_str(r.at[0].project, "default", "project");
	is_str(r.at[0].request, "{\"url\": \"x\"}", "request");
	is_int(r.at[0].attempt, 1, "the attempt is counted");
	is_int(r.at[0].timeout, 60 * USEC_PER_SEC, "timeout");
	ok(r.at[0].lease_no != r.at[1].lease_no, "each its lease");
	struct job j = get(r.at[0].id);
	ok(j.state == JOB_RUNNING && j.attempts == 1 && j.started_at, "the job runs");
	r = claim(W2, 3);
	ok(r.n == 1 && !r.more, "another worker gets the rest");
	is_int(claim(W2, 3).n, 0, "then nothing");
	is_int(ask("SELECT count(*) FROM lease WHERE worker = 'w1'"), 3, "leases name their worker");
	struct claim_cursor other = { 0 };
	struct claim c = { .worker = W1, .queue = QUEUE_BROWSER, .max = 5, .lease = LEASE, .cursor = &other };
	good(queue_claim(db, &arena, &c, &r, &err), "the other queue");
	is_int(r.n, 0, "has none of it");
}

/* With a floor from an earlier claim, urgent newcomers wait for the next look from the front. */
static void test_cursor(void)
{
	empty();
	for (int i = 0; i < 6; i++)
		add("https://a/x", 3, 0);
	ok(claim(W1, 2).more, "the floor rises");
	ok(cursor.floor > 0, "above nought");
	add("https://a/urgent", 3, -5);
	cursor.rescan_at = clock_mono() + 3600 * USEC_PER_SEC;
	is_str(claim(W1, 1).at[0].url, "https://a/x", "before the rescan the scan starts at the floor");
	cursor.rescan_at = 0;
	is_str(claim(W1, 1).at[0].url, "https://a/urgent", "at the rescan it starts at the front");
	is_int(claim(W1, 100).n, 3, "nothing is passed over");
}

static void test_success(void)
{
	empty();
	struct job_created made = add("https://a/", 3, 0);
	struct claim_result r = claim(W1, 10);
	struct outcome o = outcome(&r.at[0], OUTCOME_SUCCEEDED);
	struct artifact_new art[] = {
		{ .type = STR("final_html"),
			.file_name = STR("final.html"),
			.content_type = STR("text/html"),
			.byte_size = 10,
			.sha256 = { 1 } },
		{ .type = STR("console_logs"),
			.file_name = STR("console-logs.json"),
			.content_type = STR("application/json"),
			.byte_size = 2,
			.sha256 = { 2 } },
		{ .type = STR("timings"),
			.file_name = STR("timings.json"),
			.content_type = STR("application/json"),
			.byte_size = 2,
			.sha256 = { 2 } },
	};
	o.artifacts = art;
	o.artifact_n = ARRAY_LEN(art);
	struct finished f = finish(o);
	ok(!f.lost && f.state == JOB_SUCCEEDED, "acknowledged");
	is_cstr(f.id, made.id, "by name");
	struct job j = get(made.id);
	ok(j.state == JOB_SUCCEEDED && j.finished_at && !j.error_code.p, "succeeded");
	is_str(j.result_summary, "{\"usedBrowser\":false}", "its summary");
	is_int(ask("SELECT count(*) FROM lease"), 0, "the lease is gone");
	is_int(ask("SELECT count(*) FROM blob"), 2, "equal contents are one blob");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'job.update.succeeded'"), 1, "audited");
	ok(finish(o).lost, "a second acknowledgement changes nothing");
	is_int(finish(o).state, JOB_SUCCEEDED, "and tells the state");

	struct artifact *at, one;
	size_t n;
	good(artifact_list(api, &arena, str_of(made.id), STR("default"), 300 * USEC_PER_SEC, &at, &n, &err),
		"artifacts");
	is_int(n, 3, "three");
	is_str(at[0].type, "timings", "newest first");
	is_str(at[2].type, "final_html", "oldest last");
	ok(uuid_valid(str_of(at[0].download_token)) && at[0].download_token_expires_at > clock_real(),
		"with download tokens");
	good(artifact_by_token(api, &arena, str_of(at[0].id), str_of(at[0].download_token), &one, &err), "by token");
	is_cstr(one.id, at[0].id, "the same");
	is_int(artifact_by_token(api, &arena, str_of(at[1].id), str_of(at[0].download_token), &one, &err), E_UNAUTH,
		"a token of another artifact");
	is_int(artifact_by_token(api, &arena, str_of(at[1].id), STR("no uuid"), &one, &err), E_UNAUTH,
		"a token that is none");
	run_sql("UPDATE download_token SET expires_at = now()");
	is_int(artifact_by_token(api, &arena, str_of(at[0].id), str_of(at[0].download_token), &one, &err), E_UNAUTH,
		"an old token");
	good(artifact_get(api, &arena, str_of(at[2].id), &one, &err), "by id");
	ok(one.byte_size == 10 && one.sha256[0] == 1 && str_is(one.content_type, "text/html"), "what it holds");
	is_int(artifact_get(api, &arena, STR("x"), &one, &err), E_NOTFOUND, "no uuid");
	good(artifact_list(api, &arena, str_of(made.id), STR("other"), 300 * USEC_PER_SEC, &at, &n, &err),
		"another project");
	is_int(n, 0, "sees none");
}

static void test_retry(void)
{
	empty();
	struct job_created made = add("https://a/", 3, 0);
	struct claim_result r = claim(W1, 10);
	struct outcome o = outcome(&r.at[0], OUTCOME_RETRY);
	struct finished f = finish(o);
	ok(!f.lost && f.state == JOB_QUEUED, "queued for another try");
	struct job j = get(made.id);
	ok(j.state == JOB_QUEUED && j.attempts == 1 && !j.finished_at, "not failed in between");
	is_str(j.error_message, "fetch failed", "the reason is kept");
	r = claim(W1, 10);
	is_int(r.n, 1, "at once without a delay");
	is_int(r.at[0].attempt, 2, "the second attempt");
	o = outcome(&r.at[0], OUTCOME_RETRY);
	o.delay = 3600 * USEC_PER_SEC;
	finish(o);
	r = claim(W1, 10);
	is_int(r.n, 0, "not before its time");
	ok(r.next_due > 3590 * USEC_PER_SEC && r.next_due <= 3600 * USEC_PER_SEC, "which the claim tells");
	run_sql("UPDATE delayed SET run_at = now() - interval '1 s'");
	r = claim(W1, 10);
	is_int(r.n, 1, "then it is claimed");
	is_int(r.at[0].attempt, 3, "the last attempt");
	f = finish(outcome(&r.at[0], OUTCOME_RETRY));
	is_int(f.state, JOB_FAILED, "after it the job has failed");
	j = get(made.id);
	is_str(j.error_code, "FETCH_FAILED", "with its cause");
	is_int(ask("SELECT count(*) FROM dead_letter"), 1, "a dead letter");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'job.update.failed'"), 1, "audited once");
	good(job_requeue(ops, str_of(made.id), &nobody, &err), "an operator puts it back");
	is_int(ask("SELECT count(*) FROM dead_letter"), 0, "no letter any more");
	r = claim(W1, 10);
	is_int(r.at[0].attempt, 1, "attempts start anew");
	f = finish(outcome(&r.at[0], OUTCOME_FAILED));
	is_int(f.state, JOB_FAILED, "a failure for good needs no further attempt");
	is_int(ask("SELECT count(*) FROM dead_letter"), 0, "and is no dead letter");
}

static void test_fencing(void)
{
	empty();
	struct job_created made = add("https://a/", 3, 0);
	struct claim_result first = claim(W1, 10);
	struct reaped k;
	good(queue_reap(db, 1, 1, &k, &err), "reap");
	ok(k.requeued == 0 && k.failed == 0, "a lease that holds is left alone");
	run_sql("UPDATE lease SET expires_at = now() - interval '1 s'");
	good(queue_reap(db, 1, 1, &k, &err), "reap");
	is_int(k.requeued, 1, "one that ran out is not");
	struct job j = get(made.id);
	ok(j.state == JOB_QUEUED && j.attempts == 1, "queued again");
	is_str(j.error_code, "WORKER_LOST", "with the reason");
	run_sql("UPDATE delayed SET run_at = now() - interval '1 s'");
	struct claim_result second = claim(W2, 10);
	ok(second.n == 1 && second.at[0].attempt == 2, "another worker has it");
	ok(finish(outcome(&first.at[0], OUTCOME_SUCCEEDED)).lost, "the first worker's result is refused");
	j = get(made.id);
	ok(j.state == JOB_RUNNING && !j.result_summary.p, "and changed nothing");
	struct lease_ref ref = { .lease_no = first.at[0].lease_no }, *lost;
	memcpy(ref.id, made.id, sizeof ref.id);
	size_t n, released;
	good(queue_beat(db, &arena, W1, &ref, 1, LEASE, &lost, &n, &err), "its heartbeat");
	ok(n == 1 && !strcmp(lost[0].id, made.id), "tells that it lost it");
	good(queue_release(db, &ref, 1, 0, &released, &err), "it cannot give it back");
	is_int(released, 0, "either");
	is_int(finish(outcome(&second.at[0], OUTCOME_SUCCEEDED)).state, JOB_SUCCEEDED, "the second worker's counts");
}

/* A job that kills its worker each time ends as a dead letter. */
static void test_poison(void)
{
	empty();
	struct job_created made = add("https://a/poison", 3, 0);
	struct reaped k;
	int claims = 0;
	for (int i = 0; i < 6; i++) {
		claims += (int)claim(W1, 10).n;
		run_sql("UPDATE lease SET expires_at = now() - interval '1 s'");
		queue_reap(db, 1, 1, &k, NULL);
		run_sql("UPDATE delayed SET run_at = now() - interval '1 s'");
	}
	is_int(claims, 3, "claimed as often as it may be");
	struct job j = get(made.id);
	ok(j.state == JOB_FAILED && j.attempts == 3, "then failed");
	is_str(j.error_code, "WORKER_LOST", "for that reason");
	is_int(ask("SELECT count(*) FROM dead_letter"), 1, "a dead letter");
	is_int(ask("SELECT count(*) FROM lease"), 0, "no lease is left");
}

static void test_heartbeat(void)
{
	empty();
	struct job_created made = add("https://a/", 3, 0);
	struct claim_result r = claim(W1, 10);
	struct lease_ref ref = { .lease_no = r.at[0].lease_no }, *lost;
	struct reaped k;
	size_t n;
	memcpy(ref.id, made.id, sizeof ref.id);
	run_sql("UPDATE lease SET expires_at = now() + interval '1 s'; UPDATE worker SET beat_at = now() - interval '1 "
		"hour'");
	good(queue_beat(db, &arena, W1, &ref, 1, LEASE, &lost, &n, &err), "beat");
	is_int(n, 0, "nothing lost");
	ok(ask("SELECT (extract(epoch FROM expires_at - now()))::bigint FROM lease") > 40, "the lease is longer");
	is_int(ask("SELECT count(*) FROM worker WHERE beat_at > now() - interval '1 minute'"), 1,
		"the worker's row is fresh");
	good(queue_beat(db, &arena, W1, NULL, 0, LEASE, &lost, &n, &err), "a beat without leases");
	good(queue_beat(db, &arena, W1, &ref, 1, 3600 * USEC_PER_SEC, &lost, &n, &err), "a long lease");
	ok(ask("SELECT (extract(epoch FROM expires_at - now()))::bigint FROM lease") <= 90,
		"ends at the job's time + 30 s");
	run_sql("UPDATE lease SET deadline_at = now() - interval '1 s'");
	good(queue_beat(db, &arena, W1, &ref, 1, LEASE, &lost, &n, &err), "past the job's time");
	is_int(n, 1, "it is lost");
	good(queue_reap(db, 1, 1, &k, &err), "reap");
	is_str(get(made.id).error_code, "JOB_TIMEOUT", "and the cause is time");
	is_int(k.workers, 1, "the worker that was silent for an hour is gone");
}

static void test_release(void)
{
	empty();
	struct job_created made = add("https://a/", 3, 0);
	struct claim_result r = claim(W1, 10);
	struct lease_ref ref = { .lease_no = r.at[0].lease_no };
	size_t n;
	memcpy(ref.id, made.id, sizeof ref.id);
	good(queue_release(db, &ref, 1, 0, &n, &err), "release");
	is_int(n, 1, "one");
	ok(get(made.id).state == JOB_QUEUED && get(made.id).attempts == 0, "as if never claimed");
	r = claim(W2, 1);
	is_int(r.at[0].attempt, 1, "and claimed by another");
	ref.lease_no = r.at[0].lease_no;
	good(queue_release(db, &ref, 1, 60 * USEC_PER_SEC, &n, &err), "release with a delay");
	is_int(claim(W2, 1).n, 0, "not to be claimed now");
	is_int(ask("SELECT count(*) FROM delayed WHERE run_at > now() + interval '50 s'"), 1, "but later");
}

static void test_expiry(void)
{
	empty();
	struct job_new n = a_job("https://a/");
	struct job_created c;
	struct reaped k;
	n.expires_in = 3600 * USEC_PER_SEC;
	job_create(api, &n, &nobody, &c, NULL);
	run_sql("UPDATE ready SET expires_at = now() - interval '1 s'; UPDATE job SET expires_at = now() - interval '1 "
		"s'");
	is_int(claim(W1, 10).n, 0, "too late to start");
	good(queue_reap(db, 1, 1, &k, &err), "reap");
	is_int(k.expired, 1, "expired");
	struct job j = get(c.id);
	ok(j.state == JOB_EXPIRED && j.finished_at, "the state says so");
	is_str(j.error_code, "JOB_EXPIRED", "and the code");
}

static void test_cancel_queued(void)
{
	empty();
	struct job_created c = add("https://a/", 3, 0);
	struct job_cancelled k;
	good(job_cancel(api, &arena, str_of(c.id), STR("default"), &nobody, &k, &err), "cancel");
	is_int(claim(W1, 10).n, 0, "a cancelled job is never claimed");
	is_int(ask("SELECT count(*) FROM ready"), 0, "its queue row went with the claim");
}

static bool hears(struct db *listener, enum db_channel ch, struct str payload, usec_t within)
{
	struct db_notice n;
	usec_t end = clock_mono() + within;
	while (clock_mono() < end) {
		while (db_notice(listener, &arena, &n))
			if (n.channel == ch && (!payload.p || str_eq(n.payload, payload)))
				return true;
		struct pollfd p = { .fd = db_fd(listener), .events = POLLIN };
		poll(&p, 1, 20);
		db_poll(listener, NULL);
	}
	return false;
}

static void test_cancel_running(void)
{
	empty();
	_cleanup_db_ struct db *listener = fixture_connect(NULL);
	struct job_created c = add("https://a/", 3, 0);
	struct job_cancelled k;
	struct lease_ref *lost;
	size_t n;
	db_listen(listener, CH_CANCEL, NULL);
	struct claim_result r = claim(W1, 10);
	usec_t start = clock_mono();
	good(job_cancel(api, &arena, str_of(c.id), STR("default"), &nobody, &k, &err), "cancel a running job");
	ok(k.done && k.state == JOB_CANCELLED && k.before == JOB_RUNNING, "cancelled at once");
	ok(hears(listener, CH_CANCEL, str_of(c.id), USEC_PER_SEC), "the worker is told which within a second");
	ok(clock_mono() - start < USEC_PER_SEC, "really");
	struct lease_ref ref = { .lease_no = r.at[0].lease_no };
	memcpy(ref.id, c.id, sizeof ref.id);
	good(queue_beat(db, &arena, W1, &ref, 1, LEASE, &lost, &n, &err), "its heartbeat");
	is_int(n, 1, "tells it, too");
	struct finished f = finish(outcome(&r.at[0], OUTCOME_SUCCEEDED));
	ok(f.lost && f.state == JOB_CANCELLED, "a result that comes late is refused");
	is_int(finish(outcome(&r.at[0], OUTCOME_RETRY)).lost, true, "and so is a retry");
	is_int(claim(W2, 10).n, 0, "nobody gets it again");
}

/* A lease that survived its job's cancel (a claim that committed in between) does no harm. */
static void test_orphan(void)
{
	empty();
	struct job_created c = add("https://a/", 3, 0);
	struct claim_result r = claim(W1, 10);
	struct reaped k;
	run_sql("UPDATE job SET state = 'cancelled'");
	ok(finish(outcome(&r.at[0], OUTCOME_SUCCEEDED)).lost, "its result is refused");
	is_int(get(c.id).state, JOB_CANCELLED, "the state stays");
	run_sql("INSERT INTO lease (job_id, lease_no, claimed_at, expires_at, deadline_at, attempt, queue, worker) "
		"SELECT id, 1, now(), now() - interval '1 s', now(), 1, 0, 'w1' FROM job");
	good(queue_reap(db, 1, 1, &k, &err), "reap");
	ok(k.requeued == 0 && k.failed == 0, "nothing is revived");
	is_int(ask("SELECT count(*) FROM lease"), 0, "the lease is gone");
}

static void test_wake(void)
{
	empty();
	_cleanup_db_ struct db *listener = fixture_connect("kryfto_crawler");
	db_listen(listener, CH_READY, NULL);
	add("https://a/1", 3, 0);
	ok(!hears(listener, CH_READY, STR_NULL, 100 * USEC_PER_MS), "busy workers are not woken");
	is_int(claim(W1, 10).n, 1, "take it");
	good(queue_idle(db, W1, &err), "a worker goes to sleep");
	is_int(claim(W1, 10).n, 0, "after a last look");
	add("https://a/2", 3, 0);
	ok(hears(listener, CH_READY, STR_NULL, 2 * USEC_PER_SEC), "a new job wakes it");
	add("https://a/3", 3, 0);
	ok(!hears(listener, CH_READY, STR_NULL, 100 * USEC_PER_MS), "once only");
	good(queue_idle(db, W1, &err), "asleep again");
	is_int(claim(W1, 10).n, 2, "but its last look finds work");
	add("https://a/4", 3, 0);
	ok(!hears(listener, CH_READY, STR_NULL, 100 * USEC_PER_MS), "so it is awake, and not told");
}

static void test_batches(void)
{
	enum { N = 40 };
	empty();
	for (int i = 0; i < N; i++)
		add("https://a/batch", 1, 0);
	struct claim_result r = claim(W1, N);
	is_int(r.n, N, "a batch");
	struct outcome o[N];
	struct artifact_new art = {
		.type = STR("t"), .file_name = STR("f"), .content_type = STR("c"), .byte_size = 2, .sha256 = { 9 }
	};
	for (int i = 0; i < N; i++) {
		o[i] = outcome(&r.at[i], i % 4 == 0 ? OUTCOME_RETRY : OUTCOME_SUCCEEDED);
		o[i].artifacts = &art;
		o[i].artifact_n = 1;
	}
	o[1].lease.lease_no += 1000000;
	struct finished *f;
	good(queue_finish(db, &arena, o, N, &f, &err), "acknowledged together");
	int lost = 0, failed = 0, succeeded = 0;
	for (int i = 0; i < N; i++) {
		lost += f[i].lost;
		failed += !f[i].lost && f[i].state == JOB_FAILED;
		succeeded += !f[i].lost && f[i].state == JOB_SUCCEEDED;
	}
	ok(lost == 1 && f[1].lost, "the one with a stale lease is refused alone");
	is_int(failed, N / 4, "those out of attempts failed");
	is_int(succeeded, N - N / 4 - 1, "the others succeeded");
	is_int(ask("SELECT count(*) FROM artifact"), N - 1, "artifacts of all that ended: failures leave evidence");
	good(queue_finish(db, &arena, NULL, 0, &f, &err), "an empty batch");
}

/* Eight processes, one queue: each job is run once. */
static void test_competition(void)
{
	enum { PROCS = 8, JOBS = 200 };
	pid_t pid[PROCS];
	int failed = 0;
	empty();
	for (int i = 0; i < JOBS; i++)
		add("https://a/c", 3, 0);
	for (int p = 0; p < PROCS; p++) {
		fflush(stdout);
		pid[p] = fork();
		if (pid[p])
			continue;
		db_forget(db);
		int bad = 0, idle = 0;
		while (idle < 3) {
			struct claim_result r = claim(W1, 7);
			idle = r.n ? 0 : idle + 1;
			for (size_t i = 0; i < r.n; i++)
				bad += finish(outcome(&r.at[i], OUTCOME_SUCCEEDED)).lost;
		}
		db_reset(db);
		_exit(bad ? 1 : 0);
	}
	for (int p = 0; p < PROCS; p++) {
		int status;
		waitpid(pid[p], &status, 0);
		failed += status != 0;
	}
	is_int(failed, 0, "no worker lost a job");
	is_int(ask("SELECT count(*) FROM job WHERE state = 'succeeded' AND attempts = 1"), JOBS, "each job ran once");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'job.update.succeeded'"), JOBS, "and ended once");
	is_int(ask("SELECT count(*) FROM ready") + ask("SELECT count(*) FROM lease"), 0, "nothing is left");
}

/* Finishing, cancelling and reaping the same jobs at the same time: one of them wins, nobody hangs or fails. */
static void test_collisions(void)
{
	enum { JOBS = 60 };
	static char ids[JOBS][UUID_LEN + 1];
	int status;
	empty();
	for (int i = 0; i < JOBS; i++)
		memcpy(ids[i], add("https://a/c", 3, 0).id, sizeof ids[i]);
	struct claim_result r = claim(W1, JOBS);
	fflush(stdout);
	pid_t canceller = fork();
	if (canceller == 0) {
		int bad = 0;
		db_forget(api);
		for (int i = 0; i < JOBS; i++) {
			struct job_cancelled k;
			bad += job_cancel(api, &arena, str_of(ids[i]), STR_NULL, &nobody, &k, NULL) < 0;
		}
		db_reset(api);
		_exit(bad ? 1 : 0);
	}
	int done = 0, lost = 0;
	for (size_t i = 0; i < r.n; i += 10) {
		struct outcome o[10];
		struct finished *f;
		for (size_t k = 0; k < 10; k++)
			o[k] = outcome(&r.at[r.n - 1 - (i + k)], OUTCOME_SUCCEEDED);
		if (queue_finish(db, &arena, o, 10, &f, &err) < 0) {
			printf("# %s\n", err.words);
			continue;
		}
		for (size_t k = 0; k < 10; k++) {
			done += !f[k].lost;
			lost += f[k].lost;
		}
	}
	waitpid(canceller, &status, 0);
	is_int(status, 0, "no cancel failed");
	is_int(done + lost, JOBS, "no acknowledgement failed");
	is_int(ask("SELECT count(*) FROM job WHERE state = 'succeeded'"), done, "what was acknowledged succeeded");
	is_int(ask("SELECT count(*) FROM job WHERE state = 'cancelled'"), lost, "what was lost is cancelled");
	is_int(ask("SELECT count(*) FROM lease"), 0, "no lease is left");
}

static void test_logs(void)
{
	empty();
	struct job_created c = add("https://a/", 3, 0);
	struct log_line l[3] = { { .level = STR("info"),
					 .message = STR("Job started"),
					 .meta = STR("{\"url\":\"x\"}") },
		{ .level = STR("warn"), .message = STR("two") }, { .level = STR("error"), .message = STR("three") } },
			*at;
	size_t n;
	for (size_t i = 0; i < ARRAY_LEN(l); i++)
		memcpy(l[i].job, c.id, sizeof l[i].job);
	good(logs_append(db, l, ARRAY_LEN(l), &err), "append");
	good(logs_read(api, &arena, str_of(c.id), c.created_at, 0, 100, &at, &n, &err), "read");
	is_int(n, 3, "all");
	ok(at[0].id < at[1].id && at[1].id < at[2].id, "ids grow");
	is_str(at[0].message, "Job started", "in order");
	is_str(at[0].meta, "{\"url\":\"x\"}", "meta");
	is_str(at[1].meta, "{}", "no meta");
	good(logs_read(api, &arena, str_of(c.id), c.created_at, at[0].id, 1, &at, &n, &err), "resume");
	ok(n == 1 && str_is(at[0].message, "two"), "behind the id given");
	good(logs_append(db, NULL, 0, &err), "an empty batch");
	l[0].level = STR("loud");
	is_int(logs_append(db, l, 1, &err), E_INVALID, "no such level");
}

static void test_stats(void)
{
	struct queue_stats s;
	struct lease_row *at;
	size_t n;
	empty();
	for (int i = 0; i < 5; i++)
		add("https://a/s", 3, 0);
	struct claim_result r = claim(W1, 2);
	struct outcome o = outcome(&r.at[0], OUTCOME_RETRY);
	o.delay = 60 * USEC_PER_SEC;
	finish(o);
	queue_idle(db, W2, NULL);
	good(queue_stats(api, &s, &err), "stats");
	ok(s.at[QUEUE_HTTP].ready == 3 && s.at[QUEUE_HTTP].running == 1 && s.at[QUEUE_HTTP].delayed == 1, "depths");
	ok(s.at[QUEUE_HTTP].oldest > 0 && s.at[QUEUE_BROWSER].ready == 0 && s.at[QUEUE_BROWSER].oldest == 0, "ages");
	ok(s.workers == 2 && s.idle == 1 && s.dead == 0, "workers");
	good(queue_leases(ops, &arena, 10, &at, &n, &err), "leases");
	ok(n == 1 && !strcmp(at[0].id, r.at[1].id) && str_is(at[0].worker, "w1"), "the one that runs");
	ok(at[0].age >= 0 && at[0].remaining > 0 && at[0].remaining <= LEASE, "its times");
	good(queue_worker_stop(db, W1, &err), "a worker leaves");
	good(queue_stats(api, &s, &err), "stats");
	is_int(s.workers, 1, "one is left");
}

static void test_stats_of_projects(void)
{
	struct project_stats s;
	int64_t n;
	const enum job_state failed = JOB_FAILED;
	empty();
	add("https://a/1", 3, 0);
	add("https://a/2", 3, 0);
	add("https://a/3", 1, 0);
	struct claim_result r = claim(W1, 3);
	struct outcome o = outcome(&r.at[0], OUTCOME_SUCCEEDED);
	struct artifact_new art = {
		.type = STR("t"), .file_name = STR("f"), .content_type = STR("c"), .byte_size = 7, .sha256 = { 5 } };
	o.artifacts = &art;
	o.artifact_n = 1;
	finish(o);
	finish(outcome(&r.at[2], OUTCOME_RETRY));
	good(stats_get(api, STR("default"), &s, &err), "statistics of a project");
	is_int(s.jobs, 3, "jobs");
	ok(s.by_state[JOB_SUCCEEDED] == 1 && s.by_state[JOB_RUNNING] == 1 && s.by_state[JOB_FAILED] == 1, "by state");
	ok(s.artifacts == 1 && s.artifact_bytes == 7, "artifacts");
	good(stats_get(api, STR("nobody"), &s, &err), "of an unknown one");
	ok(s.jobs == 0 && s.artifacts == 0 && s.artifact_bytes == 0, "nothing");
	good(stats_jobs(api, STR("default"), &failed, &n, &err), "jobs by state");
	is_int(n, 1, "one failed");
	good(stats_jobs(api, STR("default"), NULL, &n, &err), "all jobs");
	is_int(n, 3, "three");
	good(stats_audit(api, STR("default"), STR("job.create"), &n, &err), "audit rows");
	is_int(n, 3, "three creations");
}

int main(void)
{
	fixture_open("kryfto_crawler");
	api = fixture_connect("kryfto_api");
	ops = fixture_connect("kryfto_ops");
	test_order();
	test_cursor();
	test_success();
	test_retry();
	test_fencing();
	test_poison();
	test_heartbeat();
	test_release();
	test_expiry();
	test_cancel_queued();
	test_cancel_running();
	test_orphan();
	test_wake();
	test_batches();
	test_competition();
	test_collisions();
	test_logs();
	test_stats();
	test_stats_of_projects();
	db_free(api);
	db_free(ops);
	return fixture_close();
}

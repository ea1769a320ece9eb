/* Partitions and retention, as the crawler's role. */
#include "fixture.h"
#include "store/upkeep.h"

#define DAY (INT64_C(86400) * USEC_PER_SEC)

static struct db *crawler;

static struct upkept run(struct retention r)
{
	struct upkept u = { 0 };
	good(upkeep_run(crawler, &r, 100, &u, &err), "upkeep");
	return u;
}

static void test_jobs(void)
{
	struct job_created c[3];
	char old[UUID_LEN + 1];
	for (int i = 0; i < 3; i++) {
		struct job_new n = a_job("https://a/");
		/* ids of ten days ago for the first two */
		if (i < 2) {
			uint64_t ms = (uint64_t)((clock_real() - 10 * DAY) / USEC_PER_MS);
			uuid_v7(old);
			snprintf(old, 9, "%08x", (unsigned)(ms >> 16));
			old[8] = '-';
			n.id = str_of(old);
		}
		good(job_create(db, &n, &nobody, &c[i], &err), "a job");
	}
	run_sql("UPDATE job SET state = 'failed', finished_at = now() - interval '10 days'");
	run_sql("UPDATE job SET finished_at = NULL, state = 'queued' WHERE id = (SELECT id FROM job ORDER BY id LIMIT "
		"1)");
	run_sql("INSERT INTO blob (sha256, byte_size, created_at) SELECT sha256(convert_to(i::text, 'UTF8')), 1, now() "
		"- interval '2 days' "
		"FROM generate_series(1, 3) i");
	run_sql("INSERT INTO artifact (id, job_id, byte_size, ordinal, sha256, project_id, type, file_name, "
		"content_type) "
		"SELECT gen_random_uuid(), id, 1, 1, sha256(convert_to((row_number() OVER (ORDER BY id))::text, "
		"'UTF8')), 'default', "
		"'t', 'f', 'c' FROM job");
	is_int(run((struct retention){ .jobs = 30 * DAY }).jobs, 0, "young enough");
	is_int(run((struct retention){ .jobs = 0 }).jobs, 0, "for ever");
	is_int(run((struct retention){ .jobs = 5 * DAY }).jobs, 1, "old and ended: removed");
	is_int(ask("SELECT count(*) FROM job"), 2, "queued and young ones stay");
	is_int(ask("SELECT count(*) FROM artifact"), 2, "its artifacts went along");

	struct blob_ref *at;
	size_t n;
	good(upkeep_blobs(crawler, &arena, 30 * DAY, 10, &at, &n, &err), "blobs in their grace time");
	is_int(n, 0, "stay");
	good(upkeep_blobs(crawler, &arena, DAY, 10, &at, &n, &err), "blobs nobody needs");
	is_int(n, 1, "one");
	is_int(ask("SELECT count(*) FROM blob"), 2, "those in use stay");
}

static void test_tokens(void)
{
	run_sql("INSERT INTO project VALUES ('default', 'd') ON CONFLICT DO NOTHING");
	run_sql("INSERT INTO api_token (id, sha256, project_id, family, role, name, revoked_at, expires_at) VALUES "
		"(gen_random_uuid(), sha256('a'), 'default', 'collect', 'admin', 'old', now() - interval '40 days', "
		"NULL), "
		"(gen_random_uuid(), sha256('b'), 'default', 'collect', 'admin', 'expired', NULL, now() - interval '40 "
		"days'), "
		"(gen_random_uuid(), sha256('c'), 'default', 'collect', 'admin', 'live', NULL, NULL)");
	run_sql("INSERT INTO download_token VALUES (sha256('x'), gen_random_uuid(), now() - interval '1 s'), "
		"(sha256('y'), gen_random_uuid(), now() + interval '1 h')");
	run_sql("INSERT INTO idempotency (project_id, route, key, body_sha256, resource_id, expires_at) VALUES "
		"('p', 'r', 'old', sha256('x'), gen_random_uuid(), now() - interval '1 s'), "
		"('p', 'r', 'new', sha256('x'), gen_random_uuid(), now() + interval '1 h')");
	struct upkept u = run((struct retention){ .tokens = 30 * DAY });
	is_int(u.tokens, 2, "dead tokens");
	is_int(u.download_tokens, 1, "dead download tokens");
	is_int(u.idempotency, 1, "old keys");
	u = run((struct retention){ .tokens = 30 * DAY });
	ok(u.tokens == 0 && u.download_tokens == 0 && u.idempotency == 0, "once");
}

static void test_partitions(void)
{
	struct upkept u = run((struct retention){ 0 });
	is_int(u.partitions_made, 0, "migration made the partitions of the coming days");
	/* A day without a partition: lines go to the default one, and move when the partition comes. */
	run_sql("DO $$ BEGIN EXECUTE 'DROP TABLE job_log_' || to_char(now() AT TIME ZONE 'UTC', '\"p\"YYYYMMDD'); END "
		"$$");
	run_sql("INSERT INTO job_log (job_id, level, message) VALUES (gen_random_uuid(), 'info', 'spilled')");
	is_int(ask("SELECT count(*) FROM job_log_default"), 1, "a line in the default partition");
	is_int(run((struct retention){ 0 }).partitions_made, 1, "the partition is made");
	is_int(ask("SELECT count(*) FROM job_log_default"), 0, "the line moved");
	is_int(ask("SELECT count(*) FROM job_log"), 1, "and is there");
	/* Old partitions go as a whole. */
	run_sql("SELECT make_partition('job_log', 'p20200101', '2020-01-01', '2020-01-02')");
	run_sql("SELECT make_partition('audit_log', 'p202001', '2020-01-01', '2020-02-01')");
	u = run((struct retention){ .logs = 14 * DAY });
	is_int(u.partitions_dropped, 1, "a day of logs");
	u = run((struct retention){ .logs = 14 * DAY, .audit = 365 * DAY });
	is_int(u.partitions_dropped, 1, "a month of audit");
	is_int(ask("SELECT count(*) FROM job_log"), 1, "today's line is there still");
}

int main(void)
{
	fixture_open("kryfto_api");
	crawler = fixture_connect("kryfto_crawler");
	test_jobs();
	test_tokens();
	test_partitions();
	db_free(crawler);
	return fixture_close();
}

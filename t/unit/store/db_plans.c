/*
 * The plan of every statement, as a connection keeps it: made while the tables are empty, and made when they are
 * large. Whole tables are read only where that is meant.
 */
#include "fixture.h"
#include "base/buf.h"

/* Statement and relation that may be read from end to end: small tables, counts, and upkeep. */
static const char *const whole[][2] = {
	{ "limits_get", "rate_limit_config" },
	{ "limits_set", "rate_limit_config" },
	{ "token_list", "api_token" },
	{ "token_count", "api_token" },
	{ "project_list", "project" },
	{ "upkeep_tokens", "api_token" },
	{ "upkeep_download_tokens", "download_token" },
	{ "upkeep_idempotency", "idempotency" },
	{ "queue_expire", "ready" },
	{ "queue_reap", "lease" },
	{ "queue_depth", "lease" },
	{ "queue_depth", "ready" },
	{ "queue_depth", "delayed" },
	{ "queue_totals", "worker" },
	{ "queue_totals", "dead_letter" },
	{ "queue_leases", "lease" },
	{ "queue_worker_reap", "worker" },
	{ "job_wake", "worker" },
	{ "migrate_list", "schema_migration" },
	{ "frontier_reap", "crawl_lease" },
	{ "frontier_settle_all", "crawl" },
};

static bool may_read_whole(const char *name, struct str line)
{
	for (size_t i = 0; i < ARRAY_LEN(whole); i++)
		if (!strcmp(name, whole[i][0]) && str_find(line, str_of(whole[i][1])) != STR_NPOS)
			return true;
	return false;
}

static const char *type_name(char letter)
{
	switch (to_lower(letter)) {
	case 'u': return "uuid";
	case 'b': return "bytea";
	case 's': return "int2";
	case 'i': return "int4";
	case 'l': return "int8";
	case 'd': return "float8";
	case 'o': return "bool";
	case 'j': return "json";
	case 'z': return "timestamptz";
	default: return "text";
	}
}

static int explain(const struct stmt *s, struct rows *ret)
{
	struct buf prepare, execute;
	buf_init(&prepare, &arena, 64 * KiB);
	buf_init(&execute, &arena, 64 * KiB);
	buf_addf(&prepare, "DEALLOCATE ALL; PREPARE it %s", s->in[0] ? "(" : "");
	buf_addf(&execute, "EXPLAIN (COSTS OFF) EXECUTE it %s", s->in[0] ? "(" : "");
	for (const char *t = s->in; *t; t++) {
		buf_addf(&prepare, "%s%s%s", t == s->in ? "" : ", ", type_name(*t), is_upper(*t) ? "[]" : "");
		buf_addf(&execute, "%sNULL", t == s->in ? "" : ", ");
	}
	buf_addf(&prepare, "%s AS %s", s->in[0] ? ")" : "", s->sql);
	buf_addz(&execute, s->in[0] ? ")" : "");
	run_sql(buf_cstr(&prepare));
	const struct stmt x = {
		.id = STMT_db_ping, .name = "explain", .in = "", .out = "t", .sql = buf_cstr(&execute)
	};
	int rc = stmt_run(owner, &x, NULL, 0, ret, &err);
	return rc;
}

static void look(const char *when)
{
	const struct stmt *s;
	for (size_t i = 0; (s = stmt_at(i)); i++) {
		_cleanup_rows_ struct rows r = { 0 };
		bool fine = true;
		db_reset(owner); /* the id of `explain` is borrowed */
		if (explain(s, &r) < 0) {
			ok(false, "%s: %s: %s", when, s->name, err.words);
			continue;
		}
		for (int row = 0; row < r.n; row++) {
			struct str line = row_raw(&r, row, 0);
			bool scans = str_find(line, STR("Seq Scan")) != STR_NPOS ||
				     str_find(line, STR("Bitmap")) != STR_NPOS ||
				     str_find(line, STR("Hash Join")) != STR_NPOS;
			if (scans && !may_read_whole(s->name, line)) {
				fine = false;
				printf("#   %.*s\n", STR_FMT(line));
			}
		}
		ok(fine, "%s: the plan of %s", when, s->name);
		arena_reset(&arena);
	}
	db_reset(owner);
}

static void fill(void)
{
	run_sql("INSERT INTO project SELECT 'p' || i, 'p' FROM generate_series(1, 50) i");
	run_sql("INSERT INTO api_token (id, sha256, project_id, family, role, name) SELECT gen_random_uuid(), "
		"sha256(convert_to(i::text, 'UTF8')), 'p' || (i % 50 + 1), 'collect', 'admin', 'n' FROM "
		"generate_series(1, 5000) i");
	run_sql("WITH j AS (INSERT INTO job (id, queue, timeout_ms, max_attempts, project_id, family, url, request, "
		"state) "
		"SELECT gen_random_uuid(), 0, 60000, 3, 'p' || (i % 50 + 1), 'collect', 'https://example.com/', '{}', "
		"'queued' "
		"FROM generate_series(1, 20000) i RETURNING id), "
		"r AS (INSERT INTO ready (job_id, queue, priority) SELECT id, 0, 0 FROM j), "
		"d AS (INSERT INTO delayed (job_id, queue, priority, run_at) SELECT id, 0, 0, now() FROM j LIMIT "
		"5000), "
		"m AS (INSERT INTO dead_letter (job_id, attempts, project_id, error_code) SELECT id, 3, 'p1', 'X' FROM "
		"j LIMIT 5000), "
		"g AS (INSERT INTO job_log (job_id, level, message) SELECT id, 'info', 'm' FROM j), "
		"b AS (INSERT INTO blob (sha256, byte_size) SELECT sha256(uuid_send(id)), 1 FROM j), "
		"a AS (INSERT INTO artifact (id, job_id, byte_size, ordinal, sha256, project_id, type, file_name, "
		"content_type) "
		"SELECT gen_random_uuid(), id, 1, 1, sha256(uuid_send(id)), 'p1', 't', 'f', 'c' FROM j), "
		"t AS (INSERT INTO download_token SELECT sha256(uuid_send(id)), id, now() FROM j), "
		"k AS (INSERT INTO idempotency (project_id, route, key, body_sha256, resource_id, expires_at) "
		"SELECT 'p1', 'r', id::text, sha256('x'), id, now() FROM j) "
		"INSERT INTO audit_log (project_id, actor_role, action, resource_type, resource_id) "
		"SELECT 'p1', 'admin', 'job.create', 'job', id::text FROM j");
	run_sql("INSERT INTO lease SELECT id, 1, now(), now(), now(), 1, 0, 'w' FROM job LIMIT 500");
	run_sql("WITH c AS (INSERT INTO crawl (id, max_pages, state, project_id, family, seed, request) SELECT "
		"gen_random_uuid(), "
		"500, CASE WHEN i % 10 = 0 THEN 'running' ELSE 'succeeded' END, 'p' || (i % 50 + 1), 'collect', 's', "
		"'{}' FROM generate_series(1, 2000) i RETURNING id), "
		"k AS (INSERT INTO crawl_count (crawl_id) SELECT id FROM c), "
		"u AS (INSERT INTO crawl_url (crawl_id, k1, k2, seq, depth, state, url) SELECT id, i, i, i, 0, 0, 'u' "
		"FROM c, "
		"generate_series(1, 20) i), "
		"p AS (INSERT INTO crawl_page (crawl_id, k1, k2, byte_size, elapsed_us, status, depth, url) SELECT id, "
		"i, i, 1, 1, "
		"200, 0, 'u' FROM c, generate_series(1, 20) i), "
		"h AS (INSERT INTO crawl_host (host, pending) SELECT 'h' || i, i % 2 FROM generate_series(1, 5000) i), "
		"l AS (INSERT INTO crawl_lease SELECT row_number() OVER (), 1, 1, id, 1, 1, now(), 0, 0, 0, 1, 'w', "
		"'u' FROM c "
		"LIMIT 500) "
		"INSERT INTO crawl_ready SELECT row_number() OVER (), i, id, i, i, 0, 0, 0, 0, 'u' FROM c, "
		"generate_series(1, 20) i");
}

int main(void)
{
	fixture_open(NULL);
	look("empty");
	fill();
	is_int(ask("SELECT count(*) FROM job"), 20000, "filled");
	look("grown");
	run_sql("ANALYZE");
	look("analysed");
	return fixture_close();
}

/*
 * Load for contrib/bench/queue: queue_load MODE PROCESSES SECONDS [BATCH]. Prints "NAME RATE" lines.
 *
 *	create  job_create() in a loop, one job a call          once    the same with an idempotency key each
 *	work    claim BATCH, acknowledge BATCH, until none is left (prints both rates)
 *	steady  jobs are created by one half of the processes while the other half works on them
 *	read    token and job in one round trip, as GET /v1/jobs/:id does
 *	read1   one prepared SELECT of one row with plain libpq, as a bare responder does
 */
#include "base/first.h"
#include <libpq-fe.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "crypto/digest.h"
#include "store/queue.h"

#define BATCH_MAX 1000

struct tally {
	_Alignas(64) uint64_t n, failed;
	usec_t claim, ack; /* time spent */
	uint64_t calls;
};

static const char *uri;
static struct tally *tallies;
static usec_t until;
static int batch = 50;
static bool with_key;

static struct db *connect_as(const char *role)
{
	struct err e = { 0 };
	struct db *db = db_new(&(struct db_options){ .uri = str_of(uri), .app = "queue_load", .role = role });
	if (db_ready(db, &e) < 0)
		die("%s", e.words);
	return db;
}

static void create_loop(struct tally *t)
{
	struct db *db = connect_as("kryfto_api");
	uint8_t hash[32] = { 1 };
	char key[UUID_LEN + 1];
	const struct audit who = { .project = STR("default"),
		.role = STR("admin"),
		.token_id = STR("550e8400-e29b-41d4-a716-446655440000"),
		.request_id = STR("e10c6c92-d85a-40fa-be36-ee240f687927"),
		.ip = STR("127.0.0.1") };
	struct job_new j = { .project = STR("default"),
		.url = STR("https://example.com/some/page.html"),
		.request = STR(
			"{\"url\":\"https://example.com/some/page.html\",\"options\":{\"browserEngine\":\"chromium\","
			"\"respectRobotsTxt\":true,\"timeoutMs\":60000},\"extract\":{\"mode\":\"selectors\","
			"\"selectors\":{\"title\":"
			"\"title\",\"main_heading\":\"h1\"}},\"privacy_mode\":\"normal\",\"freshness_mode\":"
			"\"preferred\"}"),
		.request_id = who.request_id,
		.max_attempts = 3,
		.timeout = 60 * USEC_PER_SEC,
		.idempotency_route = STR("POST /v1/jobs"),
		.idempotency_sha256 = hash };
	while (clock_mono() < until) {
		struct job_created c;
		if (with_key)
			j.idempotency_key = str_of(uuid_v4(key));
		if (job_create(db, &j, &who, &c, NULL) < 0)
			t->failed++;
		else
			t->n++;
	}
	db_free(db);
}

/* Claims and acknowledges until the queue stays empty (`drain`) or the time is over. */
static void work_loop(struct tally *t, bool drain)
{
	struct db *db = connect_as("kryfto_crawler");
	struct arena a;
	struct claim_cursor cursor = { 0 };
	char worker[64];
	static struct outcome done[BATCH_MAX];
	snprintf(worker, sizeof worker, "bench/%d", getpid());
	queue_worker_start(db,
		&(struct worker){ .id = str_of(worker), .host = STR("h"), .kind = STR("bench"), .slots = batch }, NULL);
	const struct claim c = {
		.worker = str_of(worker), .max = batch, .lease = 45 * USEC_PER_SEC, .cursor = &cursor
	};
	arena_init(&a, 0);
	int empty = 0;
	while (drain ? empty < 3 : clock_mono() < until) {
		struct claim_result r;
		struct finished *f;
		usec_t t0 = clock_mono();
		if (queue_claim(db, &a, &c, &r, NULL) < 0) {
			t->failed++;
			continue;
		}
		usec_t t1 = clock_mono();
		empty = r.n ? 0 : empty + 1;
		for (size_t i = 0; i < r.n; i++) {
			done[i] = (struct outcome){ .lease.lease_no = r.at[i].lease_no,
				.host = STR("example.com"),
				.elapsed = 1000,
				.result_summary = STR("{\"usedBrowser\":false,\"artifactCount\":0,\"artifacts\":[],"
						      "\"extracted\":null}") };
			memcpy(done[i].lease.id, r.at[i].id, sizeof done[i].lease.id);
		}
		if (r.n && queue_finish(db, &a, done, r.n, &f, NULL) < 0)
			t->failed++;
		t->claim += r.n ? t1 - t0 : 0;
		t->ack += r.n ? clock_mono() - t1 : 0;
		t->n += r.n;
		t->calls += r.n != 0;
		arena_reset(&a);
		if (!r.n && !drain)
			clock_sleep(USEC_PER_MS);
	}
	queue_worker_stop(db, str_of(worker), NULL);
	arena_release(&a);
	db_free(db);
}

/* argv[5], argv[6]: a job id and the hex SHA-256 of a token. */
static void read_loop(struct tally *t, const char *id, const uint8_t *hash)
{
	struct db *db = connect_as("kryfto_api");
	struct arena a;
	arena_init(&a, 0);
	while (clock_mono() < until) {
		struct principal p;
		struct job j;
		token_auth_send(db, hash, NULL);
		job_get_send(db, str_of(id), NULL);
		db_sync(db, NULL);
		int r1 = token_auth_recv(db, &a, &p, NULL), r2 = job_get_recv(db, &a, &j, NULL);
		t->failed += r1 < 0 || r2 < 0;
		t->n++;
		arena_reset(&a);
	}
	arena_release(&a);
	db_free(db);
}

static void read1_loop(struct tally *t, const char *id)
{
	PGconn *c = PQconnectdb(uri);
	PQclear(PQprepare(c, "one",
		"SELECT id, project_id, state, url, attempts, created_at FROM kryfto.job WHERE id = $1::uuid", 1,
		NULL));
	while (clock_mono() < until) {
		const char *values[] = { id };
		PGresult *r = PQexecPrepared(c, "one", 1, values, NULL, NULL, 0);
		t->failed += PQntuples(r) != 1;
		t->n++;
		PQclear(r);
	}
	PQfinish(c);
}

static void child(struct tally *t, const char *mode, int i, char **argv)
{
	uint8_t hash[32] = { 0 };
	if (argv[5])
		sha256(str_of(argv[6]), hash);
	if (!strcmp(mode, "create") || (!strcmp(mode, "steady") && i % 2 == 0))
		create_loop(t);
	else if (!strcmp(mode, "work"))
		work_loop(t, true);
	else if (!strcmp(mode, "steady"))
		work_loop(t, false);
	else if (!strcmp(mode, "read"))
		read_loop(t, argv[5], hash);
	else
		read1_loop(t, argv[5]);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		die("usage: queue_load MODE PROCESSES SECONDS [BATCH [JOB TOKEN]]");
	const char *mode = argv[1];
	int procs = MIN(MAX((int)strtol(argv[2], NULL, 10), 1), 128);
	double seconds = strtod(argv[3], NULL);
	uri = getenv("KRYFTO_PGURI");
	if (!uri)
		die("KRYFTO_PGURI is not set");
	if (argc > 4)
		batch = MIN(MAX((int)strtol(argv[4], NULL, 10), 1), BATCH_MAX);
	with_key = !strcmp(mode, "once");
	if (with_key)
		mode = "create";
	tallies =
		mmap(NULL, sizeof *tallies * (size_t)procs, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	usec_t start = clock_mono();
	until = start + (usec_t)(seconds * USEC_PER_SEC);
	for (int i = 0; i < procs; i++) {
		if (fork())
			continue;
		child(&tallies[i], mode, i, argv);
		_exit(0);
	}
	while (wait(NULL) > 0)
		continue;
	double took = (double)(clock_mono() - start) / USEC_PER_SEC;
	struct tally made = { 0 }, sum = { 0 };
	for (int i = 0; i < procs; i++) {
		struct tally *t = !strcmp(mode, "steady") && i % 2 == 0 ? &made : &sum;
		t->n += tallies[i].n;
		t->failed += tallies[i].failed;
		t->claim += tallies[i].claim;
		t->ack += tallies[i].ack;
		t->calls += tallies[i].calls;
	}
	if (made.n)
		printf("created %.0f\n", (double)made.n / took);
	printf("%s %.0f\n", argv[1], (double)sum.n / took);
	if (sum.calls)
		printf("claim_us %.1f\nack_us %.1f\n", (double)sum.claim / (double)sum.n,
			(double)sum.ack / (double)sum.n);
	printf("failed %.0f\n", (double)(sum.failed + made.failed));
	return 0;
}

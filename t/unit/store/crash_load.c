/*
 * Load for t/it/queue_crash.t: two processes create jobs, three work on them, one reaps, while the server is killed
 * under them. Writes what was acknowledged to the file argv[1], a line each: "made ID", "done ID".
 * argv[2] jobs are made by each creator; the workers leave when nothing is open any more.
 */
#include "base/first.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include "base/fd.h"
#include "store/queue.h"

static const char *path;
static int target;

static struct db *connect_as(const char *role)
{
	return db_new(&(struct db_options){ .uri = str_of(getenv("KRYFTO_PGURI")),
		.app = "crash_load",
		.role = role,
		.timeout = 5 * USEC_PER_SEC });
}

/* Short lines appended in one write each do not mix. */
static void note_line(int fd, const char *what, const char *id)
{
	char line[64];
	int n = snprintf(line, sizeof line, "%s %s\n", what, id);
	if (write(fd, line, (size_t)n) != n)
		die("write");
}

/* Each job has a key, so that a creation whose answer was lost can be asked for again. */
static void create(int fd)
{
	struct db *db = connect_as("kryfto_api");
	uint8_t hash[32] = { 7 };
	const struct audit who = { .project = STR("default"), .role = STR("admin") };
	for (int i = 0; i < target; i++) {
		char key[UUID_LEN + 1];
		struct job_created c;
		struct job_new j = { .project = STR("default"),
			.url = STR("https://a/"),
			.request = STR("{}"),
			.max_attempts = 20,
			.timeout = 60 * USEC_PER_SEC,
			.idempotency_route = STR("POST /v1/jobs"),
			.idempotency_sha256 = hash };
		j.idempotency_key = str_of(uuid_v4(key));
		while (job_create(db, &j, &who, &c, NULL) < 0)
			clock_sleep(5 * USEC_PER_MS);
		note_line(fd, "made", c.id);
	}
	db_free(db);
}

static bool all_ended(struct db *db)
{
	struct queue_stats s;
	if (queue_stats(db, &s, NULL) < 0)
		return false;
	return !s.at[QUEUE_HTTP].ready && !s.at[QUEUE_HTTP].delayed && !s.at[QUEUE_HTTP].running;
}

static void work(int fd)
{
	struct db *db = connect_as("kryfto_crawler");
	struct arena a;
	struct claim_cursor cursor = { 0 };
	char worker[40];
	snprintf(worker, sizeof worker, "crash/%d", getpid());
	const struct claim c = { .worker = str_of(worker), .max = 5, .lease = USEC_PER_SEC, .cursor = &cursor };
	arena_init(&a, 0);
	for (;;) {
		struct claim_result r;
		struct finished *f;
		struct outcome o[5];
		arena_reset(&a);
		if (queue_claim(db, &a, &c, &r, NULL) < 0) {
			clock_sleep(5 * USEC_PER_MS);
			continue;
		}
		for (size_t i = 0; i < r.n; i++) {
			o[i] = (struct outcome){ .lease.lease_no = r.at[i].lease_no, .result_summary = STR("{}") };
			memcpy(o[i].lease.id, r.at[i].id, sizeof o[i].lease.id);
		}
		/* An acknowledgement whose answer was lost is not repeated: it may have been taken, and then the lease
		 * is gone. */
		if (r.n && queue_finish(db, &a, o, r.n, &f, NULL) == 0)
			for (size_t i = 0; i < r.n; i++)
				if (!f[i].lost)
					note_line(fd, "done", f[i].id);
		clock_sleep(r.n ? 2 * USEC_PER_MS : 20 * USEC_PER_MS);
	}
}

static void reap(void)
{
	struct db *db = connect_as("kryfto_crawler");
	for (;;) {
		struct reaped k;
		queue_reap(db, 1000, 10000, &k, NULL);
		clock_sleep(100 * USEC_PER_MS);
	}
}

int main(int argc, char **argv)
{
	pid_t pid[6];
	if (argc != 3 || !getenv("KRYFTO_PGURI"))
		die("usage: KRYFTO_PGURI=… crash_load FILE JOBS");
	path = argv[1];
	target = (int)strtol(argv[2], NULL, 10);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	for (int i = 0; i < 6; i++) {
		pid[i] = fork();
		if (pid[i])
			continue;
		if (i < 2)
			create(fd);
		else if (i < 5)
			work(fd);
		else
			reap();
		_exit(0);
	}
	waitpid(pid[0], NULL, 0);
	waitpid(pid[1], NULL, 0);
	struct db *db = connect_as(NULL);
	usec_t end = clock_mono() + 60 * USEC_PER_SEC;
	bool ended = false;
	while (!ended && clock_mono() < end) {
		ended = all_ended(db);
		clock_sleep(50 * USEC_PER_MS);
	}
	for (int i = 2; i < 6; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	db_free(db);
	return ended ? 0 : 1;
}

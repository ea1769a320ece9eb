#include "base/first.h"
#include <pthread.h>
#include <signal.h>
#include "base/log.h"
#include "crawl/janitor.h"
#include "store/upkeep.h"

#define BATCH 1000
#define STATEMENT_TIMEOUT (5 * USEC_PER_SEC)
/* The first pass comes soon after the start: a database that was away for a week lacks today's partition. */
#define FIRST_PASS (USEC_PER_SEC)
/* Blobs that nothing needs: their rows first, then the bytes, when both are of that age. Longer than any job lives. */
#define BLOB_GRACE (24 * 3600 * USEC_PER_SEC)
#define BLOB_BATCH 100

struct janitor {
	struct db *db;
	struct retention keep;
	struct blob_store *blobs;
	usec_t every;
	pthread_t thread;
	bool running; /* the thread was started */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
};

/* True when it is time to end. */
static bool rest(struct janitor *j, usec_t d)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(d / USEC_PER_SEC);
	until.tv_nsec += (long)(d % USEC_PER_SEC) * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_mutex_lock(&j->lock);
	int rc = 0;
	while (!j->stop && rc == 0)
		rc = pthread_cond_timedwait(&j->wake, &j->lock, &until);
	bool stop = j->stop;
	pthread_mutex_unlock(&j->lock);
	return stop;
}

static bool removed(const struct upkept *u)
{
	return u->jobs || u->download_tokens || u->idempotency || u->tokens;
}

/* Batch after batch with a breath in between, until nothing old is left. True when it is time to end. */
static bool pass(struct janitor *j)
{
	struct upkept sum = { 0 }, u;
	struct err e = { 0 };
	bool stop = false;
	do {
		if (upkeep_run(j->db, &j->keep, BATCH, &u, &e) < 0) {
			log_at(LOG_WARN, "upkeep failed; it will be tried again", L_CSTR("error", e.words));
			break;
		}
		sum.partitions_made += u.partitions_made;
		sum.partitions_dropped += u.partitions_dropped;
		sum.jobs += u.jobs;
		sum.download_tokens += u.download_tokens;
		sum.idempotency += u.idempotency;
		sum.tokens += u.tokens;
		stop = rest(j, 50 * USEC_PER_MS);
	} while (removed(&u) && !stop);
	if (removed(&sum) || sum.partitions_made || sum.partitions_dropped)
		log_at(LOG_INFO, "upkeep", L_INT("partitions_made", sum.partitions_made),
		       L_INT("partitions_dropped", sum.partitions_dropped), L_INT("jobs", sum.jobs),
		       L_INT("download_links", sum.download_tokens), L_INT("idempotency_keys", sum.idempotency),
		       L_INT("dead_tokens", sum.tokens));
	return stop;
}

/* The bytes of blobs whose last artifact went with its job. A store that is away keeps some for good; it is told. */
static bool sweep_blobs(struct janitor *j)
{
	struct err e = { 0 };
	int64_t gone = 0, bytes = 0;
	size_t n = BLOB_BATCH;
	bool stop = false;
	while (j->keep.jobs && n == BLOB_BATCH && !stop) {
		struct blob_ref *at;
		struct arena a;
		arena_init(&a, 0);
		int rc = upkeep_blobs(j->db, &a, BLOB_GRACE, BLOB_BATCH, &at, &n, &e);
		if (rc < 0 && rc != E_AGAIN)
			log_at(LOG_WARN, "upkeep of blobs failed; it will be tried again", L_CSTR("error", e.words));
		n = rc < 0 ? 0 : n;
		for (size_t i = 0; i < n; i++) {
			rc = blob_delete(j->blobs, at[i].sha256, BLOB_GRACE, &e);
			gone += rc == 0;
			bytes += rc == 0 ? at[i].byte_size : 0;
			if (rc < 0 && rc != E_AGAIN) /* put again just now: it stays */
				log_at(LOG_WARN, "a blob that nothing needs could not be removed",
					L_CSTR("error", e.words));
		}
		arena_release(&a);
		stop = rest(j, 50 * USEC_PER_MS);
	}
	if (gone)
		log_at(LOG_INFO, "blobs removed", L_INT("blobs", gone), L_INT("bytes", bytes));
	return stop;
}

static void *serve(void *arg)
{
	struct janitor *j = arg;
	bool stop = rest(j, MIN(FIRST_PASS, j->every));
	while (!stop)
		stop = pass(j) || sweep_blobs(j) || rest(j, j->every);
	return NULL;
}

int janitor_new(const struct conf *c, const struct blob_config *blobs, struct janitor **ret, struct err *e)
{
	struct janitor *j = xcalloc(1, sizeof *j);
	pthread_condattr_t attr;
	sigset_t all, old;
	int rc = blob_open(blobs, &j->blobs, e);
	if (rc < 0) {
		free(j);
		return rc;
	}
	j->keep = (struct retention){
		.logs = c->keep_logs, .audit = c->keep_audit, .jobs = c->keep_jobs, .tokens = c->keep_tokens };
	j->every = c->upkeep_every;
	j->db = db_new(&(struct db_options){ .uri = c->pg_uri.reveal,
		.app = "kryfto-crawler upkeep",
		.role = "kryfto_crawler",
		.timeout = STATEMENT_TIMEOUT });
	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->wake, &attr);
	pthread_condattr_destroy(&attr);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	j->running = pthread_create(&j->thread, NULL, serve, j) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!j->running)
		log_at(LOG_ERROR, "no thread for upkeep");
	*ret = j;
	return 0;
}

void janitor_free(struct janitor *j)
{
	if (!j)
		return;
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	if (j->running)
		pthread_join(j->thread, NULL);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	db_free(j->db);
	blob_close(j->blobs);
	free(j);
}

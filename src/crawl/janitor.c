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

struct janitor {
	struct db *db;
	struct retention keep;
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

static void *serve(void *arg)
{
	struct janitor *j = arg;
	bool stop = rest(j, MIN(FIRST_PASS, j->every));
	while (!stop)
		stop = pass(j) || rest(j, j->every);
	return NULL;
}

struct janitor *janitor_new(const struct conf *c)
{
	struct janitor *j = xcalloc(1, sizeof *j);
	pthread_condattr_t attr;
	sigset_t all, old;
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
	return j;
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
	free(j);
}

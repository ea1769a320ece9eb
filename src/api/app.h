/* What one API process has: built once before the fork (struct shared_state, router), completed in each worker. */
#ifndef KRYFTO_API_APP_H
#define KRYFTO_API_APP_H

#include "api/limiter.h"
#include "base/arena.h"
#include "conf/conf.h"
#include "http/call.h"
#include "proc/scoreboard.h"
#include "store/limits.h"

struct blob_store;
struct db;
struct isolate;
struct mc;
struct stream_wish;
struct verdict_policy;

/* Small facts that the workers share. */
struct shared_state {
	_Atomic int32_t rpm[3];        /* by enum token_role; 0: not read yet */
	_Atomic int64_t rpm_read;      /* clock_mono of the last look at the database */
	_Atomic int64_t bootstrap_next; /* clock_mono of the next attempt */
	_Atomic int32_t bootstrapped;
};

struct app {
	struct conf *conf;
	struct arena *arena;           /* as long as the process */
	struct router router;
	struct pipeline pipeline;
	struct shared_state *shared;
	struct limiter *limiter;
	struct scoreboard *board;
	const char *const *pool_names; /* NULL at the end */
	struct verdict_policy *verdict;
	/* of one worker */
	struct db *db;
	struct mc *mc;                 /* NULL: none configured */
	struct isolate *isolate;       /* opened by app_isolate() */
	struct blob_store *blobs;
	struct stream_wish *stream;    /* of kryfto-stream, for the request in hand; NULL elsewhere */
};

/* Everything that can be known to be wrong before a worker runs: routes, memcached string, allowed hosts … */
int app_prepare(struct app *app, struct conf *conf, struct arena *a, struct err *e);
/* Connections of one worker; `name` ends up as the database's application_name. */
int app_open(struct app *app, const char *name, struct err *e);
void app_close(struct app *app);
/* Between requests, at least twice a second: the bootstrap token until it is there. */
void app_tick(struct app *app);
/* The confined parse child of this worker, started on first use. */
int app_isolate(struct app *app, struct isolate **ret, struct err *e);

#endif

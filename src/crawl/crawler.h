/*
 * The crawler process: the services that its parts share, all on one loop. daemon.c builds it, reads
 * signals and ends it; dispatch.c claims jobs, job.c runs them, report.c tells the database.
 */
#ifndef KRYFTO_CRAWL_CRAWLER_H
#define KRYFTO_CRAWL_CRAWLER_H

#include "conf/conf.h"
#include "crawl/dbq.h"
#include "crawl/janitor.h"
#include "crawl/keeper.h"
#include "crawl/parsers.h"
#include "net/host.h"
#include "net/http.h"
#include "net/robots_cache.h"

struct dispatch;
struct engine;
struct pool;
struct report;
struct jobs;

struct crawler {
	struct conf conf; /* reload class R may change between two turns of the loop */
	struct arena conf_arena;
	struct arena arena; /* what lives as long as the process */
	char id[128];     /* "host/pid/random": this start of this process, in leases and logs */
	char host[64];
	struct loop *loop;
	struct dbq *db;
	struct resolver *resolver;
	struct verdict_policy *policy;
	struct http *http;
	struct robots_cache *robots;
	struct hosts_gate *gate;
	struct parsers *parsers;
	struct pool *browsers;  /* NULL: this crawler has none */
	int64_t browser_jobs;   /* given to via_browser and not ended */
	struct keeper *keeper;
	struct janitor *janitor;
	struct jobs *jobs;
	struct report *report;
	struct dispatch *dispatch;
	struct engine *engine;
	bool draining;
};

#endif

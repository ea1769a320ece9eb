/*
 * The crawler as a process: builds its services, runs the loop, and ends.
 *
 * TERM, INT and QUIT drain: no further claims, jobs that a runner works on go back to the queue at once
 * (their attempt does not count), finished ones are reported; a second TERM or INT gives up waiting for that.
 * HUP reads the settings anew, USR1 opens the log anew. Without Postgres it goes on trying.
 */
#ifndef KRYFTO_CRAWL_DAEMON_H
#define KRYFTO_CRAWL_DAEMON_H

#include "crawl/crawler.h"

/* Opens everything that can be opened without the database. `c` is zeroed but for conf, and must not move. */
int crawler_open(struct crawler *c, struct err *e);
/* Runs until told to stop; returns the exit code. `argc`, `argv`: for reading the settings anew. */
int crawler_run(struct crawler *c, int argc, char **argv);
void crawler_close(struct crawler *c);

#endif

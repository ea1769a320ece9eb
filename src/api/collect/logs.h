/* GET /v1/jobs/:jobId/logs. */
#ifndef KRYFTO_API_COLLECT_LOGS_H
#define KRYFTO_API_COLLECT_LOGS_H

#include "http/call.h"

int prefetch_job_logs(struct call *c);
int run_job_logs(struct call *c);

#endif

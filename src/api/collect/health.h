/* Liveness, readiness, metrics. */
#ifndef KRYFTO_API_COLLECT_HEALTH_H
#define KRYFTO_API_COLLECT_HEALTH_H

#include "http/call.h"

int run_healthz(struct call *c);
int run_readyz(struct call *c);
int run_metrics(struct call *c);

#endif

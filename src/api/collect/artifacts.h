/* Artifacts of jobs: list with download tokens, download by way of the web server. */
#ifndef KRYFTO_API_COLLECT_ARTIFACTS_H
#define KRYFTO_API_COLLECT_ARTIFACTS_H

#include "http/call.h"

struct download_query {
	struct str downloadToken;
};

int prefetch_artifacts(struct call *c);
int run_list_artifacts(struct call *c);
int prefetch_artifact(struct call *c);
int run_get_artifact(struct call *c);

#endif

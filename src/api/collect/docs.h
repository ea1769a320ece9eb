/* The API description, served. */
#ifndef KRYFTO_API_COLLECT_DOCS_H
#define KRYFTO_API_COLLECT_DOCS_H

#include "http/call.h"

int run_openapi_yaml(struct call *c);
int run_openapi_json(struct call *c);

#endif

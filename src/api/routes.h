/* The table of contents of the API: every route table of every family. */
#ifndef KRYFTO_API_ROUTES_H
#define KRYFTO_API_ROUTES_H

#include "http/route.h"

/* NULL at the end; what router_build() takes. */
extern const struct route *const api_tables[];

#endif

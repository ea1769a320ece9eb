/* Cross-origin requests of browsers (WHATWG Fetch, "CORS protocol"), for the origins of KRYFTO_CORS_ORIGINS. */
#ifndef KRYFTO_API_CORS_H
#define KRYFTO_API_CORS_H

#include "http/call.h"

/* True when the comma-separated list holds the origin, or is "*". */
bool cors_allows(struct str list, struct str origin);
/* Adds the headers that let the calling page read the answer; for preflights, what it may send. Always 0. */
int phase_cors(struct call *c);

#endif

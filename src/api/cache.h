/* Answers that took the database long are kept in memcached for a while; quick ones are always fresh. */
#ifndef KRYFTO_API_CACHE_H
#define KRYFTO_API_CACHE_H

#include "http/call.h"

/* The text kept under `key` (printable, no blanks, ≤ 160 bytes), or a NULL slice. */
struct str cache_get(struct call *c, struct str key);
/* Keeps `text` if finding it out took longer than 5 ms: for 100 times as long, at least a second and at most a
 * minute. `took` is what it took. */
void cache_put(struct call *c, struct str key, struct str text, usec_t took);
/* "stats:<digest of project>" and such: any text as part of a key. */
struct str cache_key(struct call *c, const char *kind, struct str a, struct str b);

#endif

/* nginx/routes.conf: which pool answers a path and how large its body may be, from the route tables. */
#ifndef KRYFTO_API_NGINX_CONF_H
#define KRYFTO_API_NGINX_CONF_H

#include "base/buf.h"
#include "http/route.h"

/* Appends one location for each path that differs from the default (the fast pool, bodies of at most
 * `body_max` bytes), then the default itself. `tables` end with NULL and have passed router_build(). */
void nginx_conf_write(const struct route *const *tables, size_t body_max, struct arena *a, struct buf *out);

#endif

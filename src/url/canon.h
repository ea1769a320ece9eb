/*
 * The canonical key of a URL: two URLs with the same key are one page to the crawler.
 *
 * On top of the standard's own serialisation (which lowers scheme and host, applies IDNA, drops
 * default ports and dot segments) the key has: no fragment, no user information, no trailing dot of the host,
 * no empty query, escapes in upper case, and unreserved characters unescaped (RFC 3986 6.2.2).
 * Nothing that could name another resource is touched by default: not the order of parameters, not
 * a trailing slash, not "www.", not the scheme.
 */
#ifndef KRYFTO_URL_CANON_H
#define KRYFTO_URL_CANON_H

#include "url/url.h"

enum {
	URL_KEY_NO_TRACKING = 1, /* utm_*, gclid, fbclid and their kind are left out */
	URL_KEY_SORTED = 2,      /* parameters in byte order of name, then as they came */
	URL_KEY_ANY_SCHEME = 4,  /* http and https, each at its own port, give the same key */
};

struct str url_key(struct arena *a, const struct url *u, unsigned flags);
/* True for query parameters that only say where the visitor came from. */
bool url_is_tracking(struct str name);
/* `query` less its tracking parameters, otherwise byte for byte; p is NULL when nothing is left. */
struct str url_without_tracking(struct arena *a, struct str query);

#endif

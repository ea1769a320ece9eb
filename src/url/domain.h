/* Registrable domains, by the Public Suffix List that libpsl carries (private section included). */
#ifndef KRYFTO_URL_DOMAIN_H
#define KRYFTO_URL_DOMAIN_H

#include "url/url.h"

/*
 * "example.co.uk" of "www.example.co.uk". `host` is ASCII, as in struct url; a trailing dot is ignored. p is NULL
 * for IP addresses, public suffixes themselves and single labels. The result points into `host`.
 */
struct str domain_registrable(struct str host);
/* "co.uk" of "www.example.co.uk"; p is NULL for IP addresses. Points into `host`. */
struct str domain_suffix(struct str host);
/* The same registrable domain, or the same host where there is none. */
bool domain_same_site(struct str a, struct str b);
/* `host` is `domain` or ends in "." `domain`; case and one trailing dot are ignored. */
bool domain_is_under(struct str host, struct str domain);

#endif

/*
 * Hosts (URL Standard 3.5): percent-decoding, IDNA with UTS #46, every spelling of an IPv4 address,
 * IPv6, opaque hosts. url_parse() uses these; alone they serve host names in settings.
 */
#ifndef KRYFTO_URL_HOST_H
#define KRYFTO_URL_HOST_H

#include "url/url.h"

struct host {
	enum url_host_kind kind;
	struct str name; /* serialised, IPv6 with brackets */
	struct ip ip;    /* of the IP kinds */
};

/* `opaque`: the scheme is not special. E_INVALID with the rule that was broken in `e`. */
int host_parse(struct arena *a, struct str input, bool opaque, struct host *ret, struct err *e);
/* Domain to ASCII (lower case, punycode) as the standard asks: non-transitional, no length check. */
int host_to_ascii(struct arena *a, struct str domain, struct str *ret, struct err *e);
/* For display: punycode labels to Unicode where they decode, else as they are. */
struct str host_to_unicode(struct arena *a, struct str ascii);

#endif

/*
 * URLs as the WHATWG URL Standard parses and serialises them (url.spec.whatwg.org, sections 3, 4).
 *
 * A record's strings live in the arena it was parsed into, hold ASCII only, and are already
 * percent-encoded: two URLs are the same resource name exactly when their serialisations are equal.
 * Input is UTF-8; ill-formed bytes are read as U+FFFD. No deviation from the standard is meant;
 * the input is bounded by URL_INPUT_MAX.
 */
#ifndef KRYFTO_URL_URL_H
#define KRYFTO_URL_URL_H

#include "base/arena.h"
#include "base/err.h"
#include "url/ip.h"

#define URL_INPUT_MAX (MiB)

enum url_host_kind {
	URL_HOST_NONE,   /* "mailto:a", "about:blank" */
	URL_HOST_EMPTY,  /* "file:///x" */
	URL_HOST_DOMAIN, /* special schemes: lower-case ASCII after IDNA */
	URL_HOST_IPV4,
	URL_HOST_IPV6,
	URL_HOST_OPAQUE, /* schemes that are not special: percent-encoded, never looked up */
};

struct url {
	struct str scheme; /* lower case, without ':' */
	struct str username, password;
	enum url_host_kind host_kind;
	struct str host; /* serialised, IPv6 with brackets; p is NULL when there is none */
	struct ip ip;    /* of URL_HOST_IPV4 and URL_HOST_IPV6 */
	int port;        /* -1: none, or the scheme's default */
	bool opaque_path; /* "mailto:a": the path is one string without a leading '/' */
	struct str path;  /* with its leading '/' where it has segments */
	struct str query, fragment; /* without '?' and '#'; p is NULL when absent */
};

/* `base` may be NULL. E_INVALID when the standard returns failure, E_LIMIT for an over-long input. */
int url_parse(struct arena *a, struct str input, const struct url *base, struct url *ret, struct err *e);

enum {
	URL_HREF_NO_FRAGMENT = 1,
	URL_HREF_NO_USERINFO = 2,
};
/* The serialisation (standard 4.5), NUL-terminated. */
struct str url_href(struct arena *a, const struct url *u, unsigned flags);
/* scheme://host[:port] (RFC 6454); "null" for URLs that have an opaque origin. */
struct str url_origin(struct arena *a, const struct url *u);
/* path[?query], never empty: what stands in a request line. */
struct str url_target(struct arena *a, const struct url *u);
/* host[:port], the port only when it is not the scheme's own: a Host header's value. */
struct str url_host_port(struct arena *a, const struct url *u);

/* Port in effect: the explicit one, else the scheme's default, else -1. */
int url_port(const struct url *u);
/* http, https, ws, wss, ftp, file. */
bool url_is_special(const struct url *u);
bool url_is_http(const struct url *u); /* http or https */
/* Default port of a special scheme, -1 for others. */
int url_default_port(struct str scheme);
/* Parse against `base` and serialise, in one call: p is NULL when it is not a URL. */
struct str url_resolve(struct arena *a, struct str input, const struct url *base);

/* Deep copy into `a`. */
void url_copy(struct arena *a, const struct url *u, struct url *ret);

#endif

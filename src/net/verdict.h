/*
 * The one verdict on where this product may send bytes (server-side request forgery).
 *
 * Two questions, and both must be asked: verdict_url() before anything is queued or resolved, and
 * verdict_addr() on every address about to be dialled, for every redirect hop and every answer of
 * the resolver. Dial the judged address, never the name again, or a second answer slips past.
 *
 * Addresses pass only when the IANA special-purpose registries call them globally reachable
 * (RFC 6890); an IPv4 address inside an IPv6 one is unpacked and judged as well.
 */
#ifndef KRYFTO_NET_VERDICT_H
#define KRYFTO_NET_VERDICT_H

#include "base/err.h"
#include "url/url.h"

enum verdict_code {
	VERDICT_OK,
	VERDICT_BAD_URL,  /* not a URL, or one without a host */
	VERDICT_SCHEME,   /* neither http nor https */
	VERDICT_USERINFO, /* carries a user name or password */
	VERDICT_PORT,     /* not an allowed port */
	VERDICT_HOST,     /* a name that is local by definition, e.g. localhost */
	VERDICT_ADDRESS,  /* not globally reachable, or denied */
};

struct verdict {
	enum verdict_code code;
	char words[200]; /* one sentence for a person, without a final full stop */
};

struct verdict_config {
	bool block_private;       /* KRYFTO_SSRF_BLOCK_PRIVATE_RANGES: judge names and addresses */
	struct str allowed_hosts; /* comma-separated "host", "host:port", "[v6]:port": no address check for these */
	struct str allowed_ports; /* comma-separated; empty: all but those that browsers refuse */
	struct str denied;        /* comma-separated addresses and CIDR blocks refused for all but allowed hosts */
};

struct verdict_policy;
/* Lives in `a`; a bad entry is E_INVALID and named in `e`. */
int verdict_policy_new(struct arena *a, const struct verdict_config *cfg, struct verdict_policy **ret, struct err *e);

/* All of these: 0 and VERDICT_OK, or E_BLOCKED and the reason in `v` (may be NULL). */

/* Scheme, credentials, port, host name, literal address. Does not resolve. */
int verdict_url(const struct verdict_policy *p, const struct url *u, struct verdict *v);
/* Parses first; `ret_url` (may be NULL) is set when 0 is returned. */
int verdict_text(
	struct arena *a, const struct verdict_policy *p, struct str text, struct url *ret_url, struct verdict *v);
/* An address that `host` (as in struct url; "" when not known) resolved to, about to be dialled at `port`. */
int verdict_ip(const struct verdict_policy *p, struct str host, int port, const struct ip *ip, struct verdict *v);
struct sockaddr;
/* The same with the port of `sa`; other families than AF_INET and AF_INET6 are refused. */
int verdict_addr(
	const struct verdict_policy *p, struct str host, const struct sockaddr *sa, size_t n, struct verdict *v);

/* Machine word: "ok", "bad_url", "scheme", "userinfo", "port", "host", "address". */
const char *verdict_name(enum verdict_code code);

#endif

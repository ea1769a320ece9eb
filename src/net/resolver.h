/*
 * A stub resolver on the loop: every address of a name, before anything is dialled, so that all of them
 * can be judged and the connection be pinned to what was judged.
 *
 * Asks the A and AAAA records of an absolute name (no search list) over UDP with EDNS(0), over TCP when
 * the answer was cut (RFC 1035, 6891, 7766), from a fresh socket with a random identifier per try. A
 * hosts file answers first; "localhost" and names under it never leave the machine (RFC 6761), nor do
 * "invalid" and "onion". Answers are cached for their TTL within RESOLVER_TTL_MIN..MAX; concurrent
 * lookups of a name share one question.
 */
#ifndef KRYFTO_NET_RESOLVER_H
#define KRYFTO_NET_RESOLVER_H

#include "base/clock.h"
#include "base/err.h"
#include "net/loop.h"
#include "url/ip.h"

#define RESOLVER_ADDRS_MAX 16   /* further addresses of a name are dropped, hence never dialled */
#define RESOLVER_SERVERS_MAX 4
#define RESOLVER_TTL_MIN (5 * USEC_PER_SEC)
#define RESOLVER_TTL_MAX (3600 * USEC_PER_SEC)

struct resolver;
struct lookup;

struct resolver_options {
	struct str servers;      /* "address" or "address:port" ("[v6]:port"), commas; empty: resolv_conf's */
	const char *resolv_conf; /* NULL: /etc/resolv.conf; without a server in it: 127.0.0.1 */
	const char *hosts;       /* NULL: /etc/hosts; "" for none; read again when it changes */
	usec_t timeout;          /* of one try at one server; 0: 2 s */
	int rounds;              /* over all servers; 0: 2 */
	size_t cache_max;        /* names; 0: 10 000 */
};

struct resolved {
	int code;                /* 0; E_NOTFOUND: no such name or no address; E_TIMEOUT; E_UNAVAIL: the
	                            servers refuse or fail; E_INVALID: no host name */
	const struct ip *addrs;  /* valid during the callback only */
	size_t n;
	bool cached;
};

typedef void (*resolved_fn)(void *arg, const struct resolved *r);

/* E_INVALID for a server that is no address. */
int resolver_new(struct loop *l, const struct resolver_options *o, struct resolver **ret, struct err *e);
/* Pending lookups end without a callback. NULL is fine. */
void resolver_free(struct resolver *r);

/* `name`: ASCII, as in struct url; a trailing dot is ignored; an address gives itself. Calls fn(arg, …)
 * exactly once, never from within this call, unless cancelled before. */
struct lookup *resolver_lookup(struct resolver *r, struct str name, resolved_fn fn, void *arg);
/* Not after the callback. */
void lookup_cancel(struct lookup *l);

struct resolver_stats {
	uint64_t lookups, hits, queries, timeouts, tcp, failures;
	size_t cached, pending;
};
void resolver_stats(const struct resolver *r, struct resolver_stats *ret);

#endif

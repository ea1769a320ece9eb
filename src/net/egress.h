/*
 * The filtering forward proxy through which browsers reach the network, and nothing else does.
 *
 * Each browser context gets a lease: a listening port of its own, inside the browser's network namespace, so that every
 * connection is known to belong to one job, with that job's rules and counters. For a connection: parse the request
 * (CONNECT, or plain HTTP in absolute form), judge the URL, resolve once, judge all answers, dial a
 * judged address and splice. A name keeps its addresses for the life of the lease, so a rebinding name is
 * never dialled twice differently. Upstream proxies are chained after judging, by address.
 *
 * Refusals answer 403 with the header "X-Kryfto-Refused: <verdict word>". Design: shared page
 * "browser and egress", section 4. RFC 9110 9.3.6 (CONNECT), RFC 9112 3.2.2, RFC 1928 (SOCKS5).
 */
#ifndef KRYFTO_NET_EGRESS_H
#define KRYFTO_NET_EGRESS_H

#include "net/fiber_io.h"
#include "net/verdict.h"

struct egress;
struct egress_lease;

#define EGRESS_HEAD_MAX (64 * KiB)
#define EGRESS_CONNS_DEFAULT 200
#define EGRESS_BYTES_DEFAULT (INT64_C(512) << 20)
/* A page that the proxy itself answers, so that the whole path of a browser can be tried without a site. */
#define EGRESS_CANARY_HOST "canary.kryfto.invalid"
#define EGRESS_REFUSED_HEADER "X-Kryfto-Refused"

/* One connection that ended; strings live until the callback returns. */
struct egress_record {
	struct str job, host,
		verdict; /* verdict: "ok" or why not, a word of verdict_name() or host, limit, dns, connect */
	int port;
	struct ip ip;      /* dialled; family 0: none */
	bool tunnel;
	int64_t up, down;  /* bytes from and to the browser */
	usec_t took;
};

struct egress_options {
	struct loop *loop;
	struct resolver *resolver;
	const struct verdict_policy *policy;
	void (*record)(void *arg, const struct egress_record *r); /* may be NULL */
	void *arg;
	usec_t connect_timeout; /* 0: 10 s */
	usec_t idle_timeout;    /* of a tunnel without bytes; 0: 120 s */
};

struct egress_rules {
	struct str job;      /* for the records */
	struct str hosts;    /* comma-separated hosts and "*.domain" that alone may be reached; empty: all that pass */
	int64_t bytes_max;   /* both ways, all connections; 0: EGRESS_BYTES_DEFAULT */
	int conns_max;       /* at once; 0: EGRESS_CONNS_DEFAULT */
	struct str upstream; /* http://[user:pass@]host:port or socks5://…; empty: direct */
};

int egress_new(const struct egress_options *o, struct egress **ret, struct err *e);
/* All leases must be closed; connections still ending finish first. NULL is fine. */
void egress_free(struct egress *x);

/* `fd`: a listening, non-blocking TCP socket, the lease's from now on (also on failure); it may belong to another
 * network namespace than ours. Without rules a lease refuses everything. */
int egress_lease_open(struct egress *x, int fd, struct egress_lease **ret, struct err *e);
/* E_INVALID for an unusable upstream. */
int egress_lease_set(struct egress_lease *l, const struct egress_rules *rules, struct err *e);
/* Closes the port and all its connections. */
/* Verdict word of the last connection that was not let through; "" when all were. */
const char *egress_lease_last(const struct egress_lease *l);
void egress_lease_close(struct egress_lease *l);
size_t egress_connections(const struct egress *x);

/* --- shared with egress_conn.c and its fuzz target --- */

/* The head of a proxy request, split and checked. */
struct egress_head {
	bool tunnel;
	struct str method, target; /* as sent */
	struct str host;           /* as sent, an IPv6 one with its brackets; CONNECT only */
	int port;
	struct str headers;        /* raw lines behind the request line, each with CRLF, no final empty one */
	int64_t body;              /* Content-Length; -1: chunked */
};
/* `text` ends with the empty line. E_INVALID with words for anything ambiguous: two lengths, length and chunked,
 * folded lines, control characters, bare LF. */
int egress_head_parse(struct str text, struct egress_head *ret, struct err *e);

#endif

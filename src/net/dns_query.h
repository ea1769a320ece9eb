/* One name put to the name servers: A and AAAA side by side, tries, timeouts, TCP when cut. */
#ifndef KRYFTO_NET_DNS_QUERY_H
#define KRYFTO_NET_DNS_QUERY_H

#include "net/dns_conf.h"
#include "net/loop.h"

struct dns_query;

struct dns_query_options {
	const struct dns_server *servers;
	size_t servers_n; /* at least 1 */
	usec_t timeout;   /* of a try */
	int rounds;
	size_t addrs_max; /* kept per record type */
	uint64_t *queries, *timeouts, *tcp; /* counters of the owner */
};

struct dns_result {
	int code;        /* as in struct resolved */
	const struct ip *addrs; /* IPv6 and IPv4 in turn, IPv6 first */
	size_t n;
	uint32_t ttl;    /* seconds as the servers said */
};

/* fn(arg, …) is called once, never from within; the query is gone after it. `name` is copied. */
struct dns_query *dns_query_start(struct loop *l, const struct dns_query_options *o, struct str name,
	void (*fn)(void *arg, const struct dns_result *r), void *arg);
void dns_query_cancel(struct dns_query *q);

#endif

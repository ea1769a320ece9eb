/* DNS messages on the wire (RFC 1035 section 4, EDNS(0) of RFC 6891): one question out, addresses in. */
#ifndef KRYFTO_NET_DNS_MSG_H
#define KRYFTO_NET_DNS_MSG_H

#include "base/err.h"
#include "base/str.h"
#include "url/ip.h"

#define DNS_NAME_MAX 253 /* text form, without the trailing dot */
#define DNS_QUERY_MAX 300
#define DNS_UDP_SIZE 1232 /* what we offer to take over UDP (DNS flag day 2020) */

enum dns_type { DNS_A = 1, DNS_CNAME = 5, DNS_SOA = 6, DNS_AAAA = 28 };

/* Labels of 1..63 bytes, DNS_NAME_MAX in all; a trailing dot is allowed. */
bool dns_name_valid(struct str name);
/* A recursive question; returns its length. `name` must be valid. */
size_t dns_query_write(uint8_t out[DNS_QUERY_MAX], uint16_t id, struct str name, enum dns_type type, bool edns);

struct dns_answer {
	int rcode;      /* RFC 1035: 0 fine, 1 format error, 2 server failure, 3 no such name, 4, 5 refused */
	bool truncated; /* ask again over TCP */
	struct ip *addrs;
	size_t n;       /* at most the capacity given */
	uint32_t ttl;   /* seconds, least of the chain; with no address, the negative one of RFC 2308 */
};

/* Reads an answer to the question (id, name, type), following aliases inside it. Fills ret->addrs[0..cap).
 * E_PROTO when the message is malformed; E_LOST when it answers something else; *ret is undefined then. */
int dns_answer_read(const uint8_t *p, size_t n, uint16_t id, struct str name, enum dns_type type, size_t cap,
	struct dns_answer *ret);

#endif

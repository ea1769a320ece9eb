/*
 * IP addresses as values: text forms, what the IANA special-purpose registries (RFC 6890 and its
 * updates) say of them, the IPv4 address that an IPv6 one carries inside, and CIDR blocks.
 */
#ifndef KRYFTO_URL_IP_H
#define KRYFTO_URL_IP_H

#include "base/err.h"
#include "base/str.h"

struct ip {
	uint8_t family; /* 4 or 6; 0: no address */
	uint8_t b[16];  /* network order; IPv4 in the first four bytes */
};

/* "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; nothing looser (no octal, no zone): 0 or E_INVALID. */
int ip_parse(struct str s, struct ip *ret);
#define IP_TEXT_MAX 48
/* Dotted decimal, or hex pieces with the longest run of zeros cut (RFC 5952 4), no brackets; returns `out`. */
char *ip_text(const struct ip *ip, char out[IP_TEXT_MAX]);
bool ip_eq(const struct ip *a, const struct ip *b);
struct ip ip_v4(uint32_t host_order);
uint32_t ip_v4_value(const struct ip *ip); /* host order; family must be 4 */

struct sockaddr;
/* AF_INET and AF_INET6 only; E_UNSUPPORTED for other families. `ret_port` may be NULL. */
int ip_from_sockaddr(const struct sockaddr *sa, size_t n, struct ip *ret, int *ret_port);

/*
 * NULL when the registries call the address globally reachable, and it is unicast; else a phrase that
 * completes "the address is …", e.g. "private (RFC 1918)". Judges the address itself only: use
 * ip_embedded() for what it may carry.
 */
const char *ip_not_global(const struct ip *ip);

/*
 * The IPv4 address inside an IPv6 one: IPv4-mapped and -compatible, NAT64 (64:ff9b::/96 and any
 * RFC 6052 length within 64:ff9b:1::/48), 6to4, Teredo (server and client), ISATAP. Writes up to
 * IP_EMBEDDED_MAX addresses and returns how many; 0 for a plain address.
 */
#define IP_EMBEDDED_MAX 8
size_t ip_embedded(const struct ip *ip, struct ip ret[IP_EMBEDDED_MAX]);

/* "10.0.0.0/8", "::1", "[fd00::]/8": 0 or E_INVALID. A bare address is a block of one. */
struct ip_block {
	struct ip ip;
	int bits;
};
int ip_block_parse(struct str s, struct ip_block *ret);
bool ip_block_has(const struct ip_block *block, const struct ip *ip);

#endif

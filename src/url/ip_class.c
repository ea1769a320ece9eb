/*
 * The IANA IPv4 and IPv6 Special-Purpose Address Registries, as "globally reachable: true" or not.
 * The first block that holds an address decides, so exceptions stand before what they are taken from.
 */
#include "base/first.h"
#include "url/ip.h"

struct class4 {
	uint32_t net;
	int bits;
	const char *what; /* NULL: globally reachable */
};

static const struct class4 classes4[] = {
	{ 0x00000000, 8, "of this network (RFC 791)" },
	{ 0x0a000000, 8, "private (RFC 1918)" },
	{ 0x64400000, 10, "shared by carriers (RFC 6598)" },
	{ 0x7f000000, 8, "loopback (RFC 1122)" },
	{ 0xa9fe0000, 16, "link-local (RFC 3927)" },
	{ 0xac100000, 12, "private (RFC 1918)" },
	/* Its two reachable members are anycast to the nearest PCP or TURN server: local by intent. */
	{ 0xc0000000, 24, "for protocol assignments (RFC 6890)" },
	{ 0xc0000200, 24, "for documentation (RFC 5737)" },
	{ 0xc0586300, 24, "a former 6to4 relay (RFC 7526)" },
	{ 0xc0a80000, 16, "private (RFC 1918)" },
	{ 0xc6120000, 15, "for benchmarks (RFC 2544)" },
	{ 0xc6336400, 24, "for documentation (RFC 5737)" },
	{ 0xcb007100, 24, "for documentation (RFC 5737)" },
	{ 0xe0000000, 4, "multicast (RFC 5771)" },
	{ 0xf0000000, 4, "reserved (RFC 1112)" },
};

struct class6 {
	uint16_t net[4]; /* the first 64 bits; no entry needs more than that */
	int bits;
	const char *what;
};

static const struct class6 classes6[] = {
	{ { 0x2001, 0x0003 }, 32, NULL },         /* AMT, RFC 7450 */
	{ { 0x2001, 0x0004, 0x0112 }, 48, NULL }, /* AS112, RFC 7535 */
	{ { 0x2001, 0x0020 }, 28, NULL },         /* ORCHIDv2, RFC 7343 */
	{ { 0x2001, 0x0030 }, 28, NULL },         /* drone remote ids, RFC 9374 */
	{ { 0x2001, 0x0000 }, 32, "a Teredo tunnel (RFC 4380)" },
	{ { 0x2001, 0x0002, 0x0000 }, 48, "for benchmarks (RFC 5180)" },
	{ { 0x2001, 0x0000 }, 23, "for protocol assignments (RFC 2928)" },
	{ { 0x2001, 0x0db8 }, 32, "for documentation (RFC 3849)" },
	{ { 0x2002 }, 16, "a 6to4 tunnel (RFC 3056)" },
	{ { 0x3fff, 0x0000 }, 20, "for documentation (RFC 9637)" },
	{ { 0x2000 }, 3, NULL }, /* global unicast: all that IANA has given out */
	{ { 0x0064, 0xff9b, 0x0001 }, 48, "local IPv4 translation (RFC 8215)" },
	{ { 0x0064, 0xff9b }, 64, "IPv4 translation (RFC 6052)" },
	{ { 0x0100, 0x0000, 0x0000 }, 48, "a black hole (RFC 6666)" },
	{ { 0x5f00 }, 16, "a segment identifier (RFC 9602)" },
	{ { 0xfc00 }, 7, "private (RFC 4193)" },
	{ { 0xfe80 }, 10, "link-local (RFC 4291)" },
	{ { 0xfec0 }, 10, "site-local (RFC 3879)" },
	{ { 0xff00 }, 8, "multicast (RFC 4291)" },
};

static bool all_zero(const uint8_t *p, size_t n)
{
	while (n--)
		if (*p++)
			return false;
	return true;
}

static bool is_mapped(const struct ip *ip)
{
	return all_zero(ip->b, 10) && ip->b[10] == 0xff && ip->b[11] == 0xff;
}

static const char *not_global4(uint32_t v)
{
	if (v == UINT32_MAX)
		return "the broadcast address (RFC 919)";
	for (size_t i = 0; i < ARRAY_LEN(classes4); i++)
		if ((v ^ classes4[i].net) >> (32 - classes4[i].bits) == 0)
			return classes4[i].what;
	return NULL;
}

static const char *not_global6(const struct ip *ip)
{
	if (all_zero(ip->b, 15) && ip->b[15] < 2)
		return ip->b[15] ? "loopback (RFC 4291)" : "unspecified (RFC 4291)";
	if (is_mapped(ip))
		return "an IPv4-mapped one (RFC 4291)";
	if (all_zero(ip->b, 12))
		return "an IPv4-compatible one (RFC 4291)";
	uint64_t top = 0;
	for (int i = 0; i < 8; i++)
		top = top << 8 | ip->b[i];
	for (size_t i = 0; i < ARRAY_LEN(classes6); i++) {
		const uint16_t *n = classes6[i].net;
		uint64_t net = (uint64_t)n[0] << 48 | (uint64_t)n[1] << 32 | (uint64_t)n[2] << 16 | n[3];
		if ((top ^ net) >> (64 - classes6[i].bits) == 0)
			return classes6[i].what;
	}
	return "not allocated (RFC 4291)";
}

const char *ip_not_global(const struct ip *ip)
{
	if (ip->family == 4)
		return not_global4(ip_v4_value(ip));
	return ip->family == 6 ? not_global6(ip) : "of no known family";
}

static struct ip pick(const uint8_t *b, int i, int j, int k, int l)
{
	return (struct ip){ 4, { b[i], b[j], b[k], b[l] } };
}

size_t ip_embedded(const struct ip *ip, struct ip ret[IP_EMBEDDED_MAX])
{
	const uint8_t *b = ip->b;
	size_t n = 0;
	if (ip->family != 6)
		return 0;
	if (is_mapped(ip) || (all_zero(b, 12) && !(all_zero(b, 15) && b[15] < 2))) {
		ret[n++] = pick(b, 12, 13, 14, 15);
	} else if (all_zero(b, 8) && b[8] == 0xff && b[9] == 0xff && !b[10] && !b[11]) {
		ret[n++] = pick(b, 12, 13, 14, 15); /* IPv4-translated, RFC 2765 */
	} else if (memcmp(b, "\0\x64\xff\x9b\0\0\0\0\0\0\0\0", 12) == 0) {
		ret[n++] = pick(b, 12, 13, 14, 15);
	} else if (memcmp(b, "\0\x64\xff\x9b\0\1", 6) == 0) {
		/* An operator may use any length of RFC 6052 2.2 from 48 on; byte 8 is always skipped. */
		ret[n++] = pick(b, 6, 7, 9, 10);
		ret[n++] = pick(b, 7, 9, 10, 11);
		ret[n++] = pick(b, 9, 10, 11, 12);
		ret[n++] = pick(b, 12, 13, 14, 15);
	} else if (b[0] == 0x20 && b[1] == 0x02) {
		ret[n++] = pick(b, 2, 3, 4, 5);
	} else if (memcmp(b, "\x20\x01\0\0", 4) == 0) {
		ret[n++] = pick(b, 4, 5, 6, 7);
		ret[n++] = pick(b, 12, 13, 14, 15);
		for (int i = 0; i < 4; i++)
			ret[n - 1].b[i] ^= 0xff; /* a Teredo client is stored inverted */
	}
	if ((b[8] & 0xfd) == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe)
		ret[n++] = pick(b, 12, 13, 14, 15); /* ISATAP, RFC 5214, under any prefix */
	return n;
}

#include "base/first.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include "base/scan.h"
#include "url/ip.h"

struct ip ip_v4(uint32_t v)
{
	return (struct ip){ 4, { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v } };
}

uint32_t ip_v4_value(const struct ip *ip)
{
	return (uint32_t)ip->b[0] << 24 | (uint32_t)ip->b[1] << 16 | (uint32_t)ip->b[2] << 8 | ip->b[3];
}

bool ip_eq(const struct ip *a, const struct ip *b)
{
	return a->family == b->family && memcmp(a->b, b->b, a->family == 6 ? 16 : 4) == 0;
}

/* Four decimal numbers without leading zeros, up to the end of the text. */
static int parse_v4(struct str s, uint8_t ret[4])
{
	size_t i = 0;
	for (int part = 0; part < 4; part++) {
		int v = -1;
		if (part && (i >= s.n || s.p[i++] != '.'))
			return E_INVALID;
		while (i < s.n && is_digit(s.p[i])) {
			if (v == 0)
				return E_INVALID;
			v = (v < 0 ? 0 : v * 10) + (s.p[i++] - '0');
			if (v > 255)
				return E_INVALID;
		}
		if (v < 0)
			return E_INVALID;
		ret[part] = (uint8_t)v;
	}
	return i == s.n ? 0 : E_INVALID;
}

/*
 * URL Standard 3.5, IPv6 parser. `gap` is the piece before which "::" stands; what follows it is
 * moved to the end afterwards.
 */
static int parse_v6(struct str s, uint8_t ret[16])
{
	uint16_t piece[8] = { 0 };
	int n = 0, gap = -1;
	size_t i = 0;
	if (i < s.n && s.p[i] == ':') {
		if (s.n < 2 || s.p[1] != ':')
			return E_INVALID;
		i = 2;
		gap = 0;
	}
	while (i < s.n) {
		if (n + (gap >= 0) == 8) /* "::" stands for one piece at least */
			return E_INVALID;
		if (s.p[i] == ':') {
			if (gap >= 0)
				return E_INVALID;
			i++;
			gap = n;
			continue;
		}
		size_t start = i;
		unsigned v = 0;
		while (i < s.n && i - start < 4 && is_xdigit(s.p[i]))
			v = v * 16 + (unsigned)hex_value(s.p[i++]);
		if (i < s.n && s.p[i] == '.') {
			uint8_t quad[4];
			if (i == start || n + (gap >= 0) > 6 || parse_v4(str_from(s, start), quad) < 0)
				return E_INVALID;
			piece[n++] = (uint16_t)(quad[0] << 8 | quad[1]);
			piece[n++] = (uint16_t)(quad[2] << 8 | quad[3]);
			i = s.n;
			break;
		}
		if (i == start)
			return E_INVALID;
		if (i < s.n && (s.p[i++] != ':' || i == s.n))
			return E_INVALID;
		piece[n++] = (uint16_t)v;
	}
	if (gap < 0 && n != 8)
		return E_INVALID;
	if (gap >= 0) {
		int tail = n - gap;
		memmove(piece + 8 - tail, piece + gap, (size_t)tail * sizeof *piece);
		memset(piece + gap, 0, (size_t)(8 - n) * sizeof *piece);
	}
	for (int k = 0; k < 8; k++) {
		ret[2 * k] = (uint8_t)(piece[k] >> 8);
		ret[2 * k + 1] = (uint8_t)piece[k];
	}
	return 0;
}

int ip_parse(struct str s, struct ip *ret)
{
	struct ip ip = { 0 };
	bool bracket = s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']';
	if (bracket)
		s = str_sub(s, 1, s.n - 2);
	if (str_chr(s, ':') != STR_NPOS) {
		if (parse_v6(s, ip.b) < 0)
			return E_INVALID;
		ip.family = 6;
	} else {
		if (bracket || parse_v4(s, ip.b) < 0)
			return E_INVALID;
		ip.family = 4;
	}
	*ret = ip;
	return 0;
}

char *ip_text(const struct ip *ip, char out[IP_TEXT_MAX])
{
	if (ip->family != 6) {
		snprintf(out, IP_TEXT_MAX, "%u.%u.%u.%u", ip->b[0], ip->b[1], ip->b[2], ip->b[3]);
		return out;
	}
	unsigned piece[8];
	int best = -1, best_n = 1;
	for (int i = 0; i < 8; i++)
		piece[i] = (unsigned)(ip->b[2 * i] << 8 | ip->b[2 * i + 1]);
	for (int i = 0, n; i < 8; i += n ? n : 1) {
		for (n = 0; i + n < 8 && piece[i + n] == 0;)
			n++;
		if (n > best_n) {
			best = i;
			best_n = n;
		}
	}
	char *p = out, *end = out + IP_TEXT_MAX;
	for (int i = 0; i < 8; i++) {
		if (i == best) {
			p += snprintf(p, (size_t)(end - p), i ? ":" : "::");
			i += best_n - 1;
			continue;
		}
		p += snprintf(p, (size_t)(end - p), "%x%s", piece[i], i < 7 ? ":" : "");
	}
	return out;
}

int ip_from_sockaddr(const struct sockaddr *sa, size_t n, struct ip *ret, int *ret_port)
{
	struct ip ip = { 0 };
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	int port;
	if (n >= sizeof v4 && sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof v4);
		ip.family = 4;
		memcpy(ip.b, &v4.sin_addr, 4);
		port = ntohs(v4.sin_port);
	} else if (n >= sizeof v6 && sa->sa_family == AF_INET6) {
		memcpy(&v6, sa, sizeof v6);
		ip.family = 6;
		memcpy(ip.b, &v6.sin6_addr, 16);
		port = ntohs(v6.sin6_port);
	} else {
		return E_UNSUPPORTED;
	}
	*ret = ip;
	if (ret_port)
		*ret_port = port;
	return 0;
}

int ip_block_parse(struct str s, struct ip_block *ret)
{
	struct ip_block block;
	size_t slash = str_chr(s, '/');
	if (ip_parse(str_sub(s, 0, slash), &block.ip) < 0)
		return E_INVALID;
	int max = block.ip.family == 6 ? 128 : 32;
	uint64_t bits = (uint64_t)max;
	if (slash != STR_NPOS && (scan_u64(str_from(s, slash + 1), &bits) < 0 || bits > (uint64_t)max))
		return E_INVALID;
	block.bits = (int)bits;
	*ret = block;
	return 0;
}

bool ip_block_has(const struct ip_block *block, const struct ip *ip)
{
	if (block->ip.family != ip->family)
		return false;
	int whole = block->bits / 8, rest = block->bits % 8;
	if (memcmp(block->ip.b, ip->b, (size_t)whole) != 0)
		return false;
	return !rest || !((block->ip.b[whole] ^ ip->b[whole]) >> (8 - rest));
}

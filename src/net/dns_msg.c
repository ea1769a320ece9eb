#include "base/first.h"
#include "net/dns_msg.h"

enum { HEADER = 12, CLASS_IN = 1, TYPE_OPT = 41, ALIASES_MAX = 16, RECORDS_MAX = 512 };

bool dns_name_valid(struct str name)
{
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	if (!name.n || name.n > DNS_NAME_MAX)
		return false;
	struct str label;
	while (str_split(&name, '.', &label))
		if (!label.n || label.n > 63)
			return false;
	return true;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

size_t dns_query_write(uint8_t out[DNS_QUERY_MAX], uint16_t id, struct str name, enum dns_type type, bool edns)
{
	memset(out, 0, HEADER);
	put16(out, id);
	out[2] = 0x01; /* recursion desired */
	put16(out + 4, 1);
	size_t at = HEADER;
	struct str label;
	while (str_split(&name, '.', &label)) {
		if (!label.n)
			break; /* the trailing dot */
		out[at++] = (uint8_t)label.n;
		memcpy(out + at, label.p, label.n);
		at += label.n;
	}
	out[at++] = 0;
	put16(out + at, type);
	put16(out + at + 2, CLASS_IN);
	at += 4;
	if (edns) {
		put16(out + 10, 1);
		memset(out + at, 0, 11); /* the root name, no flags, no options */
		put16(out + at + 1, TYPE_OPT);
		put16(out + at + 3, DNS_UDP_SIZE);
		at += 11;
	}
	return at;
}

/* A name at *at, as lower-case text; pointers only lead backwards, so the walk ends. */
static int read_name(const uint8_t *p, size_t n, size_t *at, char out[DNS_NAME_MAX + 1], size_t *ret_n)
{
	size_t i = *at, end = 0, k = 0, floor = *at;
	for (;;) {
		if (i >= n)
			return E_PROTO;
		unsigned c = p[i];
		if (c == 0) {
			if (!end)
				end = i + 1;
			break;
		}
		if ((c & 0xc0) == 0xc0) {
			if (i + 1 >= n)
				return E_PROTO;
			size_t to = (size_t)(c & 0x3f) << 8 | p[i + 1];
			if (!end)
				end = i + 2;
			if (to >= floor)
				return E_PROTO;
			floor = i = to;
			continue;
		}
		if (c > 63 || i + 1 + c > n || k + c + 1 > DNS_NAME_MAX + 1)
			return E_PROTO;
		if (k)
			out[k++] = '.';
		if (k + c > DNS_NAME_MAX)
			return E_PROTO;
		for (unsigned j = 0; j < c; j++)
			out[k++] = (char)to_lower(p[i + 1 + j]);
		i += 1 + c;
	}
	*at = end;
	*ret_n = k;
	return 0;
}

struct record {
	char owner[DNS_NAME_MAX + 1];
	size_t owner_n;
	unsigned type, class;
	uint32_t ttl;
	size_t data, data_n;
};

static int read_record(const uint8_t *p, size_t n, size_t *at, struct record *r)
{
	int rc = read_name(p, n, at, r->owner, &r->owner_n);
	if (rc)
		return rc;
	if (*at + 10 > n)
		return E_PROTO;
	r->type = get16(p + *at);
	r->class = get16(p + *at + 2);
	r->ttl = get32(p + *at + 4);
	if (r->ttl > INT32_MAX) /* RFC 2181 section 8 */
		r->ttl = 0;
	r->data_n = get16(p + *at + 8);
	r->data = *at + 10;
	*at = r->data + r->data_n;
	return *at > n ? E_PROTO : 0;
}

/* One pass over the answer section for `owner`: takes its addresses, or the alias it points at. */
static int scan_answers(const uint8_t *p, size_t n, size_t at, unsigned count, enum dns_type type, size_t cap,
	char owner[DNS_NAME_MAX + 1], size_t *owner_n, bool *alias, struct dns_answer *ret)
{
	struct record r;
	char target[DNS_NAME_MAX + 1];
	size_t target_n = 0;
	*alias = false;
	for (unsigned i = 0; i < count; i++) {
		int rc = read_record(p, n, &at, &r);
		if (rc)
			return rc;
		if (r.class != CLASS_IN || !str_eq(str_n(r.owner, r.owner_n), str_n(owner, *owner_n)))
			continue;
		if (r.type == (unsigned)type) {
			if (r.data_n != (type == DNS_A ? 4 : 16))
				return E_PROTO;
			ret->ttl = MIN(ret->ttl, r.ttl);
			if (ret->n < cap) {
				struct ip *ip = &ret->addrs[ret->n++];
				memset(ip, 0, sizeof *ip);
				ip->family = type == DNS_A ? 4 : 6;
				memcpy(ip->b, p + r.data, r.data_n);
			}
		} else if (r.type == DNS_CNAME && !*alias) {
			size_t d = r.data;
			rc = read_name(p, r.data + r.data_n, &d, target, &target_n);
			if (rc)
				return rc;
			ret->ttl = MIN(ret->ttl, r.ttl);
			*alias = true;
		}
	}
	if (*alias) {
		memcpy(owner, target, target_n);
		*owner_n = target_n;
	}
	return 0;
}

/* RFC 2308 section 5: the lesser of the SOA's TTL and its last field. */
static uint32_t negative_ttl(const uint8_t *p, size_t n, size_t at, unsigned answers, unsigned authority)
{
	struct record r;
	for (unsigned i = 0; i < answers + authority; i++) {
		if (read_record(p, n, &at, &r))
			return 0;
		if (i >= answers && r.type == DNS_SOA && r.data_n >= 22)
			return MIN(r.ttl, get32(p + r.data + r.data_n - 4));
	}
	return 0;
}

int dns_answer_read(const uint8_t *p, size_t n, uint16_t id, struct str name, enum dns_type type, size_t cap,
	struct dns_answer *ret)
{
	if (n < HEADER)
		return E_PROTO;
	if (get16(p) != id || !(p[2] & 0x80) || (p[2] & 0x78))
		return E_LOST;
	if (name.n && name.p[name.n - 1] == '.')
		name.n--;
	unsigned questions = get16(p + 4), answers = get16(p + 6), authority = get16(p + 8);
	char owner[DNS_NAME_MAX + 1];
	size_t owner_n = 0, at = HEADER;
	ret->rcode = p[3] & 0x0f;
	ret->truncated = p[2] & 0x02;
	ret->n = 0;
	ret->ttl = 0;
	/* Servers that cannot read a question may leave it out of a refusal. */
	if (questions == 0 && ret->rcode)
		return 0;
	if (questions != 1)
		return E_PROTO;
	int rc = read_name(p, n, &at, owner, &owner_n);
	if (rc)
		return rc;
	if (at + 4 > n)
		return E_PROTO;
	if (!str_eqi(str_n(owner, owner_n), name) || get16(p + at) != (unsigned)type || get16(p + at + 2) != CLASS_IN)
		return E_LOST;
	at += 4;
	if (ret->truncated || answers + authority > RECORDS_MAX)
		return ret->truncated ? 0 : E_PROTO;
	ret->ttl = UINT32_MAX;
	bool alias = true;
	for (int hop = 0; alias && !ret->n && hop < ALIASES_MAX; hop++) {
		rc = scan_answers(p, n, at, answers, type, cap, owner, &owner_n, &alias, ret);
		if (rc)
			return rc;
	}
	if (!ret->n)
		ret->ttl = negative_ttl(p, n, at, answers, authority);
	return 0;
}

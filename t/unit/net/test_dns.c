/* Messages byte by byte, and the two configuration files. */
#include "base/first.h"
#include "base/fd.h"
#include "base/rng.h"
#include "net/dns_conf.h"
#include "net/dns_msg.h"
#include "../tap.h"

/* An answer under construction: the question is copied from a query. */
struct msg {
	uint8_t p[2048];
	size_t n;
};

static void u16(struct msg *m, unsigned v)
{
	m->p[m->n++] = (uint8_t)(v >> 8);
	m->p[m->n++] = (uint8_t)v;
}

static void begin(struct msg *m, const char *name, enum dns_type type, unsigned flags, unsigned answers)
{
	m->n = dns_query_write(m->p, 0x1234, str_of(name), type, false);
	m->p[2] = (uint8_t)(flags >> 8);
	m->p[3] = (uint8_t)flags;
	m->p[7] = (uint8_t)answers;
}

static void rr(struct msg *m, unsigned name_at, unsigned type, uint32_t ttl, const void *data, size_t n)
{
	u16(m, 0xc000 | name_at);
	u16(m, type);
	u16(m, 1);
	u16(m, ttl >> 16);
	u16(m, ttl & 0xffff);
	u16(m, (unsigned)n);
	memcpy(m->p + m->n, data, n);
	m->n += n;
}

static struct ip addrs[16];

static int take(const struct msg *m, const char *name, enum dns_type type, struct dns_answer *a)
{
	*a = (struct dns_answer){ .addrs = addrs };
	return dns_answer_read(m->p, m->n, 0x1234, str_of(name), type, 4, a);
}

static void test_answers(void)
{
	struct msg m;
	struct dns_answer a;
	char text[IP_TEXT_MAX];
	begin(&m, "www.example.com", DNS_A, 0x8180, 2);
	rr(&m, 12, DNS_A, 300, "\300\0\2\1", 4);
	rr(&m, 12, DNS_A, 60, "\300\0\2\2", 4);
	is_int(take(&m, "WWW.example.com.", DNS_A, &a), 0, "two addresses; case and the last dot do not matter");
	is_int(a.n, 2, "both");
	is_int(a.ttl, 60, "the lesser TTL");
	is_cstr(ip_text(&addrs[1], text), "192.0.2.2", "in order");
	is_int(take(&m, "www.example.org", DNS_A, &a), E_LOST, "another question");
	is_int(take(&m, "www.example.com", DNS_AAAA, &a), E_LOST, "another type");
	m.p[0] ^= 1;
	is_int(take(&m, "www.example.com", DNS_A, &a), E_LOST, "another identifier");
	m.p[0] ^= 1;
	for (size_t cut = 12; cut < m.n; cut++) {
		struct msg shorter = m;
		shorter.n = cut;
		if (take(&shorter, "www.example.com", DNS_A, &a) != E_PROTO)
			ok(false, "cut at %zu is not refused", cut);
	}
	ok(true, "every cut is refused");

	begin(&m, "a.test", DNS_AAAA, 0x8180, 6);
	for (int i = 0; i < 6; i++)
		rr(&m, 12, DNS_AAAA, 9, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	is_int(take(&m, "a.test", DNS_AAAA, &a), 0, "more addresses than there is room");
	is_int(a.n, 4, "are cut at the capacity");

	/* a.test -> b.test -> address; the aliases stand in the wrong order */
	begin(&m, "a.test", DNS_A, 0x8180, 3);
	size_t at_b = m.n + 12;
	rr(&m, 12, DNS_CNAME, 50, "\1b\4test", 8);
	rr(&m, (unsigned)at_b, DNS_CNAME, 40, "\1c\4test", 8);
	size_t at_c = m.n - 8;
	rr(&m, (unsigned)at_c, DNS_A, 30, "\300\0\2\7", 4);
	is_int(take(&m, "a.test", DNS_A, &a), 0, "a chain of aliases");
	is_int(a.n, 1, "gives its end");
	is_int(a.ttl, 30, "with the least TTL");

	begin(&m, "a.test", DNS_A, 0x8180, 1);
	rr(&m, 12, DNS_CNAME, 50, "\300\14", 2);
	is_int(take(&m, "a.test", DNS_A, &a), 0, "an alias of itself ends");
	is_int(a.n, 0, "with nothing");

	begin(&m, "a.test", DNS_A, 0x8183, 0);
	is_int(take(&m, "a.test", DNS_A, &a), 0, "no such name");
	is_int(a.rcode, 3, "by its code");
	begin(&m, "a.test", DNS_A, 0x8380, 0);
	is_int(take(&m, "a.test", DNS_A, &a), 0, "cut");
	ok(a.truncated, "and said so");
	begin(&m, "a.test", DNS_A, 0x0180, 0);
	is_int(take(&m, "a.test", DNS_A, &a), E_LOST, "a question is no answer");

	begin(&m, "a.test", DNS_A, 0x8180, 1);
	m.p[12] = 0xc0;
	m.p[13] = 12;
	is_int(take(&m, "a.test", DNS_A, &a), E_PROTO, "a pointer to itself");
	for (int i = 0; i < 20000; i++) {
		begin(&m, "a.test", DNS_A, 0x8180, 3);
		rng_bytes(m.p + 4, 120);
		m.n = 12 + rng_below(120);
		take(&m, "a.test", DNS_A, &a);
	}
	ok(true, "noise is survived");
}

static void test_names(void)
{
	char label[300];
	uint8_t q[DNS_QUERY_MAX];
	memset(label, 'x', sizeof label);
	ok(dns_name_valid(STR("example.com")) && dns_name_valid(STR("example.com.")), "names");
	ok(!dns_name_valid(STR("")) && !dns_name_valid(STR(".")) && !dns_name_valid(STR("a..b")), "empty labels");
	ok(dns_name_valid(str_n(label, 63)) && !dns_name_valid(str_n(label, 64)), "long labels");
	for (size_t i = 63; i < sizeof label; i += 64)
		label[i] = '.';
	ok(dns_name_valid(str_n(label, 253)) && !dns_name_valid(str_n(label, 254)), "long names");
	ok(dns_query_write(q, 1, str_n(label, 253), DNS_AAAA, true) <= sizeof q, "the longest question has room");
}

static void test_files(void)
{
	char dir[] = "/tmp/kryfto-dns-XXXXXX", path[64];
	struct dns_server s[4];
	size_t n = 0;
	struct err e;
	if (!mkdtemp(dir))
		die("mkdtemp");
	snprintf(path, sizeof path, "%s/f", dir);
	is_int(dns_servers_parse(STR("192.0.2.1, 192.0.2.2:5353,[2001:db8::1]:54,2001:db8::2"), 4, s, &n, &e), 0,
		"a list");
	is_int(n, 4, "of four");
	ok(s[0].port == 53 && s[1].port == 5353 && s[2].port == 54 && s[3].port == 53, "their ports");
	is_int(dns_servers_parse(STR("192.0.2.1,nonsense"), 4, s, &n, &e), E_INVALID, "%s", e.words);
	is_int(dns_servers_parse(STR("192.0.2.1:0"), 4, s, &n, &e), E_INVALID, "port 0");
	is_int(dns_servers_parse(STR("1.1.1.1,1.1.1.1,1.1.1.1"), 2, s, &n, &e), E_LIMIT, "too many");
	fd_write_file(path, STR("# x\nsearch a b\nnameserver 192.0.2.9\nnameserver fe80::1%eth0\n  nameserver ::1 \n"),
		0600, NULL);
	is_int(dns_servers_system(path, 4, s), 2, "servers of a resolv.conf");
	is_int(dns_servers_system("/nonexistent", 4, s), 1, "without one: this machine");

	fd_write_file(path, STR("127.0.0.2 One two # three\n::1 one\nbad four\n127.0.0.3\n"), 0600, NULL);
	struct hosts h;
	hosts_init(&h, path);
	const struct hosts_entry *t = hosts_find(&h, STR("one"));
	is_int(t ? t->n : 0, 2, "both addresses of a name");
	ok(hosts_find(&h, STR("two")) && !hosts_find(&h, STR("three")) && !hosts_find(&h, STR("four")),
		"names of a line");
	fd_write_file(path, STR("127.0.0.4 five\n"), 0600, NULL);
	h.checked = 0;
	ok(hosts_find(&h, STR("five")) && !hosts_find(&h, STR("one")), "a changed file is read again");
	hosts_release(&h);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	test_names();
	test_answers();
	test_files();
	return done_testing();
}

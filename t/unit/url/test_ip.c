#include "base/first.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include "url/ip.h"
#include "../tap.h"

static void text(const char *in, const char *want)
{
	struct ip ip;
	char out[IP_TEXT_MAX];
	if (!want)
		is_int(ip_parse(str_of(in), &ip), E_INVALID, "%s is none", in);
	else if (ip_parse(str_of(in), &ip) < 0)
		ok(false, "%s parses", in);
	else
		is_cstr(ip_text(&ip, out), want, "%s", in);
}

static void test_text(void)
{
	text("0.0.0.0", "0.0.0.0");
	text("255.255.255.255", "255.255.255.255");
	text("1.2.3", NULL);
	text("1.2.3.4.5", NULL);
	text("1.2.3.4.", NULL);
	text("01.2.3.4", NULL);
	text("0x1.2.3.4", NULL);
	text("256.2.3.4", NULL);
	text(" 1.2.3.4", NULL);
	text("[1.2.3.4]", NULL);
	text("", NULL);
	text("::", "::");
	text("[::1]", "::1");
	text("1::", "1::");
	text("1:0:0:2:0:0:0:3", "1:0:0:2::3");
	text("1:0:0:2:3:0:0:4", "1::2:3:0:0:4");
	text("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7");
	text("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0");
	text("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8");
	text("::1:2:3:4:5:6:7:8", NULL);
	text("2001:DB8::00ff", "2001:db8::ff");
	text("::ffff:1.2.3.4", "::ffff:102:304");
	text("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304");
	text("::1.2.3.04", NULL);
	text("::1%eth0", NULL);
	text("[::1", NULL);
	text(":::", NULL);
	text("1::2::3", NULL);
	text("12345::", NULL);
	text("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

/* `want` begins the phrase; NULL: globally reachable. */
static void reach(const char *in, const char *want)
{
	struct ip ip = { 0 };
	ip_parse(str_of(in), &ip);
	const char *got = ip_not_global(&ip);
	if (!want || !got)
		ok(!want && !got, "%s is %s", in, got ? got : "reachable");
	else
		ok(str_starts(str_of(got), str_of(want)), "%s is %s", in, got);
}

static void test_reach(void)
{
	static const char *const global[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255",
		"100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.31.196.1", "192.52.193.1",
		"192.88.98.255", "192.88.100.0", "192.167.255.255", "192.169.0.0", "192.175.48.1", "198.17.255.255",
		"198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0", "223.255.255.255",
		"2000::1", "2001:200::1", "2001:3::1", "2001:4:112::1", "2001:20::1", "2001:2f::1", "2001:30::1",
		"2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "2620:4f:8000::1", "3ffe::1",
		"3fff:1000::1" };
	for (size_t i = 0; i < ARRAY_LEN(global); i++)
		reach(global[i], NULL);
	static const char *const not [][2] = { { "0.0.0.0", "of this" }, { "0.255.255.255", "of this" },
		{ "10.0.0.0", "private" }, { "10.255.255.255", "private" }, { "100.64.0.0", "shared" },
		{ "100.127.255.255", "shared" }, { "127.0.0.1", "loopback" }, { "127.255.255.255", "loopback" },
		{ "169.254.169.254", "link-local" }, { "172.16.0.0", "private" }, { "172.31.255.255", "private" },
		{ "192.0.0.1", "for protocol" }, { "192.0.0.9", "for protocol" }, { "192.0.2.1", "for documentation" },
		{ "192.88.99.1", "a former" }, { "192.168.0.1", "private" }, { "192.168.255.255", "private" },
		{ "198.18.0.0", "for benchmarks" }, { "198.19.255.255", "for benchmarks" },
		{ "198.51.100.1", "for documentation" }, { "203.0.113.1", "for documentation" },
		{ "224.0.0.1", "multicast" }, { "239.255.255.255", "multicast" }, { "240.0.0.0", "reserved" },
		{ "255.255.255.254", "reserved" }, { "255.255.255.255", "the broadcast" }, { "::", "unspecified" },
		{ "::1", "loopback" }, { "::2", "an IPv4-compatible" }, { "::127.0.0.1", "an IPv4-compatible" },
		{ "::ffff:8.8.8.8", "an IPv4-mapped" }, { "::ffff:0:8.8.8.8", "not allocated" },
		{ "64:ff9b::8.8.8.8", "IPv4 translation" }, { "64:ff9b:1::1", "local IPv4" },
		{ "64:ff9b:1:ffff::1", "local IPv4" }, { "100::1", "a black hole" }, { "100:0:0:1::1", "a black hole" },
		{ "2001::1", "a Teredo" }, { "2001:2::1", "for benchmarks" }, { "2001:1::1", "for protocol" },
		{ "2001:10::1", "for protocol" }, { "2001:1ff::1", "for protocol" },
		{ "2001:db8::1", "for documentation" }, { "2002::1", "a 6to4" }, { "2002:808:808::1", "a 6to4" },
		{ "3fff::1", "for documentation" }, { "3fff:fff::1", "for documentation" },
		{ "4000::1", "not allocated" }, { "5f00::1", "a segment" }, { "8000::1", "not allocated" },
		{ "fc00::1", "private" }, { "fdff::1", "private" }, { "fe00::1", "not allocated" },
		{ "fe80::1", "link-local" }, { "febf::1", "link-local" }, { "fec0::1", "site-local" },
		{ "feff::1", "site-local" }, { "ff02::1", "multicast" } };
	for (size_t i = 0; i < ARRAY_LEN(not); i++)
		reach(not[i][0], not[i][1]);
	struct ip none = { 0 };
	ok(ip_not_global(&none) != NULL, "no address is not global");
}

static void carries(const char *in, const char *want)
{
	struct ip ip, v4[IP_EMBEDDED_MAX];
	char all[128] = "", out[IP_TEXT_MAX];
	ip_parse(str_of(in), &ip);
	size_t n = ip_embedded(&ip, v4);
	for (size_t i = 0; i < n; i++)
		snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? " " : "", ip_text(&v4[i], out));
	is_cstr(all, want, "%s carries", in);
}

static void test_embedded(void)
{
	carries("1.2.3.4", "");
	carries("::", "");
	carries("::1", "");
	carries("2606:4700::1111", "");
	carries("::10.0.0.1", "10.0.0.1");
	carries("::ffff:127.0.0.1", "127.0.0.1");
	carries("::ffff:0:127.0.0.1", "127.0.0.1");
	carries("64:ff9b::127.0.0.1", "127.0.0.1");
	carries("64:ff9b:1:7f00:0:100::", "127.0.0.1 0.0.1.0 0.1.0.0 0.0.0.0");
	carries("2002:7f00:1::", "127.0.0.1");
	carries("2001:0:a00:1:0:0:80ff:fffe", "10.0.0.1 127.0.0.1");
	carries("2606:4700::5efe:7f00:1", "127.0.0.1");
	carries("2606:4700::200:5efe:7f00:1", "127.0.0.1");
}

static void in_block(const char *block, const char *ip_in, bool want)
{
	struct ip_block b;
	struct ip ip;
	if (ip_block_parse(str_of(block), &b) < 0 || ip_parse(str_of(ip_in), &ip) < 0)
		ok(false, "%s and %s parse", block, ip_in);
	else
		ok(ip_block_has(&b, &ip) == want, "%s %s %s", ip_in, want ? "in" : "not in", block);
}

static void test_blocks(void)
{
	struct ip_block b;
	in_block("10.0.0.0/8", "10.255.0.1", true);
	in_block("10.0.0.0/8", "11.0.0.0", false);
	in_block("192.168.4.0/22", "192.168.7.255", true);
	in_block("192.168.4.0/22", "192.168.8.0", false);
	in_block("0.0.0.0/0", "255.1.2.3", true);
	in_block("0.0.0.0/0", "::1", false);
	in_block("1.2.3.4", "1.2.3.4", true);
	in_block("1.2.3.4", "1.2.3.5", false);
	in_block("[fd00::]/8", "fdab::1", true);
	in_block("fd00::/9", "fd80::1", false);
	in_block("::1/128", "::1", true);
	static const char *const bad[] = { "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/x", "/8", "", "10/8", "a" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(ip_block_parse(str_of(bad[i]), &b), E_INVALID, "block '%s'", bad[i]);
}

static void test_sockaddr(void)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(81), .sin_addr = { htonl(0x01020304) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(82), .sin6_addr = in6addr_loopback };
	struct sockaddr un = { .sa_family = AF_UNIX };
	struct ip ip;
	char out[IP_TEXT_MAX];
	int port = 0;
	is_int(ip_from_sockaddr((struct sockaddr *)&v4, sizeof v4, &ip, &port), 0, "AF_INET");
	is_cstr(ip_text(&ip, out), "1.2.3.4");
	is_int(port, 81);
	is_int(ip_from_sockaddr((struct sockaddr *)&v6, sizeof v6, &ip, NULL), 0, "AF_INET6");
	is_cstr(ip_text(&ip, out), "::1");
	is_int(ip_from_sockaddr(&un, sizeof un, &ip, &port), E_UNSUPPORTED, "AF_UNIX");
	is_int(ip_from_sockaddr((struct sockaddr *)&v6, sizeof v4, &ip, &port), E_UNSUPPORTED, "too short");
	struct ip same = ip_v4(0x01020304), other = ip_v4(0x01020305);
	ip_parse(STR("1.2.3.4"), &ip);
	ok(ip_eq(&ip, &same) && !ip_eq(&ip, &other), "equality");
	is_int(ip_v4_value(&ip), 0x01020304, "value");
}

int main(void)
{
	test_text();
	test_reach();
	test_embedded();
	test_blocks();
	test_sockaddr();
	return done_testing();
}

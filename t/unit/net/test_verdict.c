/*
 * The verdict on every spelling of addresses that must not be reached, on names, ports, schemes and
 * credentials; and, as a check on the check, the same spellings of public addresses.
 */
#include "base/first.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include "base/utf8.h"
#include "net/verdict.h"
#include "../tap.h"

static struct arena a;
static struct verdict_policy *strict;
static int looked_at;

static struct verdict_policy *policy(struct verdict_config cfg)
{
	struct verdict_policy *p = NULL;
	struct err e = { 0 };
	if (verdict_policy_new(&a, &cfg, &p, &e) < 0)
		die("%s", e.words);
	return p;
}

static enum verdict_code ask(const struct verdict_policy *p, const char *url)
{
	struct verdict v;
	int r = verdict_text(&a, p, str_of(url), NULL, &v);
	if ((r == 0) != (v.code == VERDICT_OK) || (r < 0 && (r != E_BLOCKED || !v.words[0])))
		ok(false, "return value, code and words agree for %s", url);
	return v.code;
}

static void is_code(const struct verdict_policy *p, const char *url, enum verdict_code want)
{
	is_cstr(verdict_name(ask(p, url)), verdict_name(want), "%s", url);
}

/* Digits of `in` as another script writes them: full-width, circled, or Arabic-Indic-free mixtures. */
static const char *dress(const char *in, int how)
{
	struct buf b;
	buf_init(&b, &a, 0);
	for (; *in; in++) {
		unsigned c = (unsigned char)*in;
		if (how == 0 && c > ' ' && c < 0x7f)
			utf8_put(&b, c == '.' ? 0xff0e : 0xff01 + c - '!');
		else if (how == 1 && is_digit((int)c))
			utf8_put(&b, c == '0' ? 0x24ea : 0x2460 + c - '1');
		else if (how == 2 && c == '.')
			utf8_put(&b, 0x3002);
		else if (how == 3 && c == '.')
			utf8_put(&b, 0xff61);
		else if (how == 4 && is_digit((int)c))
			utf8_put(&b, 0x1d7ce + c - '0'); /* mathematical bold */
		else if (how == 5)
			buf_addf(&b, "%%%02X", c);
		else if (how == 6 && is_alpha((int)c))
			buf_addc(&b, (char)to_upper((int)c));
		else
			buf_addc(&b, (char)c);
	}
	return buf_cstr(&b);
}

static void spelled(const char *host, bool global)
{
	static const char *const around[] = { "http://%s/", "https://%s/x?y#z", "http:\\\\%s\\", "http:%s",
		"http:///%s", " \thttp://%s/\n", "HTTP://%s:80/", "http://%s:8080", "http://%s./", "http://@%s/",
		"http://:@%s/" };
	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		char url[512];
		snprintf(url, sizeof url, around[i], host);
		looked_at++;
		if (ask(strict, url) != (global ? VERDICT_OK : VERDICT_ADDRESS))
			ok(false, "%s: %s", url, verdict_name(ask(strict, url)));
	}
}

/* Each way in which inet_aton() or a URL parser reads `v`. */
static void spellings(uint32_t v, bool global)
{
	unsigned p0 = v >> 24, p1 = v >> 16 & 255, p2 = v >> 8 & 255, p3 = v & 255;
	char plain[18][80];
	int n = 0;
	snprintf(plain[n++], 80, "%u.%u.%u.%u", p0, p1, p2, p3);
	snprintf(plain[n++], 80, "%u.%u.%u", p0, p1, v & 0xffff);
	snprintf(plain[n++], 80, "%u.%u", p0, v & 0xffffff);
	snprintf(plain[n++], 80, "%u", v);
	snprintf(plain[n++], 80, "0x%x.0x%x.0x%x.0x%x", p0, p1, p2, p3);
	snprintf(plain[n++], 80, "0X%02X.0X%02X.0X%02X.0X%02X", p0, p1, p2, p3);
	snprintf(plain[n++], 80, "0x%x", v);
	snprintf(plain[n++], 80, "0x00000000%08x", v);
	snprintf(plain[n++], 80, "0x%x.%u", p0, v & 0xffffff);
	snprintf(plain[n++], 80, "0%o.0%o.0%o.0%o", p0, p1, p2, p3);
	snprintf(plain[n++], 80, "0%o", v);
	snprintf(plain[n++], 80, "000000%o.%u.0x%x.0%o", p0, p1, p2, p3);
	snprintf(plain[n++], 80, "%u.0x%x", p0, v & 0xffffff);
	snprintf(plain[n++], 80, "0%o.%u.0x%x", p0, p1, v & 0xffff);
	for (int i = 0; i < n; i++) {
		spelled(plain[i], global);
		for (int how = 0; how < 7; how++)
			spelled(dress(plain[i], how), global);
	}
}

static void test_spellings(void)
{
	static const uint32_t inside[] = { 0x7f000001, 0x7fffffff, 0x00000000, 0x0a000001, 0xac100001, 0xc0a80101,
		0xa9fea9fe, 0x64400001, 0xc0000001, 0xc6120001, 0xcb007101, 0xe0000001, 0xf0000001, 0xffffffff };
	static const uint32_t outside[] = { 0x01010101, 0x08080808, 0x5db8d822, 0xdfffffff };
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		spellings(inside[i], false);
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		spellings(outside[i], true);
	ok(true, "%d spellings of IPv4 addresses looked at", looked_at);
}

static void test_v6(void)
{
	static const char *const no[] = { "[::1]", "[0:0:0:0:0:0:0:1]", "[0000:0000:0000:0000:0000:0000:0000:0001]",
		"[::]", "[::127.0.0.1]", "[::7f00:1]", "[::ffff:127.0.0.1]", "[::FFFF:7F00:1]",
		"[0:0:0:0:0:ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:169.254.169.254]", "[::ffff:8.8.8.8]",
		"[::ffff:0:127.0.0.1]", "[64:ff9b::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::a9fe:a9fe]",
		"[64:ff9b:1::7f00:1]", "[64:ff9b:1:7f00:0:100::]", "[64:ff9b:1:fffe::7f00:1]", "[2002:7f00:1::]",
		"[2002:a9fe:a9fe::1]", "[2002:808:808::1]", "[2001:0:7f00:1::]", "[2001::80ff:fffe]",
		"[2001:0:4136:e378:8000:63bf:3fff:fdd2]", "[fc00::1]", "[fd00:ec2::254]", "[fe80::1]", "[febf::1]",
		"[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]", "[5f00::1]", "[2001:2::1]",
		"[4000::1]", "[2606:4700::5efe:127.0.0.1]", "[2606:4700:0:0:200:5efe:10.0.0.1]" };
	static const char *const yes[] = { "[2606:4700:4700::1111]", "[2001:4860:4860::8888]", "[2a00:1450::1]" };
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		is_code(strict, arena_printf(&a, "http://%s/", no[i]).p, VERDICT_ADDRESS);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		is_code(strict, arena_printf(&a, "http://%s/", yes[i]).p, VERDICT_OK);
}

static void test_urls(void)
{
	static const struct {
		const char *url;
		enum verdict_code want;
	} cases[] = {
		{ "http://example.com/", VERDICT_OK },
		{ "https://example.com./a?b#c", VERDICT_OK },
		{ "http://example.com:8080/", VERDICT_OK },
		{ "http://b\xc3\xbc"
		  "cher.example/",
			VERDICT_OK },
		{ "http://localhost.example.com/", VERDICT_OK },
		{ "http://example.com#@127.0.0.1/", VERDICT_OK },
		{ "http://example.com/@127.0.0.1", VERDICT_OK },
		{ "http://example.com?@127.0.0.1/", VERDICT_OK },
		{ "http://example.com\\@127.0.0.1/", VERDICT_OK },
		{ "http://user@example.com/", VERDICT_USERINFO },
		{ "http://user:pass@example.com/", VERDICT_USERINFO },
		{ "http://:pass@example.com/", VERDICT_USERINFO },
		{ "http://example.com@127.0.0.1/", VERDICT_USERINFO },
		{ "http://127.0.0.1@example.com/", VERDICT_USERINFO },
		{ "http://example.com:80@127.0.0.1/", VERDICT_USERINFO },
		{ "http://example.com%2F@127.0.0.1/", VERDICT_USERINFO },
		{ "http://localhost/", VERDICT_HOST },
		{ "http://LOCALHOST./", VERDICT_HOST },
		{ "http://l%6fcalhost/", VERDICT_HOST },
		{ "http://\xef\xbd\x8cocalhost/", VERDICT_HOST },
		{ "http://"
		  "\xe2\x93\x9b\xe2\x93\x9e\xe2\x93\x92\xe2\x93\x90\xe2\x93\x9b\xe2\x93\x97\xe2\x93\x9e\xe2\x93\xa2\xe2"
		  "\x93\xa3/",
			VERDICT_HOST },
		{ "http://local\xc2\xadhost/", VERDICT_HOST },
		{ "http://a.localhost/", VERDICT_HOST },
		{ "http://printer.local/", VERDICT_HOST },
		{ "http://metadata.google.internal/", VERDICT_HOST },
		{ "http://router.home.arpa/", VERDICT_HOST },
		{ "http://x.onion/", VERDICT_HOST },
		{ "http://postgres/", VERDICT_HOST },
		{ "http://metadata./", VERDICT_HOST },
		{ "ftp://example.com/", VERDICT_SCHEME },
		{ "file:///etc/passwd", VERDICT_SCHEME },
		{ "file://127.0.0.1/etc/passwd", VERDICT_SCHEME },
		{ "gopher://127.0.0.1:70/_x", VERDICT_SCHEME },
		{ "dict://127.0.0.1:11211/stat", VERDICT_SCHEME },
		{ "ws://example.com/", VERDICT_SCHEME },
		{ "data:text/html,x", VERDICT_SCHEME },
		{ "javascript:alert(1)", VERDICT_SCHEME },
		{ "view-source:http://127.0.0.1/", VERDICT_SCHEME },
		{ "blob:http://127.0.0.1/x", VERDICT_SCHEME },
		{ "jar:http://127.0.0.1!/", VERDICT_SCHEME },
		{ "http", VERDICT_BAD_URL },
		{ "", VERDICT_BAD_URL },
		{ "//127.0.0.1/", VERDICT_BAD_URL },
		{ "http://", VERDICT_BAD_URL },
		{ "http://127.0.0.1:80:80/", VERDICT_BAD_URL },
		{ "http://127.0.0.256/", VERDICT_BAD_URL },
		{ "http://1.2.3.4.5/", VERDICT_BAD_URL },
		{ "http://[::1/", VERDICT_BAD_URL },
		{ "http://[::1%25lo]/", VERDICT_BAD_URL },
		{ "http://127.0.0.1%00.example.com/", VERDICT_BAD_URL },
		{ "http://example.com:22/", VERDICT_PORT },
		{ "http://example.com:6379/", VERDICT_PORT },
		{ "http://example.com:0/", VERDICT_PORT },
		{ "https://example.com:65535/", VERDICT_PORT },
		{ "http://127.0.0.1:22/", VERDICT_PORT },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		is_code(strict, cases[i].url, cases[i].want);
	struct url u;
	is_int(verdict_text(&a, strict, STR("http://EXAMPLE.com"), &u, NULL), 0, "nobody asks for the words");
	is_str(u.host, "example.com", "the parsed URL is handed out");
}

static void test_ports(void)
{
	struct verdict_policy *any = policy((struct verdict_config){ .block_private = true });
	is_code(any, "http://example.com:9999/", VERDICT_OK);
	is_code(any, "http://example.com:22/", VERDICT_PORT);
	is_code(any, "http://example.com:6667/", VERDICT_PORT);
	is_code(any, "http://example.com:10080/", VERDICT_PORT);
	struct verdict_policy *own =
		policy((struct verdict_config){ .block_private = true, .allowed_ports = STR(" 22 ,, 81") });
	is_code(own, "http://example.com:22/", VERDICT_OK);
	is_code(own, "http://example.com:81/", VERDICT_OK);
	is_code(own, "http://example.com/", VERDICT_PORT);
}

static void test_allowed(void)
{
	struct verdict_policy *p = policy((struct verdict_config){ .block_private = true,
		.allowed_ports = STR("80,443"),
		.allowed_hosts = STR("LocalHost, 127.0.0.1:8099, [::1]:90, ::2, intra.example:22, b\xc3\xbc"
				     "cher.test") });
	struct ip lo = ip_v4(0x7f000001);
	is_code(p, "http://localhost/", VERDICT_OK);
	is_code(p, "http://localhost.:12345/", VERDICT_OK);
	is_code(p, "http://localhost:22/", VERDICT_PORT);
	is_code(p, "http://a.localhost/", VERDICT_HOST);
	is_code(p, "http://127.0.0.1:8099/", VERDICT_OK);
	is_code(p, "http://2130706433:8099/", VERDICT_OK);
	is_code(p, "http://127.0.0.1/", VERDICT_ADDRESS);
	is_code(p, "http://127.0.0.1:8098/", VERDICT_PORT);
	is_code(p, "http://127.0.0.2:8099/", VERDICT_PORT);
	is_code(p, "http://[::1]:90/", VERDICT_OK);
	is_code(p, "http://[::1]/", VERDICT_ADDRESS);
	is_code(p, "http://[::2]:4711/", VERDICT_OK);
	is_code(p, "http://intra.example:22/", VERDICT_OK);
	is_code(p, "http://xn--bcher-kva.test/", VERDICT_OK);
	is_code(p, "http://u@localhost/", VERDICT_USERINFO);
	is_code(p, "ftp://localhost/", VERDICT_SCHEME);
	is_int(verdict_ip(p, STR("localhost"), 80, &lo, NULL), 0, "an allowed host may resolve to loopback");
	is_int(verdict_ip(p, STR("localhost.evil.example"), 80, &lo, NULL), E_BLOCKED, "another may not");
	is_int(verdict_ip(p, STR("127.0.0.1"), 8099, &lo, NULL), 0, "host and port");
	is_int(verdict_ip(p, STR("127.0.0.1"), 80, &lo, NULL), E_BLOCKED, "another port");
	is_int(verdict_ip(p, STR(""), 80, &lo, NULL), E_BLOCKED, "no host known");
	static const struct str bad[] = { STR_INIT("a:0"), STR_INIT("a:65536"), STR_INIT("a:x"), STR_INIT("a b"),
		STR_INIT("[::1"), STR_INIT("http://a"), STR_INIT("1.2.3.4.5") };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct verdict_policy *none = NULL;
		struct err e = { 0 };
		is_int(verdict_policy_new(&a, &(struct verdict_config){ .allowed_hosts = bad[i] }, &none, &e),
			E_INVALID, "allowed host '%.*s'", STR_FMT(bad[i]));
		ok(str_find(str_of(e.words), bad[i]) != STR_NPOS, "is named: %s", e.words);
	}
}

static void test_switch(void)
{
	struct verdict_policy *p =
		policy((struct verdict_config){ .block_private = false, .denied = STR("10.0.0.0/8, 2001:db8::1") });
	is_code(p, "http://127.0.0.1/", VERDICT_OK);
	is_code(p, "http://localhost/", VERDICT_OK);
	is_code(p, "http://postgres/", VERDICT_OK);
	is_code(p, "http://10.1.2.3/", VERDICT_ADDRESS);
	is_code(p, "http://[::ffff:10.1.2.3]/", VERDICT_ADDRESS);
	is_code(p, "http://[2001:db8::1]/", VERDICT_ADDRESS);
	is_code(p, "http://[2001:db8::2]/", VERDICT_OK);
	is_code(p, "http://u@example.com/", VERDICT_USERINFO);
	is_code(p, "file:///etc/passwd", VERDICT_SCHEME);
	struct verdict_policy *none = NULL;
	is_int(verdict_policy_new(&a, &(struct verdict_config){ .denied = STR("10/8") }, &none, NULL), E_INVALID,
		"bad network");
	is_int(verdict_policy_new(&a, &(struct verdict_config){ .allowed_ports = STR("80,http") }, &none, NULL),
		E_INVALID, "bad port");
	ok(none == NULL, "no policy comes of bad settings");
}

static void test_sockets(void)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(80), .sin_addr = { htonl(0x08080808) } };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = in6addr_loopback };
	struct sockaddr un = { .sa_family = AF_UNIX };
	struct verdict v;
	is_int(verdict_addr(strict, STR("a.example"), (struct sockaddr *)&v4, sizeof v4, &v), 0, "public");
	v4.sin_port = htons(25);
	is_int(verdict_addr(strict, STR("a.example"), (struct sockaddr *)&v4, sizeof v4, &v), E_BLOCKED, "port 25");
	is_int(v.code, VERDICT_PORT);
	v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(80), .sin_addr = { htonl(0xa9fea9fe) } };
	is_int(verdict_addr(strict, STR("a.example"), (struct sockaddr *)&v4, sizeof v4, &v), E_BLOCKED, "metadata");
	is_cstr(v.words, "the address 169.254.169.254 is link-local (RFC 3927)", "words");
	is_int(verdict_addr(strict, STR("a.example"), (struct sockaddr *)&v6, sizeof v6, &v), E_BLOCKED, "::1");
	is_int(verdict_addr(strict, STR("a.example"), &un, sizeof un, &v), E_BLOCKED, "a UNIX socket");
	struct ip mapped;
	ip_parse(STR("::ffff:10.0.0.1"), &mapped);
	is_int(verdict_ip(strict, STR("a.example"), 80, &mapped, &v), E_BLOCKED, "mapped");
	is_cstr(v.words, "the address ::ffff:a00:1 leads to 10.0.0.1, which is private (RFC 1918)",
		"words of an inner address");
}

int main(void)
{
	arena_init(&a, 0);
	strict = policy((struct verdict_config){ .block_private = true, .allowed_ports = STR("80,443,8080,8443") });
	test_spellings();
	test_v6();
	test_urls();
	test_ports();
	test_allowed();
	test_switch();
	test_sockets();
	arena_release(&a);
	return done_testing();
}

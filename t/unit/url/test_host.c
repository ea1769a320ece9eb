#include "base/first.h"
#include "base/buf.h"
#include "base/clock.h"
#include "url/host.h"
#include "url/idna_data.h"
#include "../tap.h"

static struct arena a;

static void ascii(const char *in, const char *want)
{
	struct str got;
	if (host_to_ascii(&a, str_of(in), &got, NULL) < 0)
		got = STR("FAIL");
	is_str(got, want, "%s", in);
	if (!str_is(got, "FAIL")) {
		struct str again;
		ok(host_to_ascii(&a, got, &again, NULL) == 0 && str_eq(again, got), "%.*s is stable", STR_FMT(got));
	}
}

static void shown(const char *in, const char *want)
{
	is_str(host_to_unicode(&a, str_of(in)), want, "%s is shown as %s", in, want);
}

static void kind(const char *in, bool opaque, enum url_host_kind want, const char *name)
{
	struct host h = { .kind = URL_HOST_NONE };
	int r = host_parse(&a, str_of(in), opaque, &h, NULL);
	is_int(h.kind, want, "%s", in);
	if (r == 0)
		is_str(h.name, name);
}

static void puny(const char *encoded, const uint32_t *cps, size_t n)
{
	struct buf b;
	struct cps v = { 0 };
	buf_init(&b, &a, 0);
	punycode_encode(cps, n, &b);
	is_str(buf_str(&b), encoded, "encodes");
	is_int(punycode_decode(&a, str_of(encoded), &v), 0, "decodes");
	ok(v.n == n && !memcmp(v.at, cps, n * sizeof *cps), "to the same");
}

static void test_punycode(void)
{
	puny("bcher-kva", (uint32_t[]){ 'b', 0xfc, 'c', 'h', 'e', 'r' }, 6);
	puny("tda", (uint32_t[]){ 0xfc }, 1);
	puny("wgv71a119e", (uint32_t[]){ 0x65e5, 0x672c, 0x8a9e }, 3);
	puny("a--yka", (uint32_t[]){ 'a', '-', 0xfc }, 3);
	puny("dn32g", (uint32_t[]){ 0x10ffff }, 1);
	static const char *const bad[] = { "0", "a-0", "a-b!", "99999999", "a-99999999b", "\xc3\xbc-a", "!" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct cps v = { 0 };
		is_int(punycode_decode(&a, str_of(bad[i]), &v), E_INVALID, "'%s' is no punycode", bad[i]);
	}
}

static void nfc(const uint32_t *in, size_t n, const uint32_t *want, size_t want_n)
{
	struct cps v = { 0 };
	for (size_t i = 0; i < n; i++)
		vec_push(&a, &v, in[i]);
	idna_nfc(&a, &v);
	ok(v.n == want_n && !memcmp(v.at, want, want_n * sizeof *want), "U+%04X and %zu more", (unsigned)in[0], n - 1);
}
#define NFC(IN, WANT) nfc(IN, ARRAY_LEN(IN), WANT, ARRAY_LEN(WANT))
#define CPS(...) ((uint32_t[]){ __VA_ARGS__ })

static void test_nfc(void)
{
	NFC(CPS('a'), CPS('a'));
	NFC(CPS('a', 0x301), CPS(0xe1));
	NFC(CPS(0xe1), CPS(0xe1));
	NFC(CPS('a', 0x323, 0x302), CPS(0x1ead));
	NFC(CPS('a', 0x302, 0x323), CPS(0x1ead));
	NFC(CPS(0xe2, 0x323), CPS(0x1ead));
	NFC(CPS('q', 0x307, 0x323), CPS('q', 0x323, 0x307));
	NFC(CPS('a', 0x300, 0x301), CPS(0xe0, 0x301));
	NFC(CPS(0x301, 'a'), CPS(0x301, 'a'));
	NFC(CPS(0x1100, 0x1161), CPS(0xac00));
	NFC(CPS(0x1100, 0x1161, 0x11a8), CPS(0xac01));
	NFC(CPS(0xac00, 0x11a8), CPS(0xac01));
	NFC(CPS(0xac01, 0x11a8), CPS(0xac01, 0x11a8));
	NFC(CPS(0xac00, 0x11a7), CPS(0xac00, 0x11a7));
	NFC(CPS(0x915, 0x93c), CPS(0x915, 0x93c)); /* excluded from composition */
	NFC(CPS('=', 0x338), CPS(0x2260));
	NFC(CPS(0x1f00, 0x300, 0x345), CPS(0x1f82));
}

static void test_names(void)
{
	ascii("Example.COM", "example.com");
	ascii("b\xc3\xbc" "cher.de", "xn--bcher-kva.de");
	ascii("B\xc3\x9c" "CHER.de", "xn--bcher-kva.de");
	ascii("fa\xc3\x9f.de", "xn--fa-hia.de");
	ascii("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e.jp", "xn--wgv71a119e.jp");
	ascii("\xe2\x98\x83.net", "xn--n3h.net");
	ascii("a\xe3\x80\x82" "b", "a.b");
	ascii("\xef\xbd\x81\xef\xbc\x8e\xef\xbd\x82", "a.b");
	ascii("a\xc2\xad" "b", "ab");
	ascii("\xc2\xad", "FAIL");
	ascii("xn--bcher-kva\xe3\x80\x82" "de", "xn--bcher-kva.de");
	ascii("xn--a\xe3\x80\x82" "de", "FAIL");
	ascii("xn--a", "xn--a"); /* all ASCII: taken as it is */
	ascii("\xc3\xbc.xn--0", "FAIL");
	ascii("\xcc\x81" "a", "FAIL");
	ascii("a\xef\xbf\xbd", "FAIL");
	ascii("a\xe2\x80\x8d" "b", "FAIL");
	ascii("\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xe0\xa4\xb7", "xn--11b2ezcw70k");
	ascii("\xd7\x90" "a", "FAIL");
	ascii("\xd7\x90" "1", "xn--1-zhc");
	ascii("1\xd7\x90", "FAIL");
	ascii("\xd7\x90.1a", "FAIL");
	ascii("\xc3\xbc b", "FAIL");
	ascii("\xc3\xbc%41", "FAIL");

	shown("xn--bcher-kva.de", "b\xc3\xbc" "cher.de");
	shown("www.xn--n3h.net.", "www.\xe2\x98\x83.net.");
	shown("example.com", "example.com");
	shown("xn--a", "xn--a");
	shown("xn--.com", "xn--.com");
	shown("xn--0.xn--n3h", "xn--0.\xe2\x98\x83");
	shown("", "");
}

static void test_bounds(void)
{
	struct buf b;
	struct str got;
	buf_init(&b, &a, 0);
	for (int i = 0; i < 2000; i++)
		buf_addz(&b, "\xc3\xbc");
	is_int(host_to_ascii(&a, buf_str(&b), &got, NULL), 0, "a long label parses");
	buf_addz(&b, buf_cstr(&b));
	is_int(host_to_ascii(&a, buf_str(&b), &got, NULL), E_INVALID, "an absurd one does not");
	/* Every character another one, and marks that all have to change places. */
	buf_clear(&b);
	for (int i = 0; i < 1300; i++) {
		char cjk[4] = { (char)0xe4, (char)(0xb8 + i / 64 % 6), (char)(0x80 + i % 64), 0 };
		buf_addz(&b, cjk);
	}
	usec_t t = clock_mono();
	is_int(host_to_ascii(&a, buf_str(&b), &got, NULL), 0, "many different characters");
	buf_clear(&b);
	buf_addz(&b, "a");
	for (int i = 0; i < 2000; i++)
		buf_addz(&b, i < 1000 ? "\xcc\x81" : "\xcc\xa3");
	is_int(host_to_ascii(&a, buf_str(&b), &got, NULL), 0, "many marks");
	ok(clock_mono() - t < USEC_PER_SEC, "in bounded time");
}

int main(void)
{
	arena_init(&a, 0);
	test_punycode();
	test_nfc();
	test_names();
	kind("example.com", false, URL_HOST_DOMAIN, "example.com");
	kind("1.2.3.4", false, URL_HOST_IPV4, "1.2.3.4");
	kind("0x1020304", false, URL_HOST_IPV4, "1.2.3.4");
	kind("[::1]", false, URL_HOST_IPV6, "[::1]");
	kind("1.2.3.4", true, URL_HOST_OPAQUE, "1.2.3.4");
	kind("\xc3\xbc", true, URL_HOST_OPAQUE, "%C3%BC");
	kind("", true, URL_HOST_EMPTY, "");
	kind("", false, URL_HOST_NONE, "");
	kind("a b", false, URL_HOST_NONE, "");
	kind("[::1", true, URL_HOST_NONE, "");
	test_bounds();
	arena_release(&a);
	return done_testing();
}

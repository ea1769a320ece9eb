/* The table of cases.tsv, and properties that hold for every URL in it. */
#include "base/first.h"
#include "base/fd.h"
#include "base/scan.h"
#include "base/utf8.h"
#include "url/url.h"
#include "../tap.h"

static struct str unescape(struct arena *a, struct str s)
{
	struct buf b;
	buf_init(&b, a, 0);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\\') {
			buf_addc(&b, s.p[i]);
		} else if (s.p[++i] == 'u') {
			uint32_t cp = 0;
			for (i += 2; s.p[i] != '}'; i++)
				cp = cp * 16 + (uint32_t)hex_value(s.p[i]);
			if (cp >= 0xd800 && cp < 0xe000) /* a lone surrogate, as a careless encoder writes it */
				buf_add(&b,
					(char[3]){ (char)(0xe0 | cp >> 12), (char)(0x80 | (cp >> 6 & 63)),
						(char)(0x80 | (cp & 63)) },
					3);
			else
				utf8_put(&b, cp);
		} else {
			buf_addc(&b, s.p[i]);
		}
	}
	return buf_str(&b);
}

static void one(struct arena *a, struct str line)
{
	struct str in, base_text, want, rest = line;
	str_split(&rest, '\t', &in);
	str_split(&rest, '\t', &base_text);
	str_split(&rest, '\t', &want);
	struct url base, u;
	bool based = !str_is(base_text, "-");
	struct str got = STR("FAIL"), text = unescape(a, in);
	if (based && url_parse(a, unescape(a, base_text), NULL, &base, NULL) < 0) {
		ok(false, "base of %.*s", STR_FMT(line));
		return;
	}
	if (url_parse(a, text, based ? &base : NULL, &u, NULL) == 0)
		got = url_href(a, &u, 0);
	want = unescape(a, want);
	tap_str(got, want, __FILE__, __LINE__, "%.*s", (int)MIN(line.n, 180), line.p);
	if (str_is(got, "FAIL"))
		return;
	/* A serialisation parses to itself, and carries no byte that would need encoding. */
	struct str again = url_resolve(a, got, NULL);
	if (!str_eq(again, got))
		ok(false, "%.*s is not stable: %.*s", STR_FMT(got), STR_FMT(again));
	for (size_t i = 0; i < got.n; i++)
		if ((unsigned char)got.p[i] < ' ' || (unsigned char)got.p[i] > '~')
			ok(false, "byte %zu of %.*s is not printable ASCII", i, STR_FMT(got));
}

static void test_parts(struct arena *a)
{
	struct url u, copy;
	is_int(url_parse(a, STR("https://u:p@Example.com:8443/a/b?x=1#f"), NULL, &u, NULL), 0, "parse");
	is_str(u.scheme, "https");
	is_str(u.username, "u");
	is_str(u.password, "p");
	is_str(u.host, "example.com");
	is_int(u.host_kind, URL_HOST_DOMAIN);
	is_int(u.port, 8443);
	is_int(url_port(&u), 8443);
	is_str(u.path, "/a/b");
	is_str(u.query, "x=1");
	is_str(u.fragment, "f");
	is_str(url_target(a, &u), "/a/b?x=1", "request target");
	is_str(url_host_port(a, &u), "example.com:8443", "Host");
	is_str(url_origin(a, &u), "https://example.com:8443", "origin");
	is_str(url_href(a, &u, URL_HREF_NO_FRAGMENT | URL_HREF_NO_USERINFO), "https://example.com:8443/a/b?x=1",
		"href less parts");
	url_copy(a, &u, &copy);
	is_str(url_href(a, &copy, 0), "https://u:p@example.com:8443/a/b?x=1#f", "copy");

	is_int(url_parse(a, STR("http://[::1]"), NULL, &u, NULL), 0, "IPv6");
	is_int(u.host_kind, URL_HOST_IPV6);
	is_int(u.ip.family, 6);
	is_int(u.ip.b[15], 1);
	is_int(u.port, -1);
	is_int(url_port(&u), 80, "port in effect");
	ok(!u.query.p && !u.fragment.p, "absent parts are NULL");
	is_int(url_parse(a, STR("http://0x7f.1/?#"), NULL, &u, NULL), 0, "IPv4");
	is_int(u.host_kind, URL_HOST_IPV4);
	is_int(ip_v4_value(&u.ip), 0x7f000001);
	ok(u.query.p && u.fragment.p && !u.query.n && !u.fragment.n, "empty parts are not absent");
	is_int(url_parse(a, STR("mailto:a@b"), NULL, &u, NULL), 0, "opaque path");
	ok(u.opaque_path && u.host_kind == URL_HOST_NONE && !u.host.p, "no host");
	ok(!url_is_special(&u) && !url_is_http(&u) && url_port(&u) == -1, "not special");
	is_str(url_origin(a, &u), "null", "opaque origin");
	is_str(url_origin(a, &(struct url){ .scheme = STR("file"), .port = -1 }), "null", "file's origin");
	url_parse(a, STR("blob:https://a.com:444/x"), NULL, &u, NULL);
	is_str(url_origin(a, &u), "https://a.com:444", "blob's origin");
	is_int(url_parse(a, STR("file:///x"), NULL, &u, NULL), 0, "file");
	is_int(u.host_kind, URL_HOST_EMPTY);
	url_parse(a, STR("foo://Bar"), NULL, &u, NULL);
	is_int(u.host_kind, URL_HOST_OPAQUE);
	is_str(url_target(a, &u), "/", "a request target is never empty");
}

static void test_failures(struct arena *a)
{
	struct err e;
	struct url u = { .port = 77 };
	is_int(url_parse(a, STR("http://a:99999/"), NULL, &u, &e), E_INVALID, "failure");
	is_int(u.port, 77, "output untouched");
	is_cstr(e.words, "the port is above 65535", "words");
	ok(!url_resolve(a, STR("x"), NULL).p, "no base");
	char *big = xmalloc(URL_INPUT_MAX + 1);
	memset(big, 'a', URL_INPUT_MAX + 1);
	is_int(url_parse(a, str_n(big, URL_INPUT_MAX + 1), NULL, &u, &e), E_LIMIT, "over-long");
	memcpy(big, "http://h/", 9);
	is_int(url_parse(a, str_n(big, URL_INPUT_MAX), NULL, &u, &e), 0, "as long as may be");
	/* Every byte of this one needs work, and each ".." walks back. */
	for (size_t i = 9; i + 4 <= URL_INPUT_MAX; i += 4)
		memcpy(big + i, i % 8 < 4 ? "/\xc3\xa9 " : "/../", 4);
	usec_t t = clock_mono();
	is_int(url_parse(a, str_n(big, URL_INPUT_MAX), NULL, &u, &e), 0, "a mebibyte of segments and dots");
	ok(clock_mono() - t < 2 * USEC_PER_SEC, "in linear time");
	free(big);
}

int main(void)
{
	struct arena a;
	struct buf text;
	char path[4096];
	arena_init(&a, 0);
	const char *src = getenv("srcdir");
	snprintf(path, sizeof path, "%s/t/unit/url/cases.tsv", src ? src : ".");
	buf_init(&text, NULL, MiB);
	if (fd_read_file(path, MiB, &text, NULL) < 0)
		die("%s: cannot be read; set srcdir", path);
	struct str rest = buf_str(&text), line;
	while (str_split(&rest, '\n', &line))
		if (line.n && !(line.p[0] == '#' && str_chr(line, '\t') == STR_NPOS) && !str_starts(line, STR("# ")))
			one(&a, line);
	buf_release(&text);
	test_parts(&a);
	test_failures(&a);
	arena_release(&a);
	return done_testing();
}

#include "base/first.h"
#include "url/canon.h"
#include "../tap.h"

static struct arena a;

static struct str key(const char *text, unsigned flags)
{
	struct url u;
	if (url_parse(&a, str_of(text), NULL, &u, NULL) < 0)
		return STR("not a URL");
	struct str k = url_key(&a, &u, flags);
	/* A key is itself a URL, and the key of that URL. */
	if (url_parse(&a, k, NULL, &u, NULL) < 0 || !str_eq(url_key(&a, &u, flags), k))
		ok(false, "%.*s is its own key", STR_FMT(k));
	return k;
}

static void is_key(unsigned flags, const char *text, const char *want)
{
	is_str(key(text, flags), want, "%s", text);
}

static void test_plain(void)
{
	is_key(0, "HTTP://Example.COM:80/a/../b#frag", "http://example.com/b");
	is_key(0, "https://example.com:443", "https://example.com/");
	is_key(0, "https://example.com:8443/", "https://example.com:8443/");
	is_key(0, "http://example.com./a", "http://example.com/a");
	is_key(0, "http://example.com../a", "http://example.com../a");
	is_key(0, "http://example.com../a", "http://example.com../a");
	is_key(0, "http://example.com/%4%31%%34%31", "http://example.com/%4%31%%341");
	is_key(0, "http://u:p@example.com/a", "http://example.com/a");
	is_key(0, "http://example.com/?", "http://example.com/");
	is_key(0, "http://example.com/?#x", "http://example.com/");
	is_key(0, "http://example.com/%7eme/%41%2f%c3%a9", "http://example.com/~me/A%2F%C3%A9");
	is_key(0, "http://example.com/\xc3\xa9?\xc3\xa9=%2d", "http://example.com/%C3%A9?%C3%A9=-");
	is_key(0, "http://example.com/a%zz%4", "http://example.com/a%zz%4");
	is_key(0, "http://0x7f.1/", "http://127.0.0.1/");
	is_key(0, "http://[::0001]/", "http://[::1]/");
	is_key(0, "http://b\xc3\xbc" "cher.example/", "http://xn--bcher-kva.example/");
	is_key(0, "mailto:A@b?x", "mailto:A@b?x");
	is_key(0, "foo:/.//a", "foo:/.//a");
	/* What might be another page stays another page. */
	is_key(0, "http://example.com/a/", "http://example.com/a/");
	is_key(0, "http://example.com/?b=2&a=1", "http://example.com/?b=2&a=1");
	is_key(0, "http://www.example.com/A", "http://www.example.com/A");
	is_key(0, "http://example.com/?utm_source=x", "http://example.com/?utm_source=x");
	is_key(0, "http://example.com//a", "http://example.com//a");
}

static void test_flags(void)
{
	is_key(URL_KEY_NO_TRACKING, "http://h/?utm_source=x&a=1&UTM_Medium=y&b=2&gclid=z", "http://h/?a=1&b=2");
	is_key(URL_KEY_NO_TRACKING, "http://h/?fbclid=1", "http://h/");
	is_key(URL_KEY_NO_TRACKING, "http://h/?fbclid&x&&y", "http://h/?x&&y");
	is_key(URL_KEY_NO_TRACKING, "http://h/?id=utm_source", "http://h/?id=utm_source");
	is_key(URL_KEY_NO_TRACKING, "http://h/?ref=1&source=2", "http://h/?ref=1&source=2");
	is_key(URL_KEY_SORTED, "http://h/?b=2&a=2&a=1&&c", "http://h/?&a=2&a=1&b=2&c");
	is_key(URL_KEY_SORTED, "http://h/?a", "http://h/?a");
	is_key(URL_KEY_SORTED, "http://h/?%c3=1&%61=2&`=3", "http://h/?%C3=1&`=3&a=2");
	is_key(URL_KEY_SORTED | URL_KEY_NO_TRACKING, "http://h/?z=1&utm_id=4&a=1", "http://h/?a=1&z=1");
	is_key(URL_KEY_ANY_SCHEME, "https://h/a", "http://h/a");
	is_key(URL_KEY_ANY_SCHEME, "ftp://h/a", "ftp://h/a");
	is_key(URL_KEY_ANY_SCHEME, "https://h:80/a", "https://h:80/a");
}

int main(void)
{
	arena_init(&a, 0);
	test_plain();
	test_flags();
	ok(url_is_tracking(STR("utm_anything")), "a prefix");
	ok(url_is_tracking(STR("GCLID")), "any case");
	ok(!url_is_tracking(STR("utm")) && !url_is_tracking(STR("id")) && !url_is_tracking(STR("")), "others are not");
	is_str(url_without_tracking(&a, STR("a=%7e&utm_x=1")), "a=%7e", "byte for byte");
	ok(!url_without_tracking(&a, STR("utm_x=1")).p, "nothing left");
	ok(!url_without_tracking(&a, STR_NULL).p, "no query");
	arena_release(&a);
	return done_testing();
}

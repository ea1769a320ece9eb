#include "base/first.h"
#include "url/domain.h"
#include "../tap.h"

static void registrable(const char *host, const char *want)
{
	struct str got = domain_registrable(str_of(host));
	if (want)
		is_str(got, want, "%s", host);
	else
		ok(!got.p, "%s has none", host);
}

int main(void)
{
	registrable("example.com", "example.com");
	registrable("www.example.com", "example.com");
	registrable("a.b.Example.COM", "Example.COM");
	registrable("www.example.com.", "example.com");
	registrable("example.co.uk", "example.co.uk");
	registrable("www.example.co.uk", "example.co.uk");
	registrable("co.uk", NULL);
	registrable("com", NULL);
	registrable("localhost", NULL);
	registrable("a.github.io", "a.github.io");
	registrable("x.a.github.io", "a.github.io");
	registrable("github.io", NULL);
	registrable("www.ck", "www.ck");
	registrable("a.b.ck", "a.b.ck");
	registrable("shop.xn--p1ai", "shop.xn--p1ai");
	registrable("a.unknown-tld-x", "a.unknown-tld-x");
	registrable("127.0.0.1", NULL);
	registrable("[::1]", NULL);
	registrable("", NULL);
	registrable(".example.com", NULL);
	struct str host = STR("www.example.com");
	ok(domain_registrable(host).p == host.p + 4, "points into the host");
	is_str(domain_suffix(STR("www.example.co.uk")), "co.uk");
	is_str(domain_suffix(STR("com")), "com");
	ok(!domain_suffix(STR("127.0.0.1")).p, "an address has no suffix");
	char big[300];
	memset(big, 'a', sizeof big);
	ok(!domain_registrable(str_n(big, sizeof big)).p, "over-long");

	ok(domain_same_site(STR("a.example.com"), STR("B.EXAMPLE.com.")), "same site");
	ok(!domain_same_site(STR("a.github.io"), STR("b.github.io")), "private suffixes divide");
	ok(domain_same_site(STR("127.0.0.1"), STR("127.0.0.1")), "the same address");
	ok(!domain_same_site(STR("127.0.0.1"), STR("127.0.0.2")), "another address");
	ok(domain_same_site(STR("localhost"), STR("localhost")), "the same single label");
	ok(!domain_same_site(STR("localhost"), STR("a.com")), "one has a site, the other none");
	ok(!domain_same_site(STR(""), STR("")), "nothing is no site");
	ok(domain_is_under(STR("a.b.c"), STR("b.c")), "under");
	ok(domain_is_under(STR("B.C."), STR("b.c")), "itself");
	ok(!domain_is_under(STR("ab.c"), STR("b.c")), "a longer label is not under");
	ok(!domain_is_under(STR("c"), STR("b.c")), "above is not under");
	ok(!domain_is_under(STR("a"), STR("")), "nothing is over nothing");
	return done_testing();
}

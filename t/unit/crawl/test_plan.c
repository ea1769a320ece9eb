#include "base/first.h"
#include "crawl/plan.h"
#include "../tap.h"

static struct arena a;

static const char *refuses(const char *request, const char *url, int depth)
{
	struct plan p;
	struct url u;
	struct err e;
	if (plan_read(&a, str_of(request), &p, &e) || url_parse(&a, str_of(url), NULL, &u, &e))
		return "unreadable";
	return plan_refuses(&p, &a, &u, depth);
}

static bool same(const char *x, const char *y)
{
	struct url u, v;
	url_parse(&a, str_of(x), NULL, &u, NULL);
	url_parse(&a, str_of(y), NULL, &v, NULL);
	struct crawl_key k = plan_key(&a, &u), l = plan_key(&a, &v);
	return k.k1 == l.k1 && k.k2 == l.k2;
}

int main(void)
{
	static const struct { const char *rules, *url; int depth; const char *reason; } t[] = {
		{ "{}", "http://a.example/x", 1, NULL },
		{ "{}", "http://a.example/x", 2, "depth" },
		{ "{}", "http://b.a.example/x", 1, "domain" },
		{ "{}", "ftp://a.example/x", 1, "scheme" },
		{ "{\"sameDomainOnly\":false}", "http://b.example/x", 1, NULL },
		{ "{\"maxDepth\":0}", "http://a.example/x", 0, NULL },
		{ "{\"allowPatterns\":[\"**/docs/**\"]}", "http://a.example/docs/x", 1, NULL },
		{ "{\"allowPatterns\":[\"**/docs/**\"]}", "http://a.example/x", 1, "pattern" },
		{ "{\"denyPatterns\":[\"**/docs/**\"]}", "http://a.example/docs/x", 1, "pattern" },
		{ "{\"denyPatterns\":[\"**/docs/**\"]}", "http://a.example/x", 1, NULL },
	};
	struct plan p;
	struct err e;
	arena_init(&a, 0);
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct str rq = arena_printf(&a, "{\"seed\":\"http://a.example/\",\"rules\":%s}", t[i].rules);
		const char *is = refuses(rq.p, t[i].url, t[i].depth);
		ok((!is && !t[i].reason) || (is && t[i].reason && !strcmp(is, t[i].reason)), "%s %s: %s", t[i].rules,
			t[i].url, is ? is : "taken");
	}
	is_int(plan_read(&a, STR("{\"seed\":\"http://a.example/\"}"), &p, &e), 0, "defaults");
	is_int(p.max_depth, 1, "depth");
	is_int(p.delay, 500 * USEC_PER_MS, "delay");
	ok(p.same_domain && !p.extract, "domain");
	is_int(plan_read(&a, STR("{\"seed\":\"nonsense\"}"), &p, &e), E_INVALID, "a bad seed");
	is_int(plan_read(&a, STR("nonsense"), &p, &e), E_INVALID, "no JSON");
	is_int(plan_read(&a, STR("{\"seed\":\"http://a.example/\",\"rules\":{\"allowPatterns\":[\"{1..9999}\"]}}"), &p,
		       &e),
		E_LIMIT, "a pattern that explodes");
	ok(same("http://a.example/x#y", "http://A.example:80/%78"), "spellings of one URL");
	ok(!same("http://a.example/x", "http://a.example/x/"), "two URLs");
	return done_testing();
}

#include "base/first.h"
#include "crawl/plan.h"
#include "url/canon.h"

static int read_patterns(struct arena *a, const struct json *list, struct glob ***ret, size_t *ret_n, struct err *e)
{
	size_t n = json_is(list, J_ARRAY) ? list->n : 0;
	if (n > PLAN_PATTERNS_MAX)
		return err_set(e, E_LIMIT, "more than %d patterns", PLAN_PATTERNS_MAX);
	struct glob **at = arena_array(a, struct glob *, n);
	for (size_t i = 0; i < n; i++) {
		int rc = glob_compile(a, json_str(json_at(list, i), STR("")), &at[i], e);
		if (rc)
			return rc;
	}
	*ret = at;
	*ret_n = n;
	return 0;
}

int plan_read(struct arena *a, struct str request, struct plan *ret, struct err *e)
{
	const struct json *v;
	struct plan p = { 0 };
	int rc = json_parse(a, request, NULL, &v, e);
	if (rc)
		return rc;
	const struct json *rules = json_get(v, "rules"), *extract = json_get(v, "extract");
	rc = url_parse(a, json_str(json_get(v, "seed"), STR("")), NULL, &p.seed, e);
	if (!rc)
		rc = read_patterns(a, json_get(rules, "allowPatterns"), &p.allow, &p.allow_n, e);
	if (!rc)
		rc = read_patterns(a, json_get(rules, "denyPatterns"), &p.deny, &p.deny_n, e);
	if (rc)
		return rc;
	p.max_depth = (int)json_int(json_get(rules, "maxDepth"), 1);
	p.same_domain = json_bool(json_get(rules, "sameDomainOnly"), true);
	p.delay = json_int(json_get(rules, "politenessDelayMs"), 500) * USEC_PER_MS;
	p.extract = json_is(extract, J_OBJECT) ? extract : NULL;
	*ret = p;
	return 0;
}

static bool any(const struct plan *p, struct arena *a, struct glob *const *at, size_t n, const struct url *u)
{
	for (size_t i = 0; i < n; i++)
		if (glob_match_url(a, at[i], u))
			return true;
	return false;
}

const char *plan_refuses(const struct plan *p, struct arena *a, const struct url *u, int depth)
{
	if (!url_is_http(u))
		return "scheme";
	if (p->same_domain && !str_eq(u->host, p->seed.host))
		return "domain";
	if ((p->allow_n && !any(p, a, p->allow, p->allow_n, u)) || any(p, a, p->deny, p->deny_n, u))
		return "pattern";
	return depth > p->max_depth ? "depth" : NULL;
}

struct crawl_key plan_key(struct arena *a, const struct url *u)
{
	return crawl_key(url_key(a, u, 0));
}

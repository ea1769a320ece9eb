/* URLs: "url", or "base\nurl". What parses is printable, stable, keeps its parts, and is judged without a fault. */
#include "base/first.h"
#include "net/verdict.h"
#include "url/canon.h"
#include "url/domain.h"
#include "url/host.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool cond, const char *what)
{
	if (!cond)
		die("%s", what);
}

static void check_key(struct arena *a, const struct url *u, unsigned flags)
{
	struct url again;
	struct str key = url_key(a, u, flags);
	must(url_parse(a, key, NULL, &again, NULL) == 0, "a key is a URL");
	must(str_eq(url_key(a, &again, flags), key), "a key is its own key");
}

static void check(struct arena *a, const struct url *u, const struct verdict_policy *policy)
{
	struct url again;
	struct verdict v;
	struct str href = url_href(a, u, 0);
	for (size_t i = 0; i < href.n; i++)
		must((unsigned char)href.p[i] >= ' ' && (unsigned char)href.p[i] <= '~',
			"a serialisation is printable ASCII");
	must(url_parse(a, href, NULL, &again, NULL) == 0, "a serialisation parses");
	must(str_eq(url_href(a, &again, 0), href), "and is stable");
	must(str_eq(again.path, u->path) && str_eq(again.host, u->host) && again.port == u->port,
		"and keeps its parts");
	must(again.host_kind == u->host_kind && again.opaque_path == u->opaque_path, "and their kinds");
	for (unsigned flags = 0; flags < 8; flags++)
		check_key(a, u, flags);
	url_origin(a, u);
	url_target(a, u);
	host_to_unicode(a, u->host);
	domain_registrable(u->host);
	int r = verdict_url(policy, u, &v);
	must((r == 0) == (v.code == VERDICT_OK), "a verdict agrees with its code");
	must(r < 0 || !u->ip.family || !ip_not_global(&u->ip), "no address passes that is not global");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct url base, u;
	struct verdict_policy *policy = NULL;
	struct str first = str_n((const char *)data, n), second = STR_NULL;
	if (n > 4096)
		return 0;
	arena_init(&a, 0);
	verdict_policy_new(&a, &(struct verdict_config){ .block_private = true }, &policy, NULL);
	size_t eol = str_chr(first, '\n');
	if (eol != STR_NPOS) {
		second = str_from(first, eol + 1);
		first.n = eol;
	}
	if (url_parse(&a, first, NULL, &base, NULL) == 0) {
		check(&a, &base, policy);
		if (second.p && url_parse(&a, second, &base, &u, NULL) == 0)
			check(&a, &u, policy);
	}
	arena_release(&a);
	return 0;
}

#include "base/first.h"
#include "api/cache.h"
#include "api/app.h"
#include "crypto/digest.h"
#include "net/memcached.h"

#define SLOW (5 * USEC_PER_MS)

struct str cache_get(struct call *c, struct str key)
{
	struct str text;
	if (!c->app->mc || !mc_up(c->app->mc) || mc_get(c->app->mc, key, c->arena, &text) < 0)
		return STR_NULL;
	return text;
}

void cache_put(struct call *c, struct str key, struct str text, usec_t took)
{
	usec_t ttl = MIN(MAX(100 * took, USEC_PER_SEC), 60 * USEC_PER_SEC);
	if (took > SLOW && c->app->mc && mc_up(c->app->mc))
		mc_set(c->app->mc, key, text, ttl);
}

struct str cache_key(struct call *c, const char *kind, struct str a, struct str b)
{
	char hex[SHA256_HEX + 1];
	struct str both = arena_printf(c->arena, "%zu:%.*s%.*s", a.n, STR_FMT(a), STR_FMT(b));
	return arena_printf(c->arena, "%s:%.32s", kind, sha256_hex(both, hex));
}

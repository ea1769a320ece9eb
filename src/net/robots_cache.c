#include "base/first.h"
#include "base/map.h"
#include "base/scan.h"
#include "net/robots_cache.h"

#define TIMEOUT_DEFAULT (10 * USEC_PER_SEC)
#define TTL_DEFAULT (3600 * USEC_PER_SEC)
#define TTL_MAX (24 * 3600 * USEC_PER_SEC)
#define TTL_MIN (60 * USEC_PER_SEC)
#define TTL_FAILED_DEFAULT (30 * USEC_PER_SEC)
#define ORIGINS_DEFAULT 5000
#define REDIRECTS 5 /* RFC 9309 2.3.1.2 */

/* What is known of an origin, or being found out. Kept in a list, least recently fetched first. */
struct origin {
	struct robots_cache *cache;
	struct arena arena; /* key and rules */
	struct str key;
	struct http_call *call; /* under way */
	struct robots_wait *waits;
	int status;
	bool blocked;
	enum http_fault fault;
	char words[248];
	enum robots_fetch how;
	struct robots *rules; /* NULL unless how is ROBOTS_USE_BODY */
	usec_t until;
	struct origin *prev, *next;
};

struct robots_wait {
	struct origin *origin;
	struct robots_cache *cache;
	struct robots_wait *prev, *next;
	struct loop_timer *timer; /* answers that are known already come in the next turn */
	struct str url;           /* in `arena` */
	struct arena arena;
	robots_fn fn;
	void *arg;
};

struct robots_cache {
	struct loop *loop;
	struct robots_cache_options o;
	struct arena arena;
	struct str agent;
	struct map origins;
	struct origin *oldest, *newest;
	struct robots_cache_stats stats;
};

struct robots_cache *robots_cache_new(struct loop *l, const struct robots_cache_options *o)
{
	struct robots_cache *c = xcalloc(1, sizeof *c);
	c->loop = l;
	c->o = *o;
	arena_init(&c->arena, KiB);
	c->agent = arena_str(&c->arena, o->user_agent);
	if (!c->o.timeout)
		c->o.timeout = TIMEOUT_DEFAULT;
	c->o.ttl = o->ttl ? MIN(o->ttl, TTL_MAX) : TTL_DEFAULT;
	if (!c->o.ttl_failed)
		c->o.ttl_failed = TTL_FAILED_DEFAULT;
	if (!c->o.origins_max)
		c->o.origins_max = ORIGINS_DEFAULT;
	map_init(&c->origins, NULL);
	return c;
}

static void free_wait(struct robots_wait *w)
{
	loop_timer_free(w->timer);
	arena_release(&w->arena);
	free(w);
}

static void link_origin(struct robots_cache *c, struct origin *g)
{
	g->prev = c->newest;
	g->next = NULL;
	*(c->newest ? &c->newest->next : &c->oldest) = g;
	c->newest = g;
}

static void unlink_origin(struct robots_cache *c, struct origin *g)
{
	*(g->prev ? &g->prev->next : &c->oldest) = g->next;
	*(g->next ? &g->next->prev : &c->newest) = g->prev;
}

static void drop_origin(struct origin *g)
{
	struct robots_cache *c = g->cache;
	for (struct robots_wait *w = g->waits; w;) {
		struct robots_wait *next = w->next;
		free_wait(w);
		w = next;
	}
	if (g->call)
		http_cancel(g->call);
	map_del(&c->origins, g->key);
	unlink_origin(c, g);
	arena_release(&g->arena);
	free(g);
}

void robots_cache_free(struct robots_cache *c)
{
	if (!c)
		return;
	while (c->oldest)
		drop_origin(c->oldest);
	map_release(&c->origins);
	arena_release(&c->arena);
	free(c);
}

static void unlink_wait(struct robots_wait *w)
{
	*(w->prev ? &w->prev->next : &w->origin->waits) = w->next;
	if (w->next)
		w->next->prev = w->prev;
}

void robots_wait_cancel(struct robots_wait *w)
{
	unlink_wait(w);
	free_wait(w);
	/* The fetch goes on: the origin will be asked about again soon. */
}

static void answer(void *arg)
{
	struct robots_wait *w = arg;
	struct origin *g = w->origin;
	struct robots_verdict v = { .status = g->status, .blocked = g->blocked, .fault = g->fault,
		.words = g->words, .answer = { .delay = -1 } };
	if (g->how == ROBOTS_USE_BODY) {
		v.robots = g->rules;
		v.answer = robots_check(g->rules, w->cache->agent, w->url);
		v.allowed = v.answer.allowed;
	} else {
		v.allowed = g->how == ROBOTS_ALLOW_ALL;
		v.unreachable = !v.allowed && !g->blocked;
	}
	unlink_wait(w);
	w->fn(w->arg, &v);
	free_wait(w);
}

/* Cache-Control: max-age of a reply (RFC 9111 5.2.2.1), or -1. */
static usec_t max_age(const struct http_result *r)
{
	struct str rest = http_header(r, "cache-control"), part;
	uint64_t s;
	while (str_split(&rest, ',', &part)) {
		part = str_trim(part);
		if (str_startsi(part, STR("max-age=")) && !scan_u64(str_from(part, 8), &s))
			return (usec_t)MIN(s, UINT64_C(86400)) * USEC_PER_SEC;
	}
	return -1;
}

static void fetched(void *arg, const struct http_result *r)
{
	struct origin *g = arg;
	struct robots_cache *c = g->cache;
	g->call = NULL;
	g->status = r->code ? 0 : r->status;
	g->fault = r->fault;
	str_copy(g->words, sizeof g->words, str_of(r->words));
	g->how = r->code ? ROBOTS_DENY_ALL : robots_fetched(r->status);
	/* The origin itself refused: not for later. A redirect that leads nowhere good is "no robots.txt" (2.3.1.2). */
	if (r->fault == HTTP_BLOCKED && r->hops_n <= 1)
		g->blocked = true;
	else if (r->fault == HTTP_BLOCKED || r->fault == HTTP_REDIRECTS)
		g->how = ROBOTS_ALLOW_ALL;
	usec_t ttl = c->o.ttl, age = r->code ? -1 : max_age(r);
	if (age >= 0)
		ttl = MIN(MAX(age, TTL_MIN), ttl);
	if (g->how == ROBOTS_DENY_ALL)
		ttl = c->o.ttl_failed;
	g->until = clock_mono() + ttl;
	if (g->how == ROBOTS_USE_BODY)
		g->rules = robots_parse(&g->arena, r->body);
	unlink_origin(c, g);
	link_origin(c, g);
	/* Each from its own timer: a callback may ask, cancel and, by that, drop origins. */
	for (struct robots_wait *w = g->waits; w; w = w->next)
		loop_timer_in(w->timer, 0);
}

static void fetch(struct robots_cache *c, struct origin *g)
{
	c->stats.fetched++;
	struct http_request rq = {
		.method = HTTP_GET,
		.url = arena_printf(&g->arena, "%.*s/robots.txt", STR_FMT(g->key)),
		.user_agent = c->agent,
		.redirects_max = REDIRECTS,
		.body_max = ROBOTS_MAX,
		.cut = true,
		.timeout = c->o.timeout,
		.connect_timeout = c->o.timeout,
	};
	g->call = http_start(c->o.http, &rq, fetched, g);
}

static struct origin *find(struct robots_cache *c, struct str key)
{
	struct origin *g = map_get(&c->origins, key);
	if (g && !g->call && !g->waits && clock_mono() >= g->until) {
		drop_origin(g);
		g = NULL;
	}
	if (g)
		return g;
	for (struct origin *old = c->oldest; old && c->origins.live >= c->o.origins_max;) {
		struct origin *next = old->next;
		if (!old->call && !old->waits)
			drop_origin(old);
		old = next;
	}
	g = xcalloc(1, sizeof *g);
	g->cache = c;
	arena_init(&g->arena, KiB);
	g->key = arena_str(&g->arena, key);
	map_set(&c->origins, g->key, g);
	link_origin(c, g);
	fetch(c, g);
	return g;
}

struct robots_wait *robots_cache_ask(struct robots_cache *c, const struct url *u, robots_fn fn, void *arg)
{
	struct robots_wait *w = xcalloc(1, sizeof *w);
	c->stats.asked++;
	arena_init(&w->arena, KiB);
	w->cache = c;
	w->url = url_target(&w->arena, u);
	w->fn = fn;
	w->arg = arg;
	w->timer = loop_timer_new(c->loop, answer, w);
	struct origin *g = find(c, url_origin(&w->arena, u));
	w->origin = g;
	w->next = g->waits;
	if (g->waits)
		g->waits->prev = w;
	g->waits = w;
	if (!g->call)
		loop_timer_in(w->timer, 0);
	return w;
}

void robots_cache_stats(const struct robots_cache *c, struct robots_cache_stats *ret)
{
	*ret = c->stats;
	ret->origins = c->origins.live;
}

#include "base/first.h"
#include "api/limiter.h"
#include "base/err.h"
#include "base/map.h"
#include "net/memcached.h"

#include <stdatomic.h>

#define PROBES 8
#define SYNC_EVERY 1000 /* milliseconds */

/* A window number in the upper half and a count in the lower, so that both change at once. */
typedef _Atomic uint64_t counter;

struct entry {
	_Atomic uint64_t key; /* hash; 0: free */
	counter own;          /* hits on this host */
	counter told;         /* of those, how many memcached knows */
	counter others;       /* hits on other hosts */
	_Atomic uint32_t synced_ms;
	uint32_t unused[5];
};

struct limiter {
	size_t mask;
	char pad[56];
	struct entry at[];
};

size_t limiter_size(size_t slots)
{
	return sizeof(struct limiter) + slots * sizeof(struct entry);
}

struct limiter *limiter_init(void *mem, size_t slots)
{
	struct limiter *l = mem;
	l->mask = slots - 1;
	hash_bytes(STR("seed")); /* drawn now, so that all workers have the same */
	return l;
}

static uint64_t pack(uint32_t window, uint32_t count)
{
	return (uint64_t)window << 32 | count;
}

static uint32_t count_in(uint64_t v, uint32_t window)
{
	return (uint32_t)(v >> 32) == window ? (uint32_t)v : 0;
}

static uint32_t load(counter *c, uint32_t window)
{
	return count_in(atomic_load_explicit(c, memory_order_relaxed), window);
}

/* Adds (or takes off) within `window`, starting at 0 when the counter is of an older one. */
static uint32_t add(counter *c, uint32_t window, int64_t by)
{
	uint64_t old = atomic_load_explicit(c, memory_order_relaxed);
	uint32_t sum;
	do {
		int64_t next = (int64_t)count_in(old, window) + by;
		sum = (uint32_t)MIN(MAX(next, 0), (int64_t)UINT32_MAX);
	} while (!atomic_compare_exchange_weak_explicit(c, &old, pack(window, sum), memory_order_relaxed,
		memory_order_relaxed));
	return sum;
}

static bool free_to_take(struct entry *e, uint32_t window)
{
	return e->key == 0 || (uint32_t)(e->own >> 32) + 1 < window;
}

/* The entry of a key. When all places are taken by others, the one with the fewest hits gives way. */
static struct entry *entry_of(struct limiter *l, uint64_t hash, uint32_t window)
{
	struct entry *take = NULL;
	for (size_t i = 0; i < PROBES; i++) {
		struct entry *e = &l->at[(hash + i) & l->mask];
		if (e->key == hash)
			return e;
		if (free_to_take(e, window)) {
			take = e;
			break;
		}
		if (!take || (uint32_t)e->own < (uint32_t)take->own)
			take = e;
	}
	/* A key that moved behind a place that became free later starts anew; that costs it nothing. */
	uint64_t old = take->key;
	if (atomic_compare_exchange_strong(&take->key, &old, hash)) {
		take->own = take->told = take->others = pack(window, 0);
		take->synced_ms = 0;
	}
	return take;
}

static bool wants_sync(struct entry *e, uint32_t window, int64_t limit, uint32_t now_ms)
{
	int64_t due = (int64_t)load(&e->own, window) - load(&e->told, window);
	if (due <= 0)
		return false;
	uint32_t last = atomic_load_explicit(&e->synced_ms, memory_order_relaxed);
	return due >= MAX(limit / 32, 1) || now_ms - last >= SYNC_EVERY;
}

static bool sync_entry(struct entry *e, struct mc *mc, const struct limit_ask *ask, uint32_t window, uint32_t now_ms)
{
	char key[LIMITER_KEY_MAX + 32];
	uint64_t sum;
	int64_t due = (int64_t)load(&e->own, window) - load(&e->told, window);
	if (due <= 0)
		return true;
	add(&e->told, window, due);
	atomic_store_explicit(&e->synced_ms, now_ms, memory_order_relaxed);
	int n = snprintf(key, sizeof key, "rl:%u:%.*s", window, STR_FMT(ask->key));
	usec_t ttl = 2 * LIMITER_WINDOW * USEC_PER_SEC;
	if (mc_incr(mc, str_n(key, (size_t)n), (uint64_t)due, ttl, &sum) < 0) {
		add(&e->told, window, -due);
		return false;
	}
	/* What another worker is telling right now counts as told already: rather too few than too many. */
	int64_t others = (int64_t)MIN(sum, (uint64_t)UINT32_MAX) - load(&e->told, window);
	atomic_store_explicit(&e->others, pack(window, (uint32_t)MAX(others, 0)), memory_order_relaxed);
	return true;
}

void limiter_hit(struct limiter *l, struct mc *mc, const struct limit_ask *ask, struct limit_state *ret)
{
	uint64_t hash = hash_bytes(ask->key);
	hash += hash == 0;
	/* The phase must be the same on all hosts, so it comes from the key itself and not from the seeded hash. */
	uint32_t phase = 0;
	for (size_t i = 0; i < ask->key.n; i++)
		phase = phase * 31 + (unsigned char)ask->key.p[i];
	int64_t second = ask->now / USEC_PER_SEC + phase % LIMITER_WINDOW;
	uint32_t window = (uint32_t)(second / LIMITER_WINDOW), now_ms = (uint32_t)(ask->now / USEC_PER_MS);
	struct entry *e = entry_of(l, hash, window);
	int64_t hits = ask->count ? add(&e->own, window, 1) : load(&e->own, window);
	bool failed = false;
	if (mc && ask->count && wants_sync(e, window, ask->limit, now_ms) && mc_up(mc))
		failed = !sync_entry(e, mc, ask, window, now_ms);
	hits += load(&e->others, window);
	*ret = (struct limit_state){
		.limit = ask->limit,
		.remaining = MAX(ask->limit - hits, 0),
		.reset = LIMITER_WINDOW - second % LIMITER_WINDOW,
		.over = hits > ask->limit,
		.mc_failed = failed,
	};
}

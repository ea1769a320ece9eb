#include "base/first.h"
#include "base/map.h"
#include "../tap.h"

static void fill(struct map *m, struct arena *a)
{
	static int values[5000];
	bool good = true;
	for (int i = 0; i < 5000; i++) {
		values[i] = i;
		good &= map_set(m, arena_printf(a, "key%d", i), &values[i]) == NULL;
	}
	ok(good && m->live == 5000, "5000 new keys");
	for (int i = 0; i < 5000; i++)
		good &= map_get(m, arena_printf(a, "key%d", i)) == &values[i];
	ok(good, "all found");
	ok(map_get(m, STR("key5000")) == NULL && !map_has(m, STR("")), "others are not");
	for (int i = 0; i < 5000; i += 2)
		good &= map_del(m, arena_printf(a, "key%d", i)) == &values[i];
	ok(good && m->live == 2500, "half removed");
	ok(!map_has(m, STR("key0")) && map_has(m, STR("key1")), "the right half");
	ok(map_set(m, STR("key1"), &values[7]) == &values[1], "replacing gives the old value");
	int seen = 0, last = -1;
	for (struct map_entry *e = NULL; (e = map_next(m, e)); seen++)
		if (!str_is(e->key, "key1")) {
			good &= *(int *)e->value > last;
			last = *(int *)e->value;
		}
	ok(good && seen == 2500, "iteration in insertion order");
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 1000; i++)
			map_set(m, arena_printf(a, "again%d", i), &values[0]);
		for (int i = 0; i < 1000; i++)
			map_del(m, arena_printf(a, "again%d", i));
	}
	ok(m->live == 2500 && m->cap <= 16384, "removed entries make room");
}

int main(void)
{
	struct arena a;
	struct map m;
	arena_init(&a, 0);
	map_init(&m, &a);
	fill(&m, &a);
	map_init(&m, NULL);
	fill(&m, &a);
	map_release(&m);
	ok(map_get(&m, STR("key1")) == NULL, "a released map is empty");
	ok(hash_bytes(STR("abc")) == hash_bytes(STR("abc")) && hash_bytes(STR("abc")) != hash_bytes(STR("abd")),
		"hashes");
	arena_release(&a);
	return done_testing();
}

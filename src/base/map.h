/*
 * Hash map from byte strings to pointers, open addressing, keyed SipHash-1-3 with a seed drawn at
 * start-up (so that outsiders cannot choose collisions). Keys are not copied: they must outlive
 * the map. Iteration order is insertion order.
 */
#ifndef KRYFTO_BASE_MAP_H
#define KRYFTO_BASE_MAP_H

#include "base/arena.h"

struct map_entry {
	struct str key;
	void *value;
	uint64_t hash;
	bool gone;
};

struct map {
	struct arena *arena; /* NULL: heap */
	struct map_entry *entries;
	uint32_t *slots; /* index + 1 into entries; 0 free */
	size_t n;        /* entries, removed ones included */
	size_t live;     /* entries less removed ones */
	size_t cap;      /* of entries */
	size_t mask;     /* slots - 1 */
};

void map_init(struct map *m, struct arena *a);
void map_release(struct map *m); /* heap only */
/* NULL when absent. */
void *map_get(const struct map *m, struct str key);
bool map_has(const struct map *m, struct str key);
/* Sets or replaces; returns the old value or NULL. */
void *map_set(struct map *m, struct str key, void *value);
/* Returns the removed value or NULL. */
void *map_del(struct map *m, struct str key);
/* `for (struct map_entry *e = NULL; (e = map_next(m, e));)` */
struct map_entry *map_next(const struct map *m, struct map_entry *e);

/* SipHash-1-3 with the process's seed. Not stable between processes. */
uint64_t hash_bytes(struct str s);

#endif

#include "base/first.h"
#include "base/map.h"
#include "base/rng.h"

static uint64_t rotl(uint64_t x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

uint64_t hash_bytes(struct str s)
{
	static uint64_t key[2];
	if (!key[0])
		rng_bytes(key, sizeof key);
	uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
		          key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) };
	uint64_t m;
	size_t i = 0;
	for (; i + 8 <= s.n; i += 8) {
		memcpy(&m, s.p + i, 8);
		v[3] ^= m;
		sip_round(v);
		v[0] ^= m;
	}
	m = (uint64_t)s.n << 56;
	for (size_t k = 0; i + k < s.n; k++)
		m |= (uint64_t)(unsigned char)s.p[i + k] << (8 * k);
	v[3] ^= m;
	sip_round(v);
	v[0] ^= m;
	v[2] ^= 0xff;
	for (int r = 0; r < 3; r++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void map_init(struct map *m, struct arena *a)
{
	*m = (struct map){ .arena = a };
}

void map_release(struct map *m)
{
	if (!m->arena) {
		free(m->entries);
		free(m->slots);
	}
	*m = (struct map){ .arena = m->arena };
}

static struct map_entry *find(const struct map *m, struct str key, uint64_t h)
{
	if (!m->slots)
		return NULL;
	for (size_t i = h & m->mask; m->slots[i]; i = (i + 1) & m->mask) {
		struct map_entry *e = &m->entries[m->slots[i] - 1];
		if (!e->gone && e->hash == h && str_eq(e->key, key))
			return e;
	}
	return NULL;
}

void *map_get(const struct map *m, struct str key)
{
	struct map_entry *e = m->live ? find(m, key, hash_bytes(key)) : NULL;
	return e ? e->value : NULL;
}

bool map_has(const struct map *m, struct str key)
{
	return m->live && find(m, key, hash_bytes(key));
}

/* Rebuilds the slots for twice the live entries, dropping removed ones. */
static void rehash(struct map *m)
{
	size_t n = 0;
	for (size_t i = 0; i < m->n; i++)
		if (!m->entries[i].gone)
			m->entries[n++] = m->entries[i];
	m->n = n;
	if (n * 2 >= m->cap) {
		size_t cap = m->cap ? m->cap * 2 : 8;
		size_t size = sizeof *m->entries;
		m->entries = m->arena ? arena_grow(m->arena, m->entries, m->cap * size, cap * size)
		                      : xrealloc(m->entries, cap * size);
		m->cap = cap;
		if (!m->arena)
			free(m->slots);
		m->slots = NULL;
	}
	size_t slots = m->cap * 2;
	if (!m->slots)
		m->slots = m->arena ? arena_alloc(m->arena, slots * sizeof *m->slots)
		                    : xmalloc(slots * sizeof *m->slots);
	memset(m->slots, 0, slots * sizeof *m->slots);
	m->mask = slots - 1;
	for (size_t k = 0; k < m->n; k++) {
		size_t i = m->entries[k].hash & m->mask;
		while (m->slots[i])
			i = (i + 1) & m->mask;
		m->slots[i] = (uint32_t)(k + 1);
	}
}

void *map_set(struct map *m, struct str key, void *value)
{
	uint64_t h = hash_bytes(key);
	struct map_entry *e = find(m, key, h);
	if (e) {
		void *old = e->value;
		e->value = value;
		return old;
	}
	if (m->n == m->cap)
		rehash(m);
	m->entries[m->n++] = (struct map_entry){ .key = key, .value = value, .hash = h };
	size_t i = h & m->mask;
	while (m->slots[i])
		i = (i + 1) & m->mask;
	m->slots[i] = (uint32_t)m->n;
	m->live++;
	return NULL;
}

void *map_del(struct map *m, struct str key)
{
	struct map_entry *e = m->live ? find(m, key, hash_bytes(key)) : NULL;
	if (!e)
		return NULL;
	e->gone = true;
	m->live--;
	return e->value;
}

struct map_entry *map_next(const struct map *m, struct map_entry *e)
{
	size_t i = e ? (size_t)(e - m->entries) + 1 : 0;
	while (i < m->n && m->entries[i].gone)
		i++;
	return i < m->n ? &m->entries[i] : NULL;
}

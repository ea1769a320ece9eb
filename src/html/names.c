#include "base/first.h"
#include "html/names.h"

static const struct str tag_names[TAG_KNOWN_N] = {
	[TAG_NONE] = STR_INIT(""),
#define TAG(e, name) [TAG_##e] = STR_INIT(name),
#include "html/names.def"
#undef TAG
};
static const struct str attr_names[ATTR_KNOWN_N] = {
	[ATTR_NONE] = STR_INIT(""),
#define ATTR(e, name) [ATTR_##e] = STR_INIT(name),
#include "html/names.def"
#undef ATTR
};

#define SLOTS 1024
/* Filled on first use; filling twice writes the same values. */
static uint16_t tag_slots[SLOTS], attr_slots[SLOTS];
static bool filled;

static inline uint32_t hash(struct str s)
{
	uint32_t h = (uint32_t)s.n * 0x9E3779B1u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 0x01000193u;
	return h ^ h >> 15;
}

static void fill(uint16_t *slots, const struct str *names, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t at = hash(names[i]) % SLOTS;
		while (slots[at] && slots[at] != i)
			at = (at + 1) % SLOTS;
		slots[at] = (uint16_t)i;
	}
}

static uint32_t look_up(const uint16_t *slots, const struct str *names, struct str name)
{
	if (!filled) {
		fill(tag_slots, tag_names, TAG_KNOWN_N);
		fill(attr_slots, attr_names, ATTR_KNOWN_N);
		filled = true;
	}
	if (name.n > 24) /* longer than any known name */
		return 0;
	for (uint32_t at = hash(name) % SLOTS; slots[at]; at = (at + 1) % SLOTS)
		if (str_eq(names[slots[at]], name))
			return slots[at];
	return 0;
}

uint32_t name_known_tag(struct str name)
{
	return look_up(tag_slots, tag_names, name);
}

uint32_t name_known_attr(struct str name)
{
	return look_up(attr_slots, attr_names, name);
}

struct str name_of_tag(uint32_t tag)
{
	return tag_names[tag < TAG_KNOWN_N ? tag : 0];
}

struct str name_of_attr(uint32_t attr)
{
	return attr_names[attr < ATTR_KNOWN_N ? attr : 0];
}

void name_set_init(struct name_set *s, struct arena *a, uint32_t base)
{
	*s = (struct name_set){ .arena = a, .base = base };
	map_init(&s->map, a);
}

uint32_t name_set_number(struct name_set *s, struct str name)
{
	void *v = map_get(&s->map, name);
	if (v)
		return (uint32_t)(uintptr_t)v;
	struct str own = arena_str(s->arena, name);
	uint32_t number = s->base + (uint32_t)s->names.n;
	vec_push(s->arena, &s->names, own);
	map_set(&s->map, own, (void *)(uintptr_t)number);
	return number;
}

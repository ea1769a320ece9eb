#include "base/first.h"
#include "url/idna_data.h"

struct run {
	uint32_t first;
	uint16_t n;
	uint8_t step;  /* 1, or 2 where capitals and small letters alternate */
	int32_t delta; /* to the target */
};

struct longer {
	uint32_t cp;
	uint16_t at; /* in the pool */
	uint8_t n;
};

struct pair {
	uint32_t whole, first, second;
};

#include "url/idna_tables.inc"

/* The last index whose key is not above `cp`, by halving; `keys` is a field at a stride. STR_NPOS: none. */
static size_t floor_of(const void *keys, size_t stride, size_t n, uint32_t cp)
{
	size_t low = 0, high = n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		uint32_t key;
		memcpy(&key, (const char *)keys + mid * stride, sizeof key);
		if (key <= cp)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? low - 1 : STR_NPOS;
}

const struct props *idna_props(uint32_t cp)
{
	return &kinds[prop_kinds[floor_of(prop_starts, sizeof *prop_starts, ARRAY_LEN(prop_starts), cp)]];
}

const uint32_t *idna_mapping(uint32_t cp, uint32_t *room, size_t *ret_n)
{
	size_t i = floor_of(&longs[0].cp, sizeof *longs, ARRAY_LEN(longs), cp);
	if (i != STR_NPOS && longs[i].cp == cp) {
		*ret_n = longs[i].n;
		return pool + longs[i].at;
	}
	i = floor_of(&runs[0].first, sizeof *runs, ARRAY_LEN(runs), cp);
	/* A run of step 2 may begin inside another of step 2: letters whose case differs at both parities. */
	for (int back = 0; back < 2 && i != STR_NPOS; back++, i = i ? i - 1 : STR_NPOS) {
		const struct run *r = &runs[i];
		uint32_t off = cp - r->first;
		if (off % r->step == 0 && off / r->step < r->n) {
			*room = (uint32_t)((int32_t)cp + r->delta);
			*ret_n = 1;
			return room;
		}
	}
	return NULL;
}

/* --- normalisation --- */

#define S_BASE 0xac00u
#define L_BASE 0x1100u
#define V_BASE 0x1161u
#define T_BASE 0x11a7u
#define L_COUNT 19u
#define V_COUNT 21u
#define T_COUNT 28u
#define S_COUNT (L_COUNT * V_COUNT * T_COUNT)

static const struct pair *find_whole(uint32_t cp)
{
	size_t i = floor_of(&pairs[0].whole, sizeof *pairs, ARRAY_LEN(pairs), cp);
	return i != STR_NPOS && pairs[i].whole == cp ? &pairs[i] : NULL;
}

/* The composite of two, or 0. */
static uint32_t compose(uint32_t a, uint32_t b)
{
	if (a - L_BASE < L_COUNT && b - V_BASE < V_COUNT)
		return S_BASE + ((a - L_BASE) * V_COUNT + (b - V_BASE)) * T_COUNT;
	if (a - S_BASE < S_COUNT && (a - S_BASE) % T_COUNT == 0 && b - T_BASE - 1 < T_COUNT - 1)
		return a + (b - T_BASE);
	size_t low = 0, high = ARRAY_LEN(pairs_by_parts);
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct pair *p = &pairs[pairs_by_parts[mid]];
		if (p->first == a && p->second == b)
			return p->whole;
		if (p->first < a || (p->first == a && p->second < b))
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}

static void decompose(struct arena *a, uint32_t cp, struct cps *out)
{
	uint32_t tail[8]; /* the longest chain of composites in Unicode has four links */
	size_t n = 0;
	if (cp - S_BASE < S_COUNT) {
		uint32_t s = cp - S_BASE;
		vec_push(a, out, L_BASE + s / (V_COUNT * T_COUNT));
		vec_push(a, out, V_BASE + s % (V_COUNT * T_COUNT) / T_COUNT);
		if (s % T_COUNT)
			vec_push(a, out, T_BASE + s % T_COUNT);
		return;
	}
	for (const struct pair *p; n < ARRAY_LEN(tail) && (p = find_whole(cp));) {
		tail[n++] = p->second;
		cp = p->first;
	}
	vec_push(a, out, cp);
	while (n)
		vec_push(a, out, tail[--n]);
}

/* Marks between two starters by class, keeping the order of equals. */
static void reorder(struct cps *v)
{
	for (size_t i = 1; i < v->n; i++) {
		uint32_t cp = v->at[i];
		uint8_t ccc = idna_props(cp)->ccc;
		size_t k = i;
		while (ccc && k && idna_props(v->at[k - 1])->ccc > ccc) {
			v->at[k] = v->at[k - 1];
			k--;
		}
		v->at[k] = cp;
	}
}

static void recompose(struct cps *v)
{
	size_t n = 0, starter = STR_NPOS;
	int last = -1; /* class of what stands between the starter and here; -1: nothing does */
	for (size_t i = 0; i < v->n; i++) {
		uint32_t cp = v->at[i], whole = 0;
		int ccc = idna_props(cp)->ccc;
		if (starter != STR_NPOS && (last < ccc || last == -1))
			whole = compose(v->at[starter], cp);
		if (whole) {
			v->at[starter] = whole;
			continue;
		}
		if (ccc == 0) {
			starter = n;
			last = -1;
		} else {
			last = ccc;
		}
		v->at[n++] = cp;
	}
	v->n = n;
}

void idna_nfc(struct arena *a, struct cps *v)
{
	struct cps out = { 0 };
	for (size_t i = 0; i < v->n; i++)
		decompose(a, v->at[i], &out);
	reorder(&out);
	recompose(&out);
	*v = out;
}

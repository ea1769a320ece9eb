#include "base/first.h"
#include "base/vec.h"

void *vec_room(struct arena *a, void *at, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return at;
	size_t want = *cap ? *cap * 2 : 8;
	at = a ? arena_grow(a, at, *cap * size, want * size) : xrealloc(at, want * size);
	*cap = want;
	return at;
}

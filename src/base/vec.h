/*
 * Typed vectors: `VEC(struct thing) v = { 0 }; vec_push(arena, &v, (struct thing){ ... });`
 * With a NULL arena the storage is heap memory; give it back with vec_release().
 */
#ifndef KRYFTO_BASE_VEC_H
#define KRYFTO_BASE_VEC_H

#include "base/arena.h"

#define VEC(T) struct { T *at; size_t n, cap; }

/* Storage for one element more; used by vec_push and vec_add only. */
void *vec_room(struct arena *a, void *at, size_t n, size_t *cap, size_t size);

#define vec_push(a, v, ...) \
	((v)->at = vec_room((a), (v)->at, (v)->n, &(v)->cap, sizeof(*(v)->at)), (v)->at[(v)->n++] = __VA_ARGS__)
/* A zeroed new last element, by address. */
#define vec_add(a, v) \
	((v)->at = vec_room((a), (v)->at, (v)->n, &(v)->cap, sizeof(*(v)->at)), \
	 memset(&(v)->at[(v)->n], 0, sizeof(*(v)->at)), &(v)->at[(v)->n++])
#define vec_last(v) ((v)->at[(v)->n - 1])
#define vec_pop(v) ((v)->at[--(v)->n])
#define vec_release(v) (free((v)->at), (v)->at = NULL, (v)->n = (v)->cap = 0)

#endif

/*
 * Region allocator: one arena a request, job or document. Memory is given back all at once.
 *
 * Invariants: blocks are 16-byte aligned; nothing is freed singly; hooks run newest first at
 * reset and release. Aborts when the system has no memory or the arena's own cap is passed, so
 * owners bound their inputs first.
 */
#ifndef KRYFTO_BASE_ARENA_H
#define KRYFTO_BASE_ARENA_H

#include "base/str.h"

struct arena_chunk;
struct arena_hook;

struct arena {
	struct arena_chunk *head; /* the chunk allocations come from */
	struct arena_hook *hooks;
	size_t chunk;             /* bytes of a fresh chunk */
	size_t used;              /* bytes handed out since the last reset */
};

/* `chunk`: bytes of the first and of following chunks, 0 for 16 KiB. */
void arena_init(struct arena *a, size_t chunk);
/* Runs the hooks and forgets everything, keeping one chunk for the next use. */
void arena_reset(struct arena *a);
/* Runs the hooks and gives all memory back. The arena may be initialised again. */
void arena_release(struct arena *a);

/* Never NULL; `n` 0 gives a valid pointer. Contents undefined. */
void *arena_alloc(struct arena *a, size_t n);
/* The same, zero filled. */
void *arena_zalloc(struct arena *a, size_t n);
/* Grows a block: in place when it is the newest one, else by copying. `p` may be NULL. */
void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n);
/* Copies; the copy is NUL-terminated (the NUL is not counted). */
struct str arena_str(struct arena *a, struct str s);
char *arena_cstr(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* `fn(arg)` runs at the next reset or release. */
void arena_hook(struct arena *a, void (*fn)(void *arg), void *arg);

#define arena_new(a, T) ((T *)arena_zalloc((a), sizeof(T)))
#define arena_array(a, T, n) ((T *)arena_zalloc((a), sizeof(T) * (size_t)(n)))

/* Heap helpers that abort instead of returning NULL. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
void freep(void *pp); /* for _cleanup_(freep) */

#endif

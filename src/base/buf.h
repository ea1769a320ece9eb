/*
 * Growing byte buffer with a stated maximum. Past the maximum it keeps what it has, drops what
 * comes, and remembers: check buf_ok() once at the end instead of every append.
 */
#ifndef KRYFTO_BASE_BUF_H
#define KRYFTO_BASE_BUF_H

#include "base/arena.h"

struct buf {
	char *p;
	size_t n, cap, max;
	struct arena *arena; /* NULL: heap */
	bool over;           /* something did not fit */
};

/* `max` in bytes, 0 for no bound of its own. `a` NULL: heap, then call buf_release(). */
void buf_init(struct buf *b, struct arena *a, size_t max);
void buf_release(struct buf *b); /* heap only; a no-op for an arena's buffer */
static inline void buf_clear(struct buf *b) { b->n = 0; b->over = false; }
static inline bool buf_ok(const struct buf *b) { return !b->over; }
static inline struct str buf_str(const struct buf *b) { return (struct str){ b->p ? b->p : "", b->n }; }
/* NUL-terminated contents; valid until the next append. */
const char *buf_cstr(struct buf *b);

/* Room for `n` more bytes; NULL when over the maximum. Follow with buf_commit(). */
char *buf_reserve(struct buf *b, size_t n);
static inline void buf_commit(struct buf *b, size_t n) { b->n += n; }
void buf_add(struct buf *b, const void *p, size_t n);
static inline void buf_adds(struct buf *b, struct str s) { buf_add(b, s.p, s.n); }
static inline void buf_addz(struct buf *b, const char *c) { buf_add(b, c, strlen(c)); }
void buf_grow(struct buf *b, size_t n);
static inline void buf_addc(struct buf *b, char c)
{
	if (b->n < b->cap) {
		b->p[b->n++] = c;
		return;
	}
	buf_add(b, &c, 1);
}
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_addu(struct buf *b, uint64_t v);
void buf_addi(struct buf *b, int64_t v);
/* Drops the first `n` bytes, moving the rest down. */
void buf_consume(struct buf *b, size_t n);

#endif

#include "base/first.h"
#include "base/buf.h"

void buf_init(struct buf *b, struct arena *a, size_t max)
{
	*b = (struct buf){ .arena = a, .max = max ? max : SIZE_MAX / 4 };
}

void buf_release(struct buf *b)
{
	if (!b->arena)
		free(b->p);
	b->p = NULL;
	b->n = b->cap = 0;
}

void buf_grow(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap * 2 : 256;
	while (cap < n)
		cap *= 2;
	/* One byte beyond the maximum is for the NUL of buf_cstr(). */
	cap = MIN(cap, MAX(b->max, n) + 1);
	b->p = b->arena ? arena_grow(b->arena, b->p, b->cap, cap) : xrealloc(b->p, cap);
	b->cap = cap;
}

char *buf_reserve(struct buf *b, size_t n)
{
	if (b->over || n > b->max || b->n > b->max - n) {
		b->over = true;
		return NULL;
	}
	if (b->cap - b->n < n || !b->p)
		buf_grow(b, b->n + n);
	return b->p + b->n;
}

void buf_add(struct buf *b, const void *p, size_t n)
{
	char *at = buf_reserve(b, n);
	if (!at || !n)
		return;
	memcpy(at, p, n);
	b->n += n;
}

const char *buf_cstr(struct buf *b)
{
	if (b->n >= b->cap)
		buf_grow(b, b->n + 1);
	b->p[b->n] = '\0';
	return b->p;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(small, sizeof small, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof small) {
		buf_add(b, small, (size_t)n);
	} else if (n >= 0 && buf_reserve(b, (size_t)n + 1)) {
		vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	}
	va_end(again);
}

void buf_addu(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t i = sizeof digits;
	do
		digits[--i] = (char)('0' + v % 10);
	while (v /= 10);
	buf_add(b, digits + i, sizeof digits - i);
}

void buf_addi(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_addc(b, '-');
	buf_addu(b, v < 0 ? (uint64_t)0 - (uint64_t)v : (uint64_t)v);
}

void buf_consume(struct buf *b, size_t n)
{
	n = MIN(n, b->n);
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

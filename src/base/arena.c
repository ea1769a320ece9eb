#include "base/first.h"
#include "base/arena.h"
#include "base/err.h"

struct arena_chunk {
	struct arena_chunk *prev;
	size_t cap, n;
	_Alignas(16) char data[];
};

struct arena_hook {
	struct arena_hook *next;
	void (*fn)(void *arg);
	void *arg;
};

void *xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);
	if (!p)
		die("out of memory: %zu bytes", n);
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);
	if (!p)
		die("out of memory: %zu x %zu bytes", n, size);
	return p;
}

void *xrealloc(void *p, size_t n)
{
	void *q = realloc(p, n ? n : 1);
	if (!q)
		die("out of memory: %zu bytes", n);
	return q;
}

char *xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;
	return memcpy(xmalloc(n), s, n);
}

void freep(void *pp)
{
	free(*(void **)pp);
	*(void **)pp = NULL;
}

void arena_init(struct arena *a, size_t chunk)
{
	*a = (struct arena){ .chunk = chunk ? chunk : 16 * KiB };
}

static void run_hooks(struct arena *a)
{
	while (a->hooks) {
		struct arena_hook *h = a->hooks;
		a->hooks = h->next;
		h->fn(h->arg);
	}
}

void arena_reset(struct arena *a)
{
	run_hooks(a);
	struct arena_chunk *keep = NULL;
	while (a->head) {
		struct arena_chunk *c = a->head;
		a->head = c->prev;
		if (!keep && c->cap <= a->chunk)
			keep = c;
		else
			free(c);
	}
	if (keep) {
		keep->n = 0;
		keep->prev = NULL;
	}
	a->head = keep;
	a->used = 0;
}

void arena_release(struct arena *a)
{
	run_hooks(a);
	while (a->head) {
		struct arena_chunk *c = a->head;
		a->head = c->prev;
		free(c);
	}
	a->used = 0;
}

static void *from_new_chunk(struct arena *a, size_t n)
{
	/* A block of its own size goes behind the head, so that the head's room stays in use. */
	bool big = n > a->chunk / 2;
	size_t cap = big ? n : a->chunk;
	struct arena_chunk *c = xmalloc(sizeof *c + cap);
	c->cap = cap;
	c->n = n;
	if (big && a->head) {
		c->prev = a->head->prev;
		a->head->prev = c;
	} else {
		c->prev = a->head;
		a->head = c;
	}
	return c->data;
}

void *arena_alloc(struct arena *a, size_t n)
{
	if (n > SIZE_MAX / 4)
		die("arena: %zu bytes asked for", n);
	n = (n + 15) & ~(size_t)15;
	a->used += n;
	struct arena_chunk *c = a->head;
	if (c && c->cap - c->n >= n) {
		void *p = c->data + c->n;
		c->n += n;
		return p;
	}
	return from_new_chunk(a, n);
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *arena_grow(struct arena *a, void *p, size_t old_n, size_t new_n)
{
	if (!p)
		return arena_alloc(a, new_n);
	size_t held = (old_n + 15) & ~(size_t)15, want = (new_n + 15) & ~(size_t)15;
	struct arena_chunk *c = a->head;
	if (want <= held)
		return p;
	if (c && (char *)p + held == c->data + c->n && c->cap - c->n >= want - held) {
		c->n += want - held;
		a->used += want - held;
		return p;
	}
	return memcpy(arena_alloc(a, new_n), p, old_n);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);
	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return (struct str){ p, s.n };
}

char *arena_cstr(struct arena *a, struct str s)
{
	return (char *)arena_str(a, s).p;
}

struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	va_start(ap, fmt);
	va_copy(again, ap);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		die("arena_printf: bad format");
	char *p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

void arena_hook(struct arena *a, void (*fn)(void *arg), void *arg)
{
	struct arena_hook *h = arena_alloc(a, sizeof *h);
	*h = (struct arena_hook){ .next = a->hooks, .fn = fn, .arg = arg };
	a->hooks = h;
}

#include "base/first.h"
#include "base/arena.h"
#include "base/vec.h"
#include "../tap.h"

static int order[4], ran;
static void note(void *arg) { order[ran++] = *(int *)arg; }

int main(void)
{
	struct arena a;
	arena_init(&a, 256);
	char *p = arena_alloc(&a, 3), *q = arena_alloc(&a, 5000);
	ok((uintptr_t)p % 16 == 0 && (uintptr_t)q % 16 == 0, "blocks are aligned");
	memset(q, 1, 5000);
	char *r = arena_alloc(&a, 8);
	ok(r > p && r < p + 256, "a large block does not close the small chunk");
	memcpy(r, "12345678", 8);
	char *g = arena_grow(&a, r, 8, 32);
	ok(g == r, "the newest block grows in place");
	p = arena_alloc(&a, 8);
	g = arena_grow(&a, g, 32, 64);
	ok(g != r && memcmp(g, "12345678", 8) == 0, "an older one moves with its contents");
	is_str(arena_printf(&a, "%d-%s", 7, "x"), "7-x", "formatted");
	is_int(arena_cstr(&a, STR("abc"))[3], 0, "copies end in NUL");
	char *z = arena_zalloc(&a, 100);
	bool zero = true;
	for (int i = 0; i < 100; i++)
		zero &= z[i] == 0;
	ok(zero, "zalloc clears");
	int one = 1, two = 2;
	arena_hook(&a, note, &one);
	arena_hook(&a, note, &two);
	arena_reset(&a);
	ok(ran == 2 && order[0] == 2 && order[1] == 1, "hooks run newest first");
	is_int(a.used, 0, "nothing is in use after a reset");
	arena_reset(&a);
	is_int(ran, 2, "hooks run once");
	VEC(int) v = { 0 };
	for (int i = 0; i < 1000; i++)
		vec_push(&a, &v, i * 2);
	ok(v.n == 1000 && v.at[999] == 1998 && vec_last(&v) == 1998, "a vector in an arena");
	is_int(vec_pop(&v), 1998, "pop gives the last");
	arena_release(&a);
	VEC(int) h = { 0 };
	for (int i = 0; i < 100; i++)
		*vec_add(NULL, &h) = i;
	is_int(h.at[57], 57, "a vector on the heap");
	vec_release(&h);
	is_int(h.n, 0, "is empty when released");
	return done_testing();
}

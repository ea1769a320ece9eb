#include "base/first.h"
#include "url/percent.h"
#include "../tap.h"

/* The sets as the standard lists them: each is the one before and some more. */
static void test_sets(void)
{
	static const struct {
		enum url_set set;
		const char *more;
		int base; /* -1: none */
	} sets[] = {
		{ URL_C0, "", -1 },
		{ URL_FRAGMENT, " \"<>`", URL_C0 },
		{ URL_QUERY, " \"#<>", URL_C0 },
		{ URL_SPECIAL_QUERY, "'", URL_QUERY },
		{ URL_PATH, "?^`{}", URL_QUERY },
		{ URL_USERINFO, "/:;=@[\\]|", URL_PATH },
		{ URL_COMPONENT, "$%&+,", URL_USERINFO },
	};
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (int c = 0; c < 256; c++) {
			bool want = c < 0x20 || c > 0x7e || (c && strchr(sets[i].more, c)) ||
				(sets[i].base >= 0 && url_in_set((enum url_set)sets[i].base, (unsigned char)c));
			if (url_in_set(sets[i].set, (unsigned char)c) != want)
				ok(false, "set %zu, byte %02x", i, (unsigned)c);
		}
	ok(true, "all sets and bytes looked at");
}

int main(void)
{
	struct arena a;
	struct buf b;
	struct str rest, name, value;
	arena_init(&a, 0);
	test_sets();
	buf_init(&b, &a, 0);
	url_encode(&b, STR("a b/\xc3\xa9?#%41"), URL_PATH);
	is_str(buf_str(&b), "a%20b/%C3%A9%3F%23%41", "path");
	buf_clear(&b);
	url_encode(&b, STR(""), URL_PATH);
	is_str(buf_str(&b), "", "nothing");

	rest = STR("a=1&b&&c=%20x+y&=v&d==&%zz=%ff");
	static const char *const want[][2] = { { "a", "1" }, { "b", "" }, { "c", " x y" }, { "", "v" }, { "d", "=" },
		{ "%zz", "\xef\xbf\xbd" } };
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		ok(form_next(&a, &rest, &name, &value), "pair %zu", i);
		is_str(name, want[i][0]);
		is_str(value, want[i][1]);
	}
	ok(!form_next(&a, &rest, &name, &value), "the end");
	rest = STR_NULL;
	ok(!form_next(&a, &rest, &name, &value), "no query");

	buf_clear(&b);
	form_add(&b, STR("a b"), STR("1&2=\xc3\xa9"));
	form_add(&b, STR("c"), STR("*-._~"));
	is_str(buf_str(&b), "a+b=1%262%3D%C3%A9&c=*-._%7E", "form encoding");
	arena_release(&a);
	return done_testing();
}

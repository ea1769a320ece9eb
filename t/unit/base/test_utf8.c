#include "base/first.h"
#include "base/utf8.h"
#include "../tap.h"

static struct arena a;

int main(void)
{
	arena_init(&a, 0);
	ok(utf8_valid(STR("plain ascii, longer than eight")) &&
			utf8_valid(STR("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80")),
		"valid text");
	ok(utf8_valid(STR("\xef\xbf\xbd")), "a genuine U+FFFD");
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80",
		"\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "abcdefgh\xff" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(!utf8_valid(str_of(bad[i])), "invalid form %zu", i);
	is_str(utf8_clean(&a, STR("a\xffz")), "a\xef\xbf\xbdz", "a stray byte");
	is_str(utf8_clean(&a, STR("\xe2\x82x")), "\xef\xbf\xbdx", "a cut character counts once");
	is_str(utf8_clean(&a, STR("\xed\xa0\x80")), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
		"a surrogate counts three times");
	struct str good = STR("ok");
	ok(utf8_clean(&a, good).p == good.p, "good text is not copied");
	struct buf b;
	buf_init(&b, &a, 0);
	utf8_put(&b, 'A');
	utf8_put(&b, 0xe9);
	utf8_put(&b, 0x20ac);
	utf8_put(&b, 0x1f600);
	utf8_put(&b, 0xd800);
	is_str(buf_str(&b), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd", "encoded");
	size_t i = 0;
	struct str s = buf_str(&b);
	static const uint32_t want[] = { 'A', 0xe9, 0x20ac, 0x1f600, UTF8_BAD };
	for (size_t k = 0; k < ARRAY_LEN(want); k++)
		is_int(utf8_next(s, &i), want[k], "decoded %zu", k);
	is_int(i, s.n, "to the end");
	is_int(utf8_len(s), 5, "five code points");
	is_str(utf8_cut(STR("a\xe2\x82\xac"), 3), "a", "a cut does not split");
	is_str(utf8_cut(STR("ab"), 5), "ab", "nothing to cut");
	arena_release(&a);
	return done_testing();
}

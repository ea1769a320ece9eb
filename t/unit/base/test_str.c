#include "base/first.h"
#include "base/str.h"
#include "../tap.h"

int main(void)
{
	struct str s = STR("Hello, World"), part;
	ok(str_eqi(s, STR("hELLO, wORLD")) && !str_eq(s, STR("hello, World")), "case");
	ok(str_starts(s, STR("Hell")) && !str_starts(STR("He"), STR("Hell")) && str_startsi(s, STR("hELL")),
		"prefixes");
	ok(str_ends(s, STR("World")) && str_endsi(s, STR("WORLD")) && !str_ends(STR("d"), STR("World")), "suffixes");
	is_int(str_find(s, STR("World")), 7, "find");
	is_int(str_find(s, STR("world")), STR_NPOS, "find minds case");
	is_int(str_findi(s, STR("world")), 7, "findi does not");
	is_int(str_chr(s, 'o'), 4, "first o");
	is_int(str_rchr(s, 'o'), 8, "last o");
	is_int(str_chr(STR_NULL, 'o'), STR_NPOS, "nothing in nothing");
	is_str(str_trim(STR(" \t\n x y \r\f")), "x y", "trim");
	is_str(str_trim(STR("  ")), "", "trim of blanks");
	is_str(str_sub(s, 7, 100), "World", "sub is clamped");
	is_str(str_from(s, 100), "", "from is clamped");
	struct str rest = STR("a,,b,");
	static const char *const want[] = { "a", "", "b", "" };
	int n = 0;
	for (; str_split(&rest, ',', &part); n++)
		is_str(part, want[n], "part %d", n);
	is_int(n, 4, "as many parts as separators and one");
	ok(str_cmp(STR("a"), STR("ab")) < 0 && str_cmp(STR("b"), STR("ab")) > 0 && str_cmp(s, s) == 0, "order");
	ok(str_eq_secret(s, STR("Hello, World")) && !str_eq_secret(s, STR("Hello, Xorld")) &&
			!str_eq_secret(s, STR("Hello")),
		"secrets");
	char small[6];
	is_cstr(str_copy(small, sizeof small, s), "Hello", "a copy is cut");
	ok(str_eq(STR_NULL, STR("")) && !STR_NULL.p, "absent equals empty by contents");
	is_int(hex_value('f') + hex_value('F') + hex_value('g'), 29, "hex digits");
	return done_testing();
}

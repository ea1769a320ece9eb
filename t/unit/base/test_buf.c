#include "base/first.h"
#include "base/buf.h"
#include "../tap.h"

int main(void)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	ok(str_starts(buf_str(&b), STR("0,1,2,")) && str_ends(buf_str(&b), STR(",999,")), "many appends");
	buf_clear(&b);
	buf_addi(&b, INT64_MIN);
	buf_addc(&b, ' ');
	buf_addu(&b, UINT64_MAX);
	is_str(buf_str(&b), "-9223372036854775808 18446744073709551615", "extreme integers");
	buf_consume(&b, 21);
	is_str(buf_str(&b), "18446744073709551615", "consumed from the front");
	is_cstr(buf_cstr(&b), "18446744073709551615", "as a C string");
	buf_release(&b);

	buf_init(&b, NULL, 10);
	buf_addz(&b, "12345");
	buf_addz(&b, "123456");
	ok(!buf_ok(&b), "over the maximum is remembered");
	is_str(buf_str(&b), "12345", "what does not fit is dropped whole");
	buf_clear(&b);
	buf_addz(&b, "1234567890");
	ok(buf_ok(&b), "exactly the maximum fits");
	is_cstr(buf_cstr(&b), "1234567890", "the NUL has room beyond it");
	buf_addf(&b, "%s", "x");
	ok(!buf_ok(&b), "one more does not");
	buf_release(&b);

	struct arena a;
	arena_init(&a, 64);
	buf_init(&b, &a, 0);
	for (int i = 0; i < 5000; i++)
		buf_addc(&b, (char)('a' + i % 26));
	is_int(b.n, 5000, "an arena's buffer grows");
	is_int(b.p[4999], 'a' + 4999 % 26, "and keeps its contents");
	char big[1000];
	memset(big, 'x', 999);
	big[999] = 0;
	buf_clear(&b);
	buf_addf(&b, "%s|%s", big, big);
	is_int(b.n, 1999, "a long formatted piece");
	arena_release(&a);
	return done_testing();
}

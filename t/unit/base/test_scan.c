#include "base/first.h"
#include "base/scan.h"
#include "base/err.h"
#include "../tap.h"

int main(void)
{
	int64_t i = 7;
	uint64_t u = 7;
	double d = 7;
	bool b = false;
	ok(scan_i64(STR("-9223372036854775808"), &i) == 0 && i == INT64_MIN, "the least integer");
	ok(scan_i64(STR("+12"), &i) == 0 && i == 12, "a plus sign");
	is_int(scan_i64(STR("9223372036854775808"), &i), E_LIMIT, "one too many");
	is_int(scan_i64(STR(""), &i), E_INVALID, "nothing");
	is_int(scan_i64(STR("-"), &i), E_INVALID, "a sign alone");
	is_int(scan_i64(STR("1 "), &i), E_INVALID, "a space behind");
	is_int(i, 12, "failures leave the output alone");
	ok(scan_u64(STR("18446744073709551615"), &u) == 0 && u == UINT64_MAX, "the greatest");
	is_int(scan_u64(STR("18446744073709551616"), &u), E_LIMIT, "one more");
	ok(scan_double(STR("-1.5e3"), &d) == 0 && d == -1500, "a real");
	static const char *const bad[] = { "", ".5", "1.", "01", "1e", "nan", "inf", "0x1", "1.5 ", "--1" };
	for (size_t k = 0; k < ARRAY_LEN(bad); k++)
		is_int(scan_double(str_of(bad[k]), &d), E_INVALID, "no number: %s", bad[k]);
	is_int(scan_double(STR("1e999"), &d), E_LIMIT, "not finite");
	ok(scan_bool(STR("YES"), &b) == 0 && b, "yes");
	ok(scan_bool(STR("off"), &b) == 0 && !b, "off");
	is_int(scan_bool(STR("2"), &b), E_INVALID, "two is no truth");
	ok(scan_size(STR("10M"), &i) == 0 && i == 10485760, "megabytes");
	ok(scan_size(STR("3 KiB"), &i) == 0 && i == 3072, "with a space");
	is_int(scan_size(STR("9999999999G"), &i), E_LIMIT, "too large");
	ok(scan_usec(STR("250ms"), &i) == 0 && i == 250000, "milliseconds");
	ok(scan_usec(STR("5"), &i) == 0 && i == 5000000, "bare seconds");
	is_int(scan_usec(STR("5 fortnights"), &i), E_INVALID, "an unknown unit");
	return done_testing();
}

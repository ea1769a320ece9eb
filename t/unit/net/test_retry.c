#include "base/first.h"
#include "base/err.h"
#include "net/retry.h"
#include "../tap.h"

int main(void)
{
	usec_t s = USEC_PER_SEC, low = INT64_MAX, high = 0, sum = 0;
	for (int i = 0; i < 2000; i++) {
		usec_t d = retry_delay(3, s, 60 * s, 0);
		low = MIN(low, d);
		high = MAX(high, d);
		sum += d;
	}
	ok(low >= s / 10 && high <= 4 * s, "third try: within [base/10, 4 base]");
	ok(low < s && high > 3 * s, "and spread over it");
	ok(sum / 2000 > 3 * s / 2 && sum / 2000 < 5 * s / 2, "evenly");
	ok(retry_delay(30, s, 60 * s, 0) <= 60 * s, "never beyond the most");
	ok(retry_delay(1, s, 60 * s, 20 * s) >= 20 * s, "Retry-After is kept");
	ok(retry_delay(1, s, 60 * s, 600 * s) <= 60 * s, "within the most");
	ok(retry_delay(INT32_MAX, s, 60 * s, 0) <= 60 * s, "many tries");

	usec_t w = -1;
	is_int(retry_after(STR(" 120 "), 0, &w), 0, "seconds");
	is_int(w, 120 * s, "as they are");
	is_int(retry_after(STR("Thu, 01 Jan 1970 00:01:00 GMT"), 10 * s, &w), 0, "a date");
	is_int(w, 50 * s, "from now");
	is_int(retry_after(STR("Thu, 01 Jan 1970 00:00:00 GMT"), 10 * s, &w), 0, "a past date");
	is_int(w, 0, "is now");
	is_int(retry_after(STR("99999999999"), 0, &w), 0, "a very long time");
	is_int(w, 366 * 86400 * s, "is a year");
	is_int(retry_after(STR("soon"), 0, &w), E_INVALID, "nonsense");
	is_int(retry_after(STR(""), 0, &w), E_INVALID, "nothing");
	ok(retry_status(429) && retry_status(503) && retry_status(522), "come back");
	ok(!retry_status(200) && !retry_status(404) && !retry_status(501) && !retry_status(0), "do not");
	return done_testing();
}

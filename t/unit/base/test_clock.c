#include "base/first.h"
#include "base/clock.h"
#include "base/err.h"
#include "../tap.h"

int main(void)
{
	char iso[CLOCK_ISO_MAX], http[32];
	usec_t t;
	is_cstr(clock_iso(0, iso), "1970-01-01T00:00:00.000Z", "the epoch");
	is_int(clock_parse_iso(STR("2026-03-08T10:00:05.250Z"), &t), 0, "parse");
	is_cstr(clock_iso(t, iso), "2026-03-08T10:00:05.250Z", "round trip");
	is_int(clock_parse_iso(STR("2024-02-29T23:30:00+02:00"), &t), 0, "leap day with an offset");
	is_cstr(clock_iso(t, iso), "2024-02-29T21:30:00.000Z", "offset is taken off");
	is_int(clock_parse_iso(STR("2023-02-29"), &t), E_INVALID, "no such day");
	is_cstr(clock_iso(-1, iso), "1969-12-31T23:59:59.999Z", "before the epoch");
	is_int(clock_parse_http(STR("Sun, 06 Nov 1994 08:49:37 GMT"), &t), 0, "IMF-fixdate");
	is_cstr(clock_http(t, http), "Sun, 06 Nov 1994 08:49:37 GMT", "round trip");
	usec_t other;
	is_int(clock_parse_http(STR("Sunday, 06-Nov-94 08:49:37 GMT"), &other), 0, "RFC 850 date");
	is_int(other, t, "the same instant");
	is_int(clock_parse_http(STR("Sun Nov  6 08:49:37 1994"), &other), 0, "asctime date");
	is_int(other, t, "the same instant");
	is_int(clock_parse_http(STR("yesterday"), &other), E_INVALID, "nonsense");
	return done_testing();
}

/* Numbers, dates, links, booleans out of text. */
#include "base/first.h"
#include "extract/coerce.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "", "date", "date-time", "uri", "email" };
	struct str text = { (const char *)data, MIN(size, (size_t)4096) };
	struct arena a;
	double d = 0;
	arena_init(&a, 0);
	if (number_in_text(text, size & 1, &d) && !isfinite(d))
		die("a number that is none");
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct base_url base = { .arena = &a };
		struct want w = { .types = i ? WANT_STRING : WANT_INTEGER | WANT_BOOLEAN, .format = str_of(formats[i]),
			.base = &base };
		coerce_text(&a, &w, text);
	}
	arena_release(&a);
	return 0;
}

/* The checker of JSON from children agrees with the parser: what it lets pass, the parser takes. */
#include "base/first.h"
#include "extract/frame.h"
#include "json/value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	const struct json_limits limits = { .depth = 512, .nul = true };
	const struct json *v;
	struct arena a;
	arena_init(&a, 0);
	bool ours = frame_json_ok(text);
	int theirs = json_parse(&a, text, &limits, &v, NULL);
	/* The parser also refuses what the grammar allows: lone surrogates, NUL in names, huge exponents. */
	if (theirs == 0 && !ours)
		die("the parser took what the checker refused, %zu bytes: %.*s", size, (int)MIN(size, (size_t)100),
			text.p);
	arena_release(&a);
	return 0;
}

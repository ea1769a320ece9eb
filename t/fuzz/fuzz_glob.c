/* Globs: "pattern\nsubject". A negated pattern says the opposite. */
#include "base/first.h"
#include "url/glob.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct glob *g, *not;
	struct url u;
	struct str subject = str_n((const char *)data, n), pattern;
	if (n > 4096 || !str_split(&subject, '\n', &pattern) || !subject.p)
		return 0;
	arena_init(&a, 0);
	struct str negated = arena_printf(&a, "!%.*s", STR_FMT(pattern));
	if (glob_compile(&a, pattern, &g, NULL) == 0 && glob_compile(&a, negated, &not, NULL) == 0) {
		bool comment = str_starts(pattern, STR("#"));
		if (!comment && negated.n == pattern.n + 1 && glob_match(g, subject) == glob_match(not, subject))
			die("a pattern and its negation agree");
		if (url_parse(&a, subject, NULL, &u, NULL) == 0) {
			glob_match_url(&a, g, &u);
			glob_match_recipe(&a, g, &u);
		}
	}
	arena_release(&a);
	return 0;
}

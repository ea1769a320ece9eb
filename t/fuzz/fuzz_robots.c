/* robots.txt: "agent\nurl\n" and then the file. */
#include "base/first.h"
#include "base/err.h"
#include "net/robots.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct str rest = str_n((const char *)data, n), agent = STR(""), url = STR("");
	const struct str *maps;
	arena_init(&a, 0);
	str_split(&rest, '\n', &agent);
	str_split(&rest, '\n', &url);
	struct robots *r = robots_parse(&a, rest.p ? rest : STR(""));
	struct robots_answer one = robots_check(r, agent, url);
	struct robots_answer two = robots_check(r, agent, url);
	if (one.allowed != two.allowed || one.line != two.line || (!one.allowed && !one.line) ||
		one.delay > 3600 * USEC_PER_SEC)
		die("a denial names its line, and the same question has one answer");
	for (size_t i = 0, count = robots_sitemaps(r, &maps); i < count; i++)
		if (!maps[i].n)
			die("an empty sitemap line");
	arena_release(&a);
	return 0;
}

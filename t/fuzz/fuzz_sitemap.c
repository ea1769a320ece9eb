/* Sitemaps: the first byte is the size of the pieces; the whole at once must give as many entries. */
#include "base/first.h"
#include "net/sitemap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int see(void *arg, const struct sitemap_entry *en)
{
	if (!en->loc.n || en->loc.n > SITEMAP_LOC_MAX || en->priority > 1)
		die("an entry out of bounds");
	*(size_t *)arg += en->loc.n;
	return 0;
}

static int run(const uint8_t *p, size_t n, size_t step, size_t *ret_seen)
{
	struct sitemap *s = sitemap_new(see, ret_seen);
	int r = 0;
	for (size_t i = 0; i < n && r == 0; i += step)
		r = sitemap_push(s, p + i, MIN(step, n - i), NULL);
	if (r == 0)
		r = sitemap_end(s, NULL);
	sitemap_free(s);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	size_t pieces = 0, whole = 0;
	if (n < 2)
		return 0;
	int one = run(data + 1, n - 1, data[0] + (size_t)1, &pieces);
	int two = run(data + 1, n - 1, n, &whole);
	if ((one == 0) != (two == 0) || (one == 0 && pieces != whole))
		die("what is read does not depend on the pieces");
	return 0;
}

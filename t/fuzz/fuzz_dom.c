/* Bytes → DOM → HTML → DOM: nothing crashes, sizes add up, limits hold, text and charset come out as UTF-8. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/dom.h"
#include "html/guard.h"
#include "html/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct dom *d)
{
	int depth = 0;
	if (d->nodes[0].size != d->n)
		abort();
	for (struct walk w = { .root = d->nodes, .templates = true }; walk_next(&w);) {
		if (w.node->type == NODE_ELEMENT)
			depth += w.leave ? -1 : 1;
		if (depth > DOM_DEPTH_MAX)
			abort();
		if (!w.leave && w.node->up && !node_contains(node_parent(w.node), w.node))
			abort();
	}
	if (depth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	struct dom *d, *again;
	struct buf out;
	bool tamed;
	struct str s = { (const char *)data, n };
	if (n > 64 * KiB)
		return 0;
	arena_init(&a, 0);
	dom_parse(&a, s, NULL, &d, NULL);
	check(d);
	buf_init(&out, &a, 0);
	dom_outer_html(d, d->nodes, &out);
	if (!utf8_valid(buf_str(&out)))
		abort();
	dom_parse(&a, buf_str(&out), &(struct dom_opts){ .utf8 = true }, &again, NULL);
	check(again);
	text_visible_of(&a, d->nodes);
	guard_tame(&a, s, &tamed);
	guard_bare_text(&a, s);
	if (n && data[0] < 40) {
		dom_parse(&a, str_from(s, 1), &(struct dom_opts){ .fragment = TAG_DIV + data[0] }, &d, NULL);
		check(d);
	}
	arena_release(&a);
	return 0;
}

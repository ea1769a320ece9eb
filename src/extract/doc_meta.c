#include "base/first.h"
#include "extract/doc.h"

const struct meta *doc_meta(struct doc *d)
{
	if (!d->meta_made) {
		struct meta_opts o = { .url = d->url, .x_robots_tag = d->robots_tag };
		d->meta_made = arena_new(d->arena, struct meta);
		meta_collect(d->arena, d->dom, &d->base, &o, d->meta_made);
	}
	return d->meta_made;
}

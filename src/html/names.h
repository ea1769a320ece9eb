/* Known element and attribute names, and the numbering of unknown ones within a document. Internal to html. */
#ifndef KRYFTO_HTML_NAMES_H
#define KRYFTO_HTML_NAMES_H

#include "base/map.h"
#include "base/vec.h"
#include "html/dom.h"

/* The number of a known name (exact spelling), 0 for others. */
uint32_t name_known_tag(struct str name);
uint32_t name_known_attr(struct str name);
/* The spelling of a known number. */
struct str name_of_tag(uint32_t tag);
struct str name_of_attr(uint32_t attr);

/* Unknown names of one document, numbered from `base` on. */
struct name_set {
	struct arena *arena;
	struct map map;
	VEC(struct str) names;
	uint32_t base;
};
void name_set_init(struct name_set *s, struct arena *a, uint32_t base);
/* The number of `name`, new ones copied into the arena. */
uint32_t name_set_number(struct name_set *s, struct str name);

#endif

/* The inside of struct dom_build, for the parsers. Internal to html; the public part is in dom.h. */
#ifndef KRYFTO_HTML_DOM_BUILD_H
#define KRYFTO_HTML_DOM_BUILD_H

#include "html/names.h"

struct build_level {
	uint32_t node; /* index of the open node */
	uint32_t last; /* index of its last child so far; 0: none */
};

struct dom_build {
	struct arena *arena;
	struct dom *dom;
	struct node *nodes;
	uint32_t n, elements;
	size_t cap;
	struct attr *attrs;
	size_t attrs_n, attrs_cap;
	VEC(struct build_level) open;
	uint32_t joined;   /* the text node whose block is ours */
	size_t joined_cap;
	struct name_set tags, attr_names;
};

/* A node at the end of what is open; nothing but its links is set. Valid until the next one is added. */
struct node *build_add(struct dom_build *b, enum node_type type);
struct node *build_open_number(struct dom_build *b, uint32_t tag, enum node_ns ns);
void build_attr_number(struct dom_build *b, uint32_t name, struct str value);
uint32_t build_tag_number(struct dom_build *b, struct str name);
uint32_t build_attr_name_number(struct dom_build *b, struct str name);

#endif

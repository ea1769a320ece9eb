/* How metadata are gathered: each statement has a rank, the lowest rank for a member wins. Internal to html. */
#ifndef KRYFTO_HTML_META_IMPL_H
#define KRYFTO_HTML_META_IMPL_H

#include "html/meta.h"

enum meta_slot {
	SLOT_TITLE, SLOT_DESCRIPTION, SLOT_AUTHOR, SLOT_PUBLISHED, SLOT_MODIFIED, SLOT_SITE_NAME, SLOT_IMAGE, SLOT_LANG,
	SLOT_KEYWORDS, SLOT_GENERATOR, SLOT_THEME_COLOR, SLOT_TYPE, SLOT_SECTION, SLOTS
};

struct meta_slot_value {
	struct str value;
	int rank; /* 0: nothing yet */
};

struct gather {
	struct arena *arena;
	const struct dom *d;
	const struct base_url *base;
	struct meta *m;
	struct meta_slot_value slots[SLOTS];
	struct json *og, *twitter, *repeated, *article, *dc, *feeds, *hreflang, *icons, *tags, *authors, *json_ld;
	struct str touch_icon;
	bool microdata, rdfa; /* the page has some */
	struct buf robots;    /* directives, a line each source */
};

/* Keeps the value when no better one is there. Blank values say nothing. */
void meta_offer(struct gather *g, enum meta_slot slot, int rank, struct str value);
/* The first value of the name stays in `object`; when there are different ones, all go to `repeated` (by their full
 * name), which may be the object itself. */
void meta_put(struct gather *g, struct json *object, struct str name, struct json *repeated, struct str full_name,
	struct str value);
/* Marks that only readers see: classes and addresses that speak of dates and authors. */
void meta_hints(struct gather *g, const struct node *n);
/* Text of an element that is small enough to be a byline, a date or a headline; else empty. */
struct str meta_short_text(struct gather *g, const struct node *n);
void meta_tag(struct gather *g, const struct node *n);
void meta_link(struct gather *g, const struct node *n);
/* What the JSON-LD of the page says, offered to the slots. */
void meta_from_json_ld(struct gather *g);
const struct json *meta_robots(struct gather *g, struct str x_robots_tag);

#endif

/* Inside of schema mode: the run, what a schema asks for at one place, and the sources. */
#ifndef KRYFTO_EXTRACT_SCHEMA_IMPL_H
#define KRYFTO_EXTRACT_SCHEMA_IMPL_H

#include "base/map.h"
#include "extract/coerce.h"
#include "extract/schema_mode.h"
#include "extract/selectors.h"

#define SCHEMA_LAYERS_MAX 24  /* schemas that say something about one place: references, allOf, alternatives */
#define SCHEMA_DEPTH_MAX 16   /* of objects in objects; recursive schemas end there */
#define SCHEMA_PROPS_MAX 500  /* of one object */
#define SCHEMA_ROWS_MAX 10000
#define SCHEMA_WORK_MAX 20000000 /* nodes looked at */

/* What the schema says about one place, taken together. */
struct spec {
	const struct json *layer[SCHEMA_LAYERS_MAX];
	size_t n;
	struct want want;
	struct str name;  /* of the property; NULL for items and the root */
	struct str key;   /* name_key() of it */
	struct str title; /* name_key() of the schema's title, or NULL */
};

struct prop {
	struct str name;
	const struct json *schema;
};

struct props {
	struct prop *at;
	size_t n;
};

/* Where values may come from at the moment. */
struct place {
	const struct node *node;   /* subtree to look in; NULL: the whole document */
	const struct json *entity; /* structured data about the thing, or NULL */
	bool row;                  /* one of many alike: look in the subtree only */
	bool bare;                 /* the entity is all there is: look in no markup */
};

struct schema_run {
	struct doc *doc;
	struct arena *arena;
	const struct json *root;
	const struct json *entities; /* array: JSON-LD, microdata, RDFa in one form */
	struct map labels;           /* of the whole document: name_key → struct label * */
	bool labels_made;
	bool comma;
	int64_t work;
	struct err *err;
	int fatal;
};

/* A label and what it labels. */
struct label {
	const struct node *node; /* element whose text is the value, or NULL */
	struct str text;         /* the value, when there is no node of its own */
	size_t words;            /* of the label */
};

/* --- schema_spec.c --- */
void spec_init(struct schema_run *r, const struct json *schema, struct str name, struct spec *ret);
/* The first layer's member of that name, or NULL. */
const struct json *spec_get(const struct spec *s, const char *member);
/* One of the space-separated words. */
bool words_have(const char *words, struct str word);
/* Properties of all layers, each name once, in order. */
struct props spec_props(struct schema_run *r, const struct spec *s);

/* --- schema_entity.c: structured data --- */
void entities_collect(struct schema_run *r);
/* The member of an entity that fits the property, by name or by what schema.org calls it; NULL when there is none.
 * `exact`: by name only. */
const struct json *entity_get(struct schema_run *r, const struct json *entity, const struct spec *s, bool exact);
/* The entity that has most of these properties, or NULL. */
const struct json *entity_best(struct schema_run *r, const struct props *p, const struct spec *s);
/* Other names for a property, space-separated, the key itself among them; NULL when none are known. */
const char *entity_synonyms(struct str key);
/* The text, number or boolean that stands for a value in structured data; `uri`: prefer its address. */
const struct json *entity_scalar(const struct json *v, bool uri);

/* --- schema_meta.c: what the page says of itself --- */
const struct json *meta_value(struct schema_run *r, const struct spec *s);

/* --- schema_dom.c: names in the markup --- */
/* The value that an element stands for, given what is wanted of it; NULL slice for none. */
struct str element_value(struct schema_run *r, const struct spec *s, const struct node *n);
const struct json *element_coerced(struct schema_run *r, const struct spec *s, const struct node *n);
/* By itemprop, id, class, data-…; NULL when nothing there has the name and a value of the type. */
const struct json *named_value(struct schema_run *r, const struct spec *s, const struct place *at);
/* The first element with that name, or NULL; all of them, for arrays. */
const struct node *named_element(struct schema_run *r, const struct spec *s, const struct place *at);
void named_elements(struct schema_run *r, struct str key, const struct place *at, struct node_list *ret);
/* `s` has the key by letters and digits alone; one of its words (after - _ or a capital) is the key. */
bool key_is(struct str s, struct str key);
bool key_has_word(struct str s, struct str key);
/* "a link is wanted": by format or by name; the same for images and dates. */
bool wants_link(const struct spec *s);
bool wants_image(const struct spec *s);
/* What rows of lists have without naming it: a heading for "title", the link for "url", and so on. */
const struct json *structural_value(struct schema_run *r, const struct spec *s, const struct place *at);

/* --- schema_labels.c --- */
const struct label *label_find(struct schema_run *r, const struct spec *s, const struct place *at);

/* --- schema_rows.c: arrays of objects --- */
/* Tables and repeated elements. Fills `ret` with one row each; for a table *ret_header is its header row. */
void rows_find(struct schema_run *r, const struct spec *items, const struct props *p, struct str key,
	const struct place *at, struct node_list *ret, const struct node **ret_header);
/* The cell of a table row under the header that fits. */
const struct node *row_cell(
	struct schema_run *r, const struct node *header, const struct node *row, const struct spec *s);

/* --- shared --- */
/* Counts nodes looked at; true when there have been too many. */
bool schema_over(struct schema_run *r, size_t nodes);
/* The subtree to look in. */
static inline const struct node *place_root(const struct schema_run *r, const struct place *at)
{
	return at->node ? at->node : r->doc->dom->nodes;
}

#endif

#include "base/first.h"
#include "base/map.h"
#include "html/forms.h"
#include "html/text.h"

#define FORMS_MAX 500
#define FIELDS_MAX 5000  /* of a page */
#define OPTIONS_MAX 2000 /* of a list */
#define LABEL_NODES 300  /* a label of more was left open */

struct field_list {
	const struct node *at[FIELDS_MAX];
	const struct node *form[FIELDS_MAX];
	size_t n;
};

struct forms {
	struct jw *w;
	struct arena *arena;
	const struct dom *d;
	const struct base_url *base;
	struct field_list *fields;
	struct map labels; /* by their for="" */
};

static void put(struct jw *w, const char *name, struct str v)
{
	if (v.p)
		jw_kstr(w, name, v);
}

static void put_lower(struct forms *f, const char *name, struct str v, struct str fallback)
{
	v = str_trim(v);
	char *p = arena_alloc(f->arena, v.n + 1);
	for (size_t i = 0; i < v.n; i++)
		p[i] = (char)to_lower(v.p[i]);
	jw_kstr(f->w, name, v.n ? str_n(p, v.n) : fallback);
}

/* ---- labels */

static struct str label_of(struct forms *f, const struct node *n)
{
	struct str id = node_attr(n, ATTR_ID);
	const struct node *label = id.n ? map_get(&f->labels, id) : NULL;
	if (label && label->size <= LABEL_NODES)
		return text_squeeze(f->arena, text_visible_of(f->arena, label));
	const struct node *around = node_closest(n, TAG_LABEL);
	if (!around || around->size > LABEL_NODES)
		return node_attr(n, ATTR_ARIA_LABEL);
	/* the label's own words, not those of the lists inside it */
	struct buf out;
	buf_init(&out, f->arena, 64 * KiB);
	for (const struct node *x = around + 1; x < node_end(around);) {
		if (node_is(x, TAG_SELECT) || node_is(x, TAG_TEXTAREA) || node_is(x, TAG_BUTTON)) {
			x += x->size;
			continue;
		}
		if (x->type == NODE_TEXT)
			buf_adds(&out, node_text(x));
		x++;
	}
	return text_squeeze(f->arena, buf_str(&out));
}

/* ---- fields */

static void options(struct forms *f, const struct node *list)
{
	size_t n = 0;
	jw_key(f->w, "options");
	jw_array(f->w);
	for (const struct node *o = list + 1; o < node_end(list) && n < OPTIONS_MAX; o++) {
		if (!node_is(o, TAG_OPTION))
			continue;
		const struct node *group = node_closest(o, TAG_OPTGROUP);
		struct str text = text_line(f->arena, o);
		n++;
		jw_object(f->w);
		jw_kstr(f->w, "value", node_has(o, ATTR_VALUE) ? node_attr(o, ATTR_VALUE) : text);
		jw_kstr(f->w, "text", text.n ? text : text_squeeze(f->arena, node_attr(o, ATTR_LABEL)));
		if (node_has(o, ATTR_SELECTED))
			jw_kbool(f->w, "selected", true);
		if (node_has(o, ATTR_DISABLED))
			jw_kbool(f->w, "disabled", true);
		if (group && node_contains(list, group))
			put(f->w, "group", node_attr(group, ATTR_LABEL));
		jw_end_object(f->w);
	}
	jw_end_array(f->w);
}

static void type_and_value(struct forms *f, const struct node *n)
{
	struct str value = node_attr(n, ATTR_VALUE);
	switch (n->tag) {
	case TAG_INPUT:
		put_lower(f, "type", node_attr(n, ATTR_TYPE), STR("text"));
		put(f->w, "value", value);
		if (node_has(n, ATTR_CHECKED))
			jw_kbool(f->w, "checked", true);
		break;
	case TAG_BUTTON:
		put_lower(f, "type", node_attr(n, ATTR_TYPE), STR("submit"));
		put(f->w, "value", value);
		jw_kstr(f->w, "text", text_line(f->arena, n));
		break;
	case TAG_SELECT:
		jw_kstr(f->w, "type", node_has(n, ATTR_MULTIPLE) ? STR("select-multiple") : STR("select-one"));
		options(f, n);
		break;
	default:
		jw_kstr(f->w, "type", dom_tag_name(f->d, n));
		jw_kstr(f->w, "value", text_content_of(f->arena, n));
	}
}

static void field(struct forms *f, const struct node *n)
{
	static const struct { enum attr_name attr; const char *name; } texts[] = { { ATTR_PLACEHOLDER, "placeholder" },
		{ ATTR_PATTERN, "pattern" }, { ATTR_MIN, "min" }, { ATTR_MAX, "max" }, { ATTR_STEP, "step" },
		{ ATTR_MINLENGTH, "minlength" }, { ATTR_MAXLENGTH, "maxlength" }, { ATTR_AUTOCOMPLETE, "autocomplete" },
		{ ATTR_ACCEPT, "accept" }, { ATTR_LIST, "list" } };
	static const struct { enum attr_name attr; const char *name; } flags[] = { { ATTR_REQUIRED, "required" },
		{ ATTR_DISABLED, "disabled" }, { ATTR_READONLY, "readonly" }, { ATTR_MULTIPLE, "multiple" } };
	jw_object(f->w);
	jw_kstr(f->w, "tag", dom_tag_name(f->d, n));
	put(f->w, "name", node_attr(n, ATTR_NAME));
	put(f->w, "id", node_attr(n, ATTR_ID));
	type_and_value(f, n);
	struct str label = label_of(f, n);
	if (label.n)
		jw_kstr(f->w, "label", label);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		put(f->w, texts[i].name, node_attr(n, texts[i].attr));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (node_has(n, flags[i].attr))
			jw_kbool(f->w, flags[i].name, true);
	jw_end_object(f->w);
}

/* ---- forms */

static bool is_field(const struct node *n)
{
	return n->ns == NS_HTML && (n->tag == TAG_INPUT || n->tag == TAG_SELECT || n->tag == TAG_TEXTAREA ||
		n->tag == TAG_BUTTON || n->tag == TAG_OUTPUT);
}

static const struct node *form_by_id(struct forms *f, struct str id, const struct node *const *forms, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(node_attr(forms[i], ATTR_ID), id))
			return forms[i];
	return NULL;
}

static void form(struct forms *f, const struct node *n)
{
	struct str action =
		base_url_resolve(f->base, node_attr(n, ATTR_ACTION).p ? node_attr(n, ATTR_ACTION) : STR(""));
	jw_object(f->w);
	put(f->w, "action", action.p ? action : node_attr(n, ATTR_ACTION));
	put_lower(f, "method", node_attr(n, ATTR_METHOD), STR("get"));
	put_lower(f, "enctype", node_attr(n, ATTR_ENCTYPE), STR("application/x-www-form-urlencoded"));
	put(f->w, "id", node_attr(n, ATTR_ID));
	put(f->w, "name", node_attr(n, ATTR_NAME));
	put(f->w, "target", node_attr(n, ATTR_TARGET));
	put(f->w, "role", node_attr(n, ATTR_ROLE));
	jw_key(f->w, "fields");
	jw_array(f->w);
	for (size_t i = 0; i < f->fields->n; i++)
		if (f->fields->form[i] == n)
			field(f, f->fields->at[i]);
	jw_end_array(f->w);
	jw_end_object(f->w);
}

void forms_write(struct jw *w, struct arena *a, const struct dom *d, const struct base_url *b)
{
	struct forms f = { .w = w, .arena = a, .d = d, .base = b };
	const struct node **forms = arena_array(a, const struct node *, FORMS_MAX);
	size_t n = 0;
	f.fields = arena_new(a, struct field_list);
	map_init(&f.labels, a);
	const struct node *end = node_end(d->nodes);
	for (const struct node *x = d->nodes; x < end; x += x->type == NODE_FRAGMENT ? x->size : 1) {
		if (x->type != NODE_ELEMENT)
			continue;
		if (node_is(x, TAG_FORM) && n < FORMS_MAX)
			forms[n++] = x;
		else if (node_is(x, TAG_LABEL) && f.labels.n < FIELDS_MAX && node_has(x, ATTR_FOR) &&
			!map_has(&f.labels, node_attr(x, ATTR_FOR)))
			map_set(&f.labels, node_attr(x, ATTR_FOR), (void *)x);
		else if (is_field(x) && f.fields->n < FIELDS_MAX)
			f.fields->at[f.fields->n++] = x;
	}
	for (size_t i = 0; i < f.fields->n; i++) {
		struct str id = node_attr(f.fields->at[i], ATTR_FORM);
		f.fields->form[i] = id.p ? form_by_id(&f, id, forms, n) : node_closest(f.fields->at[i], TAG_FORM);
	}
	jw_array(w);
	for (size_t i = 0; i < n; i++)
		form(&f, forms[i]);
	jw_end_array(w);
}

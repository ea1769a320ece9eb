#include "base/first.h"
#include "extract/schema_impl.h"

#include "html/text.h"

/* Values are made top down; an object inside an object is a step deeper, at most SCHEMA_DEPTH_MAX. */
static const struct json *value_for(struct schema_run *r, const struct json *schema, struct str name,
	const struct place *at, int depth);

/* --- what the schema says itself --- */

static int bad_selector(struct schema_run *r, const struct spec *s, const char *member, int rc, const struct err *why)
{
	r->fatal = err_set(r->err, rc, "jsonSchema: %s of \"%.*s\": %s", member,
		(int)MIN(s->name.n, (size_t)80), s->name.p ? s->name.p : "", why->words);
	return rc;
}

static bool compile(
	struct schema_run *r, const struct spec *s, const char *member, const struct json *v, struct pick *ret)
{
	struct err why = { 0 };
	int rc;
	if (!json_is(v, J_STRING))
		rc = err_set(&why, E_INVALID, "must be a string, is %s", json_kind_name(v));
	else
		rc = pick_compile(r->arena, v->s, ret, &why);
	if (rc < 0)
		bad_selector(r, s, member, rc, &why);
	return rc == 0;
}

static bool matches(struct schema_run *r, const struct spec *s, const struct pick *p, const struct place *at, bool all,
	struct node_list *ret)
{
	struct err why = { 0 };
	int rc = selector_all(doc_matcher(r->doc), p->selector, at->node, all ? SCHEMA_ROWS_MAX : 1, ret, &why);
	if (rc < 0)
		bad_selector(r, s, "x-selector", rc, &why);
	return rc == 0;
}

/* The element that was picked, as the type wants it. */
static const struct json *picked_value(struct schema_run *r, const struct spec *s, const struct pick *p,
	const struct node *n)
{
	struct str attr = json_str(spec_get(s, "x-attr"), STR_NULL), v;
	if (attr.p)
		v = dom_attr(r->doc->dom, n, attr);
	else if (p->kind != PICK_TEXT)
		v = pick_value(r->doc, p, n);
	else
		return element_coerced(r, s, n);
	if (p->kind == PICK_HTML && !attr.p && (!s->want.types || (s->want.types & WANT_STRING)))
		return json_new_str(r->arena, v);
	if (!v.p)
		return NULL;
	/* A link is absolute in the result, whatever the schema calls it. */
	bool link = str_eqi(attr.p ? attr : p->attr, STR("href")) || str_eqi(attr.p ? attr : p->attr, STR("src"));
	struct str url = link && !s->want.format.p ? base_url_resolve(&r->doc->base, str_trim(v)) : STR_NULL;
	return coerce_text(r->arena, &s->want, url.p ? url : v);
}

static const struct json *object_value(
	struct schema_run *r, const struct spec *s, const struct place *at, const struct node *header, int depth);

static const struct json *rows_value(struct schema_run *r, const struct spec *s, const struct json *item,
	const struct pick *p, const struct node_list *rows, const struct node *header, int depth)
{
	struct json *out = json_new_array(r->arena);
	struct spec sub;
	spec_init(r, item, s->name, &sub);
	for (size_t i = 0; i < rows->n && !schema_over(r, 0); i++) {
		struct place at = { .node = rows->at[i], .row = true };
		const struct json *v = (sub.want.types & WANT_OBJECT) ? object_value(r, &sub, &at, header, depth + 1)
								      : picked_value(r, &sub, p, rows->at[i]);
		if (v)
			json_push(r->arena, out, v);
	}
	return out;
}

static const struct json *item_schema(const struct spec *s)
{
	const struct json *items = spec_get(s, "items");
	if (!items)
		items = spec_get(s, "prefixItems");
	return json_is(items, J_ARRAY) ? json_at(items, 0) : items;
}

static const struct json *by_selector(struct schema_run *r, const struct spec *s, const struct json *selector,
	const struct place *at, int depth)
{
	struct node_list found = { 0 };
	struct pick p = { 0 };
	if (!compile(r, s, "x-selector", selector, &p))
		return NULL;
	const struct json *item = item_schema(s);
	bool array = p.all || (s->want.types & WANT_ARRAY) || json_bool(spec_get(s, "x-all"), false);
	if (!matches(r, s, &p, at, array, &found))
		return NULL;
	if (array) {
		/* Without "items", x-attr and the like of the array itself say what an item is. */
		const struct json *as = json_is(item, J_OBJECT) ? item : NULL;
		if (as)
			return found.n ? rows_value(r, s, as, &p, &found, NULL, depth) : json_new_array(r->arena);
		struct json *out = json_new_array(r->arena);
		struct spec any = *s;
		any.want.types &= ~(unsigned)WANT_ARRAY;
		for (size_t i = 0; i < found.n; i++) {
			const struct json *v = picked_value(r, &any, &p, found.at[i]);
			if (v && !(v->kind == J_STRING && !v->s.n))
				json_push(r->arena, out, v);
		}
		return out;
	}
	if (!found.n)
		return NULL;
	struct place here = { .node = found.at[0], .row = true };
	if (s->want.types & WANT_OBJECT)
		return object_value(r, s, &here, NULL, depth + 1);
	return picked_value(r, s, &p, found.at[0]);
}

/* x-selector may be a list: the first that gives something wins. */
static const struct json *by_selectors(struct schema_run *r, const struct spec *s, const struct place *at, int depth)
{
	const struct json *sel = spec_get(s, "x-selector"), *v = NULL;
	if (!json_is(sel, J_ARRAY))
		return by_selector(r, s, sel, at, depth);
	for (uint32_t i = 0; i < sel->n && !r->fatal; i++) {
		v = by_selector(r, s, sel->items[i], at, depth);
		if (v && !(v->kind == J_ARRAY && !v->n))
			break;
	}
	return v;
}

/* x-base: where the properties are looked for; for arrays, the rows. */
static const struct json *by_base(struct schema_run *r, const struct spec *s, const struct place *at, int depth)
{
	struct node_list found = { 0 };
	struct pick p = { 0 };
	bool array = s->want.types & WANT_ARRAY;
	const struct json *item = item_schema(s);
	if (!compile(r, s, "x-base", spec_get(s, "x-base"), &p) || !matches(r, s, &p, at, array, &found))
		return NULL;
	if (array && json_is(item, J_OBJECT))
		return rows_value(r, s, item, &p, &found, NULL, depth);
	if (!found.n || array)
		return NULL;
	struct place here = { .node = found.at[0], .row = true };
	return object_value(r, s, &here, NULL, depth + 1);
}

/* x-attr alone: an attribute of the element we are in. */
static const struct json *by_attr(struct schema_run *r, const struct spec *s, const struct place *at)
{
	struct pick p = { 0 };
	const struct node *n = at->node ? at->node : r->doc->dom->html;
	return n && node_is_element(n) ? picked_value(r, s, &p, n) : NULL;
}

/* --- scalars --- */

static const struct json *from_label(struct schema_run *r, const struct spec *s, const struct place *at)
{
	const struct label *l = label_find(r, s, at);
	if (!l)
		return NULL;
	if (l->node)
		return element_coerced(r, s, l->node);
	return coerce_text(r->arena, &s->want, l->text);
}

static const struct json *from_entity(struct schema_run *r, const struct spec *s, const struct json *entity, bool exact)
{
	const struct json *v = entity ? entity_get(r, entity, s, exact) : NULL;
	v = v ? entity_scalar(v, wants_link(s) || wants_image(s)) : NULL;
	v = v ? coerce_value(r->arena, &s->want, v) : NULL;
	/* The address of a picture or a page is absolute in the result. */
	if (v && v->kind == J_STRING && (wants_link(s) || wants_image(s))) {
		struct str url = base_url_resolve(&r->doc->base, v->s);
		return url.p ? json_new_str(r->arena, url) : v;
	}
	return v;
}

static const struct json *scalar_value(struct schema_run *r, const struct spec *s, const struct place *at)
{
	const struct json *v = from_entity(r, s, at->entity, false);
	if (v || at->bare)
		return v;
	if (at->row) {
		v = named_value(r, s, at);
		v = v ? v : structural_value(r, s, at);
		return v ? v : from_label(r, s, at);
	}
	for (uint32_t i = 0; !v && i < r->entities->n && i < 200; i++)
		if (r->entities->items[i] != at->entity)
			v = from_entity(r, s, r->entities->items[i], true);
	v = v ? v : meta_value(r, s);
	v = v ? v : named_value(r, s, at);
	v = v ? v : from_label(r, s, at);
	return v ? v : structural_value(r, s, at);
}

/* --- arrays --- */

/* A list out of structured data; "a, b" is a list too. */
static const struct json *list_from_json(
	struct schema_run *r, const struct spec *s, const struct spec *item, const struct json *v, int depth)
{
	struct json *out = json_new_array(r->arena);
	if (json_is(v, J_STRING) && !(item->want.types & WANT_OBJECT)) {
		struct str rest = v->s, part;
		while (str_split(&rest, ',', &part)) {
			const struct json *one = coerce_text(r->arena, &item->want, part);
			if (one && !(one->kind == J_STRING && !one->s.n))
				json_push(r->arena, out, one);
		}
		return out->n ? out : NULL;
	}
	bool array = json_is(v, J_ARRAY);
	for (uint32_t i = 0; i < (array ? v->n : 1) && !schema_over(r, 0); i++) {
		const struct json *one = array ? v->items[i] : v, *made;
		const struct json *inner = json_get(one, "item"); /* of a ListItem */
		if (item->want.types & WANT_OBJECT) {
			struct place at = {
				.entity = json_is(inner, J_OBJECT) ? inner : one, .bare = true, .row = true
			};
			made = json_is(one, J_OBJECT) ? object_value(r, item, &at, NULL, depth + 1) : NULL;
		} else {
			made = entity_scalar(one, wants_link(item) || wants_image(item) || wants_image(s));
			made = made ? coerce_value(r->arena, &item->want, made) : NULL;
		}
		if (made)
			json_push(r->arena, out, made);
	}
	return out->n ? out : NULL;
}

/* Whatever the name of a list says of its items by itself. */
static uint32_t listed_tag(struct str key)
{
	static const struct { const char *keys; uint32_t tag; } known[] = { { "links urls hrefs anchors", TAG_A },
		{ "images imgs pictures photos", TAG_IMG }, { "paragraphs", TAG_P } };
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (words_have(known[i].keys, key))
			return known[i].tag;
	return TAG_NONE;
}

static void add_items(struct schema_run *r, const struct spec *item, const struct node *n, struct json *out)
{
	const struct json *v = element_coerced(r, item, n);
	if (v && !(v->kind == J_STRING && !v->s.n))
		json_push(r->arena, out, v);
}

/* The list inside an element, or the element itself as "a, b". */
static void list_from_element(struct schema_run *r, const struct spec *item, const struct node *n, struct json *out)
{
	const struct node *list = node_is(n, TAG_UL) || node_is(n, TAG_OL) ? n : node_find(n, TAG_UL);
	list = list ? list : node_find(n, TAG_OL);
	for (const struct node *li = list ? node_first_element(list) : NULL; li; li = node_next_element(li))
		add_items(r, item, li, out);
	struct str rest = list ? STR_NULL : element_value(r, item, n), part;
	while (rest.p && str_split(&rest, ',', &part)) {
		const struct json *v = coerce_text(r->arena, &item->want, part);
		if (v && !(v->kind == J_STRING && !v->s.n))
			json_push(r->arena, out, v);
	}
}

static const struct json *scalars_from_page(
	struct schema_run *r, const struct spec *s, const struct spec *item, const struct place *at)
{
	struct json *out = json_new_array(r->arena);
	const struct node *root = place_root(r, at);
	uint32_t tag = listed_tag(s->key);
	struct node_list named = { 0 };
	struct spec as = *item;
	if (schema_over(r, root->size))
		return NULL;
	as.name = s->name;
	/* An item of "links" is wanted as "link" is. */
	as.key = s->key.n > 3 && s->key.p[s->key.n - 1] == 's' ? str_sub(s->key, 0, s->key.n - 1) : s->key;
	bool headings = words_have("headings titles subheadings", s->key);
	for (const struct node *x = root; (tag || headings) && x < node_end(root); x++)
		if (tag ? node_is(x, tag) : node_is_element(x) && x->tag >= TAG_H1 && x->tag <= TAG_H6)
			add_items(r, &as, x, out);
	if (out->n)
		return out;
	named_elements(r, s->key, at, &named);
	if (!named.n)
		named_elements(r, as.key, at, &named);
	for (size_t i = 0; i < named.n; i++) {
		if (named.n == 1)
			list_from_element(r, &as, named.at[i], out);
		else
			add_items(r, &as, named.at[i], out);
	}
	const struct label *l = out->n ? NULL : label_find(r, s, at);
	if (l && l->node)
		list_from_element(r, &as, l->node, out);
	else if (l)
		return list_from_json(r, s, &as, json_new_str(r->arena, l->text), 0);
	return out->n ? out : NULL;
}

/* Structured data that is a list by standing several times on the page. */
static const struct json *entities_alike(struct schema_run *r, const struct spec *s, const struct spec *item,
	const struct props *p, int depth)
{
	struct json *alike = json_new_array(r->arena);
	for (uint32_t i = 0; i < r->entities->n && i < SCHEMA_ROWS_MAX && !r->fatal; i++) {
		size_t found = 0;
		for (size_t k = 0; k < p->n; k++) {
			struct spec sub;
			spec_init(r, p->at[k].schema, p->at[k].name, &sub);
			found += entity_get(r, r->entities->items[i], &sub, false) != NULL;
		}
		if (found * 2 > p->n)
			json_push(r->arena, alike, r->entities->items[i]);
	}
	return alike->n >= 2 ? list_from_json(r, s, item, alike, depth) : NULL;
}

static const struct json *array_value(struct schema_run *r, const struct spec *s, const struct place *at, int depth)
{
	const struct json *schema = item_schema(s), *v = NULL;
	struct spec item;
	spec_init(r, json_is(schema, J_OBJECT) ? schema : NULL, STR_NULL, &item);
	const struct json *listed = at->entity ? entity_get(r, at->entity, s, false) : NULL;
	if (listed)
		v = list_from_json(r, s, &item, listed, depth);
	for (uint32_t i = 0; !v && !at->row && i < r->entities->n && i < 200; i++) {
		listed = entity_get(r, r->entities->items[i], s, true);
		v = listed ? list_from_json(r, s, &item, listed, depth) : NULL;
	}
	if (v || at->bare)
		return v;
	if (!(item.want.types & WANT_OBJECT)) {
		v = at->row ? NULL : meta_value(r, &(struct spec){ .key = s->key, .want = { .base = &r->doc->base } });
		v = v ? list_from_json(r, s, &item, v, depth) : NULL;
		return v ? v : scalars_from_page(r, s, &item, at);
	}
	struct props p = spec_props(r, &item);
	if (!at->row)
		v = entities_alike(r, s, &item, &p, depth);
	if (v)
		return v;
	struct node_list rows = { 0 };
	const struct node *header = NULL;
	struct pick none = { 0 };
	rows_find(r, &item, &p, s->key, at, &rows, &header);
	return rows.n ? rows_value(r, s, schema, &none, &rows, header, depth) : NULL;
}

/* --- objects --- */

static const struct json *cell_value(struct schema_run *r, const struct json *schema, struct str name,
	const struct node *header, const struct place *at)
{
	struct spec s;
	spec_init(r, schema, name, &s);
	if (spec_get(&s, "x-selector") || spec_get(&s, "x-attr") || spec_get(&s, "x-base"))
		return NULL;
	const struct node *cell = row_cell(r, header, at->node, &s);
	return cell ? element_coerced(r, &s, cell) : NULL;
}

/* The place of an object inside another: its own structured data, and the element of its name. */
static struct place inner_place(struct schema_run *r, const struct spec *s, const struct place *at)
{
	struct place in = { .node = at->node, .row = at->row, .bare = at->bare };
	const struct json *v = at->entity ? entity_get(r, at->entity, s, false) : NULL;
	while (json_is(v, J_ARRAY))
		v = json_at(v, 0);
	in.entity = json_is(v, J_OBJECT) ? v : NULL;
	if (in.entity || at->bare)
		return in;
	const struct node *named = named_element(r, s, at);
	if (named) {
		in.node = named;
		in.row = true;
	}
	return in;
}

static const struct json *object_value(
	struct schema_run *r, const struct spec *s, const struct place *at, const struct node *header, int depth)
{
	struct props p = spec_props(r, s);
	struct json *out = json_new_object(r->arena);
	if (depth > SCHEMA_DEPTH_MAX)
		return NULL;
	for (size_t i = 0; i < p.n && !schema_over(r, 0); i++) {
		const struct json *v = header ? cell_value(r, p.at[i].schema, p.at[i].name, header, at) : NULL;
		if (!v)
			v = value_for(r, p.at[i].schema, p.at[i].name, at, depth);
		if (v)
			json_put(r->arena, out, p.at[i].name, v);
	}
	return out->n || !depth ? out : NULL;
}

static const struct json *automatic(struct schema_run *r, const struct spec *s, const struct place *at, int depth)
{
	const struct json *v = NULL;
	unsigned scalars = WANT_STRING | WANT_NUMBER | WANT_INTEGER | WANT_BOOLEAN;
	if (s->want.types & WANT_ARRAY)
		v = array_value(r, s, at, depth);
	if (!v && (s->want.types & WANT_OBJECT)) {
		struct place in = inner_place(r, s, at);
		v = object_value(r, s, &in, NULL, depth + 1);
	}
	if (!v && (!s->want.types || (s->want.types & scalars)) && s->key.n)
		v = scalar_value(r, s, at);
	return v;
}

static const struct json *value_for(struct schema_run *r, const struct json *schema, struct str name,
	const struct place *at, int depth)
{
	struct spec s;
	const struct json *v;
	spec_init(r, schema, name, &s);
	if (r->fatal || !s.n)
		return NULL;
	if (spec_get(&s, "const"))
		return spec_get(&s, "const");
	if (spec_get(&s, "x-selector"))
		v = by_selectors(r, &s, at, depth);
	else if (spec_get(&s, "x-base"))
		v = by_base(r, &s, at, depth);
	else if (spec_get(&s, "x-attr"))
		v = by_attr(r, &s, at);
	else
		v = automatic(r, &s, at, depth);
	if (!v)
		v = spec_get(&s, "default");
	return v || !(s.want.types & WANT_NULL) ? v : &json_null_v;
}

/* --- the whole --- */

static const struct json *root_object(struct schema_run *r, const struct spec *s)
{
	struct props p = spec_props(r, s);
	struct place at = { 0 };
	const struct json *base = spec_get(s, "x-base");
	if (base) {
		struct node_list found = { 0 };
		struct pick pick;
		if (!compile(r, s, "x-base", base, &pick) || !matches(r, s, &pick, &at, false, &found))
			return NULL;
		at.node = found.n ? found.at[0] : NULL;
	} else {
		at.entity = entity_best(r, &p, s);
	}
	return object_value(r, s, &at, NULL, 0);
}

/* The published server adds the page's title to every result. */
static const struct json *with_title(struct schema_run *r, const struct spec *s, const struct json *v)
{
	const struct json *closed = spec_get(s, "additionalProperties");
	struct str title = doc_meta(r->doc)->title;
	if (!json_is(v, J_OBJECT) || json_get(v, "title") || (closed && closed->kind == J_FALSE) || !title.n)
		return v;
	struct props p = spec_props(r, s);
	for (size_t i = 0; i < p.n; i++)
		if (str_is(p.at[i].name, "title"))
			return v;
	struct json *out = json_new_object(r->arena);
	for (uint32_t i = 0; i < v->n; i++)
		json_put(r->arena, out, v->members[i].name, v->members[i].value);
	json_put(r->arena, out, STR("title"), json_new_str(r->arena, title));
	return out;
}

int schema_extract(struct doc *d, const struct json *schema, const struct json **ret, struct jschema_issues *ret_issues,
	struct err *e)
{
	const struct jschema *compiled = NULL;
	const struct jschema_opts o = { .formats = true };
	struct err why = { 0 };
	int rc = jschema_compile(d->arena, schema, &o, &compiled, &why);
	if (rc < 0)
		return err_set(e, rc, "jsonSchema: %s", why.words);
	struct schema_run r = { .doc = d, .arena = d->arena, .root = schema, .err = e };
	const struct json *v = NULL;
	struct spec s;
	r.comma = language_has_comma(doc_meta(d)->lang);
	entities_collect(&r);
	spec_init(&r, schema, STR_NULL, &s);
	bool object = !s.n || !s.want.types || (s.want.types & WANT_OBJECT);
	if (object && !spec_get(&s, "x-selector"))
		v = with_title(&r, &s, root_object(&r, &s));
	else
		v = value_for(&r, schema, STR_NULL, &(struct place){ 0 }, 0);
	if (r.fatal)
		return r.fatal;
	if (!v)
		v = s.want.types & WANT_ARRAY ? json_new_array(d->arena) : &json_null_v;
	rc = jschema_check(compiled, v, d->arena, ret_issues, &why);
	if (rc < 0 && rc != E_INVALID)
		return err_set(e, rc, "jsonSchema: %s", why.words);
	*ret = v;
	return 0;
}

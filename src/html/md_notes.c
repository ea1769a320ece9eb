#include "base/first.h"
#include "html/md_notes.h"

static bool is_container(const struct node *n)
{
	static const char *const words[] = { "footnotes", "footnote", "footnote-list", "references", "reflist",
		"endnotes", "footnote-definitions" };
	if (!n->n)
		return false;
	struct str role = node_attr(n, ATTR_ROLE), word;
	if (str_is(role, "doc-endnotes") || str_is(role, "doc-footnote"))
		return true;
	for (struct str rest = node_attr(n, ATTR_CLASS); next_word(&rest, &word);)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (str_is(word, words[i]))
				return true;
	return false;
}

static void add_note(struct arena *a, struct md_notes *s, const struct node *n)
{
	struct str id = node_attr(n, ATTR_ID);
	if (!id.n || map_has(&s->by_id, id))
		return;
	struct md_note *note = arena_new(a, struct md_note);
	note->node = n;
	note->id = id;
	map_set(&s->by_id, id, note);
	vec_push(a, &s->in_order, note);
}

static struct md_note *target(const struct md_notes *s, const struct node *link)
{
	struct str href = str_trim(node_attr(link, ATTR_HREF));
	if (href.n < 2 || href.p[0] != '#')
		return NULL;
	return map_get(&s->by_id, str_from(href, 1));
}

void md_notes_find(struct arena *a, const struct node *root, struct md_notes *ret)
{
	*ret = (struct md_notes){ 0 };
	map_init(&ret->by_id, a);
	const struct node *until = root; /* end of the container we are in */
	for (const struct node *n = root; n < node_end(root); n++) {
		if (n->type != NODE_ELEMENT || n->ns != NS_HTML)
			continue;
		bool block = n->tag == TAG_OL || n->tag == TAG_UL || n->tag == TAG_DIV || n->tag == TAG_SECTION ||
			n->tag == TAG_ASIDE;
		if (n >= until && block && is_container(n))
			until = node_end(n);
		if (n < until && (n->tag == TAG_LI || (n->tag == TAG_ASIDE && n->n)))
			add_note(a, ret, n);
	}
	if (!ret->in_order.n)
		return;
	for (const struct node *n = root; n < node_end(root); n++) {
		struct md_note *note = node_is(n, TAG_A) ? target(ret, n) : NULL;
		if (note && !node_contains(note->node, n))
			note->label = 1;
	}
	uint32_t label = 0;
	for (size_t i = 0; i < ret->in_order.n; i++)
		if (ret->in_order.at[i]->label)
			ret->in_order.at[i]->label = ++label;
}

uint32_t md_notes_ref(const struct md_notes *s, const struct node *link)
{
	if (!s->in_order.n)
		return 0;
	const struct md_note *note = target(s, link);
	return note && !node_contains(note->node, link) ? note->label : 0;
}

uint32_t md_notes_def(struct md_notes *s, const struct node *n)
{
	while (s->next < s->in_order.n && s->in_order.at[s->next]->node < n)
		s->next++;
	return s->next < s->in_order.n && s->in_order.at[s->next]->node == n ? s->in_order.at[s->next]->label : 0;
}

bool md_notes_is_back(const struct node *link, struct str text)
{
	struct str href = str_trim(node_attr(link, ATTR_HREF));
	if (!href.n || href.p[0] != '#')
		return false;
	if (str_is(node_attr(link, ATTR_ROLE), "doc-backlink") ||
		str_findi(node_attr(link, ATTR_CLASS), STR("back")) != STR_NPOS)
		return true;
	for (size_t i = 0; i < text.n; i++)
		if (is_alnum(text.p[i]))
			return false;
	return true;
}

#include "base/first.h"
#include "extract/parse.h"

#include "base/map.h"
#include "extract/jsonschema.h"
#include "extract/plugin.h"
#include "extract/schema_mode.h"
#include "extract/selectors.h"
#include "html/article.h"
#include "html/forms.h"
#include "html/links.h"
#include "html/markdown.h"
#include "html/text.h"
#include "url/domain.h"

/* One document at work: parts are made in the order of enum isolate_part. */
struct work {
	const struct isolate_req *req;
	struct arena *arena;
	struct doc doc;
	struct reply *reply;
	struct err *err;
};

static int part_html(struct work *w, struct buf *out)
{
	dom_outer_html(w->doc.dom, w->doc.dom->nodes, out);
	return 0;
}

static int part_text(struct work *w, struct buf *out)
{
	/* Plain text stays as it is: its lines mean something. */
	if (w->req->is_text)
		text_content(w->doc.dom->nodes, out);
	else
		text_visible(w->doc.dom->nodes, out);
	return 0;
}

static int part_markdown(struct work *w, struct buf *out)
{
	struct markdown_opts o = { .base = &w->doc.base };
	const struct node *from = w->doc.dom->body ? w->doc.dom->body : w->doc.dom->nodes;
	markdown_write(w->arena, w->doc.dom, from, &o, out);
	return 0;
}

static int part_article(struct work *w, struct buf *out)
{
	struct article_opts o = { .meta = doc_meta(&w->doc), .base = &w->doc.base, .status = w->req->status };
	struct article art;
	struct jw jw;
	article_extract(w->arena, w->doc.dom, &o, &art);
	jw_init(&jw, out);
	article_write(&jw, &art);
	return 0;
}

static int part_metadata(struct work *w, struct buf *out)
{
	struct jw jw;
	jw_init(&jw, out);
	meta_write(&jw, doc_meta(&w->doc));
	return 0;
}

static int part_links(struct work *w, struct buf *out)
{
	struct link_list links = { 0 };
	struct jw jw;
	links_collect(w->arena, w->doc.dom, &w->doc.base, 0, &links);
	jw_init(&jw, out);
	links_write(&jw, &links);
	return 0;
}

static int part_forms(struct work *w, struct buf *out)
{
	struct jw jw;
	jw_init(&jw, out);
	forms_write(&jw, w->arena, w->doc.dom, &w->doc.base);
	return 0;
}

static int (*const parts[PART_EXTRACT])(struct work *w, struct buf *out) = { [PART_HTML] = part_html,
	[PART_TEXT] = part_text,
	[PART_MARKDOWN] = part_markdown,
	[PART_ARTICLE] = part_article,
	[PART_METADATA] = part_metadata,
	[PART_LINKS] = part_links,
	[PART_FORMS] = part_forms };

static int write_part(struct work *w, enum isolate_part part, int (*fn)(struct work *, struct buf *))
{
	int rc = fn(w, reply_begin(w->reply, part));
	int end = reply_end(w->reply, w->err);
	return rc < 0 ? rc : end;
}

static int extract_selectors(struct work *w, struct buf *out)
{
	const struct json *map = NULL;
	struct err why = { 0 };
	struct jw jw;
	int rc = json_parse(w->arena, w->req->spec, NULL, &map, &why);
	if (rc < 0)
		return err_set(w->err, rc, "selectors: %s", why.words);
	jw_init(&jw, out);
	return selectors_write(&w->doc, map, &jw, w->err);
}

static int extract_plugin(struct work *w, struct buf *out)
{
	struct jw jw;
	jw_init(&jw, out);
	return plugin_run(&w->doc, w->req->plugin, w->req->source, &jw, w->err);
}

/* Data, then the issues of its validation. */
static int extract_schema(struct work *w)
{
	const struct json *schema = NULL, *data = NULL;
	struct jschema_issues issues;
	struct err why = { 0 };
	struct jw jw;
	int rc = json_parse(w->arena, w->req->spec, NULL, &schema, &why);
	if (rc < 0)
		return err_set(w->err, rc, "jsonSchema: %s", why.words);
	rc = schema_extract(&w->doc, schema, &data, &issues, w->err);
	if (rc < 0)
		return rc;
	json_write(reply_begin(w->reply, PART_EXTRACT), data);
	rc = reply_end(w->reply, w->err);
	if (rc < 0)
		return rc;
	jw_init(&jw, reply_begin(w->reply, PART_ISSUES));
	jschema_issues_write(&jw, &issues);
	return reply_end(w->reply, w->err);
}

static int extract(struct work *w)
{
	switch (w->req->mode) {
	case EXTRACT_SELECTORS: return write_part(w, PART_EXTRACT, extract_selectors);
	case EXTRACT_PLUGIN: return write_part(w, PART_EXTRACT, extract_plugin);
	case EXTRACT_SCHEMA: return extract_schema(w);
	case EXTRACT_NONE: break;
	}
	return err_set(w->err, E_INVALID, "extraction without a mode");
}

int parse_request(const struct isolate_req *req, struct arena *a, struct reply *r, struct err *e)
{
	struct work w = { .req = req, .arena = a, .reply = r, .err = e };
	struct doc_opts o = { .body = req->body, .is_text = req->is_text, .utf8 = req->utf8, .charset = req->charset,
		.url = req->base_url, .robots_tag = req->robots_tag };
	int rc = doc_open(a, &o, &w.doc, e);
	if (rc < 0)
		return rc;
	struct str charset = req->is_text ? STR("UTF-8") : w.doc.dom->charset;
	str_copy(r->result->charset, sizeof r->result->charset, charset);
	for (char *p = r->result->charset; *p; p++)
		*p = (char)to_lower(*p);
	for (int part = 0; part < PART_EXTRACT; part++) {
		if (!(req->want & WANT(part)))
			continue;
		rc = write_part(&w, part, parts[part]);
		if (rc < 0)
			return rc;
	}
	return req->want & WANT(PART_EXTRACT) ? extract(&w) : 0;
}

void parse_prepare(void)
{
	/* Hash seeds (ours and the JSON parser's, which reads a file for it), the suffix list's table. */
	struct arena a;
	const struct json *v;
	arena_init(&a, 0);
	hash_bytes(STR("x"));
	json_parse(&a, STR("{}"), NULL, &v, NULL);
	arena_release(&a);
	domain_registrable(STR("www.example.co.uk"));
}

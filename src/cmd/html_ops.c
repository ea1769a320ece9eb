#include "base/first.h"
#include "cmd/html_ops.h"

#include "extract/config.h"
#include "extract/doc.h"
#include "extract/isolate.h"
#include "extract/jsonschema.h"
#include "extract/schema_mode.h"
#include "extract/selectors.h"
#include "html/article.h"
#include "html/forms.h"
#include "html/links.h"
#include "html/markdown.h"
#include "html/text.h"
#include "net/robots.h"
#include "net/verdict.h"

/* --- inputs --- */

static struct str text_in(struct html_call *c, const char *name)
{
	return json_str(json_get(c->in, name), STR_NULL);
}

/* 0, or E_INVALID when it is missing or no string. */
static int need_text(struct html_call *c, const char *name, struct str *ret)
{
	const struct json *v = json_get(c->in, name);
	if (!json_is(v, J_STRING))
		return err_set(c->err, E_INVALID, v ? "%s must be a string" : "%s is missing", name);
	*ret = v->s;
	return 0;
}

static int open_doc(struct html_call *c, struct doc *ret)
{
	struct str text = text_in(c, "text");
	struct doc_opts o = { .body = text, .is_text = text.p != NULL, .utf8 = !c->bytes, .url = text_in(c, "url") };
	int rc = text.p ? 0 : need_text(c, "html", &o.body);
	return rc < 0 ? rc : doc_open(c->arena, &o, ret, c->err);
}

/* --- what a page holds --- */

static int op_select(struct html_call *c)
{
	struct doc d;
	struct str selector, attr = text_in(c, "attr");
	struct selector *s;
	struct node_list found = { 0 };
	bool html = json_bool(json_get(c->in, "inner"), false);
	int rc = need_text(c, "selector", &selector);
	if (rc == 0)
		rc = open_doc(c, &d);
	if (rc == 0)
		rc = selector_compile(c->arena, selector, &s, c->err);
	if (rc == 0)
		rc = selector_all(doc_matcher(&d), s, NULL, 0, &found, c->err);
	if (rc < 0)
		return rc;
	struct pick p = { .kind = attr.p ? PICK_ATTR : html ? PICK_HTML : PICK_TEXT, .attr = attr };
	size_t bytes = 0;
	jw_array(c->out);
	for (size_t i = 0; i < found.n; i++) {
		struct str v = pick_value(&d, &p, found.at[i]);
		bytes += v.n;
		if (bytes > SELECTORS_BYTES_MAX)
			return err_set(c->err, E_LIMIT, "the matches hold more than %zu bytes", SELECTORS_BYTES_MAX);
		jw_str(c->out, v);
	}
	jw_end_array(c->out);
	return 0;
}

static int op_text(struct html_call *c)
{
	struct doc d;
	int rc = open_doc(c, &d);
	if (rc == 0)
		jw_str(c->out,
			d.is_text ? text_content_of(c->arena, d.dom->nodes) : text_visible_of(c->arena, d.dom->nodes));
	return rc;
}

static int op_markdown(struct html_call *c)
{
	struct doc d;
	int rc = open_doc(c, &d);
	if (rc < 0)
		return rc;
	struct markdown_opts o = { .base = &d.base };
	jw_str(c->out, markdown_of(c->arena, d.dom, d.dom->body ? d.dom->body : d.dom->nodes, &o));
	return 0;
}

static int op_article(struct html_call *c)
{
	struct doc d;
	struct article art;
	int rc = open_doc(c, &d);
	if (rc < 0)
		return rc;
	struct article_opts o = { .base = &d.base, .status = (int)json_int(json_get(c->in, "status"), 0) };
	article_extract(c->arena, d.dom, &o, &art);
	article_write(c->out, &art);
	return 0;
}

static int op_links(struct html_call *c)
{
	struct doc d;
	struct link_list links = { 0 };
	int rc = open_doc(c, &d);
	if (rc < 0)
		return rc;
	links_collect(c->arena, d.dom, &d.base, 0, &links);
	links_write(c->out, &links);
	return 0;
}

static int op_forms(struct html_call *c)
{
	struct doc d;
	int rc = open_doc(c, &d);
	if (rc == 0)
		forms_write(c->out, c->arena, d.dom, &d.base);
	return rc;
}

static int op_meta(struct html_call *c)
{
	struct doc d;
	int rc = open_doc(c, &d);
	if (rc == 0)
		meta_write(c->out, doc_meta(&d));
	return rc;
}

/* --- extraction --- */

static struct isolate *plugin_child;

void html_ops_end(void)
{
	isolate_close(plugin_child);
	plugin_child = NULL;
}

/* Plugins are programs: they run in the confined child here as everywhere. */
static int extract_plugin(struct html_call *c, struct str name)
{
	struct json *config = json_new_object(c->arena);
	struct isolate_req req = { .utf8 = !c->bytes, .base_url = text_in(c, "url") };
	struct isolate_result res;
	json_put(c->arena, config, STR("mode"), json_new_str(c->arena, STR("plugin")));
	json_put(c->arena, config, STR("plugin"), json_new_str(c->arena, name));
	struct str text = text_in(c, "text");
	req.is_text = text.p != NULL;
	req.body = text;
	int rc = text.p ? 0 : need_text(c, "html", &req.body);
	if (rc == 0)
		rc = extract_config(config, arena_cstr(c->arena, c->conf->plugins_dir), c->arena, &req, c->err);
	if (rc == 0 && !plugin_child)
		rc = isolate_open(&(struct isolate_conf){ .request_max = HTML_INPUT_MAX }, &plugin_child, c->err);
	if (rc == 0)
		rc = isolate_run(plugin_child, &req, c->arena, &res, c->err);
	if (rc == 0)
		jw_raw(c->out, res.part[PART_EXTRACT]);
	return rc;
}

static int extract_schema(struct html_call *c, struct doc *d, const struct json *schema)
{
	const struct json *data = NULL;
	struct jschema_issues issues;
	struct jw w;
	int rc = schema_extract(d, schema, &data, &issues, c->err);
	if (rc < 0)
		return rc;
	jw_value(c->out, data);
	jw_init(&w, c->issues);
	jschema_issues_write(&w, &issues);
	return 0;
}

static int op_extract(struct html_call *c)
{
	const struct json *schema = json_get(c->in, "schema"), *map = json_get(c->in, "selectors");
	const struct json *plugin = json_get(c->in, "plugin");
	struct doc d;
	if ((schema != NULL) + (map != NULL) + (plugin != NULL) != 1)
		return err_set(c->err, E_INVALID, "exactly one of schema, selectors, plugin is needed");
	if (plugin && plugin->kind != J_STRING)
		return err_set(c->err, E_INVALID, "plugin must be a string");
	if (plugin)
		return extract_plugin(c, plugin->s);
	int rc = open_doc(c, &d);
	if (rc < 0)
		return rc;
	return schema ? extract_schema(c, &d, schema) : selectors_write(&d, map, c->out, c->err);
}

static int op_validate(struct html_call *c)
{
	const struct json *schema = json_get(c->in, "schema"), *data = json_get(c->in, "data");
	const struct jschema *s = NULL;
	struct jschema_issues issues;
	struct jschema_opts o = { .formats = json_bool(json_get(c->in, "formats"), false) };
	if (!schema || !data)
		return err_set(c->err, E_INVALID, "%s is missing", schema ? "data" : "schema");
	int rc = jschema_compile(c->arena, schema, &o, &s, c->err);
	if (rc < 0)
		return rc;
	rc = jschema_check(s, data, c->arena, &issues, c->err);
	if (rc < 0 && rc != E_INVALID)
		return rc;
	jw_object(c->out);
	jw_kbool(c->out, "valid", rc == 0);
	jw_key(c->out, "issues");
	jschema_issues_write(c->out, &issues);
	jw_end_object(c->out);
	return 0;
}

/* --- addresses --- */

static int op_robots(struct html_call *c)
{
	struct str robots, agent, url;
	int rc = need_text(c, "robots", &robots);
	if (rc == 0)
		rc = need_text(c, "agent", &agent);
	if (rc == 0)
		rc = need_text(c, "url", &url);
	if (rc < 0)
		return rc;
	struct robots_answer a = robots_check(robots_parse(c->arena, robots), agent, url);
	jw_object(c->out);
	jw_kbool(c->out, "allowed", a.allowed);
	jw_key(c->out, "line");
	if (a.line)
		jw_int(c->out, a.line);
	else
		jw_null(c->out);
	jw_kcstr(c->out, "reason", a.line ? a.allowed ? "an allow rule" : "a disallow rule" : "no rule");
	jw_kbool(c->out, "specific", a.specific);
	jw_key(c->out, "delayMs");
	if (a.delay >= 0)
		jw_int(c->out, a.delay / USEC_PER_MS);
	else
		jw_null(c->out);
	jw_end_object(c->out);
	return 0;
}

static int op_url(struct html_call *c)
{
	struct str text, base = text_in(c, "base");
	struct url u, b;
	int rc = need_text(c, "url", &text);
	if (rc == 0 && base.p)
		rc = url_parse(c->arena, base, NULL, &b, c->err);
	if (rc == 0)
		rc = url_parse(c->arena, text, base.p ? &b : NULL, &u, c->err);
	if (rc == 0)
		jw_str(c->out, url_href(c->arena, &u, 0));
	return rc;
}

static int op_urlguard(struct html_call *c)
{
	struct str text;
	struct verdict_policy *policy;
	struct verdict v = { 0 };
	struct url u;
	const struct verdict_config cfg = { .block_private = c->conf->ssrf_block_private_ranges,
		.allowed_hosts = c->conf->allowed_hosts, .allowed_ports = c->conf->allowed_ports };
	int rc = need_text(c, "url", &text);
	if (rc == 0)
		rc = verdict_policy_new(c->arena, &cfg, &policy, c->err);
	if (rc < 0)
		return rc;
	bool fetch = verdict_text(c->arena, policy, text, &u, &v) == 0;
	jw_object(c->out);
	jw_kbool(c->out, "fetch", fetch);
	jw_kcstr(c->out, "code", verdict_name(v.code));
	jw_kcstr(c->out, "reason", fetch ? "allowed" : v.words);
	if (fetch)
		jw_kstr(c->out, "url", url_href(c->arena, &u, 0));
	jw_end_object(c->out);
	return 0;
}

const struct html_op *html_op_find(struct str name)
{
	static const struct html_op ops[] = { { "select", op_select }, { "text", op_text }, { "markdown", op_markdown },
		{ "article", op_article }, { "links", op_links }, { "forms", op_forms }, { "meta", op_meta },
		{ "extract", op_extract }, { "validate", op_validate }, { "robots", op_robots }, { "url", op_url },
		{ "urlguard", op_urlguard } };
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (str_is(name, ops[i].name))
			return &ops[i];
	return NULL;
}

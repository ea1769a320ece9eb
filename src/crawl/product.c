#include "base/first.h"
#include "base/utf8.h"
#include "crawl/product.h"
#include "json/writer.h"

#define INDENT 2

void product_init(struct product *p, struct arena *a)
{
	*p = (struct product){ .arena = a };
}

void product_fail(struct product *p, const char *code, bool passes, const char *fmt, ...)
{
	char words[512];
	va_list ap;
	if (p->failure.code)
		return;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	p->failure.code = code;
	p->failure.passes = passes;
	p->failure.words = utf8_clean(p->arena, arena_str(p->arena, str_of(words)));
}

void product_timing(struct product *p, const char *step, usec_t took)
{
	vec_push(p->arena, &p->timings, (struct timing){ .step = step, .took = took });
}

/* A pretty array: what all three evidence files are. */
static void begin(struct product *p, struct buf *b, struct jw *w)
{
	buf_init(b, p->arena, 0);
	jw_init(w, b);
	w->indent = INDENT;
	jw_array(w);
}

static struct str console_json(struct product *p)
{
	struct buf b;
	struct jw w;
	begin(p, &b, &w);
	for (size_t i = 0; i < p->console.n; i++) {
		jw_object(&w);
		jw_kstr(&w, "type", p->console.at[i].type);
		jw_kstr(&w, "text", p->console.at[i].text);
		jw_end_object(&w);
	}
	jw_end_array(&w);
	return buf_str(&b);
}

static struct str errors_json(struct product *p)
{
	struct buf b;
	struct jw w;
	begin(p, &b, &w);
	for (size_t i = 0; i < p->errors.n; i++) {
		jw_object(&w);
		jw_kstr(&w, "url", p->errors.at[i].url);
		jw_kstr(&w, "errorText", p->errors.at[i].words);
		jw_end_object(&w);
	}
	jw_end_array(&w);
	return buf_str(&b);
}

static struct str timings_json(struct product *p)
{
	struct buf b;
	struct jw w;
	begin(p, &b, &w);
	for (size_t i = 0; i < p->timings.n; i++) {
		jw_object(&w);
		jw_kcstr(&w, "step", p->timings.at[i].step);
		jw_kint(&w, "durationMs", (p->timings.at[i].took + USEC_PER_MS / 2) / USEC_PER_MS);
		jw_end_object(&w);
	}
	jw_end_array(&w);
	return buf_str(&b);
}

/* "final" and the suffix that the kind of document usually has. */
static struct str page_name(const struct product *p)
{
	static const struct { const char *type, *name;
	} names[] = {
		{ "text/html", "final.html" },
		{ "application/pdf", "final.pdf" },
		{ "image/png", "final.png" },
		{ "image/jpeg", "final.jpg" },
		{ "image/gif", "final.gif" },
		{ "image/webp", "final.webp" },
		{ "image/svg+xml", "final.svg" },
		{ "application/zip", "final.zip" },
		{ "application/gzip", "final.gz" },
	};
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(p->page_type, names[i].type))
			return str_of(names[i].name);
	return STR("final.bin");
}

static void add(struct document *d, size_t *n, const char *type, struct str name, const char *content_type,
		struct str bytes)
{
	d[(*n)++] = (struct document){ .type = type, .file_name = name, .content_type = str_of(content_type),
		.bytes = bytes };
}

static bool truthy(struct str json)
{
	return json.p && !str_is(json, "null") && !str_is(json, "false") && !str_is(json, "0") && !str_is(json, "\"\"");
}

/* Documents are for people, too. */
static struct str pretty(struct product *p, struct str json)
{
	const struct json *v;
	struct buf b;
	if (json_parse(p->arena, json, &(struct json_limits){ .bytes = 256 * MiB }, &v, NULL))
		return json;
	buf_init(&b, p->arena, 0);
	json_write_pretty(&b, v, INDENT);
	return buf_str(&b);
}

size_t product_documents(struct product *p, struct document **ret)
{
	size_t n = 0;
	struct document *d = arena_array(p->arena, struct document, 7 + p->pictures.n);
	*ret = d;
	if (!p->page.p)
		return 0;
	bool html = str_is(p->page_type, "text/html");
	add(d, &n, html ? "final_html" : "final_document", page_name(p), "", p->page);
	d[0].content_type = p->page_type;
	add(d, &n, "console_logs", STR("console-logs.json"), "application/json",
		p->console_text.p ? p->console_text : console_json(p));
	add(d, &n, "network_errors", STR("network-errors.json"), "application/json",
		p->errors_text.p ? p->errors_text : errors_json(p));
	add(d, &n, "timings", STR("timings.json"), "application/json", timings_json(p));
	if (p->har.p)
		add(d, &n, "har", STR("trace.har"), "application/json", p->har);
	if (truthy(p->extracted))
		add(d, &n, "extracted_json", STR("extracted.json"), "application/json", pretty(p, p->extracted));
	if (p->cookies.p)
		add(d, &n, "cookies", STR("cookies.json"), "application/json", p->cookies);
	for (size_t i = 0; i < p->pictures.n; i++)
		add(d, &n, p->pictures.at[i].type, p->pictures.at[i].name, p->pictures.at[i].content_type,
			p->pictures.at[i].bytes);
	return n;
}

static bool reserved(struct str key)
{
	static const char *const ours[] = { "usedBrowser", "artifactCount", "artifacts", "extracted" };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (str_is(key, ours[i]))
			return true;
	return false;
}

struct str product_summary(const struct product *p, const struct document *docs, size_t n)
{
	const struct json *x = NULL;
	struct buf b;
	struct jw w;
	if (p->extracted.p)
		json_parse(p->arena, p->extracted, &(struct json_limits){ .bytes = 256 * MiB }, &x, NULL);
	buf_init(&b, p->arena, 0);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kbool(&w, "usedBrowser", p->used_browser);
	jw_kint(&w, "artifactCount", (int64_t)n);
	jw_key(&w, "artifacts");
	jw_array(&w);
	for (size_t i = 0; i < n; i++)
		jw_cstr(&w, docs[i].id);
	jw_end_array(&w);
	jw_key(&w, "extracted");
	jw_value(&w, x ? x : &json_null_v);
	/* Ours give way to a user's own keys of these names. */
	if (p->http_status && !json_get(x, "httpStatus"))
		jw_kint(&w, "httpStatus", p->http_status);
	if (p->url.p && !json_get(x, "finalUrl"))
		jw_kstr(&w, "finalUrl", p->url);
	if (p->issues.p && !json_get(x, "extractionIssues")) {
		jw_key(&w, "extractionIssues");
		jw_raw(&w, p->issues);
	}
	for (size_t i = 0; json_is(x, J_OBJECT) && i < x->n; i++) {
		if (reserved(x->members[i].name))
			continue;
		jw_key_str(&w, x->members[i].name);
		jw_value(&w, x->members[i].value);
	}
	jw_end_object(&w);
	return buf_str(&b);
}

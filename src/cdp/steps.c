#include "base/first.h"
#include "cdp/steps.h"
#include "base/utf8.h"

/* The published server's waits. */
#define GOTO_TIMEOUT (60 * USEC_PER_SEC)
#define WAIT_TIMEOUT (30 * USEC_PER_SEC)
#define ACT_TIMEOUT (30 * USEC_PER_SEC)
#define PAGINATE_PAGES 10

struct run {
	struct page *page;
	const struct steps_plan *plan;
	const struct steps_host *host;
	struct arena *arena;
	struct steps_result *result;
	struct json *pages;
};

typedef int step_fn(struct run *r, const struct json *args, struct err *e);

static struct str text_of(const struct json *args, const char *name)
{
	return json_str(json_get(args, name), STR(""));
}

static usec_t timeout_of(const struct json *args, usec_t fallback)
{
	return json_int(json_get(args, "timeoutMs"), fallback / USEC_PER_MS) * USEC_PER_MS;
}

static void note(struct run *r, struct str message, const char *key, struct str value)
{
	struct buf b;
	struct jw w;
	buf_init(&b, r->arena, 0);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kstr(&w, key, value);
	jw_end_object(&w);
	r->host->log(r->host->arg, message, buf_str(&b));
}

static int go(struct run *r, struct str url, struct err *e)
{
	int rc = r->host->judge(r->host->arg, url, e);
	return rc < 0 ? rc : page_goto(r->page, url, GOTO_TIMEOUT, e);
}

static int do_goto(struct run *r, const struct json *args, struct err *e)
{
	return go(r, text_of(args, "url"), e);
}

static int do_headers(struct run *r, const struct json *args, struct err *e)
{
	return page_set_headers(r->page, json_get(args, "headers"), e);
}

static int do_set_cookies(struct run *r, const struct json *args, struct err *e)
{
	return page_set_cookies(r->page, json_get(args, "cookies"), r->plan->url, e);
}

static int do_export_cookies(struct run *r, const struct json *args, struct err *e)
{
	const struct json *cookies = NULL;
	struct buf b;
	int rc = page_cookies(r->page, r->arena, &cookies, e);
	if (rc < 0)
		return rc;
	buf_init(&b, r->arena, 0);
	json_write_pretty(&b, cookies, 2);
	r->host->artifact(r->host->arg, "cookies", STR("cookies.json"), "application/json", buf_str(&b));
	return 0;
}

static int do_wait_selector(struct run *r, const struct json *args, struct err *e)
{
	return page_wait_selector(r->page, text_of(args, "selector"), timeout_of(args, WAIT_TIMEOUT), e);
}

static int do_click(struct run *r, const struct json *args, struct err *e)
{
	return page_click(r->page, text_of(args, "selector"), r->plan->human, timeout_of(args, ACT_TIMEOUT), e);
}

static int do_type(struct run *r, const struct json *args, struct err *e)
{
	struct str text = text_of(args, "text");
	bool secret = json_bool(json_get(args, "secret"), false);
	if (secret)
		recorder_hide(page_recorder(r->page), text);
	/* Key by key, a page that echoes its input would show pieces of a secret that nothing could mask. */
	return page_type(
		r->page, text_of(args, "selector"), text, r->plan->human && !secret, timeout_of(args, ACT_TIMEOUT), e);
}

static int do_scroll(struct run *r, const struct json *args, struct err *e)
{
	int64_t amount = json_int(json_get(args, "amount"), 0);
	return page_scroll(r->page, str_is(text_of(args, "direction"), "up") ? -amount : amount, r->plan->human, e);
}

static int do_wait(struct run *r, const struct json *args, struct err *e)
{
	return page_sleep(r->page, json_int(json_get(args, "ms"), 0) * USEC_PER_MS, e);
}

static int do_wait_idle(struct run *r, const struct json *args, struct err *e)
{
	const char *by = NULL;
	int rc = page_wait_idle(r->page, timeout_of(args, WAIT_TIMEOUT), &by, e);
	if (rc == 0)
		note(r, STR("Wait released"), "releasedBy", str_of(by));
	return rc;
}

static int do_screenshot(struct run *r, const struct json *args, struct err *e)
{
	struct str data, format = json_str(json_get(args, "format"), STR("png"));
	bool pdf = str_is(format, "pdf"), jpeg = str_is(format, "jpeg");
	enum page_shot_kind kind = pdf ? SHOT_PDF : jpeg ? SHOT_JPEG : SHOT_PNG;
	int rc = page_shot(r->page, kind, json_bool(json_get(args, "fullPage"), true), r->arena, &data, e);
	if (rc < 0)
		return rc;
	struct str name = step_file_name(r->arena, text_of(args, "name"), pdf ? ".pdf" : jpeg ? ".jpg" : ".png");
	r->host->artifact(r->host->arg, pdf ? "pdf" : "screenshot", name,
		pdf    ? "application/pdf"
		: jpeg ? "image/jpeg"
		       : "image/png",
		data);
	return 0;
}

static int extract_now(struct run *r, const struct json *config, const struct json **ret, struct err *e)
{
	struct str html;
	int rc = page_html(r->page, r->arena, &html, e);
	return rc < 0 ? rc : r->host->extract(r->host->arg, html, page_reply(r->page)->url, config, r->arena, ret, e);
}

static int do_extract(struct run *r, const struct json *args, struct err *e)
{
	const struct json *v = NULL;
	int rc = extract_now(r, args, &v, e);
	if (rc == 0 && v && !json_is(v, J_NULL))
		r->result->extracted = v;
	return rc;
}

/* What the job extracts, taken from one page of several. */
static int collect(struct run *r, struct err *e)
{
	const struct json *v = NULL;
	if (!r->plan->extract)
		return 0;
	int rc = extract_now(r, r->plan->extract, &v, e);
	if (rc < 0)
		return rc;
	if (!r->pages)
		r->result->pages = r->pages = json_new_array(r->arena);
	struct json *item = json_new_object(r->arena);
	json_put(r->arena, item, STR("url"), json_new_str(r->arena, arena_str(r->arena, page_reply(r->page)->url)));
	json_put(r->arena, item, STR("data"), v ? v : &json_null_v);
	json_push(r->arena, r->pages, item);
	return 0;
}

static int stop_here(struct run *r, struct str stop, bool *ret, struct err *e)
{
	struct str html;
	if (!stop.n)
		return 0;
	int rc = page_html(r->page, r->arena, &html, e);
	if (rc == 0)
		*ret = str_find(html, stop) != STR_NPOS;
	return rc;
}

static int do_paginate(struct run *r, const struct json *args, struct err *e)
{
	struct str next = text_of(args, "nextSelector"), stop = text_of(args, "stopCondition");
	int64_t max = json_int(json_get(args, "maxPages"), PAGINATE_PAGES);
	int64_t n = 1;
	const char *why = "maxPages";
	int rc = collect(r, e);
	for (; rc == 0 && n < max; n++) {
		bool end = false, more = false;
		rc = stop_here(r, stop, &end, e);
		if (rc == 0 && !end)
			rc = page_is_visible(r->page, next, &more, e);
		if (rc < 0 || end || !more) {
			why = end ? "stopCondition" : "nextSelector";
			break;
		}
		rc = page_click(r->page, next, r->plan->human, ACT_TIMEOUT, e);
		if (rc == 0)
			rc = page_wait_idle(r->page, WAIT_TIMEOUT, NULL, e);
		if (rc == 0)
			rc = collect(r, e);
	}
	if (rc == 0) {
		struct str text = arena_printf(r->arena, "%" PRId64 " pages, ended by %s", n, why);
		note(r, STR("Pagination ended"), "pages", text);
	}
	return rc;
}

static const struct {
	const char *type;
	step_fn *run;
} types[] = {
	{ "goto", do_goto },
	{ "setHeaders", do_headers },
	{ "setCookies", do_set_cookies },
	{ "exportCookies", do_export_cookies },
	{ "waitForSelector", do_wait_selector },
	{ "click", do_click },
	{ "type", do_type },
	{ "scroll", do_scroll },
	{ "wait", do_wait },
	{ "waitForNetworkIdle", do_wait_idle },
	{ "paginate", do_paginate },
	{ "screenshot", do_screenshot },
	{ "extract", do_extract },
};

static int run_one(struct run *r, const struct json *step, struct err *e)
{
	struct str type = text_of(step, "type");
	struct err why = { 0 };
	usec_t start = clock_mono();
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (!str_is(type, types[i].type))
			continue;
		struct str message = arena_printf(r->arena, "Running step: %.*s", STR_FMT(type));
		struct str meta = arena_printf(r->arena, "{\"step\":%.*s}", STR_FMT(step_public(r->arena, step)));
		r->host->log(r->host->arg, message, meta);
		int rc = types[i].run(r, json_get(step, "args"), &why);
		r->host->timing(r->host->arg, type, clock_mono() - start);
		return rc < 0 ? err_set(e, rc, "step %zu (%s): %.180s", r->result->done + 1, types[i].type, why.words)
			      : 0;
	}
	return err_set(e, E_UNSUPPORTED, "step %zu: unknown type", r->result->done + 1);
}

/* Steps that prepare the page must come before its first navigation, the rest is about a page that is there. */
static bool prepares(struct str type)
{
	return str_is(type, "setHeaders") || str_is(type, "setCookies");
}

static int open_url(struct run *r, struct err *e)
{
	usec_t start = clock_mono();
	int rc = go(r, r->plan->url, e);
	r->host->timing(r->host->arg, STR("goto"), clock_mono() - start);
	return rc;
}

int steps_run(struct page *p, const struct steps_plan *plan, const struct steps_host *host, struct arena *a,
	struct steps_result *ret, struct err *e)
{
	struct run r = { .page = p, .plan = plan, .host = host, .arena = a, .result = ret };
	uint32_t n = json_is(plan->steps, J_ARRAY) ? plan->steps->n : 0;
	bool opened = false;
	int rc = 0;
	*ret = (struct steps_result){ 0 };
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		struct str type = text_of(plan->steps->items[i], "type");
		if (!opened && !prepares(type)) {
			opened = true;
			if (!str_is(type, "goto"))
				rc = open_url(&r, e);
		}
		if (rc == 0)
			rc = run_one(&r, plan->steps->items[i], e);
		if (rc == 0)
			ret->done++;
	}
	if (rc == 0 && !opened)
		rc = open_url(&r, e);
	if (rc == 0 && n == 0) {
		usec_t start = clock_mono();
		rc = page_wait_idle(p, WAIT_TIMEOUT, NULL, e);
		host->timing(host->arg, STR("waitForNetworkIdle"), clock_mono() - start);
	}
	return rc;
}

/* --- what may be shown --- */

static const struct json *names_only(struct arena *a, const struct json *v)
{
	struct json *list = json_new_array(a);
	for (uint32_t i = 0; v && i < v->n; i++) {
		struct str name = v->kind == J_OBJECT ? v->members[i].name : text_of(v->items[i], "name");
		json_push(a, list, json_new_str(a, name));
	}
	return list;
}

struct str step_public(struct arena *a, const struct json *step)
{
	const struct json *args = json_get(step, "args");
	struct json *out = json_new_object(a), *shown = json_new_object(a);
	bool secret = json_bool(json_get(args, "secret"), false);
	json_put(a, out, STR("type"), json_get(step, "type"));
	json_put(a, out, STR("args"), shown);
	for (uint32_t i = 0; json_is(args, J_OBJECT) && i < args->n; i++) {
		const struct json_member *m = &args->members[i];
		const struct json *v = m->value;
		if (secret && str_is(m->name, "text"))
			v = json_new_str(a, STR("***"));
		else if (str_is(m->name, "headers") || str_is(m->name, "cookies"))
			v = names_only(a, v);
		json_put(a, shown, m->name, v);
	}
	return json_text(a, out);
}

struct str step_file_name(struct arena *a, struct str name, const char *extension)
{
	struct buf b;
	buf_init(&b, a, 256);
	for (size_t i = 0; i < name.n && b.n < 100 - strlen(extension); i++) {
		char c = name.p[i];
		bool good = is_alnum((unsigned char)c) || c == '-' || c == '_' || (c == '.' && b.n);
		buf_addc(&b, good ? c : '_');
	}
	if (!b.n)
		buf_addz(&b, "page");
	if (!str_endsi(buf_str(&b), str_of(extension)))
		buf_addz(&b, extension);
	return buf_str(&b);
}

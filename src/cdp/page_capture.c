#include "base/first.h"
#include "cdp/page_impl.h"
#include "base/enc.h"

#include <math.h>

#define SHOT_TIMEOUT (30 * USEC_PER_SEC)

int page_html(struct page *p, struct arena *a, struct str *ret, struct err *e)
{
	struct buf b;
	const struct json *r = NULL;
	int rc = page_call(p, "DOM.getDocument", STR("{\"depth\":0}"), CDP_CALL_TIMEOUT, &r, e);
	if (rc < 0)
		return rc;
	int64_t node = json_int(json_get(json_get(r, "root"), "nodeId"), 0);
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kint(&w, "nodeId", node);
	jw_kbool(&w, "includeShadowDOM", true);
	jw_end_object(&w);
	rc = page_call(p, "DOM.getOuterHTML", buf_str(&b), SHOT_TIMEOUT, &r, e);
	if (rc < 0)
		return rc;
	struct str html = json_str(json_get(r, "outerHTML"), STR(""));
	if (html.n > PAGE_HTML_MAX)
		return err_set(e, E_LIMIT, "the page is larger than %zu MiB", PAGE_HTML_MAX / MiB);
	*ret = arena_str(a, html);
	return 0;
}

/* Size of the whole document in CSS pixels. */
static int content_size(struct page *p, double *ret_w, double *ret_h, struct err *e)
{
	const struct json *r = NULL;
	int rc = page_call(p, "Page.getLayoutMetrics", STR_NULL, CDP_CALL_TIMEOUT, &r, e);
	if (rc < 0)
		return rc;
	const struct json *size = json_get(r, "cssContentSize");
	*ret_w = ceil(json_number(json_get(size, "width"), p->o.width));
	*ret_h = ceil(json_number(json_get(size, "height"), p->o.height));
	return 0;
}

static int shot_params(struct page *p, enum page_shot_kind kind, bool full, struct buf *b, struct err *e)
{
	double width = 0, height = 0;
	int rc = full ? content_size(p, &width, &height, e) : 0;
	if (rc < 0)
		return rc;
	struct jw w = page_params(p, b);
	jw_object(&w);
	jw_kcstr(&w, "format", kind == SHOT_JPEG ? "jpeg" : "png");
	if (kind == SHOT_JPEG)
		jw_kint(&w, "quality", 80);
	jw_kbool(&w, "optimizeForSpeed", true);
	if (full) {
		jw_kbool(&w, "captureBeyondViewport", true);
		jw_key(&w, "clip");
		jw_object(&w);
		jw_kint(&w, "x", 0);
		jw_kint(&w, "y", 0);
		jw_key(&w, "width");
		jw_real(&w, MAX(MIN(width, (double)PAGE_SHOT_HEIGHT_MAX), 1.0));
		jw_key(&w, "height");
		jw_real(&w, MAX(MIN(height, (double)PAGE_SHOT_HEIGHT_MAX), 1.0));
		jw_kint(&w, "scale", 1);
		jw_end_object(&w);
	}
	jw_end_object(&w);
	return 0;
}

int page_shot(struct page *p, enum page_shot_kind kind, bool full, struct arena *a, struct str *ret, struct err *e)
{
	struct buf b, out;
	const struct json *r = NULL;
	int rc = 0;
	if (kind == SHOT_PDF) {
		rc = page_call(p, "Page.printToPDF", STR("{\"printBackground\":true,\"preferCSSPageSize\":true}"),
			SHOT_TIMEOUT, &r, e);
	} else {
		rc = shot_params(p, kind, full, &b, e);
		if (rc == 0)
			rc = page_call(p, "Page.captureScreenshot", buf_str(&b), SHOT_TIMEOUT, &r, e);
	}
	if (rc < 0)
		return rc;
	struct str data = json_str(json_get(r, "data"), STR(""));
	buf_init(&out, a, 0);
	buf_reserve(&out, data.n / 4 * 3 + 4);
	if (!data.n || dec_base64(data, &out) < 0)
		return err_set(e, E_PROTO, "the browser sent no picture");
	*ret = buf_str(&out);
	return 0;
}

/* --- headers and cookies --- */

static bool header_allowed(struct str name)
{
	static const char *const no[] = { "host", "content-length", "connection", "transfer-encoding", "upgrade", "te",
		"trailer", "keep-alive", "expect", "forwarded" };
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (str_eqi(name, str_of(no[i])))
			return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_alnum((unsigned char)name.p[i]) && !strchr("!#$%&'*+-.^_`|~", name.p[i]))
			return false;
	return name.n && !str_startsi(name, STR("proxy-"));
}

int page_set_headers(struct page *p, const struct json *headers, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_key(&w, "headers");
	jw_object(&w);
	for (uint32_t i = 0; json_is(headers, J_OBJECT) && i < headers->n; i++) {
		struct str name = headers->members[i].name, value = json_str(headers->members[i].value, STR(""));
		if (!header_allowed(name))
			return err_set(e, E_INVALID, "setHeaders: %.*s cannot be set", STR_FMT(str_sub(name, 0, 60)));
		if (str_chr(value, '\n') != STR_NPOS || str_chr(value, '\r') != STR_NPOS ||
			str_chr(value, '\0') != STR_NPOS)
			return err_set(
				e, E_INVALID, "setHeaders: %.*s has a line break", STR_FMT(str_sub(name, 0, 60)));
		jw_key_str(&w, name);
		jw_str(&w, value);
	}
	jw_end_object(&w);
	jw_end_object(&w);
	return page_call(p, "Network.setExtraHTTPHeaders", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
}

static void copy_member(struct jw *w, const struct json *from, const char *name)
{
	const struct json *v = json_get(from, name);
	if (!v || json_is(v, J_NULL))
		return;
	jw_key(w, name);
	jw_value(w, v);
}

int page_set_cookies(struct page *p, const struct json *cookies, struct str url, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "browserContextId", p->context);
	jw_key(&w, "cookies");
	jw_array(&w);
	for (uint32_t i = 0; json_is(cookies, J_ARRAY) && i < cookies->n; i++) {
		const struct json *c = cookies->items[i];
		static const char *const members[] = { "name", "value", "domain", "path", "expires", "httpOnly",
			"secure", "sameSite" };
		jw_object(&w);
		for (size_t k = 0; k < ARRAY_LEN(members); k++)
			copy_member(&w, c, members[k]);
		/* The URL gives domain, path and scheme where the cookie does not. */
		if (!json_get(c, "domain"))
			jw_kstr(&w, "url", url);
		if (!json_get(c, "path"))
			jw_kcstr(&w, "path", "/");
		jw_end_object(&w);
	}
	jw_end_array(&w);
	jw_end_object(&w);
	return page_browser_call(p, "Storage.setCookies", buf_str(&b), NULL, e);
}

int page_cookies(struct page *p, struct arena *a, const struct json **ret, struct err *e)
{
	static const char *const members[] = { "name", "value", "domain", "path", "expires", "httpOnly", "secure",
		"sameSite" };
	struct buf b;
	const struct json *r = NULL;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "browserContextId", p->context);
	jw_end_object(&w);
	int rc = page_browser_call(p, "Storage.getCookies", buf_str(&b), &r, e);
	if (rc < 0)
		return rc;
	const struct json *list = json_get(r, "cookies");
	struct json *out = json_new_array(a);
	for (uint32_t i = 0; json_is(list, J_ARRAY) && i < list->n; i++) {
		struct json *c = json_new_object(a);
		for (size_t k = 0; k < ARRAY_LEN(members); k++) {
			const struct json *v = json_get(list->items[i], members[k]);
			if (v)
				json_put(a, c, str_of(members[k]), json_dup(a, v));
		}
		json_push(a, out, c);
	}
	*ret = out;
	return 0;
}

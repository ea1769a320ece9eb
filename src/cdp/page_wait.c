#include "base/first.h"
#include "cdp/page_impl.h"

#define NETWORK_QUIET (500 * USEC_PER_MS)
#define DOM_QUIET_MS 300

static int make_world(struct page *p, struct err *e)
{
	struct buf b;
	const struct json *r = NULL;
	int64_t loads = p->loads;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "frameId", p->frame);
	jw_kcstr(&w, "worldName", "k");
	jw_kbool(&w, "grantUniveralAccess", false); /* the protocol's spelling */
	jw_end_object(&w);
	int rc = page_call(p, "Page.createIsolatedWorld", buf_str(&b), CDP_CALL_TIMEOUT, &r, e);
	if (rc < 0)
		return rc;
	int64_t world = json_int(json_get(r, "executionContextId"), 0);
	w = page_params(p, &b);
	jw_object(&w);
	jw_kcstr(&w, "expression", page_helpers);
	jw_kint(&w, "contextId", world);
	jw_end_object(&w);
	rc = page_call(p, "Runtime.evaluate", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
	/* A navigation in between has already ended this world. */
	if (rc == 0 && loads == p->loads)
		p->world = world;
	return rc;
}

static int evaluate(struct page *p, struct str expression, usec_t timeout, const struct json **ret, struct err *e)
{
	struct buf b;
	const struct json *r = NULL;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "expression", expression);
	jw_kint(&w, "contextId", p->world);
	jw_kbool(&w, "returnByValue", true);
	jw_kbool(&w, "awaitPromise", true);
	jw_kint(&w, "timeout", timeout / USEC_PER_MS);
	jw_end_object(&w);
	int rc = page_call(p, "Runtime.evaluate", buf_str(&b), timeout + USEC_PER_SEC, &r, e);
	if (rc < 0)
		return rc;
	const struct json *thrown = json_get(r, "exceptionDetails");
	if (thrown) {
		struct str text = json_str(json_get(json_get(thrown, "exception"), "description"),
			json_str(json_get(thrown, "text"), STR("")));
		return err_set(e, E_INVALID, "%.*s", STR_FMT(str_sub(text, 0, str_chr(text, '\n'))));
	}
	*ret = json_get(json_get(r, "result"), "value");
	return 0;
}

/* The browser's words when a document went away under a call. */
static bool was_torn_down(const struct err *e)
{
	struct str w = str_of(e->words);
	return e->code == E_PROTO &&
	       (str_findi(w, STR("context")) != STR_NPOS || str_findi(w, STR("promise was collected")) != STR_NPOS ||
		       str_findi(w, STR("navigated or closed")) != STR_NPOS ||
		       str_findi(w, STR("uniqueContextId")) != STR_NPOS);
}

int page_help(
	struct page *p, const char *function, struct str args, usec_t timeout, const struct json **ret, struct err *e)
{
	usec_t until = clock_mono() + timeout;
	/* `args` may stand in the scratch arena, which the calls below empty. */
	struct arena own;
	struct err why = { 0 };
	int rc;
	arena_init(&own, 1 * KiB);
	struct str text = arena_printf(&own, "K.%s(...%.*s)", function, STR_FMT(args));
	do {
		rc = p->world ? 0 : make_world(p, &why);
		if (rc == 0 && p->world)
			rc = evaluate(p, text, MAX(until - clock_mono(), 10 * USEC_PER_MS), ret, &why);
		if (rc == 0 && p->world)
			break;
		if (rc < 0 && !was_torn_down(&why))
			break;
		p->world = 0;
		rc = page_sleep(p, 5 * USEC_PER_MS, &why);
		if (rc == 0 && clock_mono() >= until)
			rc = err_set(&why, E_TIMEOUT, "the page kept navigating");
	} while (rc == 0);
	arena_release(&own);
	return rc < 0 ? err_set(e, rc, "%s", why.words) : 0;
}

int page_eval(
	struct page *p, struct str expression, usec_t timeout, struct arena *a, const struct json **ret, struct err *e)
{
	const struct json *v = NULL;
	struct buf b;
	int rc = p->world ? 0 : make_world(p, e);
	if (rc < 0)
		return rc;
	buf_init(&b, a, 0);
	buf_adds(&b, expression);
	rc = evaluate(p, buf_str(&b), timeout, &v, e);
	if (rc == 0)
		*ret = json_dup(a, v);
	return rc;
}

static bool is_ready(struct page *p, void *arg)
{
	return p->nav_error.n || (p->loads > *(int64_t *)arg && p->dom_ready);
}

static int nav_failure(struct page *p, struct str word, struct err *e)
{
	/* Chromium aborts a navigation whose reply turned out to be a download, and downloads are denied. */
	if (str_is(word, "net::ERR_ABORTED") && p->reply.status) {
		p->downloads++;
		return err_set(e, E_UNSUPPORTED, "the URL is a download, not a page");
	}
	bool blocked = str_is(word, REFUSED_WORD);
	return err_set(e, blocked ? E_BLOCKED : E_UNAVAIL, "navigation failed: %.*s", STR_FMT(str_sub(word, 0, 100)));
}

/* The caller judges; this is for what slips through: files and the browser's own pages are never gone to. */
static bool may_go(struct str url)
{
	static const char *const schemes[] = { "http:", "https:", "about:blank", "data:" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
		if (str_startsi(url, str_of(schemes[i])))
			return true;
	return false;
}

int page_goto(struct page *p, struct str url, usec_t timeout, struct err *e)
{
	struct buf b;
	const struct json *r = NULL;
	int64_t loads = p->loads;
	if (!may_go(url))
		return err_set(e, E_BLOCKED, "only http and https pages are gone to");
	usec_t until = clock_mono() + timeout;
	if (!p->first_nav)
		p->first_nav = clock_real();
	p->nav_error = STR("");
	p->reply = (struct page_reply){ 0 };
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "url", url);
	jw_end_object(&w);
	int rc = page_call(p, "Page.navigate", buf_str(&b), timeout, &r, e);
	if (rc < 0)
		return rc;
	struct str word = json_str(json_get(r, "errorText"), STR(""));
	if (word.n && !str_is(word, "net::ERR_HTTP_RESPONSE_CODE_FAILURE"))
		return nav_failure(p, word, e);
	if (!json_get(r, "loaderId"))
		return 0; /* to an anchor within the document */
	rc = page_until(p, is_ready, &loads, until - clock_mono(), "page load", e);
	return rc == 0 && p->nav_error.n && (p->loads == loads || str_is(p->nav_error, REFUSED_WORD))
		       ? nav_failure(p, p->nav_error, e)
		       : rc;
}

static bool network_rests(struct page *p, void *arg)
{
	return p->dom_ready && !p->navigating && recorder_inflight(p->recorder) <= 2 &&
	       clock_mono() - p->last_activity >= NETWORK_QUIET;
}

int page_wait_idle(struct page *p, usec_t timeout, const char **ret_by, struct err *e)
{
	usec_t until = clock_mono() + timeout;
	const char *by = "timeout";
	/* Starts the quiet period now: what was before does not count. */
	p->last_activity = clock_mono();
	while (clock_mono() < until) {
		const struct json *v = NULL;
		struct err why = { 0 };
		int rc = page_until(p, network_rests, NULL, until - clock_mono(), "network idle", &why);
		if (rc == E_TIMEOUT && clock_mono() < p->deadline)
			break;
		if (rc == 0)
			rc = page_help(p, "quiet", STR("[]"), USEC_PER_SEC, &v, &why);
		if (rc < 0 && rc != E_TIMEOUT)
			return err_set(e, rc, "%s", why.words);
		if (rc == 0 && json_number(v, 0) >= DOM_QUIET_MS) {
			by = "idle";
			break;
		}
		rc = page_sleep(p, 50 * USEC_PER_MS, e);
		if (rc < 0)
			return rc;
	}
	if (ret_by)
		*ret_by = by;
	return 0;
}

static struct str one_arg(struct page *p, struct str selector, int64_t more, bool with_more)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_array(&w);
	jw_str(&w, selector);
	if (with_more)
		jw_int(&w, more);
	jw_end_array(&w);
	return buf_str(&b);
}

static int check_selector(struct page *p, struct str selector, struct err *e)
{
	const struct json *v = NULL;
	int rc = page_help(p, "ok", one_arg(p, selector, 0, false), CDP_CALL_TIMEOUT, &v, e);
	if (rc == 0 && !json_is(v, J_TRUE))
		rc = err_set(e, E_INVALID, "not a CSS selector: %.*s", STR_FMT(str_sub(selector, 0, 120)));
	return rc;
}

int page_wait_selector(struct page *p, struct str selector, usec_t timeout, struct err *e)
{
	usec_t until = clock_mono() + timeout;
	int rc = check_selector(p, selector, e);
	while (rc == 0) {
		const struct json *v = NULL;
		usec_t left = until - clock_mono();
		if (left <= 0)
			return err_set(e, E_TIMEOUT, "selector %.*s: not visible within %d ms",
				STR_FMT(str_sub(selector, 0, 100)), (int)(timeout / USEC_PER_MS));
		rc = page_help(p, "wait", one_arg(p, selector, left / USEC_PER_MS, true), left + USEC_PER_SEC, &v, e);
		if (rc == 0 && json_is(v, J_TRUE))
			return 0;
	}
	return rc;
}

int page_is_visible(struct page *p, struct str selector, bool *ret, struct err *e)
{
	const struct json *v = NULL;
	int rc = check_selector(p, selector, e);
	if (rc == 0)
		rc = page_help(p, "visible", one_arg(p, selector, 0, false), CDP_CALL_TIMEOUT, &v, e);
	if (rc == 0)
		*ret = json_is(v, J_TRUE);
	return rc;
}

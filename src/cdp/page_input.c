#include "base/first.h"
#include "cdp/page_impl.h"
#include "base/utf8.h"

#include <math.h>

#define SETTLE (60 * USEC_PER_MS) /* in which a click shows whether it navigates */

static int mouse(struct page *p, const char *type, double x, double y, bool down, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kcstr(&w, "type", type);
	jw_key(&w, "x");
	jw_real(&w, x);
	jw_key(&w, "y");
	jw_real(&w, y);
	if (down) {
		jw_kcstr(&w, "button", "left");
		jw_kint(&w, "clickCount", 1);
	}
	jw_end_object(&w);
	return page_call(p, "Input.dispatchMouseEvent", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
}

static usec_t pause_of(int lo_ms, int hi_ms)
{
	return (lo_ms + (int64_t)rng_below((uint64_t)(hi_ms - lo_ms))) * USEC_PER_MS;
}

/* Along a bent line to the target, faster in the middle. */
static int move_as_person(struct page *p, double x, double y, struct err *e)
{
	double fx = 40 + rng_unit() * 300, fy = 40 + rng_unit() * 200, bend = (rng_unit() - 0.5) * 120;
	int steps = 8 + (int)rng_below(8), rc = 0;
	for (int i = 1; i <= steps && rc == 0; i++) {
		double t = (double)i / steps, ease = t * t * (3 - 2 * t), side = sin(t * 3.14159265) * bend;
		rc = mouse(p, "mouseMoved", fx + (x - fx) * ease + side, fy + (y - fy) * ease - side, false, e);
		if (rc == 0)
			rc = page_sleep(p, pause_of(5, 16), e);
	}
	return rc;
}

/* Polls until the element can be hit; E_TIMEOUT says what stood in the way. */
static int aim(struct page *p, struct str selector, usec_t timeout, double *ret_x, double *ret_y, struct err *e)
{
	usec_t until = clock_mono() + timeout;
	for (;;) {
		struct buf b;
		const struct json *v = NULL;
		struct jw w = page_params(p, &b);
		jw_array(&w);
		jw_str(&w, selector);
		jw_end_array(&w);
		int rc = page_help(p, "aim", buf_str(&b), MIN(timeout, CDP_CALL_TIMEOUT), &v, e);
		if (rc < 0)
			return rc;
		struct str why = json_str(json_get(v, "why"), STR_NULL);
		if (!why.p) {
			*ret_x = json_number(json_get(v, "x"), 0);
			*ret_y = json_number(json_get(v, "y"), 0);
			return 0;
		}
		char word[16];
		str_copy(word, sizeof word, why);
		if (clock_mono() >= until)
			return err_set(e, strcmp(word, "missing") == 0 ? E_NOTFOUND : E_TIMEOUT,
				"selector %.*s: element is %s", STR_FMT(str_sub(selector, 0, 100)), word);
		rc = page_sleep(p, 50 * USEC_PER_MS, e);
		if (rc < 0)
			return rc;
	}
}

static bool settled(struct page *p, void *arg)
{
	return !p->navigating && p->dom_ready;
}

static bool goes_somewhere(struct page *p, void *arg)
{
	return p->navigating || p->loads > *(int64_t *)arg;
}

/* After an input: if it started a navigation of the main frame, waits for the new document. */
static int settle(struct page *p, int64_t loads, usec_t timeout, struct err *e)
{
	struct err ignored;
	int rc = page_until(p, goes_somewhere, &loads, SETTLE, "settling", &ignored);
	if (rc == E_TIMEOUT)
		return clock_mono() < p->deadline ? 0 : err_set(e, E_TIMEOUT, "the job's time is over");
	return rc < 0 ? err_set(e, rc, "%s", ignored.words)
		      : page_until(p, settled, NULL, timeout, "navigation after the click", e);
}

int page_click(struct page *p, struct str selector, bool human, usec_t timeout, struct err *e)
{
	double x = 0, y = 0;
	usec_t until = clock_mono() + timeout;
	int rc = aim(p, selector, timeout, &x, &y, e);
	if (rc == 0 && human)
		rc = move_as_person(p, x, y, e);
	int64_t loads = p->loads;
	if (rc == 0)
		rc = mouse(p, "mouseMoved", x, y, false, e);
	if (rc == 0)
		rc = mouse(p, "mousePressed", x, y, true, e);
	if (rc == 0 && human)
		rc = page_sleep(p, pause_of(30, 90), e);
	if (rc == 0)
		rc = mouse(p, "mouseReleased", x, y, true, e);
	return rc < 0 ? rc : settle(p, loads, MAX(until - clock_mono(), USEC_PER_SEC), e);
}

static int insert(struct page *p, struct str text, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "text", text);
	jw_end_object(&w);
	return page_call(p, "Input.insertText", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
}

static int key(struct page *p, const char *type, const char *name, int code, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kcstr(&w, "type", type);
	jw_kcstr(&w, "key", name);
	jw_kcstr(&w, "code", name);
	jw_kint(&w, "windowsVirtualKeyCode", code);
	jw_end_object(&w);
	return page_call(p, "Input.dispatchKeyEvent", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
}

static int type_as_person(struct page *p, struct str text, struct err *e)
{
	int rc = 0;
	for (size_t i = 0; i < text.n && rc == 0;) {
		size_t at = i;
		utf8_next(text, &i);
		rc = insert(p, str_sub(text, at, i - at), e);
		if (rc == 0)
			rc = page_sleep(p, pause_of(40, 140), e);
	}
	return rc;
}

static int ready(struct page *p, struct str selector, struct str text, usec_t timeout, bool *ret_set, struct err *e)
{
	usec_t until = clock_mono() + timeout;
	for (;;) {
		struct buf b;
		const struct json *v = NULL;
		struct jw w = page_params(p, &b);
		jw_array(&w);
		jw_str(&w, selector);
		jw_str(&w, text);
		jw_end_array(&w);
		int rc = page_help(p, "ready", buf_str(&b), MIN(timeout, CDP_CALL_TIMEOUT), &v, e);
		if (rc < 0)
			return rc;
		struct str why = json_str(json_get(v, "why"), STR_NULL);
		*ret_set = json_is(json_get(v, "set"), J_TRUE);
		if (!why.p)
			return 0;
		struct str shown = str_sub(selector, 0, 100);
		if (str_is(why, "type"))
			return err_set(e, E_INVALID, "selector %.*s: not an element that takes text", STR_FMT(shown));
		if (clock_mono() >= until)
			return err_set(e, str_is(why, "missing") ? E_NOTFOUND : E_TIMEOUT,
				"selector %.*s: element is %s", STR_FMT(shown),
				str_is(why, "missing")  ? "missing"
				: str_is(why, "option") ? "without such an option"
							: "disabled");
		rc = page_sleep(p, 50 * USEC_PER_MS, e);
		if (rc < 0)
			return rc;
	}
}

int page_type(struct page *p, struct str selector, struct str text, bool human, usec_t timeout, struct err *e)
{
	bool set = false;
	usec_t until = clock_mono() + timeout;
	int rc = page_wait_selector(p, selector, timeout, e);
	if (rc == 0)
		rc = ready(p, selector, text, MAX(until - clock_mono(), 0), &set, e);
	if (rc < 0 || set)
		return rc;
	if (!text.n) {
		rc = key(p, "keyDown", "Delete", 46, e);
		return rc < 0 ? rc : key(p, "keyUp", "Delete", 46, e);
	}
	return human ? type_as_person(p, text, e) : insert(p, text, e);
}

static int wheel(struct page *p, double dy, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_array(&w);
	jw_int(&w, (int64_t)dy);
	jw_end_array(&w);
	const struct json *v = NULL;
	return page_help(p, "scroll", buf_str(&b), CDP_CALL_TIMEOUT, &v, e);
}

int page_scroll(struct page *p, int64_t dy, bool human, struct err *e)
{
	if (!human)
		return wheel(p, (double)dy, e);
	int rc = 0;
	while (dy && rc == 0) {
		int64_t part = 50 + (int64_t)rng_below(150);
		part = MIN(part, dy < 0 ? -dy : dy);
		rc = wheel(p, (double)(dy < 0 ? -part : part), e);
		dy += dy < 0 ? part : -part;
		if (rc == 0)
			rc = page_sleep(p, pause_of(15, 45), e);
	}
	return rc;
}

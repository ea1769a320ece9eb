#include "base/first.h"
#include "cdp/page_impl.h"
#include "net/egress.h"

#define CLOSE_TIMEOUT (2 * USEC_PER_SEC)

static void listen_to(struct page *p);

int page_alive(const struct page *p, struct err *e)
{
	if (p->cancelled)
		return err_set(e, E_CANCELLED, "cancelled");
	if (browser_gone(p->browser) || cdp_closed(p->cdp))
		return err_set(e, E_GONE, "the browser is gone");
	if (p->crashed)
		return err_set(e, E_UNAVAIL, "the page crashed");
	if (p->detached)
		return err_set(e, E_UNAVAIL, "the page was closed");
	return 0;
}

struct jw page_params(struct page *p, struct buf *b)
{
	struct jw w;
	arena_reset(&p->scratch);
	buf_init(b, &p->scratch, 0);
	jw_init(&w, b);
	return w;
}

static int call(struct page *p, struct str session, const char *method, struct str params, usec_t timeout,
	const struct json **ret, struct err *e)
{
	int rc = page_alive(p, e);
	if (rc < 0)
		return rc;
	usec_t left = p->deadline - clock_mono();
	if (left <= 0)
		return err_set(e, E_TIMEOUT, "%s: the job's time is over", method);
	rc = cdp_call(p->cdp, session, method, params, MIN(timeout, left), &p->scratch, ret, e);
	/* A crash or a cancel while waiting explains the failure better than the call does. */
	return rc < 0 && page_alive(p, e) < 0 ? page_alive(p, e) : rc;
}

int page_call(
	struct page *p, const char *method, struct str params, usec_t timeout, const struct json **ret, struct err *e)
{
	return call(p, p->session, method, params, timeout, ret, e);
}

int page_browser_call(struct page *p, const char *method, struct str params, const struct json **ret, struct err *e)
{
	return call(p, STR_NULL, method, params, CDP_CALL_TIMEOUT, ret, e);
}

static void wake(struct page *p, int value)
{
	if (p->fiber)
		fiber_wake(p->fiber, value);
}

int page_until(struct page *p, bool (*cond)(struct page *p, void *arg), void *arg, usec_t timeout, const char *what,
	struct err *e)
{
	usec_t until = MIN(p->deadline, clock_mono() + timeout);
	int rc;
	for (;;) {
		rc = page_alive(p, e);
		if (rc < 0 || cond(p, arg))
			return rc;
		if (clock_mono() >= until)
			return err_set(e, E_TIMEOUT, "%s: not within %d ms", what, (int)(timeout / USEC_PER_MS));
		p->fiber = fiber_self();
		/* Conditions also depend on time (quiet for so long), hence the cap. */
		fiber_wait(MIN(until, clock_mono() + 50 * USEC_PER_MS));
		p->fiber = NULL;
	}
}

static bool never(struct page *p, void *arg)
{
	return false;
}

int page_sleep(struct page *p, usec_t d, struct err *e)
{
	struct err ignored;
	int rc = page_until(p, never, NULL, d, "sleep", &ignored);
	if (rc != E_TIMEOUT)
		return err_set(e, rc, "%s", ignored.words);
	return clock_mono() >= p->deadline ? err_set(e, E_TIMEOUT, "the job's time is over") : 0;
}

static int attach(struct page *p, struct err *e)
{
	struct buf b;
	const struct json *r = NULL;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kcstr(&w, "url", "about:blank");
	jw_kstr(&w, "browserContextId", p->context);
	jw_end_object(&w);
	int rc = page_browser_call(p, "Target.createTarget", buf_str(&b), &r, e);
	if (rc < 0)
		return rc;
	p->target = arena_str(&p->arena, json_str(json_get(r, "targetId"), STR("")));
	w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "targetId", p->target);
	jw_kbool(&w, "flatten", true);
	jw_end_object(&w);
	rc = page_browser_call(p, "Target.attachToTarget", buf_str(&b), &r, e);
	if (rc < 0)
		return rc;
	p->session = arena_str(&p->arena, json_str(json_get(r, "sessionId"), STR("")));
	p->frame = p->target; /* the main frame's id is the target's */
	listen_to(p);
	return 0;
}

/* The reply of Page.enable must be there before the first navigation, or its load event may be lost; calls to one
 * session are answered in order, so waiting for the last one of a row waits for all. */
static int enable(struct page *p, struct err *e)
{
	static const struct {
		const char *method, *params;
	} posts[] = {
		{ "Page.enable", "{}" },
		{ "Page.setLifecycleEventsEnabled", "{\"enabled\":true}" },
		{ "Network.enable", "{\"maxPostDataSize\":4096}" },
		{ "Network.setBypassServiceWorker", "{\"bypass\":true}" },
		{ "Inspector.enable", "{}" },
		{ "Log.enable", "{}" },
		{ "Target.setAutoAttach", "{\"autoAttach\":true,\"waitForDebuggerOnStart\":true,\"flatten\":true}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(posts); i++)
		cdp_post(p->cdp, p->session, posts[i].method, str_of(posts[i].params));
	return page_call(p, "Page.getFrameTree", STR_NULL, CDP_CALL_TIMEOUT, NULL, e);
}

/* A context with a proxy of its own needs the bypass list of its own, or loopback addresses go direct. */
static struct str context_params(struct page *p, int proxy_port, struct buf *b)
{
	struct jw w = page_params(p, b);
	char proxy[64];
	jw_object(&w);
	jw_kbool(&w, "disposeOnDetach", true);
	if (proxy_port) {
		snprintf(proxy, sizeof proxy, "http://" BROWSER_PROXY_HOST ":%d", proxy_port);
		jw_kcstr(&w, "proxyServer", proxy);
		jw_kcstr(&w, "proxyBypassList", "<-loopback>");
	}
	jw_end_object(&w);
	return buf_str(b);
}

int page_open(struct browser *b, struct loop *l, int proxy_port, struct page **ret, struct err *e)
{
	struct buf params;
	struct page *p = xcalloc(1, sizeof *p);
	const struct json *r = NULL;
	*p = (struct page){ .browser = b,
		.cdp = browser_cdp(b),
		.loop = l,
		.deadline = clock_mono() + 30 * USEC_PER_SEC,
		.t_dom = -1,
		.t_load = -1 };
	arena_init(&p->arena, 16 * KiB);
	arena_init(&p->scratch, 16 * KiB);
	p->recorder = recorder_new(&p->arena, 2000);
	int rc = page_browser_call(p, "Target.createBrowserContext", context_params(p, proxy_port, &params), &r, e);
	if (rc == 0) {
		p->context = arena_str(&p->arena, json_str(json_get(r, "browserContextId"), STR("")));
		rc = attach(p, e);
	}
	if (rc == 0)
		rc = enable(p, e);
	if (rc < 0) {
		page_close(p);
		return rc;
	}
	p->deadline = INT64_MAX;
	*ret = p;
	return 0;
}

/* "HeadlessChrome/156.0.1.2" as an ordinary Chrome says it. */
static struct str plain_agent(struct page *p, struct str ua)
{
	size_t at = str_find(ua, STR("Headless"));
	if (at == STR_NPOS)
		return ua;
	struct str tail = str_from(ua, at + 8);
	return arena_printf(&p->arena, "%.*s%.*s", STR_FMT(str_sub(ua, 0, at)), STR_FMT(tail));
}

/* The major version behind "Chrome/". */
static struct str major_of(struct str ua)
{
	size_t at = str_find(ua, STR("Chrome/"));
	struct str v = at == STR_NPOS ? STR("0") : str_from(ua, at + 7);
	size_t end = 0;
	while (end < v.n && is_digit((unsigned char)v.p[end]))
		end++;
	return str_sub(v, 0, end);
}

/* Client hints say the same as the user agent string: a mismatch is what gives automation away, and breaks sites. */
static void write_hints(struct jw *w, struct str ua, struct str platform)
{
	struct str major = major_of(ua);
	static const char *const brands[] = { "Chromium", "Google Chrome" };
	jw_key(w, "userAgentMetadata");
	jw_object(w);
	jw_key(w, "brands");
	jw_array(w);
	for (size_t i = 0; i < ARRAY_LEN(brands); i++) {
		jw_object(w);
		jw_kcstr(w, "brand", brands[i]);
		jw_kstr(w, "version", major);
		jw_end_object(w);
	}
	jw_end_array(w);
	jw_kstr(w, "platform", platform);
	jw_kcstr(w, "platformVersion", "");
	jw_kcstr(w, "architecture", "x86");
	jw_kcstr(w, "model", "");
	jw_kbool(w, "mobile", false);
	jw_end_object(w);
}

static int set_viewport(struct page *p, struct err *e)
{
	struct buf b;
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kint(&w, "width", p->o.width);
	jw_kint(&w, "height", p->o.height);
	jw_kint(&w, "deviceScaleFactor", 1);
	jw_kbool(&w, "mobile", false);
	jw_end_object(&w);
	return page_call(p, "Emulation.setDeviceMetricsOverride", buf_str(&b), CDP_CALL_TIMEOUT, NULL, e);
}

static void post_identity(struct page *p)
{
	struct buf b;
	struct str ua = p->o.user_agent;
	if (!ua.n)
		ua = plain_agent(p, str_of(browser_version(p->browser)->user_agent));
	if (p->o.agent_suffix.n)
		ua = arena_printf(&p->arena, "%.*s %.*s", STR_FMT(ua), STR_FMT(p->o.agent_suffix));
	struct str platform = p->o.platform.n ? p->o.platform : STR("Linux");
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kstr(&w, "userAgent", ua);
	jw_kstr(&w, "acceptLanguage", p->o.language.n ? p->o.language : STR("en-US"));
	jw_kcstr(&w, "platform",
		str_is(platform, "Windows") ? "Win32"
		: str_is(platform, "macOS") ? "MacIntel"
					    : "Linux x86_64");
	if (str_find(ua, STR("Chrome/")) != STR_NPOS)
		write_hints(&w, ua, platform);
	jw_end_object(&w);
	cdp_post(p->cdp, p->session, "Emulation.setUserAgentOverride", buf_str(&b));
	if (p->o.timezone.n) {
		w = page_params(p, &b);
		jw_object(&w);
		jw_kstr(&w, "timezoneId", p->o.timezone);
		jw_end_object(&w);
		cdp_post(p->cdp, p->session, "Emulation.setTimezoneOverride", buf_str(&b));
	}
	if (p->o.language.n) {
		w = page_params(p, &b);
		jw_object(&w);
		jw_kstr(&w, "locale", p->o.language);
		jw_end_object(&w);
		cdp_post(p->cdp, p->session, "Emulation.setLocaleOverride", buf_str(&b));
	}
}

int page_begin(struct page *p, const struct page_options *o, struct err *e)
{
	struct buf b;
	assert(!p->given);
	p->given = true;
	p->o = *o;
	p->o.width = o->width ? o->width : PAGE_WIDTH;
	p->o.height = o->height ? o->height : PAGE_HEIGHT;
	p->o.user_agent = arena_str(&p->arena, o->user_agent);
	p->o.agent_suffix = arena_str(&p->arena, o->agent_suffix);
	p->o.language = arena_str(&p->arena, o->language);
	p->o.timezone = arena_str(&p->arena, o->timezone);
	p->o.platform = arena_str(&p->arena, o->platform);
	post_identity(p);
	if (!o->quiet)
		cdp_post(p->cdp, p->session, "Runtime.enable", STR_NULL);
	struct jw w = page_params(p, &b);
	jw_object(&w);
	jw_kcstr(&w, "behavior", "deny");
	jw_kstr(&w, "browserContextId", p->context);
	jw_kbool(&w, "eventsEnabled", true);
	jw_end_object(&w);
	int rc = page_browser_call(p, "Browser.setDownloadBehavior", buf_str(&b), NULL, e);
	/* Windows are made in the usual size; only another one costs a call. */
	bool usual = p->o.width == PAGE_WIDTH && p->o.height == PAGE_HEIGHT;
	return rc == 0 && !usual ? set_viewport(p, e) : rc;
}

void page_close(struct page *p)
{
	if (!p)
		return;
	struct buf b;
	p->cancelled = p->crashed = p->detached = false;
	p->deadline = clock_mono() + CLOSE_TIMEOUT;
	if (p->session.n)
		cdp_listen(p->cdp, p->session, NULL, NULL);
	if (p->context.n && !browser_gone(p->browser)) {
		struct jw w = page_params(p, &b);
		jw_object(&w);
		jw_kstr(&w, "browserContextId", p->context);
		jw_end_object(&w);
		page_browser_call(p, "Target.disposeBrowserContext", buf_str(&b), NULL, NULL);
	}
	arena_release(&p->scratch);
	arena_release(&p->arena);
	free(p);
}

void page_set_deadline(struct page *p, usec_t deadline) { p->deadline = deadline; }

void page_cancel(struct page *p)
{
	p->cancelled = true;
	cdp_session_gone(p->cdp, p->session);
	wake(p, E_CANCELLED);
}

const struct page_reply *page_reply(const struct page *p) { return &p->reply; }
struct recorder *page_recorder(struct page *p) { return p->recorder; }

void page_har_page(const struct page *p, struct har_page *ret)
{
	ret->url = p->reply.url;
	ret->browser = str_of(browser_version(p->browser)->product);
	ret->browser_version = STR("");
	ret->started = p->first_nav ? p->first_nav : clock_real();
	ret->t_dom = p->t_dom;
	ret->t_load = p->t_load;
}
bool page_crashed(const struct page *p) { return p->crashed; }
size_t page_popups(const struct page *p) { return p->popups; }
size_t page_downloads(const struct page *p) { return p->downloads; }

/* --- events --- */

static bool is_main(const struct page *p, const struct json *params)
{
	return str_eq(json_str(json_get(params, "frameId"), STR("")), p->frame);
}

static void on_lifecycle(struct page *p, const struct json *params)
{
	struct str name = json_str(json_get(params, "name"), STR("")),
		   loader = json_str(json_get(params, "loaderId"), STR(""));
	if (!is_main(p, params) || !str_eq(loader, p->loader))
		return;
	if (str_is(name, "DOMContentLoaded")) {
		p->dom_ready = true;
		if (p->t_dom < 0)
			p->t_dom = clock_real() - p->first_nav;
	} else if (str_is(name, "load")) {
		p->loaded = true;
		if (p->t_load < 0)
			p->t_load = clock_real() - p->first_nav;
	}
}

static void on_navigated(struct page *p, const struct json *params)
{
	const struct json *frame = json_get(params, "frame");
	if (json_get(frame, "parentId"))
		return;
	p->loader = arena_str(&p->arena, json_str(json_get(frame, "loaderId"), STR("")));
	p->reply.url = arena_str(&p->arena, json_str(json_get(frame, "url"), STR("")));
	p->dom_ready = p->loaded = p->navigating = false;
	p->world = 0;
	p->loads++;
}

static void on_request(struct page *p, const struct json *params)
{
	if (!is_main(p, params) || !str_is(json_str(json_get(params, "type"), STR("")), "Document"))
		return;
	p->document_request = arena_str(&p->arena, json_str(json_get(params, "requestId"), STR("")));
	p->reply.status = 0;
}

static void on_response(struct page *p, const struct json *params)
{
	const struct json *v = json_get(params, "response");
	if (!str_eq(json_str(json_get(params, "requestId"), STR("")), p->document_request))
		return;
	p->reply.status = (int)json_int(json_get(v, "status"), 0);
	p->reply.mime = arena_str(&p->arena, json_str(json_get(v, "mimeType"), STR("")));
	if (json_get(json_get(v, "headers"), EGRESS_REFUSED_HEADER))
		p->nav_error = STR(REFUSED_WORD);
}

static void on_failed(struct page *p, const struct json *params)
{
	if (str_eq(json_str(json_get(params, "requestId"), STR("")), p->document_request))
		p->nav_error = arena_str(&p->arena, json_str(json_get(params, "errorText"), STR("")));
}

/* An unanswered dialog hangs its page: alerts are confirmed, questions denied, leaving a page is allowed. */
static void on_dialog(struct page *p, const struct json *params)
{
	struct str type = json_str(json_get(params, "type"), STR("alert"));
	bool accept = str_is(type, "alert") || str_is(type, "beforeunload");
	cdp_post(p->cdp, p->session, "Page.handleJavaScriptDialog",
		accept ? STR("{\"accept\":true}") : STR("{\"accept\":false}"));
}

/* Frames of other processes and workers start paused; nothing in them runs before we saw them. */
static void on_attached(struct page *p, const struct json *params)
{
	struct str session = json_str(json_get(params, "sessionId"), STR(""));
	cdp_post(p->cdp, session, "Network.enable", STR_NULL);
	cdp_post(p->cdp, session, "Runtime.runIfWaitingForDebugger", STR_NULL);
}

static void on_window_open(struct page *p)
{
	p->popups++;
}

static void on_event(void *arg, struct str method, const struct json *params)
{
	static const struct {
		const char *method;
		void (*fn)(struct page *p, const struct json *params);
	} table[] = {
		{ "Page.lifecycleEvent", on_lifecycle },
		{ "Page.frameNavigated", on_navigated },
		{ "Network.requestWillBeSent", on_request },
		{ "Network.responseReceived", on_response },
		{ "Network.loadingFailed", on_failed },
		{ "Page.javascriptDialogOpening", on_dialog },
		{ "Target.attachedToTarget", on_attached },
	};
	struct page *p = arg;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_is(method, table[i].method))
			table[i].fn(p, params);
	if (str_is(method, "Inspector.targetCrashed")) {
		p->crashed = true;
		cdp_session_gone(p->cdp, p->session);
	} else if (str_is(method, "Inspector.detached")) {
		p->detached = true;
		cdp_session_gone(p->cdp, p->session);
	} else if (str_is(method, "Page.frameRequestedNavigation") && is_main(p, params)) {
		p->navigating = true;
	} else if (str_is(method, "Page.windowOpen")) {
		on_window_open(p);
	}
	recorder_event(p->recorder, method, params);
	if (recorder_inflight(p->recorder) > 2)
		p->last_activity = clock_mono();
	wake(p, 0);
}

static void listen_to(struct page *p)
{
	cdp_listen(p->cdp, p->session, on_event, p);
}

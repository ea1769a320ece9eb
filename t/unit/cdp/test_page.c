#include "base/first.h"
#include "cdp/page_impl.h"
#include "chromium.h"
#include "site.h"
#include "../tap.h"

#include <sys/stat.h>

static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-page.XXXXXX";
static bool finished;
static struct browser *browser;
static struct err e;

#define S(n) ((n) * USEC_PER_SEC)

static const struct site_page pages[] = {
	{ "/", SITE_HTML,
		"<!doctype html><title>Start</title><h1 onclick='document.title=\"clicked\"'>Hello</h1>"
		"<a id=next href='/second'>next</a><script>console.log('hi',{a:1},3);console.error('bad')</script>" },
	{ "/second", SITE_HTML, "<!doctype html><title>Second</title><p>two</p>" },
	{ "/redirect", "302 Found\r\nLocation: /second", "" },
	{ "/gone", "404 Not Found\r\nContent-Type: text/html", "<title>gone</title>nothing" },
	{ "/late", SITE_HTML,
		"<!doctype html><body><script>setTimeout(()=>{document.body.innerHTML='<p "
		"class=late>late</p>'},300)</script>" },
	{ "/form", SITE_HTML,
		"<!doctype html><body style='margin:0'><div style='height:3000px'></div><form action=/echo><input "
		"name=q value=old>"
		"<select name=s><option value=1>One<option value=2>Two</select><input type=date name=d>"
		"<button disabled id=b>Go</button></form><script>setTimeout(()=>{b.disabled=false},200)</script>" },
	{ "/covered", SITE_HTML,
		"<!doctype html><button id=b style='position:absolute;top:9px;left:9px'>x</button>"
		"<div id=c "
		"style='position:fixed;inset:0;background:#fff8'></"
		"div><script>setTimeout(()=>c.remove(),200);b.onclick=()=>document.title='hit'</script>" },
	{ "/dialogs", SITE_HTML,
		"<!doctype html><script>alert('a');document.title='confirm:'+confirm('b')+' "
		"prompt:'+prompt('c')</script>" },
	{ "/popups", SITE_HTML,
		"<!doctype html><title>p</title><button id=b onclick='for(let "
		"i=0;i<5;i++)window.open(\"/second\")'>open</button>" },
	{ "/shadow", SITE_HTML,
		"<!doctype html><div id=h></div><script>h.attachShadow({mode:'open'}).innerHTML='<button "
		"id=in>inside</button>';"
		"h.shadowRoot.getElementById('in').onclick=()=>document.title='shadow hit'</script>" },
	{ "/tall", SITE_HTML,
		"<!doctype html><body style='margin:0'><div "
		"style='height:30000px;background:linear-gradient(red,blue)'></div>" },
	{ "/file",
		"200 OK\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=x.bin",
		"data" },
	{ "/storage", SITE_HTML, "<!doctype html><script>document.cookie='mine=1;path=/';localStorage.x=1</script>" },
	{ "/readstorage", SITE_HTML,
		"<!doctype html><script>document.title='['+document.cookie+']['+(localStorage.x||'')+']'</script>" },
	{ "/hang", SITE_HTML, "<!doctype html><script>for(;;);</script>" },
	{ NULL },
};

static struct page *fresh(void)
{
	struct page *p = NULL;
	struct page_options o = { 0 };
	int rc = page_open(browser, loop, 0, &p, &e);
	if (rc == 0)
		rc = page_begin(p, &o, &e);
	if (rc < 0)
		die("no page: %s", e.words);
	return p;
}

static struct str title(struct page *p)
{
	const struct json *v = NULL;
	if (page_eval(p, STR("document.title"), S(5), &a, &v, &e) < 0)
		return STR("no title");
	return json_str(v, STR("not text"));
}

static int go(struct page *p, const char *path)
{
	return page_goto(p, site_url(&a, path), S(10), &e);
}

static void navigation(void)
{
	struct page *p = fresh();
	is_int(go(p, "/"), 0, "goto");
	is_int(page_reply(p)->status, 200, "status");
	is_str(title(p), "Start", "the document is there");
	is_int(go(p, "/redirect"), 0, "through a redirect");
	ok(str_ends(page_reply(p)->url, STR("/second")), "the final URL");
	is_int(go(p, "/gone"), 0, "a 404 is a page");
	is_int(page_reply(p)->status, 404, "with its status");
	is_int(page_goto(p, STR("http://127.0.0.1:1/"), S(10), &e), E_UNAVAIL, "nothing there: %s", e.words);
	is_int(go(p, "/"), 0, "goto again");
	is_int(page_click(p, STR("#next"), false, S(5), &e), 0, "click a link %s", e.words);
	is_str(title(p), "Second", "the click waited for the new page");
	is_int(page_goto(p, STR("data:text/html,<title>d</title>"), S(5), &e), 0, "a data URL %s", e.words);
	const char *by = NULL;
	is_int(go(p, "/"), 0, "goto");
	is_int(page_wait_idle(p, S(5), &by, &e), 0, "idle");
	is_cstr(by, "idle", "released by rest");
	struct buf b;
	struct jw w;
	buf_init(&b, &a, 0);
	jw_init(&w, &b);
	recorder_console(page_recorder(p), &w);
	ok(str_find(buf_str(&b), STR("hi Object 3")) != STR_NPOS, "console record %.*s", STR_FMT(buf_str(&b)));
	page_close(p);
}

static void waiting(void)
{
	struct page *p = fresh();
	is_int(go(p, "/late"), 0, "a page that renders late");
	is_int(page_wait_selector(p, STR("p.late"), S(5), &e), 0, "its element comes");
	is_int(page_wait_selector(p, STR("p.never"), 200 * USEC_PER_MS, &e), E_TIMEOUT, "another does not: %s",
		e.words);
	is_int(page_wait_selector(p, STR("p["), S(1), &e), E_INVALID, "not a selector: %s", e.words);
	is_int(page_click(p, STR("#missing"), false, 100 * USEC_PER_MS, &e), E_NOTFOUND, "nothing to click: %s",
		e.words);
	page_close(p);
}

static void input(void)
{
	struct page *p = fresh();
	is_int(go(p, "/form"), 0, "a form below the fold");
	is_int(page_type(p, STR("input[name=q]"), STR("n\xc3\xa9w \"text\""), false, S(5), &e), 0, "type %s", e.words);
	is_int(page_type(p, STR("select"), STR("Two"), false, S(5), &e), 0, "choose %s", e.words);
	is_int(page_type(p, STR("input[type=date]"), STR("2026-01-02"), false, S(5), &e), 0, "a date %s", e.words);
	is_int(page_click(p, STR("#b"), false, S(5), &e), 0, "the button, once it is enabled %s", e.words);
	struct str html = STR("");
	is_int(page_html(p, &a, &html, &e), 0, "html");
	ok(str_find(html, STR("q=n%C3%A9w+%22text%22&amp;s=2&amp;d=2026-01-02")) != STR_NPOS, "what was sent");
	is_int(go(p, "/covered"), 0, "a covered button");
	is_int(page_click(p, STR("#b"), true, S(5), &e), 0, "is clicked when it is free %s", e.words);
	is_str(title(p), "hit", "and not before");
	is_int(go(p, "/shadow"), 0, "shadow DOM");
	is_int(page_click(p, STR("#in"), false, S(5), &e), 0, "a button in it %s", e.words);
	is_str(title(p), "shadow hit", "was hit");
	is_int(page_html(p, &a, &html, &e), 0, "html");
	ok(str_find(html, STR("inside</button>")) != STR_NPOS, "shadow content is in the HTML");
	is_int(go(p, "/tall"), 0, "a tall page");
	const struct json *v = NULL;
	is_int(page_scroll(p, 700, false, &e), 0, "scroll");
	page_eval(p, STR("scrollY"), S(5), &a, &v, &e);
	is_int(json_int(v, 0), 700, "down");
	is_int(page_scroll(p, -300, true, &e), 0, "scroll as a person");
	page_eval(p, STR("scrollY"), S(5), &a, &v, &e);
	is_int(json_int(v, 0), 400, "up");
	page_close(p);
}

static void nuisances(void)
{
	struct page *p = fresh();
	is_int(go(p, "/dialogs"), 0, "dialogs do not hang %s", e.words);
	is_str(title(p), "confirm:false prompt:null", "and are denied");
	is_int(go(p, "/popups"), 0, "pop-ups");
	is_int(page_click(p, STR("#b"), false, S(5), &e), 0, "open five");
	page_sleep(p, 200 * USEC_PER_MS, &e);
	ok(page_popups(p) >= 1, "counted: %zu", page_popups(p));
	is_str(title(p), "p", "the page itself stays");
	is_int(page_goto(p, site_url(&a, "/file"), S(5), &e), E_UNSUPPORTED, "a download is denied: %s", e.words);
	is_int(page_downloads(p), 1, "and counted");
	is_int(page_goto(p, site_url(&a, "/hang"), S(1), &e), E_TIMEOUT, "an endless script: %s", e.words);
	page_close(p);
}

static void isolation(void)
{
	struct page *p = fresh(), *q = fresh();
	is_int(go(p, "/storage"), 0, "store something");
	is_int(go(q, "/readstorage"), 0, "in another context");
	is_str(title(q), "[][]", "nothing of it is there");
	is_int(go(p, "/readstorage"), 0, "in the same");
	is_str(title(p), "[mine=1][1]", "all of it");
	const struct json *cookies = NULL, *set = NULL;
	json_parse(&a,
		STR("[{\"name\":\"n\",\"value\":\"v\"},{\"name\":\"o\",\"value\":\"w\",\"domain\":\"127.0.0.1\","
		    "\"path\":\"/x\",\"httpOnly\":true}]"),
		NULL, &set, NULL);
	is_int(page_set_cookies(q, set, site_url(&a, "/"), &e), 0, "minimal cookies %s", e.words);
	is_int(go(q, "/readstorage"), 0, "read them");
	is_str(title(q), "[n=v][]", "the page sees what it should");
	is_int(page_cookies(q, &a, &cookies, &e), 0, "export");
	is_int(cookies ? cookies->n : 0, 2, "both");
	json_parse(&a, STR("{\"X-Test\":\"yes\"}"), NULL, &set, NULL);
	is_int(page_set_headers(q, set, &e), 0, "headers");
	is_int(go(q, "/echo"), 0, "echo");
	struct str html = STR("");
	page_html(q, &a, &html, &e);
	ok(str_find(html, STR("X-Test: yes")) != STR_NPOS && str_find(html, STR("Headless")) == STR_NPOS,
		"were sent; the agent is plain");
	json_parse(&a, STR("{\"Host\":\"evil\"}"), NULL, &set, NULL);
	is_int(page_set_headers(q, set, &e), E_INVALID, "not Host: %s", e.words);
	page_close(p);
	page_close(q);
}

static void pictures(void)
{
	struct page *p = fresh();
	struct str png = STR(""), pdf = STR("");
	is_int(go(p, "/tall"), 0, "a page of 30 000 pixels");
	is_int(page_shot(p, SHOT_PNG, true, &a, &png, &e), 0, "a picture %s", e.words);
	ok(str_starts(png, STR("\x89PNG\r\n")), "is PNG");
	int height = png.n > 24 ? (unsigned char)png.p[22] << 8 | (unsigned char)png.p[23] : 0;
	is_int(height, PAGE_SHOT_HEIGHT_MAX, "cut at the cap");
	is_int(page_shot(p, SHOT_PDF, true, &a, &pdf, &e), 0, "a PDF %s", e.words);
	ok(str_starts(pdf, STR("%PDF-")), "is PDF");
	struct buf b;
	struct jw w;
	buf_init(&b, &a, 0);
	jw_init(&w, &b);
	struct har_page hp = { .title = STR("t"),
		.url = STR("u"),
		.browser = STR("b"),
		.browser_version = STR("v"),
		.started = clock_real() };
	recorder_har(page_recorder(p), &hp, &w);
	const struct json *har = NULL;
	is_int(json_parse(&a, buf_str(&b), NULL, &har, &e), 0, "HAR is JSON");
	const struct json *entry = json_at(json_get(json_get(har, "log"), "entries"), 0);
	is_int(json_int(json_get(json_get(entry, "response"), "status"), 0), 200, "with an entry");
	ok(json_get(entry, "startedDateTime") && json_get(entry, "timings") && json_get(entry, "cache"),
		"and its required members");
	page_close(p);
}

static struct page *victim;
static void cancel_victim(void *arg) { page_cancel(victim); }

static void trouble(void)
{
	struct page *p = victim = fresh();
	struct loop_timer *t = loop_timer_new(loop, cancel_victim, NULL);
	loop_timer_in(t, 50 * USEC_PER_MS);
	usec_t start = clock_mono();
	is_int(page_sleep(p, S(20), &e), E_CANCELLED, "cancel ends a wait");
	ok(clock_mono() - start < S(1), "at once");
	is_int(go(p, "/"), E_CANCELLED, "and what comes after");
	page_close(p);
	loop_timer_free(t);
	p = fresh();
	cdp_post(browser_cdp(browser), p->session, "Page.crash", STR_NULL);
	is_int(page_sleep(p, S(1), &e), E_UNAVAIL, "a crash: %s", e.words);
	ok(page_crashed(p), "is known");
	page_close(p);
	p = fresh();
	is_int(go(p, "/"), 0, "the browser lives on");
	page_set_deadline(p, clock_mono() + 50 * USEC_PER_MS);
	is_int(page_wait_selector(p, STR("#no"), S(20), &e), E_TIMEOUT, "the job's deadline is above all");
	page_close(p);
}

static void all(void *arg)
{
	struct browser_config cfg = { .binary = chromium_path(), .run_dir = dir, .direct = true };
	if (browser_start(loop, &cfg, NULL, NULL, &browser, &e) < 0)
		die("no browser: %s", e.words);
	navigation();
	waiting();
	input();
	nuisances();
	isolation();
	pictures();
	trouble();
	browser_stop(browser, S(1));
	finished = true;
}

int main(void)
{
	if (!chromium_path()) {
		puts("1..0 # SKIP no Chromium here");
		return 0;
	}
	arena_init(&a, 0);
	ok(mkdtemp(dir) && chmod(dir, 0755) == 0, "folder");
	site_start(pages);
	loop_new(&loop, NULL);
	fiber_start(loop, all, NULL, NULL);
	while (!finished)
		loop_turn(loop, true);
	loop_turn(loop, false);
	loop_free(loop);
	site_stop();
	rmdir(dir);
	arena_release(&a);
	return done_testing();
}

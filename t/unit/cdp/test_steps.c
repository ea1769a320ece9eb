#include "base/first.h"
#include "cdp/steps.h"
#include "chromium.h"
#include "site.h"
#include "../tap.h"

#include <sys/stat.h>

static struct loop *loop;
static struct arena a;
static char dir[] = "/tmp/kryfto-steps.XXXXXX";
static bool finished;
static struct browser *browser;
static struct err e;
static struct buf log_text, kept, timings;

static const struct site_page pages[] = {
	{ "/", SITE_HTML,
		"<!doctype html><title>Start</title><form action=/second method=get><input name=user><input "
		"type=password name=pw></form>"
		"<script>document.cookie='seen=1;path=/"
		"';document.querySelector('[name=pw]').oninput=e=>console.log('typed',e.target.value)</script>" },
	{ "/p", SITE_HTML,
		"<!doctype html><div id=r></div><a id=n href='#'>more</a><script>let n=1;const "
		"show=()=>{r.textContent='page '+n;"
		"if(n>=4)document.getElementById('n').remove()};show();document.getElementById('n').onclick=e=>{e."
		"preventDefault();n++;setTimeout(show,50)}</script>" },
	{ NULL },
};

static int judge(void *arg, struct str url, struct err *err)
{
	return str_starts(url, STR("http://127.0.0.1:")) ? 0 : err_set(err, E_BLOCKED, "not there");
}
static void take_log(void *arg, struct str message, struct str meta)
{
	buf_addf(&log_text, "%.*s %.*s\n", STR_FMT(message), STR_FMT(meta));
}
static void take_artifact(void *arg, const char *type, struct str name, const char *content_type, struct str data)
{
	buf_addf(&kept, "%s:%.*s:%s:%d ", type, STR_FMT(name), content_type, data.n > 0);
}
static void take_timing(void *arg, struct str step, usec_t took)
{
	buf_addf(&timings, "%.*s ", STR_FMT(step));
}
/* What stands in #r: enough to see which page was handed over. */
static int take_extract(void *arg, struct str html, struct str url, const struct json *config, struct arena *arena,
	const struct json **ret, struct err *err)
{
	size_t at = str_find(html, STR("id=\"r\">"));
	struct str rest = at == STR_NPOS ? STR("") : str_from(html, at + 7);
	struct json *o = json_new_object(arena);
	json_put(arena, o, STR("r"), json_new_str(arena, arena_str(arena, str_sub(rest, 0, str_chr(rest, '<')))));
	*ret = o;
	return 0;
}

static int run(
	const char *path, const char *steps, const char *extract, struct steps_result *ret, struct page **ret_page)
{
	static const struct steps_host host = { NULL, judge, take_log, take_extract, take_artifact, take_timing };
	const struct json *s = NULL, *x = NULL;
	struct page_options o = { 0 };
	struct page *p = NULL;
	buf_clear(&log_text);
	buf_clear(&kept);
	buf_clear(&timings);
	if (json_parse(&a, str_of(steps), NULL, &s, &e) < 0 ||
		(extract && json_parse(&a, str_of(extract), NULL, &x, &e) < 0))
		die("steps: %s", e.words);
	if (page_open(browser, loop, 0, &p, &e) < 0 || page_begin(p, &o, &e) < 0)
		die("no page: %s", e.words);
	struct steps_plan plan = { .url = site_url(&a, path), .steps = s, .extract = x };
	int rc = steps_run(p, &plan, &host, &a, ret, &e);
	if (ret_page)
		*ret_page = p;
	else
		page_close(p);
	return rc;
}

static void all(void *arg)
{
	struct browser_config cfg = { .binary = chromium_path(), .run_dir = dir, .direct = true };
	struct steps_result r;
	struct page *p;
	if (browser_start(loop, &cfg, NULL, NULL, &browser, &e) < 0)
		die("no browser: %s", e.words);
	is_int(run("/p", "[]", NULL, &r, NULL), 0, "no steps: %s", e.words);
	is_str(buf_str(&timings), "goto waitForNetworkIdle ", "go there and wait");

	is_int(run("/p", "[{\"type\":\"screenshot\",\"args\":{\"name\":\"../x\\\"y\"}}]", NULL, &r, NULL), 0,
		"steps without a goto: %s", e.words);
	is_str(buf_str(&kept), "screenshot:_._x_y.png:image/png:1 ", "happen on the job's page; the name is safe");

	is_int(run("/p",
		       "[{\"type\":\"paginate\",\"args\":{\"nextSelector\":\"#n\",\"maxPages\":10}},{\"type\":"
		       "\"extract\",\"args\":{}}]",
		       "{}", &r, NULL),
		0, "paginate %s", e.words);
	is_str(json_text(&a, json_get(json_at(r.pages, 3), "data")), "{\"r\":\"page 4\"}", "each page was extracted");
	is_int(r.pages ? r.pages->n : 0, 4, "four of them");
	is_str(json_text(&a, r.extracted), "{\"r\":\"page 4\"}", "the extract step sees the last");
	ok(str_find(buf_str(&log_text), STR("4 pages, ended by nextSelector")) != STR_NPOS,
		"the log says how it ended");
	is_int(run("/p",
		       "[{\"type\":\"paginate\",\"args\":{\"nextSelector\":\"#n\",\"maxPages\":10,\"stopCondition\":"
		       "\"page 2\"}}]",
		       "{}", &r, NULL),
		0, "stop");
	is_int(r.pages ? r.pages->n : 0, 2, "at its condition");

	is_int(run("/",
		       "[{\"type\":\"setHeaders\",\"args\":{\"headers\":{\"X-Key\":\"hunter1\"}}},"
		       "{\"type\":\"setCookies\",\"args\":{\"cookies\":[{\"name\":\"n\",\"value\":\"hunter2\"}]}},"
		       "{\"type\":\"type\",\"args\":{\"selector\":\"[name=pw]\",\"text\":\"hunter3\",\"secret\":true}},"
		       "{\"type\":\"exportCookies\",\"args\":{}},{\"type\":\"scroll\",\"args\":{\"direction\":\"down\","
		       "\"amount\":10}},"
		       "{\"type\":\"wait\",\"args\":{\"ms\":20}},{\"type\":\"waitForSelector\",\"args\":{\"selector\":"
		       "\"form\"}},"
		       "{\"type\":\"waitForNetworkIdle\",\"args\":{}}]",
		       NULL, &r, &p),
		0, "the others: %s", e.words);
	is_int(r.done, 8, "all done");
	ok(str_find(buf_str(&log_text), STR("hunter")) == STR_NPOS, "no secret in the log");
	ok(str_find(buf_str(&log_text), STR("\"releasedBy\":\"idle\"")) != STR_NPOS, "what released the wait is there");
	is_str(buf_str(&kept), "cookies:cookies.json:application/json:1 ", "cookies are kept");
	struct buf b;
	struct jw w;
	buf_init(&b, &a, 0);
	jw_init(&w, &b);
	struct har_page hp = { .title = STR(""), .url = STR(""), .browser = STR(""), .browser_version = STR("") };
	recorder_har(page_recorder(p), &hp, &w);
	recorder_console(page_recorder(p), &w);
	ok(str_find(buf_str(&b), STR("hunter3")) == STR_NPOS && str_find(buf_str(&b), STR("typed ***")) != STR_NPOS,
		"secrets are masked in records");
	ok(str_find(buf_str(&b), STR("hunter2")) == STR_NPOS, "cookies too");
	page_close(p);

	is_int(run("/", "[{\"type\":\"goto\",\"args\":{\"url\":\"file:///etc/hostname\"}}]", NULL, &r, NULL), E_BLOCKED,
		"every goto is judged");
	ok(strstr(e.words, "step 1 (goto)") != NULL, "the step is named: %s", e.words);
	browser_stop(browser, USEC_PER_SEC);
	finished = true;
}

int main(void)
{
	if (!chromium_path()) {
		puts("1..0 # SKIP no Chromium here");
		return 0;
	}
	arena_init(&a, 0);
	buf_init(&log_text, NULL, 0);
	buf_init(&kept, NULL, 0);
	buf_init(&timings, NULL, 0);
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
	buf_release(&log_text);
	buf_release(&kept);
	buf_release(&timings);
	arena_release(&a);
	return done_testing();
}

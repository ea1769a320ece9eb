/* What this server does not offer yet is refused by name, with the path of the member that asked for it. */
#include "base/first.h"
#include "api/app.h"
#include "api/collect/jobs.h"
#include "extract/config.h"
#include "net/verdict.h"

static void refuse(struct call *c, const char *outer, const char *member, const char *words)
{
	struct issues *is = call_issues(c);
	if (outer)
		is->path[is->depth++] = (struct path_part){ .name = str_of(outer) };
	issue_add_at(is, member, "custom", "%s", words);
	if (outer)
		is->depth--;
}

static void options_offered(struct call *c, const struct job_options *o)
{
	static const char at[] = "options";
	if (!str_is(o->browserEngine, "chromium"))
		refuse(c, at, "browserEngine", "this server offers chromium only");
	if (o->requiresBrowser.v && !c->app->conf->browser)
		refuse(c, at, "requiresBrowser", "this server runs no browsers (KRYFTO_BROWSER)");
	if (o->interactiveLogin)
		refuse(c, at, "interactiveLogin", "this server offers no interactive login");
	if (o->proxy_profile.p)
		refuse(c, at, "proxy_profile", "this server has no proxy profiles");
	if (o->country.p)
		refuse(c, at, "country", "this server cannot choose a country");
	if (o->session_affinity.v)
		refuse(c, at, "session_affinity", "this server keeps no browser sessions yet");
	if (o->rotation_strategy.p)
		refuse(c, at, "rotation_strategy", "this server has no proxy rotation by job");
}

/* What the worker will be given is put together here already, so that a missing plugin is not found out an hour later.
 */
static void extraction_offered(struct call *c, const struct json *extract)
{
	struct isolate_req scratch = { 0 };
	struct err e = { 0 };
	if (!extract)
		return;
	const char *dir = arena_cstr(c->arena, c->app->conf->plugins_dir);
	int err = extract_config(extract, dir, c->arena, &scratch, &e);
	if (err < 0)
		refuse(c, "extract",
			str_is(json_str(json_get(extract, "mode"), STR_NULL), "plugin") ? "plugin" : "mode", e.words);
}

int extraction_accepted(struct call *c, const struct json *extract)
{
	size_t before = call_issues(c)->n;
	extraction_offered(c, extract);
	return c->issues->n == before ? 0 : call_fail(c, &problem_validation, "%s", problem_validation.message);
}

int job_offered(struct call *c, const struct job_create *b)
{
	size_t before = call_issues(c)->n;
	options_offered(c, &b->options);
	extraction_offered(c, b->extract);
	if (b->steps && b->steps->n && !c->app->conf->browser)
		refuse(c, NULL, "steps", "this server runs no browsers (KRYFTO_BROWSER), so it runs no steps");
	if (str_is(b->privacy_mode, "zero_trace"))
		refuse(c, NULL, "privacy_mode", "this server does not offer zero_trace yet");
	if (str_is(b->freshness_mode, "never") || str_is(b->freshness_mode, "fallback"))
		refuse(c, NULL, "freshness_mode", "this server keeps no result cache yet: use always or preferred");
	if (c->issues->n == before)
		return 0;
	return call_fail(c, &problem_validation, "%s", problem_validation.message);
}

int url_allowed(struct call *c, struct str url, const char *member)
{
	struct verdict v = { 0 };
	if (verdict_text(c->arena, c->app->verdict, url, NULL, &v) == 0)
		return 0;
	if (v.code == VERDICT_BAD_URL || v.code == VERDICT_SCHEME || v.code == VERDICT_USERINFO)
		return call_issue(c, member, "Invalid url: %s", v.words);
	return call_fail(c, &problem_blocked, "The target is not allowed: %s", v.words);
}

int steps_allowed(struct call *c, const struct json *steps)
{
	for (uint32_t i = 0; steps && i < steps->n; i++) {
		const struct json *url = json_get(json_get(steps->items[i], "args"), "url");
		if (!str_is(json_str(json_get(steps->items[i], "type"), STR_NULL), "goto") || !url)
			continue;
		int err = url_allowed(c, url->s, "steps");
		if (err < 0)
			return err;
	}
	return 0;
}

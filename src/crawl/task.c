#include "base/first.h"
#include "crawl/task.h"

#define TIMEOUT_MIN (100 * USEC_PER_MS)

int task_read(struct arena *a, struct str url, struct str request, usec_t timeout, struct task *ret, struct err *e)
{
	const struct json *v;
	struct task t = { 0 };
	struct err why = { 0 };
	if (url_parse(a, url, NULL, &t.url, &why))
		return err_set(e, E_INVALID, "the job's URL cannot be parsed: %s", why.words);
	if (json_parse(a, request, NULL, &v, &why))
		return err_set(e, E_INVALID, "the job's request is not JSON: %s", why.words);
	if (!json_is(v, J_OBJECT))
		return err_set(e, E_INVALID, "the job's request is a JSON %s, not an object", json_kind_name(v));
	t.href = url_href(a, &t.url, URL_HREF_NO_FRAGMENT);
	t.options = json_get(v, "options");
	const struct json *steps = json_get(v, "steps"), *extract = json_get(v, "extract");
	if (json_is(steps, J_ARRAY) && steps->n)
		t.steps = steps;
	if (json_is(extract, J_OBJECT))
		t.extract = extract;
	t.respect_robots = json_bool(json_get(t.options, "respectRobotsTxt"), true);
	t.requires_browser = t.steps || json_bool(json_get(t.options, "requiresBrowser"), false);
	t.may_upgrade = !json_is(json_get(t.options, "requiresBrowser"), J_FALSE);
	t.timeout = json_int(json_get(t.options, "timeoutMs"), timeout / USEC_PER_MS) * USEC_PER_MS;
	if (t.timeout <= 0 || t.timeout > timeout)
		t.timeout = timeout;
	t.timeout = MAX(t.timeout, TIMEOUT_MIN);
	*ret = t;
	return 0;
}

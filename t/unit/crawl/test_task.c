#include "base/first.h"
#include "crawl/task.h"
#include "../tap.h"

static struct arena a;

static int read_task(const char *url, const char *request, struct task *t)
{
	struct err e = { 0 };
	*t = (struct task){ 0 };
	int rc = task_read(&a, str_of(url), str_of(request), 30 * USEC_PER_SEC, t, &e);
	if (rc)
		printf("# %s\n", e.words);
	return rc;
}

int main(void)
{
	struct task t;
	arena_init(&a, 0);
	is_int(read_task("HTTP://Example.com:80/a b#c", "{}", &t), 0, "the least");
	is_str(t.href, "http://example.com/a%20b", "the URL as it is asked for");
	ok(t.respect_robots && !t.requires_browser && !t.steps && !t.extract, "defaults");
	is_int(t.timeout, 30 * USEC_PER_SEC, "the job's own time");
	is_int(read_task("http://x/",
		       "{\"options\":{\"respectRobotsTxt\":false,\"requiresBrowser\":true,\"timeoutMs\":1500},"
		       "\"extract\":{\"mode\":\"selectors\"},\"steps\":[]}",
		       &t),
		0, "all");
	ok(!t.respect_robots && t.requires_browser && t.extract && !t.steps, "as given");
	is_int(t.timeout, 1500 * USEC_PER_MS, "its time");
	is_int(read_task("http://x/", "{\"options\":{\"timeoutMs\":999999999}}", &t), 0,
		"more time than the lease allows");
	is_int(t.timeout, 30 * USEC_PER_SEC, "is cut");
	is_int(read_task("http://x/", "{\"options\":{\"timeoutMs\":-5}}", &t), 0, "nonsense");
	is_int(t.timeout, 30 * USEC_PER_SEC, "is not believed");
	is_int(read_task("http://x/", "{\"steps\":[{\"type\":\"wait\"}]}", &t), 0, "steps");
	ok(t.requires_browser && t.steps, "need a browser");
	is_int(read_task("nonsense", "{}", &t), E_INVALID, "no URL");
	is_int(read_task("http://x/", "[]", &t), E_INVALID, "no object");
	is_int(read_task("http://x/", "{", &t), E_INVALID, "no JSON");
	arena_release(&a);
	return done_testing();
}

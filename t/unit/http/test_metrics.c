#include "base/first.h"
#include "http/metrics.h"
#include "http/route.h"
#include "../tap.h"

#include <sys/mman.h>
#include <sys/wait.h>

static struct arena arena;
static const struct route only = { .id = "a", .method = M_GET, .path = "/v1/a\"b/:id" };

static struct str text(const struct metrics *m, const struct router *r, bool open)
{
	static const char *const names[] = { "auth", "limit", NULL };
	struct buf *b = arena_new(&arena, struct buf);
	struct mtext t;
	buf_init(b, &arena, 0);
	mtext_init(&t, b, open);
	metrics_write(m, r, names, &t);
	mtext_end(&t);
	return buf_str(b);
}

static bool has(struct str s, const char *line)
{
	return str_find(s, str_of(line)) != STR_NPOS;
}

int main(void)
{
	arena_init(&arena, 0);
	struct router r = { .all = { &only }, .n = 1 };
	void *mem = mmap(NULL, metrics_size(1), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct metrics *m = metrics_init(mem, 1);
	for (int k = 0; k < 4; k++) {
		pid_t pid = fork();
		if (pid == 0) {
			for (int i = 0; i < 5000; i++)
				metrics_request(m, 0, M_GET, 200, 800 + k);
			_exit(0);
		}
	}
	while (wait(NULL) > 0)
		;
	metrics_request(m, 0, M_GET, 404, 3 * USEC_PER_SEC);
	metrics_request(m, -1, M_POST, 404, 100);
	metrics_request(m, 0, M_GET, 299, 20 * USEC_PER_SEC);
	metrics_phase(m, 0, 1500000);
	metrics_event(m, ME_AUTH_FAILED);
	metrics_event(NULL, ME_AUTH_FAILED);
	struct str t = text(m, &r, true);
#define L "method=\"GET\",route=\"/v1/a\\\"b/:id\",status="
	ok(has(t, "# TYPE collector_http_requests counter\n"), "OpenMetrics names the family without _total");
	ok(has(t, "collector_http_requests_total{" L "\"200\"} 20000\n"), "no count of four processes is lost");
	ok(has(t, "collector_http_requests_total{" L "\"other\"} 1\n"), "rare statuses share a line");
	ok(has(t, "collector_http_requests_total{method=\"POST\",route=\"unknown\",status=\"404\"} 1\n"), "no route");
	ok(has(t, "duration_seconds_bucket{" L "\"200\",le=\"0.001\"} 20000\n"), "first bucket");
	ok(has(t, "duration_seconds_bucket{" L "\"404\",le=\"2.0\"} 0\n"), "below the value");
	ok(has(t, "duration_seconds_bucket{" L "\"404\",le=\"5.0\"} 1\n"), "buckets are cumulative");
	ok(has(t, "duration_seconds_bucket{" L "\"404\",le=\"10.0\"} 1\n"), "all above too");
	ok(has(t, "duration_seconds_bucket{" L "\"other\",le=\"10.0\"} 0\n") &&
		has(t, "duration_seconds_bucket{" L "\"other\",le=\"+Inf\"} 1\n"), "beyond the last bucket");
	ok(has(t, "duration_seconds_sum{" L "\"404\"} 3\n"), "sum in seconds");
	ok(has(t, "kryfto_http_phase_seconds_total{phase=\"auth\"} 1.5\n"), "phases");
	ok(has(t, "kryfto_auth_failures_total 1\n"), "events");
	ok(str_ends(t, STR("# EOF\n")), "OpenMetrics ends with EOF");
	t = text(m, &r, false);
	ok(has(t, "# TYPE collector_http_requests_total counter\n"), "0.0.4 names it with _total");
	ok(!has(t, "# EOF"), "0.0.4 has no EOF");
	is_cstr(mtext_content_type(false), "text/plain; version=0.0.4; charset=utf-8");
	munmap(mem, metrics_size(1));
	arena_release(&arena);
	return done_testing();
}

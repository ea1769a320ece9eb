/*
 * Drives the browser pool as the crawler does and prints one JSON line of figures. For contrib/bench/browser.
 *
 *	browser_load SOCKET URL JOBS CONCURRENCY html|png [PREWARM]
 */
#include "base/first.h"
#include "cdp/pool.h"
#include "base/log.h"
#include "base/scan.h"

#include <sys/resource.h>
#include <sys/stat.h>

#define JOBS_MAX 20000

static struct loop *loop;
static struct pool *pool;
static const char *url;
static bool png, finished;
static int64_t jobs, done, failed, started, at_once, warm;
static usec_t took[JOBS_MAX], t0, t1, cpu0, cpu1;

static void one(void *arg)
{
	struct page_options o = { 0 };
	struct egress_rules rules = { .job = STR("bench") };
	struct arena a;
	struct err e = { 0 };
	arena_init(&a, 64 * KiB);
	while (started < jobs) {
		struct pool_page *p = NULL;
		struct str html = STR(""), shot = STR("");
		started++;
		usec_t begin = clock_mono();
		int rc = pool_take(pool, &o, &rules, begin + 30 * USEC_PER_SEC, &p, &e);
		if (rc == 0)
			rc = page_goto(pool_page(p), str_of(url), 30 * USEC_PER_SEC, &e);
		if (rc == 0)
			rc = page_html(pool_page(p), &a, &html, &e);
		if (rc == 0 && png)
			rc = page_shot(pool_page(p), SHOT_PNG, false, &a, &shot, &e);
		usec_t end = clock_mono();
		if (p)
			pool_give(pool, p, false);
		if (rc < 0 || !html.n) {
			failed++;
			fprintf(stderr, "job failed: %s\n", e.words);
		}
		took[done++] = end - begin;
		arena_reset(&a);
	}
	arena_release(&a);
}

static int by_time(const void *x, const void *y)
{
	usec_t a = *(const usec_t *)x, b = *(const usec_t *)y;
	return a < b ? -1 : a > b;
}

static double percentile(const usec_t *v, int64_t n, double p)
{
	usec_t *copy = xmalloc((size_t)n * sizeof *copy);
	memcpy(copy, v, (size_t)n * sizeof *copy);
	qsort(copy, (size_t)n, sizeof *copy, by_time);
	double ms = (double)copy[MIN((int64_t)(p * (double)n), n - 1)] / 1000;
	free(copy);
	return ms;
}

static int64_t pss_now(void)
{
	struct pool_state s;
	fiber_wait(clock_mono() + 11 * USEC_PER_SEC); /* it is measured every ten seconds */
	pool_state(pool, &s);
	return s.pss;
}

static void all(void *arg)
{
	struct pool_state s;
	int64_t idle = 0;
	do {
		fiber_wait(clock_mono() + 10 * USEC_PER_MS);
		pool_state(pool, &s);
	} while (s.warm < warm || !s.browsers);
	if (getenv("MEASURE_PSS"))
		idle = pss_now();
	t0 = clock_mono();
	cpu0 = clock_cpu();
	for (int64_t i = 0; i < at_once; i++)
		fiber_start(loop, one, NULL, NULL);
	while (done < jobs)
		fiber_wait(clock_mono() + 5 * USEC_PER_MS);
	t1 = clock_mono();
	cpu1 = clock_cpu();
	int64_t tenth = MAX(jobs / 10, (int64_t)1);
	printf("{\"jobs\":%" PRId64 ",\"failed\":%" PRId64
	       ",\"seconds\":%.3f,\"rate\":%.2f,\"p50\":%.2f,\"p95\":%.2f,\"cpu\":%.3f,"
	       "\"first\":%.2f,\"last\":%.2f,\"idle_mb\":%.1f}\n",
		jobs, failed, (double)(t1 - t0) / 1e6, (double)jobs / ((double)(t1 - t0) / 1e6),
		percentile(took, jobs, .5), percentile(took, jobs, .95), (double)(cpu1 - cpu0) / 1000 / (double)jobs,
		percentile(took, tenth, .5), percentile(took + jobs - tenth, tenth, .5), (double)idle / (double)MiB);
	pool_free(pool);
	finished = true;
}

int main(int argc, char **argv)
{
	struct err e = { 0 };
	char dir[] = "/tmp/kryfto-bench.XXXXXX";
	warm = 2;
	if (argc < 6 || scan_i64(str_of(argv[3]), &jobs) < 0 || scan_i64(str_of(argv[4]), &at_once) < 0 ||
		jobs > JOBS_MAX || (argc > 6 && scan_i64(str_of(argv[6]), &warm) < 0)) {
		fputs("usage: browser_load SOCKET URL JOBS CONCURRENCY html|png [PREWARM]\n", stderr);
		return 2;
	}
	url = argv[2];
	png = strcmp(argv[5], "png") == 0;
	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || loop_new(&loop, &e) < 0)
		die("%s", e.words);
	struct pool_config c = { .browser = { .binary = "chromium-headless-shell", .run_dir = dir },
		.egress = argv[1],
		.browsers = 1,
		.concurrency = (int)at_once,
		.prewarm = (int)warm,
		.recycle_pages = INT32_MAX,
		.recycle_age = INT64_MAX,
		.recycle_memory = INT64_MAX };
	if (pool_new(loop, &c, &pool, &e) < 0)
		die("%s", e.words);
	fiber_start(loop, all, NULL, NULL);
	while (!finished)
		loop_turn(loop, true);
	loop_turn(loop, false);
	loop_free(loop);
	rmdir(dir);
	return failed != 0;
}

#include "base/first.h"
#include "base/log.h"
#include "crawl/browsers.h"

static void on_event(void *arg, const char *what, const char *words)
{
	bool bad = strstr(what, "failed") || strstr(what, "gone");
	log_at(bad ? LOG_WARN : LOG_INFO, what, L_CSTR("detail", words));
}

static struct pool_config config(struct crawler *c)
{
	const struct conf *f = &c->conf;
	struct arena *a = &c->arena;
	struct str run = f->run_dir;
	struct str dir = f->browser_dir.n ? f->browser_dir : arena_printf(a, "%.*s/browsers", STR_FMT(run));
	struct str egress = f->egress_socket.n ? f->egress_socket : arena_printf(a, "%.*s/egress.sock", STR_FMT(run));
	return (struct pool_config){ .browser = { .binary = arena_cstr(a, f->browser_binary),
					     .user = arena_cstr(a, f->browser_user),
					     .run_dir = arena_cstr(a, dir),
					     .no_sandbox = !f->browser_sandbox,
					     .no_netns = !f->browser_netns },
		.egress = arena_cstr(a, egress),
		.browsers = (int)f->browsers,
		.concurrency = (int)f->browser_concurrency,
		.prewarm = (int)f->browser_prewarm,
		.recycle_pages = (int)f->browser_recycle_pages,
		.recycle_age = f->browser_recycle_age,
		.recycle_memory = f->browser_memory,
		.event = on_event,
		.arg = c };
}

int browsers_open(struct crawler *c, struct err *e)
{
	if (!c->conf.browser)
		return 0;
	struct pool_config cfg = config(c);
	return pool_new(c->loop, &cfg, &c->browsers, e);
}

void browsers_reload(struct crawler *c)
{
	if (!c->browsers)
		return;
	struct pool_config cfg = config(c);
	pool_reconfigure(c->browsers, &cfg);
}

static void end(void *arg)
{
	struct crawler *c = arg;
	pool_free(c->browsers);
	c->browsers = NULL;
}

void browsers_close(struct crawler *c)
{
	if (!c->browsers)
		return;
	if (fiber_start(c->loop, end, c, NULL) < 0)
		return;
	while (c->browsers || fiber_count())
		loop_turn(c->loop, true);
	loop_turn(c->loop, false); /* what the end put off */
}

int64_t browsers_room(const struct crawler *c)
{
	if (!c->browsers)
		return 0;
	struct pool_state s;
	pool_state(c->browsers, &s);
	return s.healthy ? (int64_t)s.browsers * c->conf.browser_concurrency - c->browser_jobs : 0;
}

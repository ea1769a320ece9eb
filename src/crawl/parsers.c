#include "base/first.h"
#include "crawl/parsers.h"

struct parsers {
	struct isolate_pool *pool;
	struct loop_fd *io;
	struct loop_timer *timer;
};

static void arm(struct parsers *p)
{
	usec_t at = isolate_pool_deadline(p->pool);
	if (at)
		loop_timer_in(p->timer, at - clock_mono());
	else
		loop_timer_stop(p->timer);
}

static void run(void *arg)
{
	struct parsers *p = arg;
	isolate_pool_run(p->pool);
	arm(p);
}

static void on_io(void *arg, int events)
{
	run(arg);
}

int parsers_new(struct loop *l, const struct isolate_conf *c, unsigned n, struct parsers **ret, struct err *e)
{
	struct isolate_pool *pool;
	int rc = isolate_pool_open(c, n, &pool, e);
	if (rc)
		return rc;
	struct parsers *p = xcalloc(1, sizeof *p);
	p->pool = pool;
	p->io = loop_fd_new(l, isolate_pool_fd(pool), LOOP_READ, on_io, p);
	p->timer = loop_timer_new(l, run, p);
	*ret = p;
	return 0;
}

void parsers_free(struct parsers *p)
{
	if (!p)
		return;
	isolate_pool_close(p->pool);
	loop_fd_free(p->io);
	loop_timer_free(p->timer);
	free(p);
}

int parsers_submit(struct parsers *p, const struct isolate_req *req, struct arena *a, isolate_done_fn *done, void *ctx,
		   struct err *e)
{
	int rc = isolate_pool_submit(p->pool, req, a, done, ctx, e);
	if (!rc && !loop_timer_set(p->timer))
		loop_timer_in(p->timer, 0); /* feeds an idle child */
	return rc;
}

void parsers_cancel(struct parsers *p, void *ctx)
{
	isolate_pool_cancel(p->pool, ctx);
	arm(p);
}

size_t parsers_pending(const struct parsers *p)
{
	return isolate_pool_pending(p->pool);
}

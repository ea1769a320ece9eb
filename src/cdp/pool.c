#include "base/first.h"
#include "cdp/pool.h"
#include "base/fd.h"
#include "base/vec.h"

#define KEEP_PERIOD (500 * USEC_PER_MS)
#define START_BACKOFF (2 * USEC_PER_SEC)
#define MEASURE_PERIOD (10 * USEC_PER_SEC)
#define CANARY_PERIOD (60 * USEC_PER_SEC)
#define STOP_GRACE (2 * USEC_PER_SEC)
#define STRIKES_RECYCLE 3
#define STRIKES_UNHEALTHY 6

struct pool_page {
	struct member *member;
	struct page *page;
	struct egress_client *egress; /* whose lease it is */
	int64_t lease;
	struct pool_page *next;       /* among the warm ones */
};

struct member {
	struct pool *pool;
	struct member *next;
	struct browser *browser;
	struct pool_page *warm;
	int n_warm, out;    /* ready; given to jobs */
	int busy;           /* fibers inside this browser besides jobs */
	int served, strikes;
	int64_t pss;
	usec_t measured, canary_at;
	bool draining, dead, checked;
};

struct pool {
	struct loop *loop;
	struct pool_config cfg;
	struct egress_client *egress;
	struct member *members;
	struct fiber *keeper;
	VEC(struct fiber *) waiters;
	VEC(struct egress_client *) old; /* clients whose daemon went, while pages may still name them */
	bool stopping, starting;
	usec_t start_after;
	struct pool_state state;
};

static void tell(struct pool *p, const char *what, const char *words)
{
	if (p->cfg.event)
		p->cfg.event(p->cfg.arg, what, words);
}

static void nudge(struct pool *p)
{
	if (p->keeper)
		fiber_wake(p->keeper, 0);
}

static void wake_waiters(struct pool *p)
{
	for (size_t i = 0; i < p->waiters.n; i++)
		fiber_wake(p->waiters.at[i], 0);
}

static void on_gone(void *arg)
{
	struct member *m = arg;
	m->dead = m->draining = true;
	m->pool->state.died++;
	tell(m->pool, "browser gone", "");
	nudge(m->pool);
	wake_waiters(m->pool);
}

static int need_egress(struct pool *p, struct err *e)
{
	if (p->egress && egress_client_alive(p->egress))
		return 0;
	if (p->egress)
		vec_push(NULL, &p->old, p->egress);
	p->egress = NULL;
	return egress_client_new(p->loop, p->cfg.egress, &p->egress, e);
}

/* --- pages --- */

static void free_page(struct pool_page *pp)
{
	page_close(pp->page);
	if (pp->egress && egress_client_alive(pp->egress))
		egress_client_close(pp->egress, pp->lease);
	free(pp);
}

static int open_lease(struct member *m, struct egress_client *egress, int64_t *ret_lease, int *ret_port, struct err *e)
{
	int fd = -1;
	int rc = browser_listen(m->browser, &fd, ret_port, e);
	if (rc == 0)
		rc = egress_client_open(egress, fd, ret_lease, e);
	fd_close(&fd);
	return rc;
}

static int open_page(struct member *m, struct pool_page **ret, struct err *e)
{
	struct pool *p = m->pool;
	int port = 0;
	int64_t lease = 0;
	struct page *page = NULL;
	m->busy++;
	int rc = need_egress(p, e);
	struct egress_client *egress = p->egress;
	if (rc == 0)
		rc = open_lease(m, egress, &lease, &port, e);
	if (rc == 0 && !m->dead)
		rc = page_open(m->browser, p->loop, port, &page, e);
	if (rc == 0 && !page)
		rc = err_set(e, E_GONE, "the browser is gone");
	m->busy--;
	if (rc < 0) {
		if (lease && egress_client_alive(egress))
			egress_client_close(egress, lease);
		return rc;
	}
	struct pool_page *pp = xcalloc(1, sizeof *pp);
	*pp = (struct pool_page){ .member = m, .page = page, .egress = egress, .lease = lease };
	*ret = pp;
	return 0;
}

/* --- members --- */

static void stop_member(struct member *m)
{
	struct pool *p = m->pool;
	struct member **at = &p->members;
	while (*at != m)
		at = &(*at)->next;
	*at = m->next;
	while (m->warm) {
		struct pool_page *pp = m->warm;
		m->warm = pp->next;
		free_page(pp);
	}
	browser_stop(m->browser, m->dead ? 0 : STOP_GRACE);
	free(m);
}

static void add_member(struct pool *p)
{
	struct err e = { 0 };
	struct member *m = xcalloc(1, sizeof *m);
	m->pool = p;
	p->starting = true;
	int rc = browser_start(p->loop, &p->cfg.browser, on_gone, m, &m->browser, &e);
	p->starting = false;
	if (rc < 0) {
		free(m);
		p->start_after = clock_mono() + START_BACKOFF;
		str_copy(p->state.trouble, sizeof p->state.trouble, str_of(e.words));
		tell(p, "browser start failed", e.words);
		return;
	}
	m->canary_at = clock_mono();
	m->next = p->members;
	p->members = m;
	p->state.started++;
	wake_waiters(p);
	tell(p, "browser started", browser_version(m->browser)->product);
}

static void warm_up(struct member *m)
{
	struct err e = { 0 };
	while (!m->draining && !m->pool->stopping && m->n_warm < m->pool->cfg.prewarm) {
		struct pool_page *pp = NULL;
		if (open_page(m, &pp, &e) < 0) {
			m->strikes++;
			str_copy(m->pool->state.trouble, sizeof m->pool->state.trouble, str_of(e.words));
			return;
		}
		pp->next = m->warm;
		m->warm = pp;
		m->n_warm++;
		wake_waiters(m->pool);
	}
}

/* The real path, end to end: a context, the proxy, a page, its title. */
static int try_canary(struct member *m, struct err *e)
{
	struct pool_page *pp = NULL;
	struct page_options o = { 0 };
	const struct json *title = NULL;
	struct egress_rules rules = { .job = STR("canary"), .hosts = STR(EGRESS_CANARY_HOST) };
	struct arena a;
	arena_init(&a, 1 * KiB);
	int rc = open_page(m, &pp, e);
	m->busy++;
	if (rc == 0)
		rc = egress_client_set(pp->egress, pp->lease, &rules, e);
	if (rc == 0)
		rc = page_begin(pp->page, &o, e);
	if (rc == 0)
		rc = page_goto(pp->page, STR("http://" EGRESS_CANARY_HOST "/"), 10 * USEC_PER_SEC, e);
	if (rc == 0)
		rc = page_eval(pp->page, STR("document.title"), 5 * USEC_PER_SEC, &a, &title, e);
	if (rc == 0 && !str_is(json_str(title, STR("")), "canary"))
		rc = err_set(e, E_PROTO, "the canary page has another title");
	if (rc == 0 && !m->checked && !m->pool->cfg.browser.no_sandbox)
		rc = browser_check_sandbox(m->browser, e);
	m->checked |= rc == 0;
	if (pp)
		free_page(pp);
	m->busy--;
	arena_release(&a);
	return rc;
}

static void check_health(struct member *m)
{
	struct err e = { 0 };
	if (m->draining || clock_mono() < m->canary_at)
		return;
	int rc = try_canary(m, &e);
	usec_t period = m->pool->cfg.canary ? m->pool->cfg.canary : CANARY_PERIOD;
	m->canary_at = clock_mono() + (rc < 0 ? period / 10 : period);
	m->strikes = rc < 0 ? m->strikes + 1 : 0;
	if (rc == 0)
		return;
	m->pool->state.canaries_failed++;
	str_copy(m->pool->state.trouble, sizeof m->pool->state.trouble, str_of(e.words));
	tell(m->pool, "canary failed", e.words);
}

static void measure(struct member *m)
{
	if (clock_mono() - m->measured < MEASURE_PERIOD)
		return;
	m->measured = clock_mono();
	m->pss = browser_pss(m->browser);
}

static const char *why_recycle(const struct member *m)
{
	const struct pool_config *c = &m->pool->cfg;
	if (m->served >= c->recycle_pages)
		return "pages";
	if (clock_mono() - browser_started(m->browser) >= c->recycle_age)
		return "age";
	if (m->out == 0 && m->pss > c->recycle_memory)
		return "memory";
	return m->strikes >= STRIKES_RECYCLE ? "trouble" : NULL;
}

static int live(const struct pool *p)
{
	int n = 0;
	for (const struct member *m = p->members; m; m = m->next)
		n += !m->draining;
	return n;
}

/* One member is replaced at a time: the others carry the load meanwhile. */
static void retire(struct pool *p)
{
	bool one = false;
	for (struct member *m = p->members; m; m = m->next)
		one |= m->draining;
	int n = live(p);
	for (struct member *m = p->members; m && !one && !p->stopping; m = m->next) {
		const char *why = n > p->cfg.browsers ? "fewer wanted" : why_recycle(m);
		if (m->draining || !why)
			continue;
		m->draining = one = true;
		p->state.recycled++;
		tell(p, "browser recycled", why);
	}
}

/* The next member that can go; it may have changed while the keeper waited, hence one at a time. */
static struct member *idle_drained(struct pool *p)
{
	for (struct member *m = p->members; m; m = m->next)
		if (m->draining && m->out == 0 && m->busy == 0)
			return m;
	return NULL;
}

/* Work in a member may wait, and the list change under us: mark first, then visit. */
static struct member *next_to_visit(struct pool *p, usec_t round, usec_t *visited, size_t n)
{
	size_t i = 0;
	for (struct member *m = p->members; m && i < n; m = m->next, i++)
		if (!m->draining && visited[i] != round) {
			visited[i] = round;
			return m;
		}
	return NULL;
}

static void visit_all(struct pool *p)
{
	usec_t visited[64] = { 0 }, round = clock_mono();
	struct member *m;
	while (!p->stopping && (m = next_to_visit(p, round, visited, ARRAY_LEN(visited)))) {
		warm_up(m);
		check_health(m);
		measure(m);
	}
}

static void keep(void *arg)
{
	struct pool *p = arg;
	struct member *m;
	p->keeper = fiber_self();
	while (!p->stopping) {
		while ((m = idle_drained(p)))
			stop_member(m);
		/* The new browser first, then the old one goes. */
		while (!p->stopping && live(p) < p->cfg.browsers && clock_mono() >= p->start_after) {
			int before = live(p);
			add_member(p);
			if (live(p) == before)
				break;
		}
		visit_all(p);
		retire(p);
		fiber_wait(clock_mono() + KEEP_PERIOD);
	}
	p->keeper = NULL;
}

int pool_new(struct loop *l, const struct pool_config *cfg, struct pool **ret, struct err *e)
{
	struct pool *p = xcalloc(1, sizeof *p);
	p->loop = l;
	p->cfg = *cfg;
	browser_sweep(cfg->browser.run_dir);
	int rc = fiber_start(l, keep, p, e);
	if (rc < 0)
		free(p);
	else
		*ret = p;
	return rc;
}

void pool_reconfigure(struct pool *p, const struct pool_config *cfg)
{
	p->cfg = *cfg;
	nudge(p);
}

static int pages_out(const struct pool *p)
{
	int n = 0;
	for (const struct member *m = p->members; m; m = m->next)
		n += m->out + m->busy;
	return n;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	p->stopping = true;
	nudge(p);
	wake_waiters(p);
	while (p->keeper || pages_out(p))
		fiber_wait(clock_mono() + 10 * USEC_PER_MS);
	while (p->members)
		stop_member(p->members);
	egress_client_free(p->egress);
	for (size_t i = 0; i < p->old.n; i++)
		egress_client_free(p->old.at[i]);
	vec_release(&p->old);
	vec_release(&p->waiters);
	free(p);
}

/* --- taking and giving --- */

static struct member *freest(struct pool *p)
{
	struct member *best = NULL;
	for (struct member *m = p->members; m; m = m->next)
		if (!m->draining && m->out < p->cfg.concurrency &&
			(!best || m->out < best->out || (m->out == best->out && m->n_warm > best->n_warm)))
			best = m;
	return best;
}

static bool unhealthy(const struct pool *p)
{
	bool any = false;
	for (const struct member *m = p->members; m; m = m->next)
		any |= !m->draining && m->strikes < STRIKES_UNHEALTHY;
	return !any;
}

int pool_room(const struct pool *p)
{
	int room = 0;
	if (p->stopping || unhealthy(p))
		return 0;
	for (const struct member *m = p->members; m; m = m->next)
		if (!m->draining)
			room += MAX(p->cfg.concurrency - m->out, 0);
	return room;
}

static void remove_waiter(struct pool *p, struct fiber *f)
{
	for (size_t i = 0; i < p->waiters.n; i++)
		if (p->waiters.at[i] == f) {
			p->waiters.at[i] = vec_last(&p->waiters);
			p->waiters.n--;
			return;
		}
}

static int wait_for_member(struct pool *p, usec_t deadline, struct member **ret, struct err *e)
{
	int rc = 0;
	struct member *m;
	while (!(m = p->stopping ? NULL : freest(p)) && rc >= 0 && !p->stopping) {
		nudge(p);
		vec_push(NULL, &p->waiters, fiber_self());
		rc = fiber_wait(deadline);
		remove_waiter(p, fiber_self());
	}
	*ret = m;
	if (m)
		return 0;
	return err_set(e, rc == E_CANCELLED ? rc : E_UNAVAIL, "no browser could be had: %.180s",
		p->stopping ? "shutting down" : p->state.trouble);
}

static int take_from(struct member *m, struct pool_page **ret, struct err *e)
{
	struct pool_page *pp = m->warm;
	if (!pp)
		return open_page(m, ret, e);
	m->warm = pp->next;
	m->n_warm--;
	*ret = pp;
	return 0;
}

int pool_take(struct pool *p, const struct page_options *o, const struct egress_rules *rules, usec_t deadline,
	struct pool_page **ret, struct err *e)
{
	for (int tries = 0;; tries++) {
		struct member *m = NULL;
		struct pool_page *pp = NULL;
		int rc = wait_for_member(p, deadline, &m, e);
		if (rc < 0)
			return rc;
		m->out++;
		rc = take_from(m, &pp, e);
		if (rc == 0)
			page_set_deadline(pp->page, deadline);
		if (rc == 0)
			rc = egress_client_set(pp->egress, pp->lease, rules, e);
		if (rc == 0)
			rc = page_begin(pp->page, o, e);
		if (rc == 0) {
			m->served++;
			p->state.served++;
			nudge(p);
			*ret = pp;
			return 0;
		}
		if (pp)
			free_page(pp);
		m->out--;
		m->strikes++;
		nudge(p);
		/* A warm page may have died with its browser or its proxy: the next one is fresh. */
		if (rc == E_CANCELLED || rc == E_INVALID || tries >= p->cfg.prewarm + 2 || clock_mono() >= deadline)
			return rc;
	}
}

struct page *pool_page(struct pool_page *pp)
{
	return pp->page;
}

int pool_refusal(struct pool *p, struct pool_page *pp, char ret[16])
{
	ret[0] = '\0';
	return egress_client_alive(pp->egress) ? egress_client_last(pp->egress, pp->lease, ret, NULL) : E_UNAVAIL;
}

void pool_give(struct pool *p, struct pool_page *pp, bool suspect)
{
	struct member *m = pp->member;
	free_page(pp);
	m->out--;
	if (suspect)
		m->strikes = MAX(m->strikes, STRIKES_RECYCLE);
	else if (m->strikes && m->strikes < STRIKES_RECYCLE)
		m->strikes = 0;
	nudge(p);
	wake_waiters(p);
}

void pool_state(const struct pool *p, struct pool_state *ret)
{
	*ret = p->state;
	ret->browsers = ret->pages = ret->warm = 0;
	ret->pss = 0;
	for (const struct member *m = p->members; m; m = m->next) {
		ret->browsers += !m->draining;
		ret->pages += m->out;
		ret->warm += m->n_warm;
		ret->pss += m->pss;
	}
	ret->healthy = !unhealthy(p);
}

size_t pool_pids(const struct pool *p, pid_t *ret, size_t max)
{
	size_t n = 0;
	for (const struct member *m = p->members; m && n < max; m = m->next)
		if (!m->dead)
			ret[n++] = browser_pid(m->browser);
	return n;
}

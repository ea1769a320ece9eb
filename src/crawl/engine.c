#include "base/first.h"
#include "base/log.h"
#include "base/rng.h"
#include "crawl/engine.h"
#include "crawl/visit.h"

#define REAP_EVERY (5 * USEC_PER_SEC)
#define ACK_MAX 50          /* visits in one transaction */
#define ACK_LINKS_MAX 10000 /* links in it, one visit's at least */

struct list {
	struct visit *first, *last;
	size_t n;
};

struct engine {
	struct crawler *crawler;
	struct list running, ended, flying; /* flying: their acknowledgement is under way */
	struct arena ack_arena, beat_arena;
	struct visit_outcome *outcomes;
	VEC(struct visit_link) links;
	struct visit_lease *held, *lost, *leases;
	size_t held_n, lost_n, leases_n;
	struct visit_claimed *claimed;
	size_t claimed_n;
	usec_t due;
	struct loop_timer *poll, *beat, *reap;
	int64_t requeued, failed;
	struct engine_stats stats;
	bool want, claiming, acking, alone, beating, reaping, stopped;
};

static void consider(struct engine *g);
static void ack(struct engine *g);

static void list_add(struct list *l, struct visit *v)
{
	v->next = NULL;
	v->prev = l->last;
	if (l->last)
		l->last->next = v;
	else
		l->first = v;
	l->last = v;
	l->n++;
}

static void list_del(struct list *l, struct visit *v)
{
	if (v->prev)
		v->prev->next = v->next;
	else
		l->first = v->next;
	if (v->next)
		v->next->prev = v->prev;
	else
		l->last = v->prev;
	l->n--;
}

static usec_t jitter(usec_t t)
{
	return t / 2 + (usec_t)rng_below((uint64_t)t / 2 + 1);
}

size_t engine_count(const struct engine *g)
{
	return g->running.n + g->ended.n + g->flying.n + (g->claiming ? 1 : 0);
}

const struct engine_stats *engine_stats(const struct engine *g)
{
	return &g->stats;
}

/* --- visits --- */

static void visit_done(struct visit *v)
{
	struct engine *g = v->owner;
	list_del(&g->running, v);
	if (v->lost && !g->stopped) {
		visit_free(v);
		engine_wake(g);
		return;
	}
	if (v->lost) { /* stopped half way */
		v->outcome.kind = VISIT_RELEASED;
		v->outcome.status = 0;
		v->links.n = 0;
	}
	list_add(&g->ended, v);
	ack(g);
}

/* --- acknowledging --- */

static int ack_send(void *arg, struct db *db, struct err *e)
{
	struct engine *g = arg;
	return frontier_ack_send(db, g->outcomes, g->flying.n, g->links.at, g->links.n, e);
}

static int ack_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct engine *g = arg;
	return frontier_ack_recv(db, a, &g->held, &g->held_n, e);
}

/* The database will not have this batch: each alone, and who is refused alone fails without its page. */
static void refused(struct engine *g, const struct err *e)
{
	struct visit *v = g->flying.first;
	log_at(LOG_WARN, "pages refused by the database", L_INT("pages", g->flying.n), L_CSTR("error", e->words));
	bool single = g->flying.n == 1;
	while ((v = g->flying.first)) {
		list_del(&g->flying, v);
		if (single && v->outcome.kind == VISIT_FAILED && !v->outcome.status) {
			visit_free(v); /* its lease runs out */
			continue;
		}
		if (single) {
			v->outcome.kind = VISIT_FAILED;
			v->outcome.reason = STR("NOT_STORABLE");
			v->outcome.status = 0;
			v->links.n = 0;
		}
		list_add(&g->ended, v);
	}
	g->alone = true;
}

static void ack_done(void *arg, int rc, const struct err *e)
{
	struct engine *g = arg;
	g->acking = false;
	if (rc) {
		refused(g, e);
	} else {
		g->stats.acked += g->held_n;
		g->stats.lost += g->flying.n - MIN(g->held_n, g->flying.n);
		for (struct visit *v; (v = g->flying.first);) {
			list_del(&g->flying, v);
			visit_free(v);
		}
		g->alone = g->alone && g->ended.n;
	}
	arena_reset(&g->ack_arena);
	ack(g);
	engine_wake(g);
}

static void ack(struct engine *g)
{
	size_t max = g->alone ? 1 : ACK_MAX, links = 0;
	if (g->acking || !g->ended.n)
		return;
	g->links.at = NULL;
	g->links.n = g->links.cap = 0;
	g->outcomes = arena_array(&g->ack_arena, struct visit_outcome, MIN(max, g->ended.n));
	while (g->ended.first && g->flying.n < max) {
		struct visit *v = g->ended.first;
		links += v->links.n;
		if (g->flying.n && links > ACK_LINKS_MAX)
			break;
		g->outcomes[g->flying.n] = v->outcome;
		for (size_t i = 0; i < v->links.n; i++)
			vec_push(&g->ack_arena, &g->links, v->links.at[i]);
		list_del(&g->ended, v);
		list_add(&g->flying, v);
	}
	g->acking = true;
	dbq_submit(g->crawler->db, &(struct dbq_op){ .what = "crawl ack", .send = ack_send, .recv = ack_recv,
		.done = ack_done, .arg = g, .keep = true });
}

/* --- claims --- */

static int claim_send(void *arg, struct db *db, struct err *e)
{
	struct engine *g = arg;
	int64_t room = g->crawler->conf.crawler_concurrency - (int64_t)g->running.n;
	return frontier_claim_send(db, str_of(g->crawler->id), MIN(room, g->crawler->conf.crawler_batch),
		g->crawler->conf.lease, e);
}

static int claim_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct engine *g = arg;
	g->claimed_n = 0;
	g->due = INT64_MAX;
	return frontier_claim_recv(db, a, &g->claimed, &g->claimed_n, &g->due, e);
}

static void claim_done(void *arg, int rc, const struct err *e)
{
	struct engine *g = arg;
	g->claiming = false;
	for (size_t i = 0; i < g->claimed_n && !rc; i++) {
		struct visit *v = visit_new(g->crawler, &g->claimed[i], visit_done, g);
		g->stats.claimed++;
		if (g->stopped) {
			list_add(&g->ended, v);
			continue;
		}
		list_add(&g->running, v);
		visit_start(v);
	}
	if (g->stopped) {
		ack(g);
		return;
	}
	/* Due at once and nothing got: another crawler holds that host just now. */
	usec_t wait = MIN(jitter(g->crawler->conf.poll), g->due);
	loop_timer_in(g->poll, rc || (!g->claimed_n && !wait) ? jitter(g->crawler->conf.poll) / 10 : wait);
	if (!rc && g->claimed_n)
		g->want = true;
	if (!rc)
		consider(g);
}

static void consider(struct engine *g)
{
	if (g->stopped || !g->want || g->claiming ||
		(int64_t)(g->running.n + g->ended.n) >= g->crawler->conf.crawler_concurrency)
		return;
	g->want = false;
	g->claiming = true;
	dbq_submit(g->crawler->db, &(struct dbq_op){ .what = "crawl claim", .send = claim_send, .recv = claim_recv,
		.done = claim_done, .arg = g });
}

void engine_wake(struct engine *g)
{
	if (!g)
		return;
	g->want = true;
	consider(g);
}

static void on_poll(void *arg)
{
	engine_wake(arg);
}

/* --- heartbeat --- */

static int beat_send(void *arg, struct db *db, struct err *e)
{
	struct engine *g = arg;
	return frontier_beat_send(db, g->leases, g->leases_n, g->crawler->conf.lease, e);
}

static int beat_recv(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct engine *g = arg;
	return frontier_beat_recv(db, a, &g->lost, &g->lost_n, e);
}

static void drop_lost(struct engine *g, const struct visit_lease *at)
{
	for (struct visit *v = g->running.first; v; v = v->next) {
		if (v->claimed.lease.id != at->id || v->claimed.lease.no != at->no)
			continue;
		g->stats.lost++;
		if (visit_stop(v)) {
			list_del(&g->running, v);
			visit_free(v);
		}
		return;
	}
}

static void beat_done(void *arg, int rc, const struct err *e)
{
	struct engine *g = arg;
	g->beating = false;
	for (size_t i = 0; i < g->lost_n && !rc && !g->stopped; i++)
		drop_lost(g, &g->lost[i]);
	g->lost_n = 0;
	arena_reset(&g->beat_arena);
	engine_wake(g);
}

static size_t put_leases(struct visit_lease *at, size_t n, const struct list *l)
{
	for (const struct visit *v = l->first; v; v = v->next)
		at[n++] = v->claimed.lease;
	return n;
}

static void on_beat(void *arg)
{
	struct engine *g = arg;
	size_t n = g->running.n + g->ended.n + g->flying.n;
	if (g->beating || !n)
		return;
	g->leases = arena_array(&g->beat_arena, struct visit_lease, n);
	g->leases_n = put_leases(g->leases, 0, &g->running);
	g->leases_n = put_leases(g->leases, g->leases_n, &g->ended);
	g->leases_n = put_leases(g->leases, g->leases_n, &g->flying);
	g->beating = true;
	dbq_submit(g->crawler->db, &(struct dbq_op){ .what = "crawl beat", .send = beat_send, .recv = beat_recv,
		.done = beat_done, .arg = g });
}

/* --- the dead --- */

static int reap_call(void *arg, struct db *db, struct arena *a, struct err *e)
{
	struct engine *g = arg;
	if (!db_connected(db))
		return err_set(e, E_AGAIN, "too early");
	return frontier_reap(db, &g->requeued, &g->failed, e);
}

static void reap_done(void *arg, int rc, const struct err *e)
{
	struct engine *g = arg;
	g->reaping = false;
	if (g->stopped)
		return;
	loop_timer_in(g->reap, jitter(REAP_EVERY));
	if (rc || !(g->requeued || g->failed))
		return;
	log_at(LOG_WARN, "crawl leases ran out", L_INT("requeued", g->requeued), L_INT("failed", g->failed));
	engine_wake(g);
}

static void on_reap(void *arg)
{
	struct engine *g = arg;
	if (g->reaping || g->stopped)
		return;
	g->reaping = true;
	g->requeued = g->failed = 0;
	dbq_submit(g->crawler->db,
		&(struct dbq_op){ .what = "crawl reap", .recv = reap_call, .done = reap_done, .arg = g });
}

/* --- life --- */

struct engine *engine_new(struct crawler *c)
{
	struct engine *g = xcalloc(1, sizeof *g);
	g->crawler = c;
	arena_init(&g->ack_arena, 64 * KiB);
	arena_init(&g->beat_arena, 4 * KiB);
	g->poll = loop_timer_new(c->loop, on_poll, g);
	g->beat = loop_timer_new(c->loop, on_beat, g);
	g->reap = loop_timer_new(c->loop, on_reap, g);
	loop_timer_every(g->beat, c->conf.lease / 3);
	loop_timer_in(g->reap, c->conf.lease); /* after an outage the others get this time to renew theirs */
	loop_timer_in(g->poll, 0);
	return g;
}

void engine_stop(struct engine *g)
{
	g->stopped = true;
	loop_timer_stop(g->poll);
	loop_timer_stop(g->reap);
	for (struct visit *v = g->running.first, *next; v; v = next) {
		next = v->next;
		if (v->ending || !visit_stop(v))
			continue;
		list_del(&g->running, v);
		v->outcome.kind = VISIT_RELEASED;
		v->outcome.status = 0;
		v->links.n = 0;
		list_add(&g->ended, v);
	}
	ack(g);
}

static void drop_list(struct list *l)
{
	for (struct visit *v; (v = l->first);) {
		visit_stop(v);
		list_del(l, v);
		visit_free(v);
	}
}

void engine_free(struct engine *g)
{
	if (!g)
		return;
	drop_list(&g->running);
	drop_list(&g->ended);
	drop_list(&g->flying);
	loop_timer_free(g->poll);
	loop_timer_free(g->beat);
	loop_timer_free(g->reap);
	arena_release(&g->ack_arena);
	arena_release(&g->beat_arena);
	free(g);
}

#include "base/first.h"
#include "base/arena.h"
#include "base/map.h"
#include "net/host.h"

#define IDLE_DEFAULT (60 * USEC_PER_SEC)

struct gate {
	struct hosts_gate *all;
	char *host;
	int running;
	struct host_turn *first, **last; /* waiting */
	usec_t next_at;                  /* no turn begins before: gap or hold */
	usec_t used_at;
	struct loop_timer *timer;
};

struct host_turn {
	struct gate *gate;
	struct host_turn *next;
	bool running;
	void (*fn)(void *arg);
	void *arg;
};

struct hosts_gate {
	struct loop *loop;
	struct hosts_gate_options o;
	struct map gates; /* host -> struct gate */
	struct loop_timer *sweep;
	size_t running, waiting;
};

static void free_gate(struct gate *g)
{
	for (struct host_turn *t = g->first; t;) {
		struct host_turn *next = t->next;
		free(t);
		t = next;
	}
	loop_timer_free(g->timer);
	free(g->host);
	free(g);
}

static bool free_slot(const struct gate *g)
{
	return g->first && g->running < g->all->o.per_host;
}

static void arm(struct gate *g)
{
	if (free_slot(g))
		loop_timer_in(g->timer, g->next_at - clock_mono());
}

static void sweep(void *arg)
{
	struct hosts_gate *all = arg;
	usec_t now = clock_mono();
	for (struct map_entry *m = NULL; (m = map_next(&all->gates, m));) {
		struct gate *g = m->value;
		if (g->running || g->first || g->next_at > now || now - g->used_at < all->o.idle)
			continue;
		map_del(&all->gates, str_of(g->host));
		free_gate(g);
	}
}

void hosts_gate_set(struct hosts_gate *all, const struct hosts_gate_options *o)
{
	all->o = *o;
	all->o.per_host = MAX(o->per_host, 1);
	all->o.idle = o->idle ? o->idle : IDLE_DEFAULT;
	loop_timer_every(all->sweep, all->o.idle);
	for (struct map_entry *m = NULL; (m = map_next(&all->gates, m));)
		arm(m->value);
}

struct hosts_gate *hosts_gate_new(struct loop *l, const struct hosts_gate_options *o)
{
	struct hosts_gate *all = xcalloc(1, sizeof *all);
	all->loop = l;
	map_init(&all->gates, NULL);
	all->sweep = loop_timer_new(l, sweep, all);
	hosts_gate_set(all, o);
	return all;
}

void hosts_gate_free(struct hosts_gate *all)
{
	if (!all)
		return;
	for (struct map_entry *m = NULL; (m = map_next(&all->gates, m));)
		free_gate(m->value);
	map_release(&all->gates);
	loop_timer_free(all->sweep);
	free(all);
}

static void grant(void *arg)
{
	struct gate *g = arg;
	struct hosts_gate *all = g->all;
	/* One turn a call, so that whatever fn does to this gate is seen before the next one is given. */
	usec_t now = clock_mono();
	if (free_slot(g) && now >= g->next_at) {
		struct host_turn *t = g->first;
		g->first = t->next;
		if (!g->first)
			g->last = &g->first;
		t->running = true;
		g->running++;
		all->running++;
		all->waiting--;
		g->used_at = now;
		g->next_at = MAX(g->next_at, now + all->o.gap);
		arm(g);
		t->fn(t->arg);
		return;
	}
	arm(g);
}

static struct gate *find(struct hosts_gate *all, struct str host)
{
	struct gate *g = map_get(&all->gates, host);
	if (g)
		return g;
	g = xcalloc(1, sizeof *g);
	g->all = all;
	g->host = xmalloc(host.n + 1);
	str_copy(g->host, host.n + 1, host);
	g->last = &g->first;
	g->used_at = clock_mono();
	g->timer = loop_timer_new(all->loop, grant, g);
	map_set(&all->gates, str_n(g->host, host.n), g);
	return g;
}

struct host_turn *host_turn_take(struct hosts_gate *all, struct str host, void (*fn)(void *arg), void *arg)
{
	struct gate *g = find(all, host);
	struct host_turn *t = xcalloc(1, sizeof *t);
	*t = (struct host_turn){ .gate = g, .fn = fn, .arg = arg };
	*g->last = t;
	g->last = &t->next;
	all->waiting++;
	arm(g);
	return t;
}

void host_turn_end(struct host_turn *t)
{
	struct gate *g = t->gate;
	if (t->running) {
		g->running--;
		g->all->running--;
		g->used_at = clock_mono();
	} else {
		struct host_turn **link = &g->first;
		while (*link != t)
			link = &(*link)->next;
		*link = t->next;
		if (!t->next)
			g->last = link;
		g->all->waiting--;
	}
	free(t);
	arm(g);
}

void hosts_gate_hold(struct hosts_gate *all, struct str host, usec_t wait)
{
	struct gate *g = find(all, host);
	g->next_at = MAX(g->next_at, clock_mono() + wait);
	arm(g);
}

usec_t hosts_gate_held(const struct hosts_gate *all, struct str host)
{
	const struct gate *g = map_get(&all->gates, host);
	usec_t now = clock_mono();
	return g && g->next_at > now ? g->next_at - now : 0;
}

void hosts_gate_stats(const struct hosts_gate *all, struct hosts_gate_stats *ret)
{
	*ret = (struct hosts_gate_stats){ .hosts = all->gates.live, .running = all->running, .waiting = all->waiting };
}

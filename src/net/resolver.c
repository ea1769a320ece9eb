#include "base/first.h"
#include "base/arena.h"
#include "base/map.h"
#include "net/dns_conf.h"
#include "net/dns_msg.h"
#include "net/dns_query.h"
#include "net/resolver.h"

#define CACHE_DEFAULT 10000
#define FAILURE_TTL USEC_PER_SEC /* silence and refusals: long enough to spare the servers a burst */
#define NEGATIVE_TTL_MAX (60 * USEC_PER_SEC)

/* A name: being asked for, or known until `expires`. */
struct entry {
	struct resolver *r;
	char name[DNS_NAME_MAX + 1];
	struct dns_query *query; /* NULL: answered */
	struct lookup *waiters;
	int code;
	struct ip addrs[RESOLVER_ADDRS_MAX];
	size_t n;
	usec_t expires;
	struct entry *prev, *next; /* answered ones, oldest first */
};

struct lookup {
	struct resolver *r;
	resolved_fn fn; /* NULL: cancelled, only waiting for its turn to be freed */
	void *arg;
	struct entry *entry; /* while waiting for an answer */
	struct lookup *next;
	/* an answer to be delivered in the next turn */
	struct lookup *ready_prev, *ready_next;
	int code;
	struct ip addrs[RESOLVER_ADDRS_MAX];
	size_t n;
	bool cached;
};

struct resolver {
	struct loop *loop;
	struct dns_server servers[RESOLVER_SERVERS_MAX];
	size_t servers_n;
	usec_t timeout;
	int rounds;
	size_t cache_max, cached;
	struct hosts hosts;
	struct map entries; /* name -> struct entry */
	struct entry *oldest, *newest;
	struct lookup *ready, **ready_last;
	struct loop_timer *deliver;
	struct resolver_stats stats;
};

static void deliver(void *arg);

int resolver_new(struct loop *l, const struct resolver_options *o, struct resolver **ret, struct err *e)
{
	struct resolver *r = xcalloc(1, sizeof *r);
	int rc = dns_servers_parse(o->servers, RESOLVER_SERVERS_MAX, r->servers, &r->servers_n, e);
	if (rc) {
		free(r);
		return rc;
	}
	if (!r->servers_n)
		r->servers_n = dns_servers_system(o->resolv_conf ? o->resolv_conf : "/etc/resolv.conf",
			RESOLVER_SERVERS_MAX, r->servers);
	r->loop = l;
	r->timeout = o->timeout ? o->timeout : 2 * USEC_PER_SEC;
	r->rounds = o->rounds ? o->rounds : 2;
	r->cache_max = o->cache_max ? o->cache_max : CACHE_DEFAULT;
	hosts_init(&r->hosts, o->hosts ? o->hosts : "/etc/hosts");
	map_init(&r->entries, NULL);
	r->ready_last = &r->ready;
	r->deliver = loop_timer_new(l, deliver, r);
	*ret = r;
	return 0;
}

static void unlink_entry(struct resolver *r, struct entry *t)
{
	*(t->prev ? &t->prev->next : &r->oldest) = t->next;
	*(t->next ? &t->next->prev : &r->newest) = t->prev;
	t->prev = t->next = NULL;
	r->cached--;
}

static void drop_entry(struct resolver *r, struct entry *t)
{
	map_del(&r->entries, str_of(t->name));
	if (t->query)
		dns_query_cancel(t->query);
	else
		unlink_entry(r, t);
	free(t);
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	for (struct map_entry *m = NULL; (m = map_next(&r->entries, m));) {
		struct entry *t = m->value;
		for (struct lookup *l = t->waiters; l;) {
			struct lookup *next = l->next;
			free(l);
			l = next;
		}
		if (t->query)
			dns_query_cancel(t->query);
		free(t);
	}
	for (struct lookup *l = r->ready; l;) {
		struct lookup *next = l->next;
		free(l);
		l = next;
	}
	map_release(&r->entries);
	hosts_release(&r->hosts);
	loop_timer_free(r->deliver);
	free(r);
}

/* Puts `l` in line for its callback, in the next turn. */
static void make_ready(struct lookup *l, int code, const struct ip *addrs, size_t n, bool cached)
{
	struct resolver *r = l->r;
	l->entry = NULL;
	l->code = code;
	l->n = MIN(n, (size_t)RESOLVER_ADDRS_MAX);
	l->cached = cached;
	if (l->n)
		memcpy(l->addrs, addrs, l->n * sizeof *addrs);
	l->next = NULL;
	*r->ready_last = l;
	r->ready_last = &l->next;
	if (!loop_timer_set(r->deliver))
		loop_timer_in(r->deliver, 0);
}

static void deliver(void *arg)
{
	struct resolver *r = arg;
	struct lookup *last = NULL;
	/* Only those ready now; callbacks may add more, which get their own turn. */
	for (struct lookup *l = r->ready; l; l = l->next)
		last = l;
	while (last) {
		struct lookup *l = r->ready;
		r->ready = l->next;
		if (!r->ready)
			r->ready_last = &r->ready;
		bool end = l == last;
		struct resolved a = { .code = l->code, .addrs = l->addrs, .n = l->n, .cached = l->cached };
		if (l->fn)
			l->fn(l->arg, &a);
		free(l);
		if (end)
			break;
	}
	if (r->ready && !loop_timer_set(r->deliver))
		loop_timer_in(r->deliver, 0);
}

static void answered(void *arg, const struct dns_result *a)
{
	struct entry *t = arg;
	struct resolver *r = t->r;
	usec_t ttl = (usec_t)a->ttl * USEC_PER_SEC;
	t->query = NULL;
	t->code = a->code;
	t->n = MIN(a->n, (size_t)RESOLVER_ADDRS_MAX);
	memcpy(t->addrs, a->addrs, t->n * sizeof *t->addrs);
	if (a->code == E_NOTFOUND)
		ttl = MIN(ttl, NEGATIVE_TTL_MAX);
	ttl = MIN(MAX(ttl, RESOLVER_TTL_MIN), RESOLVER_TTL_MAX);
	if (a->code && a->code != E_NOTFOUND) {
		ttl = FAILURE_TTL;
		r->stats.failures++;
	}
	t->expires = clock_mono() + ttl;
	t->prev = r->newest;
	*(r->newest ? &r->newest->next : &r->oldest) = t;
	r->newest = t;
	r->cached++;
	for (struct lookup *l = t->waiters; l;) {
		struct lookup *next = l->next;
		make_ready(l, t->code, t->addrs, t->n, false);
		l = next;
	}
	t->waiters = NULL;
	while (r->cached > r->cache_max)
		drop_entry(r, r->oldest);
}

static void ask(struct resolver *r, struct str name, struct lookup *l)
{
	struct entry *t = map_get(&r->entries, name);
	if (t && !t->query) {
		if (clock_mono() < t->expires) {
			r->stats.hits++;
			make_ready(l, t->code, t->addrs, t->n, true);
			return;
		}
		drop_entry(r, t);
		t = NULL;
	}
	if (!t) {
		t = xcalloc(1, sizeof *t);
		t->r = r;
		str_copy(t->name, sizeof t->name, name);
		map_set(&r->entries, str_of(t->name), t);
		struct dns_query_options o = { .servers = r->servers, .servers_n = r->servers_n,
			.timeout = r->timeout, .rounds = r->rounds, .addrs_max = RESOLVER_ADDRS_MAX,
			.queries = &r->stats.queries, .timeouts = &r->stats.timeouts, .tcp = &r->stats.tcp };
		t->query = dns_query_start(r->loop, &o, name, answered, t);
	}
	l->entry = t;
	l->next = t->waiters;
	t->waiters = l;
}

static bool is_under(struct str name, const char *domain)
{
	struct str d = str_of(domain);
	return str_eq(name, d) || (name.n > d.n && str_ends(name, d) && name.p[name.n - d.n - 1] == '.');
}

struct lookup *resolver_lookup(struct resolver *r, struct str name, resolved_fn fn, void *arg)
{
	struct lookup *l = xcalloc(1, sizeof *l);
	l->r = r;
	l->fn = fn;
	l->arg = arg;
	r->stats.lookups++;
	char lower[DNS_NAME_MAX + 2];
	struct ip ip;
	if (!ip_parse(name, &ip)) {
		make_ready(l, 0, &ip, 1, true);
		return l;
	}
	if (!dns_name_valid(name)) {
		make_ready(l, E_INVALID, NULL, 0, true);
		return l;
	}
	str_copy(lower, sizeof lower, name);
	if (name.p[name.n - 1] == '.')
		name.n--;
	for (size_t i = 0; i < name.n; i++)
		lower[i] = (char)to_lower(lower[i]);
	lower[name.n] = '\0';
	name = str_n(lower, name.n);
	const struct hosts_entry *known = hosts_find(&r->hosts, name);
	if (known) {
		make_ready(l, 0, known->at, known->n, true);
	} else if (is_under(name, "localhost")) {
		struct ip loopback[2] = { { .family = 6, .b = { [15] = 1 } }, ip_v4(0x7f000001) };
		make_ready(l, 0, loopback, 2, true);
	} else if (is_under(name, "invalid") || is_under(name, "onion")) {
		make_ready(l, E_NOTFOUND, NULL, 0, true);
	} else {
		ask(r, name, l);
	}
	return l;
}

void lookup_cancel(struct lookup *l)
{
	struct entry *t = l->entry;
	if (!t) {
		l->fn = NULL; /* in the ready line; freed there */
		return;
	}
	struct lookup **link = &t->waiters;
	while (*link != l)
		link = &(*link)->next;
	*link = l->next;
	free(l);
	/* The question goes on alone: its answer will be wanted again soon. */
}

void resolver_stats(const struct resolver *r, struct resolver_stats *ret)
{
	*ret = r->stats;
	ret->cached = r->cached;
	ret->pending = r->entries.live - r->cached;
}

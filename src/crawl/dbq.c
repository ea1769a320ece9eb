#include "base/first.h"
#include "crawl/dbq.h"

#define FLIGHT_MAX 8 /* operations in one flush; each is a handful of statements of the pipeline */
#define RETRY (200 * USEC_PER_MS)
#define TIMEOUT_DEFAULT (15 * USEC_PER_SEC)

struct item {
	struct dbq_op op;
	struct item *next;
};

struct dbq {
	struct dbq_options o;
	struct item *first, **last; /* the first `flying` of them are sent */
	size_t n, flying;
	struct arena arena;
	struct loop_fd *io;
	int io_fd;
	uint64_t generation;
	struct loop_timer *timer; /* flush, or retry */
	struct loop_timer *deadline;
	bool up, busy;
};

static void on_io(void *arg, int events);
static void on_timer(void *arg);
static void on_deadline(void *arg);

struct dbq *dbq_new(const struct dbq_options *o)
{
	struct dbq *q = xcalloc(1, sizeof *q);
	q->o = *o;
	if (!q->o.timeout)
		q->o.timeout = TIMEOUT_DEFAULT;
	q->last = &q->first;
	q->io_fd = -1;
	arena_init(&q->arena, 32 * KiB);
	q->timer = loop_timer_new(o->loop, on_timer, q);
	q->deadline = loop_timer_new(o->loop, on_deadline, q);
	return q;
}

void dbq_free(struct dbq *q)
{
	if (!q)
		return;
	for (struct item *i = q->first; i;) {
		struct item *next = i->next;
		free(i);
		i = next;
	}
	loop_fd_free(q->io);
	loop_timer_free(q->timer);
	loop_timer_free(q->deadline);
	db_free(q->o.db);
	arena_release(&q->arena);
	free(q);
}

size_t dbq_pending(const struct dbq *q)
{
	return q->n;
}

bool dbq_up(const struct dbq *q)
{
	return q->up;
}

struct db *dbq_db(struct dbq *q)
{
	return q->o.db;
}

void dbq_submit(struct dbq *q, const struct dbq_op *op)
{
	struct item *i = xcalloc(1, sizeof *i);
	i->op = *op;
	*q->last = i;
	q->last = &i->next;
	q->n++;
	if (!q->flying && !q->busy && !loop_timer_set(q->timer))
		loop_timer_in(q->timer, 0);
}

/* Follows the connection's descriptor and tells its owner when it came or went. */
static void follow(struct dbq *q, const char *words)
{
	int fd = db_fd(q->o.db);
	bool fresh = q->generation != db_generation(q->o.db);
	if (fd != q->io_fd || fresh) {
		loop_fd_free(q->io);
		q->io = fd < 0 ? NULL : loop_fd_new(q->o.loop, fd, LOOP_READ, on_io, q);
		q->io_fd = fd;
	}
	if (q->io)
		loop_fd_set(q->io, LOOP_READ | (db_want_write(q->o.db) ? LOOP_WRITE : 0));
	bool up = fd >= 0, was = q->up;
	q->generation = db_generation(q->o.db);
	q->up = up;
	if (q->o.state && (up != was || (up && fresh)))
		q->o.state(q->o.arg, up, words);
}

static struct item *take_first(struct dbq *q)
{
	struct item *i = q->first;
	q->first = i->next;
	if (!q->first)
		q->last = &q->first;
	q->n--;
	q->flying--;
	return i;
}

/* E_TIMEOUT and E_AGAIN are answers that another try may better; E_UNAVAIL is none. */
static bool again(const struct item *i, int rc)
{
	return i->op.keep && (rc == E_UNAVAIL || rc == E_TIMEOUT || rc == E_AGAIN);
}

static void take_notices(struct dbq *q)
{
	struct db_notice n;
	struct arena a;
	arena_init(&a, KiB);
	while (db_notice(q->o.db, &a, &n)) {
		if (q->o.notice)
			q->o.notice(q->o.arg, &n);
		arena_reset(&a);
	}
	arena_release(&a);
}

/* Takes the answers of everything in flight that has one, in order. */
static void collect(struct dbq *q)
{
	struct item *kept = NULL, **kept_last = &kept;
	size_t kept_n = 0;
	struct err e = { 0 };
	q->busy = true;
	while (q->flying) {
		if (q->first->op.send && db_poll(q->o.db, NULL) == 0)
			break;
		struct item *i = take_first(q);
		int rc = i->op.recv(i->op.arg, q->o.db, &q->arena, &e);
		if (again(i, rc)) {
			i->next = NULL;
			*kept_last = i;
			kept_last = &i->next;
			kept_n++;
		} else {
			if (i->op.done)
				i->op.done(i->op.arg, rc, &e);
			free(i);
		}
		arena_reset(&q->arena);
	}
	q->busy = false;
	/* Back in line, ahead of what came later and behind nothing: what is still in flight cannot be there,
	 * since a lost connection answers everything at once, and E_AGAIN is rare enough to wait its turn. */
	if (kept) {
		struct item **at = &q->first;
		for (size_t k = 0; k < q->flying; k++)
			at = &(*at)->next;
		*kept_last = *at;
		if (!*at)
			q->last = kept_last;
		*at = kept;
		q->n += kept_n;
	}
	follow(q, e.words);
	take_notices(q);
	if (q->flying)
		return;
	loop_timer_stop(q->deadline);
	if (q->n)
		loop_timer_in(q->timer, kept ? RETRY : 0);
}

/* Sends what is in line and syncs after each, so that each is a transaction. */
static void flush(struct dbq *q)
{
	struct err e = { 0 };
	q->busy = true;
	for (struct item *i = q->first; i && q->flying < FLIGHT_MAX; i = i->next) {
		if (!i->op.send && q->flying)
			break;
		q->flying++;
		if (!i->op.send)
			break;
		i->op.send(i->op.arg, q->o.db, &e); /* a failure comes back as the answer */
		db_sync(q->o.db, NULL);
	}
	q->busy = false;
	follow(q, e.words);
	if (q->flying)
		loop_timer_in(q->deadline, q->o.timeout);
	collect(q);
}

static void on_io(void *arg, int events)
{
	struct dbq *q = arg;
	struct err e = { 0 };
	db_poll(q->o.db, &e);
	take_notices(q);
	if (q->flying)
		collect(q);
	else
		follow(q, e.words);
}

static void on_timer(void *arg)
{
	struct dbq *q = arg;
	if (!q->flying && q->first)
		flush(q);
}

static void on_deadline(void *arg)
{
	struct dbq *q = arg;
	db_reset(q->o.db);
	collect(q);
}

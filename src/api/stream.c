#include "base/first.h"
#include "api/stream_impl.h"
#include "base/log.h"

#define TICK USEC_PER_SEC
#define TOKENS_EVERY 5     /* ticks */
#define TOPICS_A_TICK 1000 /* looked at without being told */
#define REQUEST_TIME (10 * USEC_PER_SEC)
#define DRAIN_TIME (2 * USEC_PER_SEC)

static void on_listen(void *arg, int events)
{
	conn_accept(arg);
}

static void on_again(void *arg)
{
	struct streams *s = arg;
	/* While the database is away each use answers at once. */
	if (!db_connected(s->app->db))
		db_ready(s->app->db, NULL);
	if (db_connected(s->app->db))
		hub_again(s);
	hub_settle(s);
}

/* Ages, silence, and clients that read nothing. */
static void look_at_conn(struct streams *s, struct conn *c, usec_t now)
{
	const struct conf *conf = s->app->conf;
	if (c->blocked_at && now - c->blocked_at > conf->stream_stall) {
		log_at(LOG_INFO, "stream dropped: its reader stalls", L_CSTR("job", c->topic ? c->topic->id : NULL));
		conn_close(c);
	} else if (c->state == CONN_REQUEST && now - c->opened > REQUEST_TIME) {
		conn_close(c);
	} else if (c->state == CONN_STREAM && conf->stream_max_age && now - c->opened > conf->stream_max_age) {
		conn_end(c);
	} else if (c->state == CONN_STREAM && !c->blocked_at && now - c->sent_at >= KEEP_ALIVE_EVERY) {
		conn_text(c, STR(": keep-alive\n\n"));
	}
}

static void on_tick(void *arg)
{
	struct streams *s = arg;
	usec_t now = loop_now(s->loop);
	for (struct conn *c = s->first, *next; c; c = next) {
		next = c->next;
		look_at_conn(s, c, now);
	}
	if (s->draining) {
		if (!s->n || !--s->ticks)
			s->drained(s->drained_arg);
		return;
	}
	hub_sweep(s);
	s->ticks++;
	/* Lines that nobody told of: cancelled and expired jobs, other writers, a lost notification. */
	if (s->topics.live && s->ticks % (1 + s->topics.live / TOPICS_A_TICK) == 0)
		hub_all_dirty(s);
	if (s->n && s->ticks % TOKENS_EVERY == 0)
		hub_check_tokens(s);
	hub_settle(s);
}

struct streams *streams_new(struct app *app, struct loop *loop, int listen_fd)
{
	struct streams *s = xcalloc(1, sizeof *s);
	s->app = app;
	s->loop = loop;
	s->listen_fd = listen_fd;
	arena_init(&s->arena, 16 * KiB);
	map_init(&s->topics, NULL);
	buf_init(&s->page.bytes, NULL, 0);
	db_listen(app->db, CH_LOG, NULL);
	s->tick = loop_timer_new(loop, on_tick, s);
	s->again = loop_timer_new(loop, on_again, s);
	s->accept_h = loop_fd_new(loop, listen_fd, LOOP_READ, on_listen, s);
	loop_timer_every(s->tick, TICK);
	hub_settle(s);
	return s;
}

void streams_drain(struct streams *s, void (*done)(void *arg), void *arg)
{
	if (s->draining)
		return;
	s->draining = true;
	s->drained = done;
	s->drained_arg = arg;
	loop_fd_free(s->accept_h);
	s->accept_h = NULL;
	for (struct conn *c = s->first, *next; c; c = next) {
		next = c->next;
		if (c->state == CONN_STREAM)
			conn_end(c);
	}
	/* Ticks left to those whose last bytes are not out. */
	s->ticks = DRAIN_TIME / (100 * USEC_PER_MS);
	loop_timer_every(s->tick, 100 * USEC_PER_MS);
}

void streams_free(struct streams *s)
{
	if (!s)
		return;
	while (s->first)
		conn_close(s->first);
	hub_sweep(s);
	map_release(&s->topics);
	vec_release(&s->lagging);
	buf_release(&s->page.bytes);
	loop_fd_free(s->accept_h);
	loop_fd_free(s->db_h);
	loop_timer_free(s->tick);
	loop_timer_free(s->again);
	arena_release(&s->arena);
	free(s);
}

size_t streams_count(const struct streams *s)
{
	return s->n;
}

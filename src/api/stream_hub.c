/* What is watched: jobs, their new lines and their end, and the streams that have to catch up. */
#include "base/first.h"
#include "api/stream_impl.h"
#include "json/writer.h"
#include "store/logs.h"

#define AGAIN_DOWN (250 * USEC_PER_MS)    /* the database is away */
#define AGAIN_SETTLE (200 * USEC_PER_MS)  /* a job ended, its last lines may be under way */
#define CATCH_UPS_A_TURN 64
#define BYTES_KEPT MiB

static void work(void *arg);

static void schedule(struct streams *s)
{
	if (s->scheduled)
		return;
	s->scheduled = true;
	loop_defer(s->loop, work, s);
}

/* --- who watches what --- */

static struct topic *topic_of(struct streams *s, const struct stream_wish *w)
{
	struct topic *t = map_get(&s->topics, str_of(w->job));
	if (t)
		return t;
	t = xcalloc(1, sizeof *t);
	memcpy(t->id, w->job, sizeof t->id);
	t->since = w->since;
	map_set(&s->topics, str_of(t->id), t);
	return t;
}

static void catch_up_later(struct conn *c)
{
	c->lagging = true;
	if (!c->queued) {
		c->queued = true;
		vec_push(NULL, &c->s->lagging, c);
	}
	schedule(c->s);
}

void hub_join(struct conn *c, const struct stream_wish *w)
{
	struct topic *t = topic_of(c->s, w);
	memcpy(c->token, w->token, sizeof c->token);
	c->after = w->after;
	c->fresh = true;
	c->topic = t;
	c->tnext = t->first;
	if (t->first)
		t->first->tprev = c;
	t->first = c;
	t->n++;
	if (!t->settled)
		t->dirty = c->s->dirty = true;
	catch_up_later(c);
}

void hub_leave(struct conn *c)
{
	struct topic *t = c->topic;
	if (c->queued)
		for (size_t i = 0; i < c->s->lagging.n; i++)
			if (c->s->lagging.at[i] == c)
				c->s->lagging.at[i] = NULL;
	c->queued = false;
	if (!t)
		return;
	if (c->tprev)
		c->tprev->tnext = c->tnext;
	else
		t->first = c->tnext;
	if (c->tnext)
		c->tnext->tprev = c->tprev;
	t->n--;
	c->topic = NULL;
}

void hub_resume(struct conn *c)
{
	if (c->topic && c->lagging)
		catch_up_later(c);
}

void hub_all_dirty(struct streams *s)
{
	for (struct map_entry *m = NULL; (m = map_next(&s->topics, m));) {
		struct topic *t = m->value;
		t->dirty = t->n > 0;
	}
	s->dirty = true;
	schedule(s);
}

void hub_again(struct streams *s)
{
	for (struct map_entry *m = NULL; (m = map_next(&s->topics, m));) {
		struct topic *t = m->value;
		if (t->n && (s->failed || (t->ended && !t->settled)))
			t->dirty = s->dirty = true;
	}
	schedule(s);
}

void hub_sweep(struct streams *s)
{
	for (struct map_entry *m = NULL; (m = map_next(&s->topics, m));) {
		struct topic *t = m->value;
		if (t->n)
			continue;
		map_del(&s->topics, str_of(t->id));
		free(t);
	}
}

/* --- events --- */

/* The data of an event stands in one line: JSON has line breaks only between its tokens. */
static struct str one_line(struct arena *a, struct str json)
{
	char *p = arena_alloc(a, json.n + 1);
	for (size_t i = 0; i < json.n; i++)
		p[i] = json.p[i] == '\n' || json.p[i] == '\r' ? ' ' : json.p[i];
	p[json.n] = '\0';
	return str_n(p, json.n);
}

static void render(struct buf *out, struct arena *a, const struct log_line *l)
{
	struct jw w;
	buf_addz(out, "id: ");
	buf_addi(out, l->id);
	buf_addz(out, "\nevent: log\ndata: ");
	jw_init(&w, out);
	jw_object(&w);
	jw_kint(&w, "id", l->id);
	jw_kstr(&w, "level", l->level);
	jw_kstr(&w, "message", l->message);
	jw_key(&w, "meta");
	jw_raw(&w, l->meta.n ? one_line(a, l->meta) : STR("{}"));
	jw_ktime(&w, "createdAt", l->created_at);
	jw_end_object(&w);
	buf_addz(out, "\n\n");
}

/* Lines of a job after an id, rendered for a FastCGI request number: nginx numbers all of them 1. */
static int read_page(struct streams *s, const struct topic *t, int64_t after, uint16_t id, struct err *e)
{
	struct log_line *at;
	struct page *p = &s->page;
	struct buf one;
	size_t n;
	int rc = logs_read(s->app->db, &s->arena, str_of(t->id), t->since, after, PAGE_LINES, &at, &n, e);
	if (rc < 0)
		return rc;
	if (p->bytes.cap > BYTES_KEPT) {
		buf_release(&p->bytes);
		buf_init(&p->bytes, NULL, 0);
	}
	buf_clear(&p->bytes);
	buf_init(&one, &s->arena, 0);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&one);
		render(&one, &s->arena, &at[i]);
		fcgi_out_data(&p->bytes, id, buf_str(&one));
		p->id[i] = at[i].id;
		p->end[i] = p->bytes.n;
	}
	p->n = n;
	arena_reset(&s->arena);
	return 0;
}

static void say_end(struct conn *c)
{
	char text[64];
	int n = snprintf(
		text, sizeof text, "event: end\ndata: {\"state\":\"%s\"}\n\n", job_state_name(c->topic->state));
	if (conn_text(c, str_n(text, (size_t)n)))
		conn_end(c);
}

/* --- work --- */

/* New lines for those who have all before them. Streams with another request number read their own pages. */
static int push(struct streams *s, struct topic *t, int64_t last, struct err *e)
{
	while (t->head < last) {
		struct conn *first = t->first;
		while (first && first->lagging)
			first = first->tnext;
		if (!first)
			return 0;
		uint16_t id = first->id;
		int rc = read_page(s, t, t->head, id, e);
		if (rc < 0)
			return rc;
		for (struct conn *c = first, *next; c; c = next) {
			next = c->tnext;
			if (c->lagging)
				continue;
			if (c->id != id)
				catch_up_later(c);
			else
				conn_page(c, &s->page);
		}
		if (s->page.n)
			t->head = s->page.id[s->page.n - 1];
		if (s->page.n < PAGE_LINES)
			return 0;
	}
	return 0;
}

static void end_all(struct topic *t)
{
	for (struct conn *c = t->first, *next; c; c = next) {
		next = c->tnext;
		if (t->gone)
			conn_end(c);
		else if (!c->lagging)
			say_end(c);
	}
}

static int look_at(struct streams *s, struct topic **topics, struct job_watch *at, size_t n, struct err *e)
{
	int rc = jobs_watch(s->app->db, at, n, e);
	for (size_t i = 0; i < n && rc == 0; i++) {
		struct topic *t = topics[i];
		rc = push(s, t, at[i].last_log, e);
		if (rc < 0)
			return rc;
		t->dirty = false;
		t->looked = true;
		t->last = at[i].last_log;
		t->gone = !at[i].found;
		t->ended = at[i].found && job_state_ended(at[i].state);
		t->settled = at[i].found && at[i].settled;
		t->state = at[i].state;
		if (t->gone || t->settled)
			end_all(t);
		else if (t->ended && !loop_timer_set(s->again))
			loop_timer_in(s->again, AGAIN_SETTLE);
	}
	return rc;
}

/* At most WATCH_MAX jobs a turn. */
static int look(struct streams *s, struct err *e)
{
	static struct job_watch at[WATCH_MAX];
	static struct topic *topics[WATCH_MAX];
	size_t n = 0;
	s->dirty = false;
	for (struct map_entry *m = NULL; (m = map_next(&s->topics, m));) {
		struct topic *t = m->value;
		if (!t->dirty || !t->n)
			continue;
		if (n == WATCH_MAX) {
			s->dirty = true;
			schedule(s);
			break;
		}
		memcpy(at[n].id, t->id, sizeof at[n].id);
		topics[n++] = t;
	}
	int rc = n ? look_at(s, topics, at, n, e) : 0;
	if (rc < 0)
		s->dirty = true;
	return rc;
}

/* It has all there is: from now on it gets what the others get. */
static void catch_up_done(struct conn *c)
{
	struct topic *t = c->topic;
	bool others = false;
	for (const struct conn *o = t->first; o && !others; o = o->tnext)
		others = o != c && !o->lagging;
	if (!others)
		t->head = c->after;
	else if (c->after < t->head) {
		catch_up_later(c);
		return;
	}
	c->lagging = false;
	if (t->settled)
		say_end(c);
}

static int catch_up(struct streams *s, struct conn *c, struct err *e)
{
	struct topic *t = c->topic;
	if (c->blocked_at)
		return 0; /* hub_resume() will bring it back */
	if (!t->looked) {
		catch_up_later(c);
		return 0;
	}
	/* An id that no line has yet: what comes must not be taken for old. */
	if (c->fresh)
		c->after = MIN(c->after, t->last);
	c->fresh = false;
	int rc = read_page(s, t, c->after, c->id, e);
	if (rc < 0)
		return rc;
	bool more = s->page.n == PAGE_LINES;
	if (!conn_page(c, &s->page) || c->blocked_at)
		return 0;
	if (more)
		catch_up_later(c);
	else
		catch_up_done(c);
	return 0;
}

static int catch_ups(struct streams *s, struct err *e)
{
	size_t done = 0, n = MIN(s->lagging.n, (size_t)CATCH_UPS_A_TURN);
	int rc = 0;
	while (done < n && rc == 0) {
		struct conn *c = s->lagging.at[done];
		if (c) {
			c->queued = false;
			s->lagging.at[done] = NULL;
			rc = catch_up(s, c, e);
			if (rc < 0) {
				c->queued = true;
				s->lagging.at[done] = c;
				break;
			}
		}
		done++;
	}
	s->lagging.n -= done;
	memmove(s->lagging.at, s->lagging.at + done, s->lagging.n * sizeof(s->lagging.at[0]));
	if (rc == 0 && s->lagging.n)
		schedule(s);
	return rc;
}

static void work(void *arg)
{
	struct streams *s = arg;
	struct err e = { 0 };
	s->scheduled = false;
	if (s->draining)
		return;
	int rc = s->dirty ? look(s, &e) : 0;
	if (rc == 0 && s->lagging.n)
		rc = catch_ups(s, &e);
	s->failed = rc < 0;
	if (s->failed)
		loop_timer_in(s->again, AGAIN_DOWN);
	arena_reset(&s->arena);
	hub_settle(s);
}

/* --- the database's own words --- */

static void on_db(void *arg, int events)
{
	struct streams *s = arg;
	if (db_poll(s->app->db, NULL) < 0)
		hub_all_dirty(s);
	hub_settle(s);
}

static void take_notices(struct streams *s)
{
	struct db_notice note;
	struct str id;
	bool news = false;
	while (db_notice(s->app->db, &s->arena, &note)) {
		while (note.channel == CH_LOG && str_split(&note.payload, ',', &id)) {
			struct topic *t = map_get(&s->topics, id);
			if (t && t->n)
				t->dirty = s->dirty = news = true;
		}
	}
	arena_reset(&s->arena);
	if (news)
		schedule(s);
}

void hub_settle(struct streams *s)
{
	struct db *db = s->app->db;
	take_notices(s);
	if (db_connected(db) && s->db_h && s->db_generation == db_generation(db))
		return;
	loop_fd_free(s->db_h);
	s->db_h = NULL;
	if (!db_connected(db)) {
		if (!loop_timer_set(s->again))
			loop_timer_in(s->again, AGAIN_DOWN);
		return;
	}
	/* A new connection: what was said meanwhile was missed. */
	s->db_generation = db_generation(db);
	s->db_h = loop_fd_new(s->loop, db_fd(db), LOOP_READ, on_db, s);
	hub_all_dirty(s);
}

static void check_tokens(struct streams *s, struct map *bad, struct token_watch *at, size_t n)
{
	if (n && tokens_watch(s->app->db, at, n, NULL) == 0)
		for (size_t i = 0; i < n; i++)
			if (!at[i].good)
				map_set(bad, str_of(at[i].id), at + i);
}

void hub_check_tokens(struct streams *s)
{
	struct map seen, bad;
	map_init(&seen, NULL);
	map_init(&bad, NULL);
	struct token_watch *at = xcalloc(s->n + 1, sizeof *at);
	size_t n = 0;
	for (struct conn *c = s->first; c; c = c->next)
		if (c->topic && !map_has(&seen, str_of(c->token))) {
			map_set(&seen, str_of(c->token), c);
			memcpy(at[n++].id, c->token, sizeof c->token);
		}
	for (size_t i = 0; i < n; i += WATCH_MAX)
		check_tokens(s, &bad, at + i, MIN(n - i, (size_t)WATCH_MAX));
	for (struct conn *c = s->first, *next; c && bad.live; c = next) {
		next = c->next;
		if (c->topic && map_has(&bad, str_of(c->token)))
			conn_end(c);
	}
	map_release(&seen);
	map_release(&bad);
	free(at);
}

/* Inside of the streams: connections (stream_conn.c), what they watch (stream_hub.c), how it all is run (stream.c). */
#ifndef KRYFTO_API_STREAM_IMPL_H
#define KRYFTO_API_STREAM_IMPL_H

#include "api/stream.h"
#include "base/map.h"
#include "base/vec.h"
#include "http/fcgi_record.h"
#include "store/watch.h"

#define PAGE_LINES 100

enum conn_state {
	CONN_REQUEST, /* being read */
	CONN_STREAM,  /* events go out */
	CONN_CLOSING, /* what is pending goes out, then it closes */
};

struct conn {
	struct streams *s;
	struct conn *prev, *next;     /* of all */
	struct conn *tprev, *tnext;   /* of the topic */
	struct topic *topic;
	struct loop_fd *h;
	struct fcgi_in *in;           /* while the request is read */
	struct buf out;               /* what the socket did not take: at most the rest of one event or a reply */
	int64_t after;                /* id of the last event given */
	usec_t opened, sent_at;
	usec_t blocked_at;            /* since when the socket takes nothing; 0: it does */
	int fd;
	uint16_t id;                  /* of the FastCGI request */
	enum conn_state state;
	bool lagging;                 /* reads its own pages until it has caught up */
	bool queued;                  /* in streams.lagging */
	bool fresh;                   /* `after` is what the client said */
	char token[UUID_LEN + 1];
};

/* A job that somebody watches. */
struct topic {
	char id[UUID_LEN + 1];
	usec_t since;
	int64_t head;         /* every stream that does not lag has what is up to here */
	struct conn *first;
	size_t n;              /* streams */
	int64_t last;         /* greatest id when it was looked at last */
	enum job_state state;
	bool dirty;           /* to be looked at */
	bool looked;          /* at least once */
	bool settled;         /* ended, and nothing more will come */
	bool ended;           /* ended; settles in a second */
	bool gone;            /* no such job any more */
};

/* Events rendered once for all who get them. */
struct page {
	struct buf bytes;
	size_t n;
	int64_t id[PAGE_LINES];
	size_t end[PAGE_LINES]; /* offset behind each event */
};

struct streams {
	struct app *app;
	struct loop *loop;
	struct stream_wish wish;
	struct arena arena;       /* of the piece of work in hand */
	struct conn *first;
	size_t n;
	struct map topics;
	VEC(struct conn *) lagging;
	struct page page;
	int listen_fd;
	struct loop_fd *accept_h;
	struct loop_fd *db_h;
	uint64_t db_generation;
	struct loop_timer *tick, *again;
	uint64_t ticks;
	bool dirty, scheduled, draining;
	bool failed;              /* the last piece of work, for want of the database */
	void (*drained)(void *arg);
	void *drained_arg;
};

/* --- connections --- */
void conn_accept(struct streams *s);
void conn_close(struct conn *c);
/* Text to the client, in records. False: the connection was closed. */
bool conn_text(struct conn *c, struct str text);
/* What `p` has that the stream lacks, as far as the socket takes it; the stream lags if that was not all.
 * False: the connection was closed. */
bool conn_page(struct conn *c, const struct page *p);
/* Ends the request and closes when that is out. */
void conn_end(struct conn *c);

/* --- what is watched --- */
/* Makes a stream of a connection whose reply head is out. */
void hub_join(struct conn *c, const struct stream_wish *w);
void hub_leave(struct conn *c);
/* A lagging stream whose socket takes bytes again. */
void hub_resume(struct conn *c);
/* Everything is looked at again. */
void hub_all_dirty(struct streams *s);
/* Some time after a failure or the end of a job: what waits for that is looked at again. */
void hub_again(struct streams *s);
/* After each use of the database: notifications, and the descriptor after a new connection. */
void hub_settle(struct streams *s);
/* Tokens that are no good any more end their streams. */
void hub_check_tokens(struct streams *s);
/* Forgets the jobs that nobody watches. */
void hub_sweep(struct streams *s);

#endif

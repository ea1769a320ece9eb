/*
 * Live log streams (Server-Sent Events) of kryfto-stream: FastCGI connections in one event loop, without a thread or
 * a blocking write for any of them. See docs/internals/stream.md.
 *
 * A request goes through the same phases as in kryfto-api; the handler leaves a wish in app->stream, and then the
 * connection is kept. What the database is asked for is asked with short blocking statements.
 */
#ifndef KRYFTO_API_STREAM_H
#define KRYFTO_API_STREAM_H

#include "api/app.h"
#include "net/loop.h"

#define KEEP_ALIVE_EVERY (15 * USEC_PER_SEC)

/* What the handler of a stream asks for. */
struct stream_wish {
	bool wanted;
	bool full;          /* set before the handler: no room for one more */
	char job[UUID_LEN + 1];
	char token[UUID_LEN + 1];
	usec_t since;       /* the job's created_at */
	int64_t after;      /* greatest id the client has */
};

struct streams;

/* `app` is prepared and open; `listen_fd` non-blocking and the caller's. Never fails. */
struct streams *streams_new(struct app *app, struct loop *loop, int listen_fd);
/* Ends the listening and, politely, every stream; `done(arg)` when all have gone or after two seconds. */
void streams_drain(struct streams *s, void (*done)(void *arg), void *arg);
void streams_free(struct streams *s);
/* Connections at the moment. */
size_t streams_count(const struct streams *s);

#endif

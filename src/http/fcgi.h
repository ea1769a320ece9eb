/*
 * FastCGI responder over libfcgi: the only place that sees fcgiapp.h. One request at a time, the
 * connection closed after each (measured: with kept connections the ones beyond the workers starve).
 */
#ifndef KRYFTO_HTTP_FCGI_H
#define KRYFTO_HTTP_FCGI_H

#include "http/reply.h"

struct fcgi;

/* Once a process, before fcgi_new. Leaves the signal handlers as it found them. */
int fcgi_init(struct err *e);
/* `listen_fd` stays the caller's. */
struct fcgi *fcgi_new(int listen_fd);
void fcgi_free(struct fcgi *f);
/* Waits for a request. 0: `r` is filled, `*ret_status` is 0 or the status to refuse with (see req_parse).
 * E_AGAIN: a signal or half a second came first, or the peer went away; look around and call again.
 * E_IO: the socket is unusable. */
int fcgi_accept(struct fcgi *f, struct arena *a, struct req *r, int *ret_status, struct err *e);
/* Sends and closes; E_GONE when the peer had left. Also drains what was not read of the body. */
int fcgi_reply(struct fcgi *f, const struct req *r, const struct reply *reply);

#endif

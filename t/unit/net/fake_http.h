/*
 * A web server on the test's own loop, at a loopback address of choice: each request goes to a callback,
 * which answers with raw bytes. Keeps connections alive; counts them.
 */
#ifndef KRYFTO_T_UNIT_NET_FAKE_HTTP_H
#define KRYFTO_T_UNIT_NET_FAKE_HTTP_H

#include "base/arena.h"
#include "base/buf.h"
#include "net/loop.h"

struct fake;
struct fake_conn;

/* `head`: request line and headers; `path` is out of it. */
typedef void (*fake_fn)(struct fake_conn *c, struct str path, struct str head, struct str body, void *arg);

struct fake {
	struct loop *loop;
	int fd, port;
	struct loop_fd *io;
	fake_fn fn;
	void *arg;
	int connections, requests; /* so far */
	struct fake_conn *conns;
};

struct fake_conn {
	struct fake *fake;
	struct fake_conn *prev, *next;
	int fd;
	struct loop_fd *io;
	struct buf in, out;
	bool close;   /* once out is empty */
	bool endless; /* goes on sending junk */
};

struct fake *fake_new(struct loop *l, const char *addr, fake_fn fn, void *arg);
void fake_free(struct fake *f);
void fake_raw(struct fake_conn *c, struct str bytes);
void fake_close(struct fake_conn *c); /* after what is queued */
/* "200 OK", "Content-Type: text/html\r\n" (may be ""), body: with Content-Length. */
void fake_reply(struct fake_conn *c, const char *status, const char *headers, struct str body);
/* Value of a header of `head`, p NULL when absent. */
struct str fake_header(struct str head, const char *name);

#endif

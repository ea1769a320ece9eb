/*
 * The HTTP client: many calls at once on a loop, every hop judged.
 *
 * For each hop (the URL given, then each redirect): the verdict judges the URL, the resolver gives all
 * addresses, the verdict judges every one of them (one bad address refuses the hop), the connection is
 * pinned to that list, and the socket about to be dialled is held against it once more. Redirects are
 * followed here, never by libcurl. Proxies from the environment are ignored.
 *
 * One client has one policy and one connection cache: callers of another policy need another client.
 * Compressed bodies arrive decoded, HTTP/2 is used over TLS where offered, cookies are off unless asked
 * for and then live as long as the call.
 */
#ifndef KRYFTO_NET_HTTP_H
#define KRYFTO_NET_HTTP_H

#include "base/arena.h"
#include "base/clock.h"
#include "net/loop.h"
#include "net/resolver.h"
#include "net/verdict.h"

struct http;
struct http_call;

struct http_options {
	struct loop *loop;
	struct resolver *resolver;
	const struct verdict_policy *policy; /* must outlive the client */
	int connections_max;                 /* kept open in all; 0: 256 */
	const char *ca_file;                 /* PEM bundle; NULL: the system's */
	struct str proxies;                  /* for calls that name none; see http_proxies() */
};

int http_new(const struct http_options *o, struct http **ret, struct err *e);
/* Pending calls end without a callback. NULL is fine. */
void http_free(struct http *h);

/* Proxies for all calls that name none themselves: URLs as in struct http_request, commas between; empty: none. A host
 * keeps to one of them; `proxy_turn` of a request moves on to the next. E_INVALID leaves what is. */
int http_proxies(struct http *h, struct str list, struct err *e);

#define HTTP_PROXIES_MAX 256
#define HTTP_HEADERS_MAX 200            /* of a reply, each hop */
#define HTTP_HEADER_BYTES_MAX (128 * KiB)
#define HTTP_REDIRECTS_MAX 50
#define HTTP_BODY_DEFAULT (10 * MiB)

struct http_header {
	struct str name, value; /* names of replies are as sent; compare with str_eqi */
};

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_POST, HTTP_PUT, HTTP_DELETE };

struct http_request {
	enum http_method method;
	struct str url;
	const struct http_header *headers; /* Host, Content-Length, Transfer-Encoding, Connection: E_INVALID */
	size_t headers_n;
	struct str body;               /* of POST and PUT; must live until the call ends */
	struct str user_agent;
	int redirects_max;             /* 0: a redirect is the reply */
	size_t body_max;               /* decoded bytes; 0: HTTP_BODY_DEFAULT */
	bool cut;                      /* a longer body is cut at body_max instead of failing */
	usec_t timeout;                /* of the whole call, all hops; 0: 60 s */
	usec_t connect_timeout;        /* of a hop, TLS included; 0: 10 s */
	int64_t slow_bytes;            /* fewer bytes a second than this, … */
	usec_t slow_time;              /* … for so long, ends the call; 0: off */
	bool cookies;                  /* keep cookies between the hops of this call */
	struct str proxy;       /* http://, https:// or socks5:// URL, with user:password@ or without; empty: the
	                         * client's. Targets are judged as ever. */
	unsigned proxy_turn;    /* of the client's own proxies: this many further than the host's first */
	/* Takes the body instead of the result; non-zero from it ends the call with that code (a negative
	 * enum err_code). Starts and cancels no calls. */
	int (*sink)(void *arg, struct str chunk);
	/* Called before a hop's URL is resolved, the first included: 0 goes on, a negative code refuses it,
	 * HTTP_JUDGE_LATER makes the call wait for http_judged(). */
	int (*judge)(void *arg, const struct url *u, int hop);
	void *arg;                     /* of sink and judge */
};

/* Why a call failed, finer than its enum err_code. */
enum http_fault {
	HTTP_FINE,
	HTTP_BAD_REQUEST,  /* E_INVALID: URL or headers unusable */
	HTTP_BLOCKED,      /* E_BLOCKED: the verdict */
	HTTP_REFUSED,      /* the caller's judge or sink said no; its code */
	HTTP_NO_NAME,      /* E_NOTFOUND: the name does not exist */
	HTTP_DNS,          /* E_UNAVAIL, E_TIMEOUT: the name servers did not answer */
	HTTP_CONNECT,      /* E_UNAVAIL: refused, unreachable, reset while connecting */
	HTTP_TLS,          /* E_PROTO: handshake or certificate */
	HTTP_TIMEOUT,      /* E_TIMEOUT: total, connect or too slow */
	HTTP_REDIRECTS,    /* E_LIMIT: too many hops; E_PROTO: a redirect without a usable Location */
	HTTP_TOO_LARGE,    /* E_LIMIT: body or headers */
	HTTP_BROKEN,       /* E_PROTO: cut short, undecodable, not HTTP */
	HTTP_PROXY,        /* E_UNAVAIL: the proxy failed or refused */
	HTTP_CANCELLED,    /* E_CANCELLED */
};
/* "fine", "bad_request", "blocked", … */
const char *http_fault_name(enum http_fault f);
/* True when the same call may succeed later. */
bool http_fault_passes(enum http_fault f);

#define HTTP_JUDGE_LATER 1

struct http_hop {
	struct str url;
	int status;     /* 3xx of a hop that redirected */
	struct ip addr; /* dialled; family 0 when it did not come to that */
};

struct http_result {
	int code;                   /* 0: a complete reply, whatever its status */
	enum http_fault fault;
	char words[248];            /* of a failure */
	int status;                 /* 0: no reply */
	int version;                /* 10, 11, 20; 0: none */
	const struct http_header *headers; /* of the last hop */
	size_t headers_n;
	struct str body;            /* decoded; empty with a sink */
	bool cut;                   /* body_max was reached */
	struct str url;             /* of the last hop, serialised without its fragment */
	const struct http_hop *hops; /* every URL asked, in order; the last one is the reply's */
	size_t hops_n;
	struct ip addr;             /* of the last connection */
	int port;
	int64_t bytes;              /* received, headers and all hops, still encoded */
	usec_t t_total;             /* of the whole call */
	usec_t t_dns;               /* the last hop's name */
	usec_t t_connect, t_tls, t_first; /* of the last hop, since it was dialled; 0: did not happen */
	bool reused;                /* the last hop took a kept connection */
};

/* First value of a header, any case; p is NULL when absent. */
struct str http_header(const struct http_result *r, const char *name);

/* The result and all it points at live until the callback returns. */
typedef void (*http_done_fn)(void *arg, const struct http_result *r);

/* Starts a call; all but body and arg is copied. `done` is called exactly once, never from within. */
struct http_call *http_start(struct http *h, const struct http_request *rq, http_done_fn done, void *arg);
/* The judge's answer to a hop it put off: 0, or the code to refuse it with. Not from within the judge. */
void http_judged(struct http_call *c, int rc);
/* Ends the call without its callback. Not after the callback. */
void http_cancel(struct http_call *c);
size_t http_pending(const struct http *h);

/* One call, waiting for its end while the client's loop runs. The result is copied into `a`.
 * Returns ret->code. Not from within a callback of the loop. */
int http_once(struct http *h, const struct http_request *rq, struct arena *a, struct http_result *ret);

#endif

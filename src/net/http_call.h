/* Inside of the HTTP client: what http.c (engine), http_call.c (hops) and http_easy.c (libcurl options) share. */
#ifndef KRYFTO_NET_HTTP_CALL_H
#define KRYFTO_NET_HTTP_CALL_H

#include "base/buf.h"
#include "base/vec.h"
#include "net/http.h"

/* "socks5://user:pw@host:1080" into its parts: E_INVALID with words. */
struct http_proxy {
	struct url url; /* host and port; the scheme is the proxy's */
	const char *user, *password; /* NULL: none */
};
int http_proxy_parse(struct arena *a, struct str text, struct http_proxy *ret, struct err *e);

struct http {
	struct loop *loop;
	struct resolver *resolver;
	const struct verdict_policy *policy;
	char *ca_file;
	struct arena proxies_arena;
	struct str proxies[HTTP_PROXIES_MAX];
	size_t proxies_n;
	void *multi; /* CURLM */
	struct loop_timer *timer;
	struct http_call *calls;
	size_t pending;
	bool sweeping; /* http_finished() runs */
};

struct http_call {
	struct http *http;
	struct http_call *prev, *next;
	struct arena arena; /* lives as long as the call */
	struct http_request rq;
	http_done_fn done;
	void *arg;
	struct loop_timer *deadline, *kick; /* kick: the next hop begins in the next turn */
	usec_t began, hop_began;

	/* the hop under way */
	struct url url;
	enum http_method method;
	bool with_body;
	struct lookup *lookup;
	struct ip pins[RESOLVER_ADDRS_MAX]; /* all that may be dialled */
	size_t pins_n;
	struct http_proxy proxy; /* when rq.proxy names one */
	struct ip target; /* behind a proxy: the judged address it is told to dial */
	void *easy;       /* CURL */
	void *slist, *resolve, *connect_to; /* struct curl_slist */
	bool added;       /* the multi holds it */
	VEC(struct http_header) headers;
	size_t header_bytes;
	bool body_begun;
	size_t thrown;    /* body bytes of a redirect that were thrown away */
	bool early;       /* we ended the transfer: its reply counts all the same */
	bool vetoed;      /* a socket was refused */

	/* of the whole call */
	char error_words[256]; /* libcurl writes here */
	char first_site[256];  /* registrable domain, or host, of the first URL */
	VEC(struct http_hop) hops;
	struct buf body;
	size_t body_bytes;
	struct http_result result;
};

/* http_call.c */
void http_hop_begin(void *call);
/* The transfer ended with this CURLcode. The call may be gone afterwards. */
void http_hop_ended(struct http_call *c, int curlcode);
int http_fail(struct http_call *c, enum http_fault fault, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* A reply that names its next hop, and the caller wants it followed. */
bool http_is_redirect(const struct http_call *c, int status);
struct str http_header_of(const struct http_header *at, size_t n, const char *name);
/* The call's end: callback, then everything freed. */
void http_call_end(struct http_call *c);
void http_call_free(struct http_call *c);

/* http_easy.c */
/* Options, pins and headers for the hop; false when libcurl refuses them. */
bool http_easy_setup(struct http_call *c);
void http_easy_release(struct http_call *c);
void http_easy_info(struct http_call *c, struct http_result *r);
/* Names the failure of a transfer in c->result. */
void http_easy_fault(struct http_call *c, int curlcode);

#endif

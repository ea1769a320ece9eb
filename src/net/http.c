#include "base/first.h"
#include "net/http_call.h"

#include <curl/curl.h>

/* Takes the ended transfers off the multi and hands them on, until none is left. */
static void finished(struct http *h)
{
	CURLMsg *m;
	int left;
	if (h->sweeping)
		return;
	h->sweeping = true;
	while ((m = curl_multi_info_read(h->multi, &left))) {
		struct http_call *c = NULL;
		CURLcode rc = m->data.result;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&c);
		curl_multi_remove_handle(h->multi, m->easy_handle);
		c->added = false;
		http_hop_ended(c, (int)rc);
	}
	h->sweeping = false;
}

static void on_timer(void *arg)
{
	struct http *h = arg;
	int running;
	curl_multi_socket_action(h->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finished(h);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
	struct http *h = arg;
	if (ms < 0)
		loop_timer_stop(h->timer);
	else
		loop_timer_in(h->timer, (usec_t)ms * USEC_PER_MS);
	return 0;
}

/* What libcurl wants of a socket; the loop's handle hangs on the socket by curl_multi_assign(). */
struct watch {
	struct http *http;
	curl_socket_t fd;
	struct loop_fd *io;
};

static void on_socket(void *arg, int events)
{
	struct watch *w = arg;
	struct http *h = w->http; /* w may be gone after the action */
	int running;
	curl_multi_socket_action(h->multi, w->fd,
		(events & LOOP_READ ? CURL_CSELECT_IN : 0) | (events & LOOP_WRITE ? CURL_CSELECT_OUT : 0), &running);
	finished(h);
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct http *h = arg;
	struct watch *w = assigned;
	int events = (what & CURL_POLL_IN ? LOOP_READ : 0) | (what & CURL_POLL_OUT ? LOOP_WRITE : 0);
	if (what == CURL_POLL_REMOVE) {
		if (w) {
			curl_multi_assign(h->multi, fd, NULL);
			loop_fd_free(w->io);
			free(w);
		}
		return 0;
	}
	if (!w) {
		w = xcalloc(1, sizeof *w);
		w->http = h;
		w->fd = fd;
		w->io = loop_fd_new(h->loop, fd, events, on_socket, w);
		curl_multi_assign(h->multi, fd, w);
	} else {
		loop_fd_set(w->io, events);
	}
	return 0;
}

int http_new(const struct http_options *o, struct http **ret, struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT))
		return err_set(e, E_IO, "libcurl does not start");
	struct http *h = xcalloc(1, sizeof *h);
	h->loop = o->loop;
	h->resolver = o->resolver;
	h->policy = o->policy;
	h->ca_file = o->ca_file ? xstrdup(o->ca_file) : NULL;
	h->multi = curl_multi_init();
	if (!h->multi)
		die("libcurl: out of memory");
	h->timer = loop_timer_new(h->loop, on_timer, h);
	long kept = o->connections_max ? o->connections_max : 256;
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	curl_multi_setopt(h->multi, CURLMOPT_SOCKETDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(h->multi, CURLMOPT_TIMERDATA, h);
	curl_multi_setopt(h->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	curl_multi_setopt(h->multi, CURLMOPT_MAXCONNECTS, kept);
	arena_init(&h->proxies_arena, KiB);
	int rc = http_proxies(h, o->proxies, e);
	if (rc) {
		http_free(h);
		return rc;
	}
	*ret = h;
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	while (h->calls)
		http_call_free(h->calls);
	curl_multi_cleanup(h->multi);
	loop_timer_free(h->timer);
	free(h->ca_file);
	arena_release(&h->proxies_arena);
	free(h);
	curl_global_cleanup();
}

size_t http_pending(const struct http *h)
{
	return h->pending;
}

struct once {
	struct arena *arena;
	struct http_result *ret;
	bool done;
};

static struct str keep(struct arena *a, struct str s)
{
	return s.p ? arena_str(a, s) : s;
}

static void once_done(void *arg, const struct http_result *r)
{
	struct once *o = arg;
	struct arena *a = o->arena;
	struct http_header *headers = arena_array(a, struct http_header, r->headers_n);
	struct http_hop *hops = arena_array(a, struct http_hop, r->hops_n);
	for (size_t i = 0; i < r->headers_n; i++)
		headers[i] = (struct http_header){ keep(a, r->headers[i].name), keep(a, r->headers[i].value) };
	for (size_t i = 0; i < r->hops_n; i++) {
		hops[i] = r->hops[i];
		hops[i].url = keep(a, r->hops[i].url);
	}
	*o->ret = *r;
	o->ret->headers = headers;
	o->ret->hops = hops;
	o->ret->url = keep(a, r->url);
	o->ret->body = keep(a, r->body);
	o->done = true;
}

int http_once(struct http *h, const struct http_request *rq, struct arena *a, struct http_result *ret)
{
	struct once o = { .arena = a, .ret = ret };
	http_start(h, rq, once_done, &o);
	while (!o.done)
		loop_turn(h->loop, true);
	return ret->code;
}

struct str http_header(const struct http_result *r, const char *name)
{
	return http_header_of(r->headers, r->headers_n, name);
}

const char *http_fault_name(enum http_fault f)
{
	static const char *const names[] = {
		[HTTP_FINE] = "fine", [HTTP_BAD_REQUEST] = "bad_request", [HTTP_BLOCKED] = "blocked",
		[HTTP_REFUSED] = "refused", [HTTP_NO_NAME] = "no_name", [HTTP_DNS] = "dns",
		[HTTP_CONNECT] = "connect", [HTTP_TLS] = "tls", [HTTP_TIMEOUT] = "timeout",
		[HTTP_REDIRECTS] = "redirects", [HTTP_TOO_LARGE] = "too_large", [HTTP_BROKEN] = "broken",
		[HTTP_PROXY] = "proxy", [HTTP_CANCELLED] = "cancelled",
	};
	return f < ARRAY_LEN(names) ? names[f] : "unknown";
}

bool http_fault_passes(enum http_fault f)
{
	switch (f) {
	case HTTP_DNS:
	case HTTP_CONNECT:
	case HTTP_TIMEOUT:
	case HTTP_BROKEN:
	case HTTP_PROXY:
		return true;
	default:
		return false;
	}
}

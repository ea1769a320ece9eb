#include "base/first.h"
#include "base/scan.h"
#include "net/http_call.h"
#include "url/domain.h"

#include <curl/curl.h>
#include <sys/socket.h>

#define REDIRECT_BODY_MAX (64 * KiB) /* read to keep the connection; beyond that a new one is cheaper */
#define PIN_SECONDS 120L             /* pins are used at once; then libcurl may forget them */

static int refuse(struct http_call *c, const char *why)
{
	c->vetoed = true;
	http_fail(c, HTTP_BLOCKED, E_BLOCKED, "%s", why);
	return CURL_SOCKET_BAD;
}

/* The last wall: nothing is dialled that is not on this hop's list of judged addresses. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *sa)
{
	struct http_call *c = arg;
	struct verdict v;
	struct ip ip;
	int port = 0;
	bool pinned = false;
	if (ip_from_sockaddr(&sa->addr, sa->addrlen, &ip, &port))
		return refuse(c, "not an IP address");
	for (size_t i = 0; i < c->pins_n && !pinned; i++)
		pinned = ip_eq(&ip, &c->pins[i]);
	if (!pinned || port != (c->rq.proxy.n ? c->proxy.url.port : url_port(&c->url)))
		return refuse(c, "an address that was not judged was about to be dialled");
	if (!c->rq.proxy.n && verdict_addr(c->http->policy, c->url.host, &sa->addr, sa->addrlen, &v))
		return refuse(c, v.words);
	return socket(sa->family, sa->socktype | SOCK_CLOEXEC, sa->protocol);
}

static int status_of(struct http_call *c)
{
	long status = 0;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

static size_t on_header(char *p, size_t one, size_t n, void *arg)
{
	struct http_call *c = arg;
	struct str line = str_n(p, n);
	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
		line.n--;
	if (str_starts(line, STR("HTTP/"))) { /* a new head: what came before was an interim reply */
		c->headers.n = 0;
		c->header_bytes = 0;
		return n;
	}
	size_t colon = str_chr(line, ':');
	if (!line.n || colon == STR_NPOS || c->body_begun) /* the end, nonsense, or a trailer */
		return n;
	c->header_bytes += n;
	if (c->headers.n >= HTTP_HEADERS_MAX || c->header_bytes > HTTP_HEADER_BYTES_MAX) {
		http_fail(c, HTTP_TOO_LARGE, E_LIMIT, "more than %d headers or %zu bytes of them", HTTP_HEADERS_MAX,
			HTTP_HEADER_BYTES_MAX);
		return 0;
	}
	vec_push(&c->arena, &c->headers, (struct http_header){ .name = arena_str(&c->arena, str_sub(line, 0, colon)),
		.value = arena_str(&c->arena, str_trim(str_from(line, colon + 1))) });
	return n;
}

/* Announced as too large: not even begun. */
static bool too_large(struct http_call *c)
{
	uint64_t announced;
	struct str length = http_header_of(c->headers.at, c->headers.n, "content-length");
	if (c->body_bytes || c->rq.cut || scan_u64(length, &announced) || announced <= c->rq.body_max)
		return false;
	http_fail(c, HTTP_TOO_LARGE, E_LIMIT, "the body is larger than %zu bytes", c->rq.body_max);
	return true;
}

static size_t on_body(char *p, size_t one, size_t n, void *arg)
{
	struct http_call *c = arg;
	size_t take = n;
	c->body_begun = true;
	if (http_is_redirect(c, status_of(c))) {
		c->thrown += n;
		c->early = c->thrown > REDIRECT_BODY_MAX;
		return c->early ? 0 : n;
	}
	if (too_large(c))
		return 0;
	if (n > c->rq.body_max - c->body_bytes) {
		take = c->rq.body_max - c->body_bytes;
		if (!c->rq.cut) {
			http_fail(c, HTTP_TOO_LARGE, E_LIMIT, "the body is larger than %zu bytes", c->rq.body_max);
			return 0;
		}
		c->result.cut = c->early = true;
	}
	c->body_bytes += take;
	if (c->rq.sink) {
		int rc = take ? c->rq.sink(c->rq.arg, str_n(p, take)) : 0;
		if (rc) {
			c->early = false;
			http_fail(c, HTTP_REFUSED, rc < 0 ? rc : E_CANCELLED, "the body was not wanted");
			return 0;
		}
	} else {
		buf_add(&c->body, p, take);
	}
	return c->early ? 0 : n;
}

static struct curl_slist *add(struct curl_slist *list, const char *s)
{
	struct curl_slist *longer = curl_slist_append(list, s);
	if (!longer)
		die("libcurl: out of memory");
	return longer;
}

/* Beyond the first URL's site only what says nothing about the caller goes along. */
static bool sent_anywhere(struct str name)
{
	static const char *const names[] = { "accept", "accept-language", "cache-control", "pragma", "dnt",
		                             "upgrade-insecure-requests", "user-agent" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqi(name, str_of(names[i])))
			return true;
	return str_startsi(name, STR("sec-"));
}

static void set_headers(struct http_call *c)
{
	struct curl_slist *list = add(NULL, "Expect:");
	struct str site = domain_registrable(c->url.host);
	bool home = str_is(site.n ? site : c->url.host, c->first_site);
	for (size_t i = 0; i < c->rq.headers_n; i++) {
		struct http_header h = c->rq.headers[i];
		bool content = str_startsi(h.name, STR("content-"));
		if ((!home && !sent_anywhere(h.name) && !content) || (content && !c->with_body))
			continue;
		/* "Name;" is libcurl's way to say: with an empty value. */
		list = add(list, h.value.n ? arena_printf(&c->arena, "%.*s: %.*s", STR_FMT(h.name), STR_FMT(h.value)).p
		                           : arena_printf(&c->arena, "%.*s;", STR_FMT(h.name)).p);
	}
	c->slist = list;
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, list);
}

/* host:port:addr,addr… so that libcurl finds the judged addresses in its own cache. */
static struct str pin_text(struct http_call *c, struct str host, int port)
{
	struct buf b;
	char text[IP_TEXT_MAX];
	buf_init(&b, &c->arena, 0);
	buf_addf(&b, "+%.*s:%d:", STR_FMT(host), port);
	for (size_t i = 0; i < c->pins_n; i++)
		buf_addf(&b, c->pins[i].family == 6 ? "%s[%s]" : "%s%s", i ? "," : "", ip_text(&c->pins[i], text));
	return str_of(buf_cstr(&b));
}

static void set_route(struct http_call *c)
{
	char text[IP_TEXT_MAX];
	const struct url *near = c->rq.proxy.n ? &c->proxy.url : &c->url;
	if (near->host_kind == URL_HOST_DOMAIN)
		c->resolve = add(NULL, pin_text(c, near->host, c->rq.proxy.n ? near->port : url_port(near)).p);
	curl_easy_setopt(c->easy, CURLOPT_RESOLVE, c->resolve);
	curl_easy_setopt(c->easy, CURLOPT_DNS_CACHE_TIMEOUT, PIN_SECONDS);
	/* Set even without a proxy: an empty string keeps those of the environment out. */
	curl_easy_setopt(c->easy, CURLOPT_PROXY, "");
	if (!c->rq.proxy.n)
		return;
	curl_easy_setopt(c->easy, CURLOPT_PROXY,
		arena_printf(&c->arena, "%.*s://%.*s:%d", STR_FMT(c->proxy.url.scheme), STR_FMT(c->proxy.url.host),
			c->proxy.url.port).p);
	curl_easy_setopt(c->easy, CURLOPT_NOPROXY, "");
	curl_easy_setopt(c->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (c->proxy.user) {
		curl_easy_setopt(c->easy, CURLOPT_PROXYUSERNAME, c->proxy.user);
		curl_easy_setopt(c->easy, CURLOPT_PROXYPASSWORD, c->proxy.password);
	}
	/* The proxy is told the judged address, never the name. */
	ip_text(&c->target, text);
	c->connect_to = add(NULL, arena_printf(&c->arena, c->target.family == 6 ? "::[%s]:" : "::%s:", text).p);
	curl_easy_setopt(c->easy, CURLOPT_CONNECT_TO, c->connect_to);
}

static void set_method(struct http_call *c)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT", "DELETE" };
	if (c->method == HTTP_HEAD)
		curl_easy_setopt(c->easy, CURLOPT_NOBODY, 1L);
	else if (!c->with_body)
		curl_easy_setopt(c->easy, CURLOPT_HTTPGET, 1L);
	if (c->with_body) {
		curl_easy_setopt(c->easy, CURLOPT_POST, 1L);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->rq.body.n);
		curl_easy_setopt(c->easy, CURLOPT_POSTFIELDS, c->rq.body.n ? c->rq.body.p : "");
	}
	bool named = c->method == HTTP_PUT || c->method == HTTP_DELETE;
	curl_easy_setopt(c->easy, CURLOPT_CUSTOMREQUEST, named ? names[c->method] : NULL);
}

static void set_limits(struct http_call *c)
{
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS, (long)(c->rq.connect_timeout / USEC_PER_MS));
	if (c->rq.slow_time > 0) {
		curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_LIMIT, (long)c->rq.slow_bytes);
		curl_easy_setopt(c->easy, CURLOPT_LOW_SPEED_TIME, (long)MAX(c->rq.slow_time / USEC_PER_SEC, 1));
	}
}

static void free_lists(struct http_call *c)
{
	curl_slist_free_all(c->slist);
	curl_slist_free_all(c->resolve);
	curl_slist_free_all(c->connect_to);
	c->slist = c->resolve = c->connect_to = NULL;
}

/* What stays the same over the hops of a call. No curl_easy_reset() between them: 7.88 leaks by it. */
static void set_up_once(struct http_call *c)
{
	c->easy = curl_easy_init();
	if (!c->easy)
		die("libcurl: out of memory");
	curl_easy_setopt(c->easy, CURLOPT_PRIVATE, c);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, c->error_words);
	curl_easy_setopt(c->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c->easy, CURLOPT_PATH_AS_IS, 1L); /* it is normalised already */
	curl_easy_setopt(c->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(c->easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c->easy, CURLOPT_USERAGENT, c->rq.user_agent.p);
	curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(c->easy, CURLOPT_OPENSOCKETDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, c);
	if (c->http->ca_file)
		curl_easy_setopt(c->easy, CURLOPT_CAINFO, c->http->ca_file);
	if (c->rq.cookies)
		curl_easy_setopt(c->easy, CURLOPT_COOKIEFILE, "");
	set_limits(c);
}

bool http_easy_setup(struct http_call *c)
{
	if (!c->easy)
		set_up_once(c);
	free_lists(c);
	c->error_words[0] = '\0';
	set_method(c);
	set_route(c);
	set_headers(c);
	return curl_easy_setopt(c->easy, CURLOPT_URL, vec_last(&c->hops).url.p) == CURLE_OK;
}

void http_easy_release(struct http_call *c)
{
	if (c->easy) {
		if (c->added)
			curl_multi_remove_handle(c->http->multi, c->easy);
		curl_easy_cleanup(c->easy);
	}
	c->easy = NULL;
	c->added = false;
	free_lists(c);
}

static usec_t time_of(struct http_call *c, CURLINFO what)
{
	curl_off_t t = 0;
	curl_easy_getinfo(c->easy, what, &t);
	return (usec_t)t;
}

void http_easy_info(struct http_call *c, struct http_result *r)
{
	long status = 0, version = 0, port = 0, headers = 0, connects = 0;
	curl_off_t body = 0;
	char *addr = NULL;
	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c->easy, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_IP, &addr);
	curl_easy_getinfo(c->easy, CURLINFO_PRIMARY_PORT, &port);
	curl_easy_getinfo(c->easy, CURLINFO_HEADER_SIZE, &headers);
	curl_easy_getinfo(c->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(c->easy, CURLINFO_NUM_CONNECTS, &connects);
	r->status = (int)status;
	r->version = version == CURL_HTTP_VERSION_1_0 ? 10 : version == CURL_HTTP_VERSION_1_1 ? 11 : version ? 20 : 0;
	r->addr.family = 0;
	if (addr && addr[0])
		ip_parse(str_of(addr), &r->addr);
	r->port = (int)port;
	r->bytes += headers + (int64_t)body;
	r->t_connect = time_of(c, CURLINFO_CONNECT_TIME_T);
	r->t_tls = time_of(c, CURLINFO_APPCONNECT_TIME_T);
	r->t_first = time_of(c, CURLINFO_STARTTRANSFER_TIME_T);
	r->reused = connects == 0 && status;
}

static bool is_tls(int rc)
{
	switch (rc) {
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_ENGINE_NOTFOUND:
	case CURLE_SSL_ENGINE_SETFAILED:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return true;
	default:
		return false;
	}
}

void http_easy_fault(struct http_call *c, int rc)
{
	const char *why = c->error_words[0] ? c->error_words : curl_easy_strerror((CURLcode)rc);
	long connect_status = 0;
	curl_easy_getinfo(c->easy, CURLINFO_HTTP_CONNECTCODE, &connect_status);
	/* A callback of ours ended it and has said why. */
	if (rc == CURLE_WRITE_ERROR && c->result.fault != HTTP_FINE)
		return;
	if (rc == CURLE_COULDNT_CONNECT && c->vetoed)
		return;
	if (c->rq.proxy.n && (connect_status >= 400 || rc == CURLE_PROXY || rc == CURLE_COULDNT_RESOLVE_PROXY)) {
		http_fail(c, HTTP_PROXY, E_UNAVAIL, "proxy: %s", why);
	} else if (rc == CURLE_OPERATION_TIMEDOUT) {
		http_fail(c, HTTP_TIMEOUT, E_TIMEOUT, "%s", why);
	} else if (rc == CURLE_COULDNT_CONNECT || rc == CURLE_COULDNT_RESOLVE_HOST) {
		http_fail(c, c->rq.proxy.n ? HTTP_PROXY : HTTP_CONNECT, E_UNAVAIL, "%s", why);
	} else if (is_tls(rc)) {
		http_fail(c, HTTP_TLS, E_PROTO, "%s", why);
	} else if (rc == CURLE_FILESIZE_EXCEEDED) {
		http_fail(c, HTTP_TOO_LARGE, E_LIMIT, "the body is larger than %zu bytes", c->rq.body_max);
	} else if (rc == CURLE_OUT_OF_MEMORY) { /* what 7.88 says of a header line beyond its own 100 KiB */
		http_fail(c, HTTP_TOO_LARGE, E_LIMIT, "a header is too long");
	} else {
		http_fail(c, HTTP_BROKEN, E_PROTO, "%s", why);
	}
}

#include "base/first.h"
#include "base/enc.h"
#include "net/http_call.h"

static const char *decoded(struct arena *a, struct str s)
{
	struct buf b;
	buf_init(&b, a, 0);
	dec_percent(&b, s, false);
	return buf_cstr(&b);
}

/* Words never repeat the text: it may hold a password. */
int http_proxy_parse(struct arena *a, struct str text, struct http_proxy *ret, struct err *e)
{
	struct http_proxy p = { 0 };
	size_t at = str_find(text, STR("://"));
	struct str scheme = at == STR_NPOS ? STR("") : str_sub(text, 0, at);
	if (!str_is(scheme, "http") && !str_is(scheme, "https") && !str_is(scheme, "socks5"))
		return err_set(e, E_INVALID, "a proxy is an http, https or socks5 URL");
	/* As an http URL, so that the host is parsed as a host. */
	struct str plain = arena_printf(a, "http%.*s", STR_FMT(str_from(text, at)));
	if (url_parse(a, plain, NULL, &p.url, NULL) || !p.url.host.n)
		return err_set(e, E_INVALID, "the proxy's URL cannot be parsed");
	p.url.scheme = arena_str(a, scheme);
	/* A port of 80 is not kept by the parser: it is the default of what it took the URL for. */
	if (p.url.port < 0)
		p.url.port = str_is(scheme, "socks5") ? 1080 : str_is(scheme, "https") ? 443 : 80;
	if (p.url.username.n) {
		p.user = decoded(a, p.url.username);
		p.password = decoded(a, p.url.password);
	}
	*ret = p;
	return 0;
}

int http_proxies(struct http *h, struct str list, struct err *e)
{
	struct arena fresh;
	struct http_proxy p;
	struct str part, all[HTTP_PROXIES_MAX];
	size_t n = 0;
	arena_init(&fresh, KiB);
	while (str_split(&list, ',', &part)) {
		part = str_trim(part);
		if (!part.n)
			continue;
		int rc = n == HTTP_PROXIES_MAX ? err_set(e, E_LIMIT, "more than %d proxies", HTTP_PROXIES_MAX)
		                               : http_proxy_parse(&fresh, part, &p, e);
		if (rc) {
			arena_release(&fresh);
			return rc;
		}
		all[n++] = arena_str(&fresh, part);
	}
	arena_release(&h->proxies_arena);
	h->proxies_arena = fresh;
	memcpy(h->proxies, all, n * sizeof *all);
	h->proxies_n = n;
	return 0;
}

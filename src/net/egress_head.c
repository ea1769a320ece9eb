#include "base/first.h"
#include "net/egress.h"
#include "base/scan.h"

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum((unsigned char)s.p[i]) && !strchr("!#$%&'*+-.^_`|~", s.p[i]))
			return false;
	return s.n > 0;
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 ? s.p[i] != '\t' : s.p[i] == 0x7f)
			return false;
	return true;
}

/* "host:port" or "[v6]:port"; the brackets go. */
static int authority(struct str s, struct egress_head *h, struct err *e)
{
	size_t colon = str_rchr(s, ':');
	uint64_t port;
	if (colon == STR_NPOS || scan_u64(str_from(s, colon + 1), &port) < 0 || port < 1 || port > 65535)
		return err_set(e, E_INVALID, "CONNECT wants host:port");
	struct str host = str_sub(s, 0, colon);
	bool v6 = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
	if (!host.n || (!v6 && str_chr(host, ':') != STR_NPOS))
		return err_set(e, E_INVALID, "CONNECT wants host:port");
	h->host = host;
	h->port = (int)port;
	return 0;
}

static int take_header(struct str line, struct egress_head *h, bool *chunked, bool *sized, struct err *e)
{
	size_t colon = str_chr(line, ':');
	if (colon == STR_NPOS || !is_token(str_sub(line, 0, colon)) || !is_clean(line))
		return err_set(e, E_INVALID, "a header line is malformed");
	struct str name = str_sub(line, 0, colon), value = str_trim(str_from(line, colon + 1));
	uint64_t n;
	if (str_eqi(name, STR("content-length"))) {
		if (*sized || *chunked || scan_u64(value, &n) < 0 || n > INT64_MAX)
			return err_set(e, E_INVALID, "the body's length is ambiguous");
		*sized = true;
		h->body = (int64_t)n;
	} else if (str_eqi(name, STR("transfer-encoding"))) {
		if (*sized || *chunked || !str_eqi(value, STR("chunked")))
			return err_set(e, E_INVALID, "the body's length is ambiguous");
		*chunked = true;
		h->body = -1;
	}
	return 0;
}

/* Cuts the line before CRLF off `*rest`; false when there is none or a CR or LF stands alone in it. */
static bool cut_line(struct str *rest, struct str *line)
{
	size_t at = str_find(*rest, STR("\r\n"));
	if (at == STR_NPOS)
		return false;
	*line = str_sub(*rest, 0, at);
	*rest = str_from(*rest, at + 2);
	return str_chr(*line, '\n') == STR_NPOS && str_chr(*line, '\r') == STR_NPOS;
}

static int request_line(struct str line, struct egress_head *h, struct err *e)
{
	size_t a = str_chr(line, ' '), b = str_rchr(line, ' ');
	struct str version = b == STR_NPOS ? STR("") : str_from(line, b + 1);
	if (a == STR_NPOS || a == b || (!str_is(version, "HTTP/1.1") && !str_is(version, "HTTP/1.0")))
		return err_set(e, E_INVALID, "the request line is malformed");
	h->method = str_sub(line, 0, a);
	h->target = str_sub(line, a + 1, b - a - 1);
	if (!is_token(h->method) || !h->target.n || !is_clean(h->target) || str_chr(h->target, ' ') != STR_NPOS)
		return err_set(e, E_INVALID, "the request line is malformed");
	h->tunnel = str_is(h->method, "CONNECT");
	return h->tunnel ? authority(h->target, h, e) : 0;
}

int egress_head_parse(struct str text, struct egress_head *ret, struct err *e)
{
	struct egress_head h = { 0 };
	struct str rest = text, line;
	bool chunked = false, sized = false;
	if (!cut_line(&rest, &line))
		return err_set(e, E_INVALID, "the request line is malformed");
	int rc = request_line(line, &h, e);
	if (rc < 0)
		return rc;
	h.headers = rest;
	for (;;) {
		const char *start = rest.p;
		if (!cut_line(&rest, &line))
			return err_set(e, E_INVALID, "a header line is malformed");
		if (!line.n) {
			h.headers.n = (size_t)(start - h.headers.p);
			break;
		}
		rc = take_header(line, &h, &chunked, &sized, e);
		if (rc < 0)
			return rc;
	}
	if (rest.n)
		return err_set(e, E_INVALID, "text behind the headers");
	*ret = h;
	return 0;
}

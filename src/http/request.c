#include "base/first.h"
#include "http/request.h"
#include "base/enc.h"
#include "base/rng.h"
#include "base/scan.h"
#include "base/utf8.h"

static const char *const method_names[METHODS_N] = {
	"", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER",
};

const char *method_name(enum http_method m)
{
	return (unsigned)m < METHODS_N ? method_names[m] : "";
}

enum http_method method_of(struct str name)
{
	for (int m = M_GET; m < M_OTHER; m++)
		if (str_is(name, method_names[m]))
			return (enum http_method)m;
	return name.n ? M_OTHER : M_NONE;
}

bool req_id_valid(struct str id)
{
	if (id.n == 0 || id.n > REQ_ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (id.p[i] <= 0x20 || id.p[i] >= 0x7f || id.p[i] == '"' || id.p[i] == '\\')
			return false;
	return true;
}

/* "HTTP_X_REQUEST_ID" gives "x-request-id". */
static struct str header_name(struct arena *a, struct str param)
{
	char *p = arena_alloc(a, param.n + 1);
	for (size_t i = 0; i < param.n; i++)
		p[i] = param.p[i] == '_' ? '-' : (char)to_lower((unsigned char)param.p[i]);
	p[param.n] = '\0';
	return str_n(p, param.n);
}

struct scanned {
	struct str method, uri, query, length, https;
	size_t header_bytes;
	bool too_many;
};

static void take_header(struct req *r, struct scanned *s, struct str name, struct str value)
{
	s->header_bytes += name.n + value.n;
	if (r->n_headers == REQ_HEADERS_MAX) {
		s->too_many = true;
		return;
	}
	r->headers[r->n_headers++] = (struct http_header){ header_name(r->arena, name), value };
}

static void take_param(struct req *r, struct scanned *s, struct str name, struct str value)
{
	if (str_starts(name, STR("HTTP_")))
		take_header(r, s, str_from(name, 5), value);
	else if (str_is(name, "REQUEST_METHOD"))
		s->method = value;
	else if (str_is(name, "REQUEST_URI"))
		s->uri = value;
	else if (str_is(name, "QUERY_STRING"))
		s->query = value;
	else if (str_is(name, "CONTENT_LENGTH"))
		s->length = value;
	else if (str_is(name, "CONTENT_TYPE"))
		r->content_type = value.n ? value : STR_NULL;
	else if (str_is(name, "REMOTE_ADDR"))
		r->remote_addr = value;
	else if (str_is(name, "REQUEST_SCHEME"))
		r->scheme = value;
	else if (str_is(name, "HTTPS"))
		s->https = value;
}

static int refuse(int *ret_status, int status, struct err *e, int code, const char *words)
{
	*ret_status = status;
	return err_set(e, code, "%s", words);
}

static bool text_ok(struct str s)
{
	return memchr(s.p, 0, s.n) == NULL && utf8_valid(s);
}

/* "a=1&b=%20": decoded in place of a copy; a name alone has an empty value. */
static int parse_query(struct req *r, int *ret_status, struct err *e)
{
	size_t n = 1;
	for (size_t i = 0; i < r->query.n; i++)
		n += r->query.p[i] == '&';
	if (n > REQ_QUERY_MAX)
		return refuse(ret_status, 400, e, E_LIMIT, "too many query parameters");
	r->params = arena_array(r->arena, struct http_header, n);
	struct buf b;
	buf_init(&b, r->arena, REQ_URI_MAX + 1);
	buf_grow(&b, r->query.n + 1); /* decoding never lengthens, so slices into it stay put */
	struct str rest = r->query, one;
	while (str_split(&rest, '&', &one)) {
		if (!one.n)
			continue;
		size_t eq = str_chr(one, '='), from = b.n, mid;
		dec_percent(&b, str_sub(one, 0, eq == STR_NPOS ? one.n : eq), true);
		mid = b.n;
		dec_percent(&b, eq == STR_NPOS ? STR("") : str_from(one, eq + 1), true);
		struct http_header *p = &r->params[r->n_params++];
		p->name = str_n(b.p + from, mid - from);
		p->value = str_n(b.p + mid, b.n - mid);
		if (!text_ok(str_n(b.p + from, b.n - from)))
			return refuse(ret_status, 400, e, E_INVALID, "query parameter is not UTF-8 text");
	}
	return 0;
}

static int parse_uri(struct req *r, struct scanned *s, int *ret_status, struct err *e)
{
	size_t q = str_chr(s->uri, '?');
	r->path = q == STR_NPOS ? s->uri : str_sub(s->uri, 0, q);
	r->query = q == STR_NPOS ? STR("") : str_from(s->uri, q + 1);
	if (s->uri.n > REQ_URI_MAX)
		return refuse(ret_status, 414, e, E_LIMIT, "URI is longer than 8 KiB");
	if (!r->path.n || (r->path.p[0] != '/' && !str_is(r->path, "*")))
		return refuse(ret_status, 400, e, E_INVALID, "request target must start with /");
	for (size_t i = 0; i < r->path.n; i++)
		if ((unsigned char)r->path.p[i] <= 0x20 || r->path.p[i] == 0x7f)
			return refuse(ret_status, 400, e, E_INVALID, "control character in the path");
	struct buf plain;
	buf_init(&plain, r->arena, 0);
	dec_percent(&plain, r->path, false);
	if (!text_ok(buf_str(&plain)))
		return refuse(ret_status, 400, e, E_INVALID, "path is not UTF-8 text");
	return r->query.n ? parse_query(r, ret_status, e) : 0;
}

static int check(struct req *r, struct scanned *s, int *ret_status, struct err *e)
{
	if (r->method == M_NONE || !s->uri.p)
		return refuse(ret_status, 400, e, E_INVALID, "request has no method or no target");
	if (s->too_many)
		return refuse(ret_status, 431, e, E_LIMIT, "more than 100 header fields");
	if (s->header_bytes > REQ_HEADER_BYTES_MAX)
		return refuse(ret_status, 431, e, E_LIMIT, "header fields exceed 32 KiB");
	if (s->length.n && (scan_i64(s->length, &r->content_length) < 0 || r->content_length < 0)) {
		r->content_length = 0;
		return refuse(ret_status, 400, e, E_INVALID, "Content-Length is no number");
	}
	return parse_uri(r, s, ret_status, e);
}

int req_parse(struct req *r, const char *const *envp, int *ret_status, struct err *e)
{
	struct scanned s = { 0 };
	r->headers = arena_alloc(r->arena, sizeof(struct http_header) * REQ_HEADERS_MAX);
	for (; *envp; envp++) {
		struct str one = str_of(*envp);
		size_t eq = str_chr(one, '=');
		if (eq != STR_NPOS)
			take_param(r, &s, str_sub(one, 0, eq), str_from(one, eq + 1));
	}
	r->method = method_of(s.method);
	r->path = STR("");
	r->query = STR("");
	if (!r->scheme.n)
		r->scheme = s.https.n && !str_is(s.https, "off") ? STR("https") : STR("http");
	r->host = req_header(r, "host");
	struct str id = str_trim(req_header(r, "x-request-id"));
	if (req_id_valid(id))
		str_copy(r->id, sizeof r->id, id);
	else
		uuid_v4(r->id);
	return check(r, &s, ret_status, e);
}

struct str req_header(const struct req *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (str_is(r->headers[i].name, name))
			return r->headers[i].value;
	return STR_NULL;
}

struct str req_query(const struct req *r, const char *name)
{
	for (size_t i = r->n_params; i-- > 0;)
		if (str_is(r->params[i].name, name))
			return r->params[i].value;
	return STR_NULL;
}

struct str req_bearer(const struct req *r)
{
	struct str v = str_trim(req_header(r, "authorization"));
	if (!str_startsi(v, STR("bearer ")))
		return STR_NULL;
	v = str_trim(str_from(v, 7));
	return v.n ? v : STR_NULL;
}

bool req_media_is(struct str content_type, const char *type)
{
	size_t semi = str_chr(content_type, ';');
	return str_eqi(str_trim(semi == STR_NPOS ? content_type : str_sub(content_type, 0, semi)), str_of(type));
}

bool req_accepts(const struct req *r, const char *type)
{
	struct str rest = req_header(r, "accept"), one;
	while (str_split(&rest, ',', &one)) {
		if (!req_media_is(one, type))
			continue;
		struct str p;
		bool zero = false;
		while (str_split(&one, ';', &p)) {
			p = str_trim(p);
			double q;
			if (str_startsi(p, STR("q=")) && scan_double(str_from(p, 2), &q) == 0 && q == 0)
				zero = true;
		}
		if (!zero)
			return true;
	}
	return false;
}

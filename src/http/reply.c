#include "base/first.h"
#include "http/reply.h"
#include "base/enc.h"
#include "base/utf8.h"

void reply_init(struct reply *r, struct arena *a)
{
	*r = (struct reply){ .arena = a };
	buf_init(&r->body, a, REPLY_BODY_MAX);
}

void reply_reset(struct reply *r)
{
	size_t keep = 0;
	for (size_t i = 0; i < r->n_headers; i++)
		if (str_is(r->headers[i].name, "x-request-id") || str_starts(r->headers[i].name, STR("x-ratelimit-")))
			r->headers[keep++] = r->headers[i];
	r->n_headers = keep;
	r->status = 0;
	r->content_type = STR_NULL;
	r->no_length = false;
	buf_clear(&r->body);
}

struct jw *reply_json(struct reply *r, int status)
{
	r->status = status;
	r->content_type = STR("application/json; charset=utf-8");
	buf_clear(&r->body);
	jw_init(&r->json, &r->body);
	return &r->json;
}

void reply_text(struct reply *r, int status, const char *content_type, struct str body)
{
	r->status = status;
	r->content_type = str_of(content_type);
	buf_clear(&r->body);
	buf_adds(&r->body, body);
}

static struct str clean_value(struct arena *a, struct str v)
{
	size_t i = 0;
	while (i < v.n && (unsigned char)v.p[i] >= 0x20 && v.p[i] != 0x7f)
		i++;
	if (i == v.n)
		return v;
	char *p = arena_cstr(a, v);
	for (; i < v.n; i++)
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			p[i] = '_';
	return str_n(p, v.n);
}

void reply_header(struct reply *r, const char *name, struct str value)
{
	value = clean_value(r->arena, value);
	for (size_t i = 0; i < r->n_headers; i++)
		if (str_is(r->headers[i].name, name)) {
			r->headers[i].value = value;
			return;
		}
	if (r->n_headers == REPLY_HEADERS_MAX)
		die("reply has more than %d header fields", REPLY_HEADERS_MAX);
	r->headers[r->n_headers++] = (struct http_header){ str_of(name), value };
}

void reply_header_int(struct reply *r, const char *name, int64_t value)
{
	struct buf b;
	buf_init(&b, r->arena, 0);
	buf_addi(&b, value);
	reply_header(r, name, buf_str(&b));
}

struct str reply_get_header(const struct reply *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (str_is(r->headers[i].name, name))
			return r->headers[i].value;
	return STR_NULL;
}

/* Characters that RFC 8187 lets stand unescaped in an ext-value. */
static bool is_attr_char(unsigned char c)
{
	return is_alnum(c) || strchr("!#$&+-.^_`|~", c) != NULL;
}

void reply_attachment(struct reply *r, struct str file_name)
{
	struct str name = utf8_clean(r->arena, file_name);
	size_t slash;
	while ((slash = str_chr(name, '/')) != STR_NPOS || (slash = str_chr(name, '\\')) != STR_NPOS)
		name = str_from(name, slash + 1);
	name = utf8_cut(name, 200);
	if (!name.n || str_is(name, ".") || str_is(name, ".."))
		name = STR("download");
	bool plain = true;
	struct buf b;
	buf_init(&b, r->arena, 0);
	buf_addz(&b, "attachment; filename=\"");
	for (size_t i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];
		bool safe = c >= 0x20 && c < 0x7f && c != '"' && c != '%';
		plain = plain && safe;
		buf_addc(&b, safe ? (char)c : '_');
	}
	buf_addc(&b, '"');
	if (!plain) {
		buf_addz(&b, "; filename*=UTF-8''");
		for (size_t i = 0; i < name.n; i++) {
			unsigned char c = (unsigned char)name.p[i];
			if (c && is_attr_char(c))
				buf_addc(&b, (char)c);
			else
				buf_addf(&b, "%%%02X", c);
		}
	}
	reply_header(r, "content-disposition", buf_str(&b));
}

const char *reply_reason(int status)
{
	static const struct { int status; const char *reason;
	} known[] = {
		{ 200, "OK" },
		{ 201, "Created" },
		{ 202, "Accepted" },
		{ 204, "No Content" },
		{ 206, "Partial Content" },
		{ 302, "Found" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 402, "Payment Required" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 409, "Conflict" },
		{ 410, "Gone" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 415, "Unsupported Media Type" },
		{ 416, "Range Not Satisfiable" },
		{ 422, "Unprocessable Content" },
		{ 429, "Too Many Requests" },
		{ 431, "Request Header Fields Too Large" },
		{ 500, "Internal Server Error" },
		{ 501, "Not Implemented" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].status == status)
			return known[i].reason;
	return "Status";
}

void reply_head(const struct reply *r, struct buf *out)
{
	buf_addz(out, "Status: ");
	buf_addi(out, r->status);
	buf_addc(out, ' ');
	buf_addz(out, reply_reason(r->status));
	buf_addz(out, "\r\n");
	if (r->content_type.p) {
		buf_addz(out, "Content-Type: ");
		buf_adds(out, r->content_type);
		buf_addz(out, "\r\n");
	}
	if (!r->no_length && r->status != 204 && r->status != 304) {
		buf_addz(out, "Content-Length: ");
		buf_addu(out, r->body.n);
		buf_addz(out, "\r\n");
	}
	for (size_t i = 0; i < r->n_headers; i++) {
		buf_adds(out, r->headers[i].name);
		buf_addz(out, ": ");
		buf_adds(out, r->headers[i].value);
		buf_addz(out, "\r\n");
	}
	buf_addz(out, "\r\n");
}

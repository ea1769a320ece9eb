/*
 * One HTTP request as FastCGI gave it. All slices point into the server's own memory for the
 * request or into its arena, and live until the next request is accepted.
 *
 * Limits: URI 8 KiB, 100 header fields, 32 KiB of header fields, 100 query parameters.
 */
#ifndef KRYFTO_HTTP_REQUEST_H
#define KRYFTO_HTTP_REQUEST_H

#include "base/arena.h"
#include "base/err.h"

enum http_method { M_NONE, M_GET, M_HEAD, M_POST, M_PUT, M_PATCH, M_DELETE, M_OPTIONS, M_OTHER };
#define METHODS_N (M_OTHER + 1)
const char *method_name(enum http_method m);
enum http_method method_of(struct str name);

#define REQ_URI_MAX (8 * KiB)
#define REQ_HEADERS_MAX 100
#define REQ_HEADER_BYTES_MAX (32 * KiB)
#define REQ_ID_MAX 128
#define REQ_SEGMENTS_MAX 16
#define REQ_QUERY_MAX 100

struct http_header {
	struct str name; /* lower case, '-' between words */
	struct str value;
};

struct req {
	struct arena *arena;
	enum http_method method;
	struct str path;           /* as sent, without query; percent escapes in place */
	struct str query;          /* as sent, without '?' ; empty when absent */
	struct str host, remote_addr;
	struct str scheme;         /* "http" or "https" */
	struct str content_type;   /* NULL slice: absent */
	int64_t content_length;    /* 0 when absent */
	struct http_header *headers; /* those of HTTP_* parameters */
	size_t n_headers;
	struct http_header *params;  /* query parameters, decoded, in order */
	size_t n_params;
	char id[REQ_ID_MAX + 1];   /* x-request-id: the client's if well formed, else a UUID */
	struct str body;           /* after the body phase */
	/* The transport's reader; fills `out` completely or fails. Set by whoever accepts requests. */
	int (*read)(struct req *r, char *out, size_t n);
	void *transport;
};

/* What FastCGI calls parameters: "NAME=value" strings, NULL at the end. Fills `r` (read, transport and
 * arena set by the caller before). On failure `r` is still good enough to answer and log:
 * E_INVALID (malformed URI, NUL or bad UTF-8 in it, no method) or E_LIMIT (E_LIMIT's `ret_status`
 * is 414 or 431; 400 for E_INVALID). */
int req_parse(struct req *r, const char *const *envp, int *ret_status, struct err *e);
/* `name` in lower case. NULL slice when absent. */
struct str req_header(const struct req *r, const char *name);
/* The last query parameter of that name, decoded; NULL slice when absent. */
struct str req_query(const struct req *r, const char *name);
/* The token of "Authorization: Bearer <token>", trimmed; scheme compared without case. NULL slice: none. */
struct str req_bearer(const struct req *r);
/* Media type without parameters, lower case compared: req_media_is(r->content_type, "application/json"). */
bool req_media_is(struct str content_type, const char *type);
/* True when `type` ("application/openmetrics-text") stands in Accept with q > 0; wildcards do not count. */
bool req_accepts(const struct req *r, const char *type);
/* 1..128 bytes of visible ASCII without '"' and '\\'. */
bool req_id_valid(struct str id);

#endif

/* One HTTP reply, built in the request's arena and written once. */
#ifndef KRYFTO_HTTP_REPLY_H
#define KRYFTO_HTTP_REPLY_H

#include "base/buf.h"
#include "http/request.h"
#include "json/writer.h"

#define REPLY_BODY_MAX (32 * MiB)
#define REPLY_HEADERS_MAX 32

struct reply {
	struct arena *arena;
	int status;                /* 0: nothing answered yet */
	struct str content_type;   /* NULL slice: none */
	struct buf body;
	struct jw json;
	struct http_header headers[REPLY_HEADERS_MAX];
	size_t n_headers;
	bool no_length;            /* leave Content-Length to nginx (X-Accel-Redirect) */
};

void reply_init(struct reply *r, struct arena *a);
/* Drops status, body and headers that were set, except those named x-request-id and x-ratelimit-*. */
void reply_reset(struct reply *r);
/* Starts a JSON body and gives its writer; the caller writes exactly one value. */
struct jw *reply_json(struct reply *r, int status);
/* Text or bytes; `body` is copied. */
void reply_text(struct reply *r, int status, const char *content_type, struct str body);
/* Sets or replaces. `name` is a literal in lower case; bytes below 0x20 and 0x7f in the value
 * become '_'. More than REPLY_HEADERS_MAX is a programmer's error and aborts. */
void reply_header(struct reply *r, const char *name, struct str value);
void reply_header_int(struct reply *r, const char *name, int64_t value);
/* NULL slice when not set. */
struct str reply_get_header(const struct reply *r, const char *name);
/* "attachment; filename="…"; filename*=UTF-8''…" (RFC 6266, RFC 8187) for any file name. */
void reply_attachment(struct reply *r, struct str file_name);
/* Reason phrase, "Status" for unknown numbers. */
const char *reply_reason(int status);
/* The whole head in CGI form ("Status: 200 OK\r\n…\r\n\r\n"). */
void reply_head(const struct reply *r, struct buf *out);

#endif

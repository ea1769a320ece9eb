/*
 * FastCGI records (FastCGI Specification 1.0, sections 3 and 5) without input or output of their own, for a responder
 * that serves many connections in one event loop. libfcgi's writes and its reading of parameters block; this
 * takes whatever bytes have come and makes the bytes to be sent. One request a connection, role responder.
 */
#ifndef KRYFTO_HTTP_FCGI_RECORD_H
#define KRYFTO_HTTP_FCGI_RECORD_H

#include "base/buf.h"
#include "base/err.h"

#define FCGI_PARAMS_MAX (96 * KiB) /* all parameters of a request as sent */
#define FCGI_ENV_MAX 512           /* parameters of a request */

struct fcgi_in {
	struct buf params; /* heap */
	uint8_t head[8];
	size_t n_head;     /* bytes of `head` that have come */
	size_t left, pad;  /* of the record under way */
	uint16_t id;       /* 0: no request has begun */
	bool params_done, stdin_done;
};

void fcgi_in_init(struct fcgi_in *in);
void fcgi_in_release(struct fcgi_in *in);
/* Takes bytes as they come; those of the body are dropped. 1: the request is complete, 0: more is needed,
 * E_INVALID: no FastCGI, another role, or a second request; E_LIMIT: parameters too long; E_GONE: aborted. */
int fcgi_in_feed(struct fcgi_in *in, const char *p, size_t n);
/* The parameters as "NAME=value" strings with a NULL at the end, as req_parse() wants them. E_INVALID, E_LIMIT. */
int fcgi_in_env(const struct fcgi_in *in, struct arena *a, const char *const **ret);

/* Appends standard output of the request, in as many records as it takes; nothing for no bytes. */
void fcgi_out_data(struct buf *out, uint16_t id, struct str data);
/* Appends the end of standard output and of the request. */
void fcgi_out_end(struct buf *out, uint16_t id);

#endif

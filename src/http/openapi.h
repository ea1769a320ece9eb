/* The OpenAPI 3.1 document, written from the route tables. */
#ifndef KRYFTO_HTTP_OPENAPI_H
#define KRYFTO_HTTP_OPENAPI_H

#include "http/problem.h"
#include "http/route.h"
#include "json/writer.h"

struct openapi_info {
	const char *title, *version, *doc;
	const struct route *const *tables;           /* NULL at the end */
	const struct problem *const *const *catalogues; /* lists of problems; NULL at the end */
	const struct family *family;                 /* whose error body stands in the default response */
	const char *const *role_names;               /* by bit; NULL at the end */
	const char *server_url;
};

/* One JSON object. Extensions: x-roles (array), x-pool, x-body-max (bytes), x-audit-action; at the top
 * x-errors, the catalogue with remedies. */
void openapi_write(struct jw *w, const struct openapi_info *info);

/* The same document, or any other JSON value, as YAML 1.2 in block style. Nesting beyond JSON_DEPTH_MAX is cut. */
void yaml_write(struct buf *out, const struct json *v);

#endif

/* The generated documents of the whole API. */
#ifndef KRYFTO_API_OPENAPI_H
#define KRYFTO_API_OPENAPI_H

#include "base/buf.h"

enum openapi_form { OPENAPI_JSON, OPENAPI_YAML };
void api_openapi(struct buf *out, enum openapi_form form);
/* Markdown: a table of routes against roles, and the catalogue of errors. */
void api_role_matrix(struct buf *out);
void api_error_catalogue(struct buf *out);

#endif

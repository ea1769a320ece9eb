/* What a parse child does with a document: the handler that `kryfto-parse` serves (see serve.h). */
#ifndef KRYFTO_EXTRACT_PARSE_H
#define KRYFTO_EXTRACT_PARSE_H

#include "extract/serve.h"

serve_fn parse_request;
/* Touches what would otherwise open files once the child is confined. */
serve_prepare_fn parse_prepare;

#endif

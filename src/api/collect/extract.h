/* POST /v1/extract as it arrives, decoded. */
#ifndef KRYFTO_API_COLLECT_EXTRACT_H
#define KRYFTO_API_COLLECT_EXTRACT_H

#include "http/call.h"
#include "json/schema.h"

struct extract_body {
	struct str mode;
	struct str html, text, artifactId;
	const struct json *selectors, *jsonSchema;
	struct str plugin;
};

int run_extract(struct call *c);

#endif

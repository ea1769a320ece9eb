/*
 * Extraction configurations: {"mode": "selectors"|"schema"|"plugin", "selectors": {…}, "jsonSchema": {…},
 * "plugin": "name"} as jobs, recipes and POST /v1/extract carry them, turned into the extraction part
 * of a confined request.
 */
#ifndef KRYFTO_EXTRACT_CONFIG_H
#define KRYFTO_EXTRACT_CONFIG_H

#include "extract/isolate.h"
#include "json/value.h"

/* Sets mode, spec, plugin, source and WANT(PART_EXTRACT) in `req`. `mode` defaults to selectors. The
 * plugin's file is read here, by name inside `plugins_dir` (NULL or empty: plugins are off).
 * E_INVALID (a part the mode needs is missing; a plugin name that is a path), E_NOTFOUND (no such
 * plugin), E_LIMIT, E_IO. */
int extract_config(const struct json *config, const char *plugins_dir, struct arena *a, struct isolate_req *req,
	struct err *e);

#endif

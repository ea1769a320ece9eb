/*
 * Plugin mode: a Lua 5.4 program gets the document and returns the data.
 *
 *   return function(doc) … return value end          or: a table with a function `extract`
 *
 * Only in a parse child, and there inside limits of its own. No io, os, package, debug, load; see
 * docs/internals/extract.md for what there is instead.
 */
#ifndef KRYFTO_EXTRACT_PLUGIN_H
#define KRYFTO_EXTRACT_PLUGIN_H

#include "extract/doc.h"
#include "json/writer.h"

#define PLUGIN_MEMORY_MAX (64 * MiB)
#define PLUGIN_STEPS_MAX INT64_C(200000000) /* instructions of the virtual machine */
#define PLUGIN_TIME_MAX (2 * USEC_PER_SEC)  /* of processor time */

/* Writes what the plugin returns as JSON. E_INVALID with "plugin NAME: words" when it fails, E_LIMIT when it takes
 * too much memory, E_TIMEOUT when too long. */
int plugin_run(struct doc *d, struct str name, struct str source, struct jw *w, struct err *e);

#endif

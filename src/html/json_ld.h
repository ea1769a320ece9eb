/* JSON-LD as pages really carry it. Internal to html and to what is built on it. */
#ifndef KRYFTO_HTML_JSON_LD_H
#define KRYFTO_HTML_JSON_LD_H

#include "base/arena.h"
#include "json/value.h"

/*
 * Appends the values of one script to `array`, arrays taken apart. Strict JSON is read as it is; else comments, CDATA
 * marks, commas before a closing bracket, raw control characters and wrong escapes in strings, single quotes, several
 * values in a row and missing closing brackets are put right first. What is still no JSON adds nothing.
 */
void json_ld_read(struct arena *a, struct str script, struct json *array);

/* "Article" of "http://schema.org/Article" and of "schema:Article". */
struct str json_ld_local_name(struct str type);
/* Whether the node's @type is or holds this (by local name). */
bool json_ld_is(const struct json *node, const char *type);

/* All nodes with a @type, top-level ones and those of @graph, in order; at most `max`. */
size_t json_ld_nodes(const struct json *array, const struct json **ret, size_t max);

#endif

/*
 * Schema mode: a JSON Schema in, typed data out, without any model.
 *
 * For each property, the first source that has a value of the right type wins:
 *   1. what the schema says: "x-selector" (the language of selectors.h, or a list of them to try in turn), "x-attr",
 *      "x-all", "x-base" (the element, or for arrays the rows, below which the properties are looked for);
 *   2. structured data: JSON-LD, microdata and RDFa;
 *   3. OpenGraph, Twitter, meta elements, and what meta.h knows;
 *   4. names in the markup: itemprop, id, class, data-…;
 *   5. labels: dt/dd, table headers, label elements, "Key: value" lines.
 * Arrays of objects come from JSON-LD and microdata lists, tables, and repeated structures.
 *
 * Values are coerced to the declared type: numbers with thousands separators and currencies of any locale, dates to
 * ISO 8601, links resolved, enumerations ignoring case. The result is validated; issues stand beside the data.
 */
#ifndef KRYFTO_EXTRACT_SCHEMA_MODE_H
#define KRYFTO_EXTRACT_SCHEMA_MODE_H

#include "extract/doc.h"
#include "extract/jsonschema.h"

/* E_INVALID with "jsonSchema: words" for a bad schema or selector, E_LIMIT. A page without the data is no error: the
 * issues say what is missing. */
int schema_extract(struct doc *d, const struct json *schema, const struct json **ret, struct jschema_issues *ret_issues,
	struct err *e);

#endif

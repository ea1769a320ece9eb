/* Text as pages have it → a value of the type that a JSON Schema asks for. */
#ifndef KRYFTO_EXTRACT_COERCE_H
#define KRYFTO_EXTRACT_COERCE_H

#include "html/base.h"
#include "json/value.h"

enum want_type { WANT_STRING = 1, WANT_NUMBER = 2, WANT_INTEGER = 4, WANT_BOOLEAN = 8, WANT_NULL = 16, WANT_ARRAY = 32,
	WANT_OBJECT = 64 };

struct want {
	unsigned types;               /* want_type bits; 0: any */
	struct str format;            /* "date", "date-time", "uri" …; NULL: none */
	const struct json *allowed;   /* enum: array, or NULL */
	const struct base_url *base;  /* for "uri" */
	bool comma;                   /* the page's language writes decimals with a comma */
};

/* NULL when the text cannot be of that type. */
const struct json *coerce_text(struct arena *a, const struct want *w, struct str text);
/* The same for a value out of structured data. */
const struct json *coerce_value(struct arena *a, const struct want *w, const struct json *v);

/* The first number in the text: "$1,234.50" 1234.5, "1.234,50 €" 1234.5, "12 %" 12, "-3", "1.5k" 1500. `comma` settles
 * "1.234" and "1,234", which are 1234 and 1.234 then, and the other way round without. */
bool number_in_text(struct str text, bool comma, double *ret);
/* Languages (BCP 47) that write decimals with a comma. */
bool language_has_comma(struct str lang);
/* Lower-case letters and digits of a name: "publish-Date" → "publishdate"; other characters above ASCII stay. */
struct str name_key(struct arena *a, struct str s);

#endif

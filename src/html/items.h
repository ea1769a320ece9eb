/* Microdata (HTML section 5) and RDFa Lite (W3C RDFa Lite 1.1) as items. Internal to html. */
#ifndef KRYFTO_HTML_ITEMS_H
#define KRYFTO_HTML_ITEMS_H

#include "html/base.h"
#include "json/value.h"

#define ITEMS_MAX 5000 /* items of a page */

/* Arrays of {"type":[…],"id"?,"properties":{name:[value…]}}; values are strings or items. */
const struct json *items_microdata(struct arena *a, const struct dom *d, const struct base_url *b);
const struct json *items_rdfa(struct arena *a, const struct dom *d, const struct base_url *b);

#endif

/* The forms of a page and their fields. */
#ifndef KRYFTO_HTML_FORMS_H
#define KRYFTO_HTML_FORMS_H

#include "html/base.h"
#include "json/writer.h"

/* [{"action","method","enctype","id","name","fields":[{"name","type","value","label","required",…,"options":[…]}]}];
 * fields follow the form="" attribute and stand in document order; actions are resolved. */
void forms_write(struct jw *w, struct arena *a, const struct dom *d, const struct base_url *b);

#endif

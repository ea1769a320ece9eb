/* Tags in HTML text, found as the standard's tokeniser finds them (HTML 13.2.5) but without decoding. Internal to html.
 */
#ifndef KRYFTO_HTML_GUARD_LEX_H
#define KRYFTO_HTML_GUARD_LEX_H

#include "base/str.h"

struct guard_tag {
	size_t from, end;   /* the whole tag: s[from, end) */
	struct str name;    /* as written */
	struct str attrs;   /* what stands between the name and '>' */
	size_t attrs_n;
	size_t attrs_cut;   /* where attribute number DOM_ATTRS_MAX begins; 0: there are fewer */
	bool closing, self_closing;
};

/* The next tag at or after `*i`, comments and the like passed over. `cdata`: "<![CDATA[" is not a comment here. Moves
 * `*i` behind it; false at the end of the text (inside a tag: then it is given with `end` 0). */
bool guard_next_tag(struct str s, size_t *i, bool cdata, struct guard_tag *ret);
/* Where the contents of a raw text element end that begin at `i`: at its end tag, or the end of the text. */
size_t guard_raw_end(struct str s, size_t i, struct str name, bool script);

#endif

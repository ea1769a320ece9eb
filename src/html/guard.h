/* What stands between hostile bytes and Gumbo. Internal to html. */
#ifndef KRYFTO_HTML_GUARD_H
#define KRYFTO_HTML_GUARD_H

#include "base/str.h"

/* Whether Gumbo may see this text: it would neither nest too deep nor cost more than linear time. */
bool guard_allows(struct str text);

#endif

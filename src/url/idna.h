/*
 * UTS #46 processing (unicode.org/reports/tr46) with the parameters of the URL Standard: non-transitional,
 * CheckBidi and CheckJoiners on; CheckHyphens, UseSTD3ASCIIRules and VerifyDnsLength off.
 * Private to src/url; everybody else calls host_to_ascii().
 */
#ifndef KRYFTO_URL_IDNA_H
#define KRYFTO_URL_IDNA_H

#include "base/arena.h"
#include "base/err.h"

/* `domain` is valid UTF-8. E_INVALID with the rule in `e`. */
int idna_to_ascii(struct arena *a, struct str domain, struct str *ret, struct err *e);
/* Labels that do not decode stay as they are. */
struct str idna_to_unicode(struct arena *a, struct str ascii);

#endif

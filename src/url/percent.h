/*
 * Percent-encode sets of the URL Standard (1.3), and application/x-www-form-urlencoded (5).
 */
#ifndef KRYFTO_URL_PERCENT_H
#define KRYFTO_URL_PERCENT_H

#include "base/buf.h"

enum url_set { URL_C0, URL_FRAGMENT, URL_QUERY, URL_SPECIAL_QUERY, URL_PATH, URL_USERINFO, URL_COMPONENT };

/* True when `c` (a byte) is in the set: that is, gets encoded. */
bool url_in_set(enum url_set set, unsigned char c);
/* Appends `s` (UTF-8), encoding the set's bytes. */
void url_encode(struct buf *out, struct str s, enum url_set set);

/* One name and value of a query, decoded into `a`; false at the end. `*rest` starts as the query. */
bool form_next(struct arena *a, struct str *rest, struct str *ret_name, struct str *ret_value);
/* Appends "name=value", with '&' before it unless `out` is empty. */
void form_add(struct buf *out, struct str name, struct str value);

#endif

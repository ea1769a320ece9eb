/*
 * Globs over URLs, as recipes and crawls write them.
 *
 * A pattern and its subject are split at runs of '/'. Within a segment `*` stands for any run of
 * characters (at least one when it is the whole segment; never a leading '.'), `?` for one
 * character, `[a-z]` and `[!a-z]` for one of a class; `**` as a whole segment stands for any number
 * of segments that do not begin with '.'. `{a,b}` and `{1..9}` are alternatives, `\` takes the next
 * character literally, a leading '!' negates, a leading '#' makes the pattern match nothing. A
 * trailing '/' of the subject is optional. Matching costs at most pattern × subject steps.
 */
#ifndef KRYFTO_URL_GLOB_H
#define KRYFTO_URL_GLOB_H

#include "url/url.h"

#define GLOB_PATTERN_MAX 2048      /* bytes */
#define GLOB_ALTERNATIVES_MAX 1024 /* after braces are multiplied out */
#define GLOB_EXPANDED_MAX (128 * KiB) /* bytes of all alternatives, those on the way included */
#define GLOB_SUBJECT_MAX (8 * KiB)    /* longer subjects match no pattern, and every negated one */

struct glob;
/* E_LIMIT over the first three limits; every other text is a pattern. Lives in `a`, as does a copy of `pattern`. */
int glob_compile(struct arena *a, struct str pattern, struct glob **ret, struct err *e);
bool glob_match(const struct glob *g, struct str subject);

/*
 * Patterns that begin with "*://" are read as browsers read match patterns: scheme http or https,
 * a host that may begin with "*." or be "*", and a path in which `*` takes anything, '/' included.
 */

/* A recipe's pattern: one with a scheme is held against the full URL, any other against host and path
 * without port and query. */
bool glob_match_recipe(struct arena *a, const struct glob *g, const struct url *u);
/* A crawl's allow or deny pattern: always against the full URL without its fragment. */
bool glob_match_url(struct arena *a, const struct glob *g, const struct url *u);

#endif

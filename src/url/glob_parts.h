/* The two halves of glob.h share these. Private to src/url. */
#ifndef KRYFTO_URL_GLOB_PARTS_H
#define KRYFTO_URL_GLOB_PARTS_H

#include "base/err.h"
#include "base/vec.h"

struct glob_text {
	struct str s;
	size_t from; /* groups are looked for from here on */
};
struct glob_texts {
	struct glob_text *at;
	size_t n, cap;
};

/* Appends every alternative of `pattern`; E_LIMIT when there are more than `limit`, or of more than `bytes`. */
int glob_braces(struct arena *a, struct str pattern, size_t limit, size_t bytes, struct glob_texts *ret);

#endif

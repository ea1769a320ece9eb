/*
 * What UTS #46 and normalisation form C need to know of a code point, out of generated tables; and the
 * two algorithms that work on whole strings of them. Private to src/url.
 */
#ifndef KRYFTO_URL_IDNA_DATA_H
#define KRYFTO_URL_IDNA_DATA_H

#include "base/vec.h"

enum { VALID, IGNORED, DISALLOWED };
enum { B_OTHER, B_L, B_R, B_AL, B_AN, B_EN, B_ES, B_CS, B_ET, B_ON, B_BN, B_NSM };
enum { J_U, J_L, J_R, J_D, J_T };

struct props {
	uint8_t status;
	uint8_t bidi; /* Bidi_Class, B_… */
	uint8_t join; /* Joining_Type, J_… */
	uint8_t mark; /* General_Category is Mark */
	uint8_t ccc;  /* Canonical_Combining_Class */
};

struct cps {
	uint32_t *at;
	size_t n, cap;
};

/* Of a code point that idna_mapping() leaves alone. */
const struct props *idna_props(uint32_t cp);
/* What it is mapped to: `*ret_n` code points, at `room` (of one) or in a table; NULL when it stands for itself. */
const uint32_t *idna_mapping(uint32_t cp, uint32_t *room, size_t *ret_n);

/* Normalisation form C (UAX #15) of `v`, in place; storage may move within `a`. */
void idna_nfc(struct arena *a, struct cps *v);

/* RFC 3492. Decode: E_INVALID for what is none. */
struct buf;
void punycode_encode(const uint32_t *cps, size_t n, struct buf *out);
int punycode_decode(struct arena *a, struct str s, struct cps *ret);

#endif

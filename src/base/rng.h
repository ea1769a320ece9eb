/* Randomness from getrandom(2), and identifiers. Safe after fork. */
#ifndef KRYFTO_BASE_RNG_H
#define KRYFTO_BASE_RNG_H

#include "base/str.h"

void rng_bytes(void *p, size_t n);
uint64_t rng_u64(void);
/* Uniform in [0, n); 0 when n is 0. */
uint64_t rng_below(uint64_t n);
/* Uniform in [0, 1). */
double rng_unit(void);

#define UUID_LEN 36
/* RFC 9562 version 4, lower case, NUL-terminated. */
char *uuid_v4(char out[UUID_LEN + 1]);
/* RFC 9562 version 7: sorts by creation time, to the microsecond. */
char *uuid_v7(char out[UUID_LEN + 1]);
/* 8-4-4-4-12 hex digits, any case, any version. */
bool uuid_valid(struct str s);

#endif

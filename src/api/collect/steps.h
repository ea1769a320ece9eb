/* Descriptors of browser steps and of extraction configurations, as jobs, recipes and crawls carry them. */
#ifndef KRYFTO_API_COLLECT_STEPS_H
#define KRYFTO_API_COLLECT_STEPS_H

#include "json/schema.h"

#define STEPS_MAX 500

extern const struct schema steps_s;      /* array of the tagged union of the 13 types */
extern const struct schema extraction_s; /* {mode, selectors?, jsonSchema?, plugin?} */
extern const struct schema selectors_s;  /* name → selector */
extern const struct schema mode_s;

/* The rule between mode and the part that it needs; adds issues at the current path. */
void extraction_refine(const struct json *v, struct issues *is);

#endif

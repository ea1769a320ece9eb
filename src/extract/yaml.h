/*
 * YAML 1.1 documents as JSON values: what recipe files are read with. One document; anchors, aliases and
 * tags are refused (an alias can stand for more than its size). Plain scalars follow the YAML 1.2 core schema:
 * null, ~ and nothing; true, false; decimal integers and numbers; anything else is a string, as is all that is
 * quoted.
 */
#ifndef KRYFTO_EXTRACT_YAML_H
#define KRYFTO_EXTRACT_YAML_H

#include "json/value.h"

#define YAML_BYTES_MAX (256 * KiB)
#define YAML_DEPTH_MAX 64

/* E_INVALID (the words name the line) or E_LIMIT. Member names must be scalars; of duplicates the last wins. */
int yaml_parse(struct arena *a, struct str text, const struct json **ret, struct err *e);

#endif

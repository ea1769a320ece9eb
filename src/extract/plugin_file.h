/* Finding a plugin: by name, inside one folder, nowhere else. The parent does it; the child cannot open files. */
#ifndef KRYFTO_EXTRACT_PLUGIN_FILE_H
#define KRYFTO_EXTRACT_PLUGIN_FILE_H

#include "base/arena.h"
#include "base/err.h"

#define PLUGIN_NAME_MAX 64
#define PLUGIN_FILE_MAX (256 * KiB)

/* 1 to 64 characters of a-z A-Z 0-9 _ -, the first no dash; with or without ".lua" behind. So no path, no "..". */
bool plugin_name_ok(struct str name);
/* The text of <dir>/<name>.lua. `dir` NULL or empty: plugins are off (E_UNSUPPORTED). E_INVALID for a bad name,
 * E_NOTFOUND, E_LIMIT (file too large), E_IO. */
int plugin_read(const char *dir, struct str name, struct arena *a, struct str *ret, struct err *e);

#endif

/*
 * Settings. One table (settings.def) gives name, type, default, range, unit, reload class, prose;
 * from it come the struct below, the parser for file, environment and flags, `kryftoctl config`,
 * and the man page. Order of precedence: file < environment < flags.
 *
 * A bad value stops the start with a message that names the setting, the value and what is allowed.
 */
#ifndef KRYFTO_CONF_CONF_H
#define KRYFTO_CONF_CONF_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

/* A slice that must not be written anywhere: a type of its own, so that no writer takes it. */
struct secret {
	struct str reveal;
};

struct conf {
#define CONF_STRING(name, env, dflt, reload, prose) struct str name;
#define CONF_SECRET(name, env, dflt, reload, prose) struct secret name;
#define CONF_INT(name, env, dflt, lo, hi, reload, prose) int64_t name;
#define CONF_SIZE(name, env, dflt, lo, hi, reload, prose) int64_t name;
#define CONF_TIME(name, env, dflt, lo, hi, reload, prose) usec_t name;
#define CONF_BOOL(name, env, dflt, reload, prose) bool name;
#define CONF_ENUM(name, env, dflt, words, reload, prose) struct str name;
#include "conf/settings.def"
};

/* Loads defaults, then `path` (NULL: KRYFTO_CONF or none; a missing default file is fine), then the
 * environment, then `--name=value` and `--name value` flags out of argv. Arguments that are no
 * settings are left in argv (compacted, *argc lowered). E_INVALID with words on the first bad value. */
int conf_load(struct conf *c, struct arena *a, const char *path, int *argc, char **argv, struct err *e);
/* One setting by its name or environment variable. */
int conf_set(struct conf *c, struct arena *a, struct str name, struct str value, struct err *e);
/* Rules over more than one setting; called by conf_load. */
int conf_check(const struct conf *c, struct err *e);
/* The whole table as `name = value` lines with prose (secrets as "[set]"), for `kryftoctl config`. */
void conf_dump(const struct conf *c, struct buf *out, bool prose);
/* One line a setting: name, environment variable, default, range, prose; for --help and the man page. */
void conf_describe(struct buf *out, bool roff);
/* Copies the settings that may change while running (reload class R) from `fresh`; returns how many
 * of the others differ, which only a restart applies. */
int conf_reload(struct conf *c, const struct conf *fresh);
/* KRYFTO_SOCKET_MODE as a number. */
int conf_mode(struct str text, int *ret, struct err *e);

#endif

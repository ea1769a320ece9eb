/* Leaving root for a service user. */
#ifndef KRYFTO_PROC_USER_H
#define KRYFTO_PROC_USER_H

#include "base/err.h"

/* A user or group by name or number; E_NOTFOUND with words. */
int user_find(const char *name, uid_t *ret_uid, gid_t *ret_gid, struct err *e);
int group_find(const char *name, gid_t *ret_gid, struct err *e);
/* Groups, then group, then user, for good (checked). Not root already: 0 when `name` is ourselves, else E_DENIED. */
int user_become(const char *name, struct err *e);

#endif

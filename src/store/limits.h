/* Requests a minute by role, for the whole instance. Readers cache it for at most 5 s. */
#ifndef KRYFTO_STORE_LIMITS_H
#define KRYFTO_STORE_LIMITS_H

#include "store/tokens.h"

struct rate_limits {
	int32_t rpm[3]; /* by enum token_role */
};
#define RATE_LIMIT_RPM_MAX 1000000

int limits_get_send(struct db *db, struct err *e);
int limits_get_recv(struct db *db, struct rate_limits *ret, struct err *e);
int limits_get(struct db *db, struct rate_limits *ret, struct err *e);
/* Entries that are 0 stay as they are; `ret` is what holds afterwards. Notifies CH_CONFIG "limits".
 * Audit: admin.rate-limits.update. */
int limits_set(struct db *db, const struct rate_limits *l, const struct audit *who, struct rate_limits *ret,
	       struct err *e);

#endif

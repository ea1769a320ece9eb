/* Who is calling, what was fetched with the authentication, and the phases of every API family. */
#ifndef KRYFTO_API_SESSION_H
#define KRYFTO_API_SESSION_H

#include "api/app.h"
#include "store/artifacts.h"
#include "store/jobs.h"
#include "store/tokens.h"

#define ROLE_ADMIN (1u << TOKEN_ADMIN)
#define ROLE_DEVELOPER (ROLE_ADMIN | 1u << TOKEN_DEVELOPER)
#define ROLE_READONLY (ROLE_DEVELOPER | 1u << TOKEN_READONLY)

/* The state of one request between the phases. */
struct fetched {
	bool refused;   /* a token was needed and none or a bad one came */
	bool down;      /* the database did not answer */
	bool prefetched; /* the route's prefetch was sent: its answers are due, in order */
	struct principal principal;
};

/* --- phases --- */
int phase_auth(struct call *c);
int phase_limit(struct call *c);
int phase_role(struct call *c);
int phase_after(struct call *c); /* the token's last use, leftover answers */
/* The access log line. */
void log_request(struct call *c);

extern const struct phase api_phases[];
extern const char *const api_phase_names[];

/* --- for handlers --- */
/* True when a route's prefetch was sent and its first answer is due now. */
static inline bool call_prefetched(const struct call *c) { return c->fetched && c->fetched->prefetched; }
/* The actor of an audit row; `details` may be a NULL slice. */
struct audit call_audit(const struct call *c, struct str details);
/* 0, or the 403 of a resource that belongs to another project. */
int call_owns(struct call *c, struct str project);

#endif

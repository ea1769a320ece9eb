/*
 * How the crawler asks the egress daemon for leases: lines over a UNIX socket, one answer a request, in order. Values
 * are percent-encoded.
 *
 *	open      (with a listening socket, SCM_RIGHTS)       → ok LEASE
 *	set LEASE job=… hosts=… bytes=N conns=N upstream=…    → ok
 *	last LEASE                                            → ok WORD   (of the last connection, see struct
 *egress_record) close LEASE                                           → ok anything wrong → error WORDS
 *
 * Leases belong to the connection and close with it, so a crawler that dies leaves none behind.
 */
#ifndef KRYFTO_NET_EGRESS_CONTROL_H
#define KRYFTO_NET_EGRESS_CONTROL_H

#include "net/egress.h"

#define EGRESS_LINE_MAX (64 * KiB)
#define EGRESS_LEASES_MAX 4096 /* a connection */

/* --- the daemon's side --- */
struct egress_control;
/* `fd`: listening UNIX socket; becomes the control's. */
int egress_control_new(struct egress *x, struct loop *l, int fd, struct egress_control **ret, struct err *e);
/* Closes all client connections and their leases. */
void egress_control_free(struct egress_control *c);

/* --- the crawler's side; calls wait inside fibers, several may be under way --- */
struct egress_client;
int egress_client_new(struct loop *l, const char *path, struct egress_client **ret, struct err *e);
void egress_client_free(struct egress_client *c);
/* False after the daemon went: make a new client; all its leases are gone. */
bool egress_client_alive(const struct egress_client *c);
/* `fd`: the lease's listening socket; stays the caller's, who may close it after. */
int egress_client_open(struct egress_client *c, int fd, int64_t *ret_lease, struct err *e);
int egress_client_set(struct egress_client *c, int64_t lease, const struct egress_rules *rules, struct err *e);
/* Verdict word of the last connection that was not "ok"; "" when all were. `ret` holds 16 bytes. */
int egress_client_last(struct egress_client *c, int64_t lease, char *ret, struct err *e);
/* Does not wait; fine outside fibers. */
void egress_client_close(struct egress_client *c, int64_t lease);

#endif

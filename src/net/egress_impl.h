/* Shared by egress*.c only. */
#ifndef KRYFTO_NET_EGRESS_IMPL_H
#define KRYFTO_NET_EGRESS_IMPL_H

#include "net/egress.h"
#include "base/arena.h"
#include "base/map.h"

struct egress {
	struct egress_options o;
	size_t connections, leases;
};

/* The addresses of a name as first judged. */
struct egress_pin {
	struct ip at[RESOLVER_ADDRS_MAX];
	size_t n;
	int code;          /* of the lookup or the verdict */
	char why[16];      /* verdict word */
};

struct egress_upstream {
	bool socks;
	struct str host;
	int port;
	struct str user, password; /* decoded; p NULL: none */
};

struct egress_lease {
	struct egress *x;
	struct arena arena;
	struct egress_rules rules;
	struct egress_upstream upstream;
	struct map pins; /* host → struct egress_pin, in the arena */
	struct loop_fd *io;
	int fd;
	int64_t bytes;
	int conns;
	bool set, closed;
	char last[16];
	struct egress_conn *list;
};

struct egress_conn {
	struct egress_lease *lease;
	struct egress_conn *next;
	struct fiber *fiber;
	int client;
};

/* Takes over `fd`. */
void egress_serve(struct egress_lease *l, int fd);
/* Frees a closed lease once its last connection ended. */
void egress_lease_unref(struct egress_lease *l);

#endif

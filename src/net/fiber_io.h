/* Waiting for descriptors, connections and names inside a fiber. Descriptors must be non-blocking. */
#ifndef KRYFTO_NET_FIBER_IO_H
#define KRYFTO_NET_FIBER_IO_H

#include "net/fiber.h"
#include "net/resolver.h"

/* Ready events (a mask of enum loop_events), or E_TIMEOUT, or what the fiber was woken with. */
int fiber_fd_wait(struct loop *l, int fd, int events, usec_t deadline);
/* Bytes read, 0 at the end; E_TIMEOUT, E_IO. */
ssize_t fiber_read(struct loop *l, int fd, void *p, size_t n, usec_t deadline);
/* Writes all of it: 0, E_TIMEOUT, E_IO. */
int fiber_write(struct loop *l, int fd, const void *p, size_t n, usec_t deadline);
/* Dials an address; E_UNAVAIL with words. The descriptor is non-blocking and close-on-exec. */
int fiber_connect(struct loop *l, const struct ip *ip, int port, usec_t deadline, int *ret_fd, struct err *e);
/* All addresses of a name, at most `max`; the resolver's codes. */
int fiber_lookup(struct resolver *r, struct str name, struct ip *ret, size_t max, size_t *ret_n);

#endif

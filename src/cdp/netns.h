/*
 * The kernel's wall around a browser: a network namespace that holds nothing but a loopback device. Whatever the
 * browser or a page in it sends (UDP of WebRTC included, which no flag stopped reliably) ends there; the only way
 * out are the listening sockets that netns_listen() makes inside and hands to the egress proxy outside.
 *
 * A small process stays in the namespace and makes those sockets; it ends when the channel closes.
 */
#ifndef KRYFTO_CDP_NETNS_H
#define KRYFTO_CDP_NETNS_H

#include "base/err.h"

/* In a freshly forked child, before it drops privileges: moves it into a new namespace (and, without root, a new
 * user namespace that maps the user to itself), brings the loopback device up and starts the socket maker, which
 * speaks on `channel`. The socket maker becomes `uid` and `gid` when started as root. Only async-signal-safe calls. 0,
 * or -1 with errno. */
int netns_enter(int channel, uid_t uid, gid_t gid);
/* Outside: a listening TCP socket on 127.0.0.1 inside the namespace behind `channel`. Blocks for microseconds, at most
 * a second. E_UNAVAIL when nobody answers. */
int netns_listen(int channel, int *ret_fd, int *ret_port, struct err *e);

#endif

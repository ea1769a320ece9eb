/* sd_notify(3) without libsystemd: datagrams to $NOTIFY_SOCKET, a path or an abstract name. */
#ifndef KRYFTO_PROC_NOTIFY_H
#define KRYFTO_PROC_NOTIFY_H

#include "base/clock.h"
#include "base/err.h"

/* Sends "READY=1\nSTATUS=…"; 0 when nobody asked (no NOTIFY_SOCKET), E_IO when it failed. */
int notify_send(const char *fmt, ...) PRINTF_LIKE(1, 2);
int notify_ready(const char *status);
/* RELOADING=1 with MONOTONIC_USEC, as Type=notify-reload wants it. */
int notify_reloading(void);
int notify_stopping(void);
/* Half of WATCHDOG_USEC when it is meant for this process, else 0: how often to send "WATCHDOG=1". */
usec_t notify_watchdog(void);

#endif

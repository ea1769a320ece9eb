/*
 * Confinement of a process that computes on hostile input: resource limits, no new privileges, no
 * descriptors, and a seccomp allow-list under which any other system call kills the process.
 * See prctl(2), seccomp(2), setrlimit(2).
 */
#ifndef KRYFTO_PROC_CONFINE_H
#define KRYFTO_PROC_CONFINE_H

#include "base/err.h"

struct confine_limits {
	size_t memory;     /* RLIMIT_AS in bytes, 0: none. Not applied in sanitizer builds (shadow memory). */
	unsigned cpu_secs; /* RLIMIT_CPU, 0: none */
};

/* Closes every descriptor but the `n` in `keep` (ascending). */
int confine_fds(const int *keep, size_t n, struct err *e);
/* RLIMIT_AS and _CPU as given; core dumps, new files, processes and locked memory: none. The process
 * is also made undumpable and dies with its parent. */
int confine_limits(const struct confine_limits *l, struct err *e);
/* For a process started as root: changes to the ids of `nobody` (65534) and drops all groups and
 * capabilities. A no-op for ordinary users. */
int confine_ids(struct err *e);
/* From here on: memory (never executable), clocks, randomness, and send/receive/read/write on
 * descriptors that are open already. Irrevocable. */
int confine_compute_only(struct err *e);

#endif

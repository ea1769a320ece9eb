/* Processes of one browser, found in /proc by a tag in their environment: its zygotes fork and setsid, so neither
 * parent nor group finds them all. */
#ifndef KRYFTO_CDP_PROCTREE_H
#define KRYFTO_CDP_PROCTREE_H

#include "base/err.h"
#include "base/str.h"

#define PROCTREE_TAG "KRYFTO_BROWSER_TAG"
#define PROCTREE_MAX 512

/* Process ids whose environment holds PROCTREE_TAG=<tag>, or which descend from `leader`; at most PROCTREE_MAX. */
size_t proctree_list(const char *tag, pid_t leader, pid_t *ret, size_t max);
/* SIGKILL to all of them, repeated until none is left or `rounds` are over. Returns how many were left. */
size_t proctree_kill(const char *tag, pid_t leader, int rounds);
/* Sum of Pss in bytes. */
int64_t proctree_pss(const char *tag, pid_t leader);
/* The command line with spaces between the arguments; false when it cannot be read. */
bool proctree_cmdline(pid_t pid, char *out, size_t cap);

#endif

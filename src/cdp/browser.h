/*
 * One browser process: spawned with its own profile folder and process group under the service user of
 * browsers, spoken to over a pipe, killed with everything it started.
 *
 * The sandbox stays on: as root the process drops to `user` first, since Chromium refuses to run its
 * sandbox as root; where user namespaces are blocked browser_start() fails and says the remedy, unless
 * `no_sandbox` was set by the operator.
 */
#ifndef KRYFTO_CDP_BROWSER_H
#define KRYFTO_CDP_BROWSER_H

#include "cdp/conn.h"

/* The name behind which the proxies stand; the one name that a browser can resolve. */
#define BROWSER_PROXY_HOST "egress.invalid"
/* Of every window, unless a page asks for another viewport. */
#define BROWSER_WIDTH 1280
#define BROWSER_HEIGHT 800

struct browser;

struct browser_config {
	const char *binary;    /* chromium-headless-shell or chromium; looked up in PATH when without '/' */
	const char *user;      /* to drop to when started as root; NULL or "": nobody */
	const char *run_dir;   /* holds the profile folders; made if missing; must be searchable by `user` */
	bool direct;           /* no proxy at all; for tests of what is not the wall */
	bool no_sandbox;       /* the operator's own decision */
	bool no_netns;         /* the same: leaves the browser in our network namespace */
	bool no_resolver_wall; /* drops the rule that names resolve nowhere; for tests of the other walls */
	const char *const *extra; /* further flags, NULL-terminated; may be NULL */
};

struct browser_version {
	char product[64];    /* "HeadlessChrome/156.0.8078.73" */
	char user_agent[256];
};

/* Inside a fiber: spawns and waits until the browser answers (at most 20 s).
 * `on_gone(arg)` runs once when the process died or its pipe closed without browser_stop(). */
int browser_start(struct loop *l, const struct browser_config *cfg, void (*on_gone)(void *arg), void *arg,
	struct browser **ret, struct err *e);
/* Closes the pipe, gives it `grace`, then kills the process group and what else descends from it, reaps it and
 * removes the profile folder. Inside a fiber. Frees `b`; NULL is fine. */
void browser_stop(struct browser *b, usec_t grace);

/* A listening socket where the browser can reach it: inside its network namespace, or ours without one. The
 * descriptor is the caller's. */
int browser_listen(struct browser *b, int *ret_fd, int *ret_port, struct err *e);

struct cdp *browser_cdp(struct browser *b);
pid_t browser_pid(const struct browser *b);
const char *browser_dir(const struct browser *b);
const struct browser_version *browser_version(const struct browser *b);
usec_t browser_started(const struct browser *b);
bool browser_gone(const struct browser *b);
/* Proportional set size of the whole process tree, from /proc; 0 when it cannot be read. */
int64_t browser_pss(const struct browser *b);

/* What /proc says of a renderer: seccomp filter on, user, pid and net namespaces not ours. Needs a page to exist, and a
 * fiber: waits up to 3 s. 0, E_NOTFOUND without a renderer, E_DENIED with words on what is missing. */
int browser_check_sandbox(const struct browser *b, struct err *e);

/* Removes profile folders below `run_dir` whose browser is not alive, and kills what an earlier daemon left. */
void browser_sweep(const char *run_dir);

#endif

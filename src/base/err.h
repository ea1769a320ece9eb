/*
 * Errors: every function that can fail returns 0 or a negative `enum err_code`; outputs (named `ret_*`,
 * last) stay untouched on failure. The words for a person travel in a `struct err` that the caller
 * owns; a NULL `struct err *` is always allowed and means that nobody reads the words.
 */
#ifndef KRYFTO_BASE_ERR_H
#define KRYFTO_BASE_ERR_H

#include "base/first.h"

enum err_code {
	E_OK = 0,
	E_INVALID = -1,      /* the input breaks a rule that the caller can read */
	E_LIMIT = -2,        /* too large, too deep, too many */
	E_NOTFOUND = -3,
	E_CONFLICT = -4,     /* exists already, or was changed meanwhile */
	E_UNAUTH = -5,       /* no usable credentials */
	E_DENIED = -6,       /* credentials are good, the right is missing */
	E_RATE = -7,         /* over a rate limit */
	E_TIMEOUT = -8,
	E_UNAVAIL = -9,      /* a dependency is down; trying later may help */
	E_IO = -10,          /* the operating system said no; see the words */
	E_PROTO = -11,       /* a peer broke its protocol */
	E_AGAIN = -12,       /* nothing now; call again */
	E_BLOCKED = -13,     /* refused by the SSRF verdict or by robots */
	E_UNSUPPORTED = -14, /* understood, and not offered */
	E_CANCELLED = -15,
	E_LOST = -16,        /* a lease or a lock is no longer ours */
	E_EXISTS = -17,      /* the same thing is there already, unchanged */
	E_GONE = -18,        /* was there, is not any more */
	E_INTERNAL = -19,
};

struct err {
	int code;        /* enum err_code */
	char words[248]; /* for a person; never holds a secret */
};

/* Fills `e` (may be NULL) and returns `code`, so that `return err_set(...)` reads well. */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Like err_set with ": strerror(errno)" behind the words; E_IO unless errno says more. */
int err_errno(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The name of a code, for logs: "invalid", "timeout"; "unknown" for anything else. */
const char *err_name(int code);
/* Prints to stderr and aborts: for broken invariants only. */
NORETURN void die(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif

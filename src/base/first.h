/*
 * The first include of every .c file: feature macros, the C library headers that everything uses,
 * scope-exit cleanup, and a list of functions that nobody here may call.
 *
 * Everything in base aborts the process when memory runs out: sizes are bounded by their owners
 * instead, so that running out is a configuration fault, not an input.
 */
#ifndef KRYFTO_BASE_FIRST_H
#define KRYFTO_BASE_FIRST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define KiB ((size_t)1024)
#define MiB (KiB * 1024)

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
/* `_cleanup_(f) T x`: f(&x) runs when x leaves its scope. */
#define _cleanup_(f) __attribute__((cleanup(f)))

/* The arena `a` may be NULL where a header says "heap". */
/* With clang, glibc's fortified forms of these are macros. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets gmtime localtime ctime asctime system     \
	popen tmpnam mktemp

#endif

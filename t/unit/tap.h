/* Test Anything Protocol for unit programs: one line a check, a plan at the end. */
#ifndef KRYFTO_T_UNIT_TAP_H
#define KRYFTO_T_UNIT_TAP_H

#include "base/first.h"
#include "base/str.h"

/* A check without words of its own is named by its text. */
#pragma GCC diagnostic ignored "-Wformat-zero-length"

static int tap_n, tap_failed;

#define ok(cond, ...) tap_ok((cond), #cond, __FILE__, __LINE__, "" __VA_ARGS__)
#define is_int(got, want, ...) tap_int((int64_t)(got), (int64_t)(want), __FILE__, __LINE__, "" __VA_ARGS__)
#define is_str(got, want, ...) tap_str((got), str_of(want), __FILE__, __LINE__, "" __VA_ARGS__)
#define is_cstr(got, want, ...) tap_str(str_of(got), str_of(want), __FILE__, __LINE__, "" __VA_ARGS__)

PRINTF_LIKE(5, 6)
static inline bool tap_ok(bool cond, const char *text, const char *file, int line, const char *fmt, ...)
{
	char name[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	for (char *p = name; *p; p++)
		if (*p == '\n' || *p == '#')
			*p = ' ';
	printf("%sok %d - %s\n", cond ? "" : "not ", ++tap_n, name[0] ? name : text);
	if (!cond) {
		tap_failed++;
		printf("# failed at %s:%d: %s\n", file, line, text);
	}
	fflush(stdout);
	return cond;
}

#define tap_name_(fmt)                                   \
	char name[200];                                  \
	va_list ap;                                      \
	va_start(ap, fmt);                               \
	vsnprintf(name, sizeof name, fmt, ap);           \
	va_end(ap)

PRINTF_LIKE(5, 6)
static inline bool tap_int(int64_t got, int64_t want, const char *file, int line, const char *fmt, ...)
{
	tap_name_(fmt);
	bool good = tap_ok(got == want, "equal integers", file, line, "%s", name);
	if (!good)
		printf("#   got %" PRId64 "\n#  want %" PRId64 "\n", got, want);
	return good;
}

PRINTF_LIKE(5, 6)
static inline bool tap_str(struct str got, struct str want, const char *file, int line, const char *fmt, ...)
{
	tap_name_(fmt);
	bool good = tap_ok(str_eq(got, want), "equal strings", file, line, "%s", name);
	if (!good)
		printf("#   got |%.*s|\n#  want |%.*s|\n", STR_FMT(got), STR_FMT(want));
	return good;
}

static inline int done_testing(void)
{
	printf("1..%d\n", tap_n);
	return tap_failed ? 1 : 0;
}

#endif

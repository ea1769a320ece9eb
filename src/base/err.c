#include "base/first.h"
#include "base/err.h"

int err_set(struct err *e, int code, const char *fmt, ...)
{
	if (e) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(e->words, sizeof e->words, fmt, ap);
		va_end(ap);
		e->code = code;
	}
	return code;
}

static int code_of_errno(int no)
{
	switch (no) {
	case ENOENT: return E_NOTFOUND;
	case EEXIST: return E_EXISTS;
	case EACCES:
	case EPERM: return E_DENIED;
	case EAGAIN: return E_AGAIN;
	case ETIMEDOUT: return E_TIMEOUT;
	case ECONNREFUSED:
	case ECONNRESET: return E_UNAVAIL;
	default: return E_IO;
	}
}

int err_errno(struct err *e, const char *fmt, ...)
{
	int no = errno, code = code_of_errno(no);
	if (e) {
		va_list ap;
		va_start(ap, fmt);
		int n = vsnprintf(e->words, sizeof e->words, fmt, ap);
		va_end(ap);
		size_t at = MIN((size_t)MAX(n, 0), sizeof e->words - 1);
		snprintf(e->words + at, sizeof e->words - at, ": %s", strerror(no));
		e->code = code;
	}
	return code;
}

const char *err_name(int code)
{
	static const char *const names[] = {
		"ok", "invalid", "limit", "notfound", "conflict", "unauth", "denied", "rate", "timeout",
		"unavailable", "io", "protocol", "again", "blocked", "unsupported", "cancelled", "lost",
		"exists", "gone", "internal",
	};
	return code <= 0 && (size_t)-code < ARRAY_LEN(names) ? names[-code] : "unknown";
}

void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("fatal: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

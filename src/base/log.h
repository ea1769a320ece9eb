/*
 * Log lines: one JSON object a line, {"t","level","prog","pid","msg",…fields}. Only the edge
 * (proc, api, crawl, cmd) logs; library folders return errors. A field whose name is or ends in
 * authorization, token, secret, password or apikey (any case, underscores ignored) is written as
 * "[redacted]", so a secret cannot slip out by its name.
 */
#ifndef KRYFTO_BASE_LOG_H
#define KRYFTO_BASE_LOG_H

#include "base/err.h"
#include "base/str.h"

enum log_level { LOG_TRACE, LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR, LOG_FATAL, LOG_SILENT };

struct log_field {
	const char *name;
	enum { LOG_F_STR, LOG_F_INT, LOG_F_REAL, LOG_F_BOOL } kind;
	struct str s;
	int64_t i;
	double d;
};
#define L_STR(k, v) ((struct log_field){ .name = (k), .kind = LOG_F_STR, .s = (v) })
#define L_CSTR(k, v) L_STR(k, str_of(v))
#define L_INT(k, v) ((struct log_field){ .name = (k), .kind = LOG_F_INT, .i = (int64_t)(v) })
#define L_REAL(k, v) ((struct log_field){ .name = (k), .kind = LOG_F_REAL, .d = (v) })
#define L_BOOL(k, v) ((struct log_field){ .name = (k), .kind = LOG_F_BOOL, .i = (v) })

/* `path` NULL or "-": stderr. The file is opened for append. Returns 0 or E_IO. */
int log_open(const char *prog, const char *path, enum log_level level, struct err *e);
/* Opens the same path anew, after rotation. */
void log_reopen(void);
void log_set_level(enum log_level level);
bool log_on(enum log_level level);
/* "trace" … "silent"; 0 or E_INVALID. */
int log_level_of(struct str name, enum log_level *ret);
void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t n);
/* True for field names that the writers redact; shared with audit and job logs. */
bool log_is_secret_name(struct str name);

/* log_at(LOG_INFO, "worker started", L_INT("slot", 3)); */
#define log_at(level, msg, ...)                                                                       \
	do {                                                                                          \
		if (log_on(level)) {                                                                  \
			const struct log_field log_f_[] = { __VA_ARGS__ };                            \
			log_write((level), (msg), log_f_, sizeof(log_f_) / sizeof(struct log_field)); \
		}                                                                                     \
	} while (0)

#endif

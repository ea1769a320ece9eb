/*
 * Streaming JSON writer into a buf. Commas and nesting are its business, so the caller only says
 * what comes next. Strings that are not UTF-8 get U+FFFD for each error. Output is compact.
 */
#ifndef KRYFTO_JSON_WRITER_H
#define KRYFTO_JSON_WRITER_H

#include "base/buf.h"
#include "base/clock.h"
#include "json/value.h"

struct jw {
	struct buf *out;
	int depth;
	int indent;    /* 0: compact; n: that many spaces a level */
	bool comma;    /* a value stands before, at this level */
	bool keyed;    /* a key was written; its value comes next */
	bool ascii;    /* escape everything beyond ASCII */
};

void jw_init(struct jw *w, struct buf *out);
void jw_object(struct jw *w);
void jw_end_object(struct jw *w);
void jw_array(struct jw *w);
void jw_end_array(struct jw *w);
void jw_key(struct jw *w, const char *name);
void jw_key_str(struct jw *w, struct str name);
void jw_str(struct jw *w, struct str s); /* a NULL slice writes null */
void jw_cstr(struct jw *w, const char *s);
void jw_int(struct jw *w, int64_t v);
void jw_real(struct jw *w, double v); /* shortest form that reads back; null when not finite */
void jw_bool(struct jw *w, bool v);
void jw_null(struct jw *w);
void jw_time(struct jw *w, usec_t t); /* RFC 3339 with milliseconds and Z */
void jw_value(struct jw *w, const struct json *v);
/* Text that is JSON already (from the database, say). Empty text writes null. */
void jw_raw(struct jw *w, struct str json);

/* key + value in one call */
void jw_kstr(struct jw *w, const char *k, struct str s);
void jw_kcstr(struct jw *w, const char *k, const char *s);
void jw_kint(struct jw *w, const char *k, int64_t v);
void jw_kbool(struct jw *w, const char *k, bool v);
void jw_ktime(struct jw *w, const char *k, usec_t t); /* 0 writes null */

/* Whole-value helpers. */
void json_write(struct buf *out, const struct json *v);
void json_write_pretty(struct buf *out, const struct json *v, int indent);
/* Members sorted by name at every level, compact: the form that hashes are taken over. */
void json_write_canonical(struct buf *out, const struct json *v);
struct str json_text(struct arena *a, const struct json *v);

#endif

#include "base/first.h"
#include "json/writer.h"
#include "base/utf8.h"
#include "base/vec.h"

#include <math.h>

void jw_init(struct jw *w, struct buf *out)
{
	*w = (struct jw){ .out = out };
}

static void newline(struct jw *w)
{
	if (!w->indent)
		return;
	buf_addc(w->out, '\n');
	for (int i = 0; i < w->depth * w->indent; i++)
		buf_addc(w->out, ' ');
}

/* What comes before a key or a value. */
static void before(struct jw *w)
{
	if (w->keyed) {
		w->keyed = false;
	} else {
		if (w->comma)
			buf_addc(w->out, ',');
		if (w->depth)
			newline(w);
	}
	w->comma = true;
}

static void open(struct jw *w, char c)
{
	before(w);
	buf_addc(w->out, c);
	w->depth++;
	w->comma = false;
}

static void close_(struct jw *w, char c)
{
	bool some = w->comma;
	w->depth--;
	if (some)
		newline(w);
	buf_addc(w->out, c);
	w->comma = true;
}

void jw_object(struct jw *w) { open(w, '{'); }
void jw_end_object(struct jw *w) { close_(w, '}'); }
void jw_array(struct jw *w) { open(w, '['); }
void jw_end_array(struct jw *w) { close_(w, ']'); }

static void put_escape(struct buf *b, uint32_t cp)
{
	switch (cp) {
	case '"': buf_addz(b, "\\\""); break;
	case '\\': buf_addz(b, "\\\\"); break;
	case '\n': buf_addz(b, "\\n"); break;
	case '\r': buf_addz(b, "\\r"); break;
	case '\t': buf_addz(b, "\\t"); break;
	case '\b': buf_addz(b, "\\b"); break;
	case '\f': buf_addz(b, "\\f"); break;
	default:
		if (cp >= 0x10000) {
			buf_addf(b, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((cp - 0x10000) >> 10)),
				(unsigned)(0xdc00 + ((cp - 0x10000) & 0x3ff)));
		} else {
			buf_addf(b, "\\u%04x", (unsigned)cp);
		}
	}
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' && c != 0x7f;
}

static void put_string(struct jw *w, struct str s)
{
	struct buf *b = w->out;
	buf_addc(b, '"');
	for (size_t i = 0; i < s.n;) {
		size_t at = i;
		while (i < s.n && plain((unsigned char)s.p[i]))
			i++;
		buf_add(b, s.p + at, i - at);
		if (i == s.n)
			break;
		at = i;
		uint32_t cp = utf8_next(s, &i);
		if (cp < 0x80 || w->ascii)
			put_escape(b, cp);
		else if (cp == UTF8_BAD)
			utf8_put(b, cp);
		else
			buf_add(b, s.p + at, i - at);
	}
	buf_addc(b, '"');
}

void jw_key_str(struct jw *w, struct str name)
{
	before(w);
	put_string(w, name);
	buf_addc(w->out, ':');
	if (w->indent)
		buf_addc(w->out, ' ');
	w->keyed = true;
}

void jw_key(struct jw *w, const char *name)
{
	jw_key_str(w, str_of(name));
}

void jw_str(struct jw *w, struct str s)
{
	before(w);
	if (s.p)
		put_string(w, s);
	else
		buf_addz(w->out, "null");
}

void jw_cstr(struct jw *w, const char *s)
{
	jw_str(w, str_of(s));
}

void jw_int(struct jw *w, int64_t v)
{
	before(w);
	buf_addi(w->out, v);
}

void jw_real(struct jw *w, double v)
{
	char text[32];
	before(w);
	if (!isfinite(v)) {
		buf_addz(w->out, "null");
		return;
	}
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, v);
		if (strtod(text, NULL) == v)
			break;
	}
	buf_addz(w->out, text);
}

void jw_bool(struct jw *w, bool v)
{
	before(w);
	buf_addz(w->out, v ? "true" : "false");
}

void jw_null(struct jw *w)
{
	before(w);
	buf_addz(w->out, "null");
}

void jw_time(struct jw *w, usec_t t)
{
	char iso[CLOCK_ISO_MAX];
	jw_cstr(w, clock_iso(t, iso));
}

void jw_raw(struct jw *w, struct str json)
{
	before(w);
	if (json.n)
		buf_adds(w->out, json);
	else
		buf_addz(w->out, "null");
}

void jw_kstr(struct jw *w, const char *k, struct str s)
{
	jw_key(w, k);
	jw_str(w, s);
}

void jw_kcstr(struct jw *w, const char *k, const char *s)
{
	jw_kstr(w, k, str_of(s));
}

void jw_kint(struct jw *w, const char *k, int64_t v)
{
	jw_key(w, k);
	jw_int(w, v);
}

void jw_kbool(struct jw *w, const char *k, bool v)
{
	jw_key(w, k);
	jw_bool(w, v);
}

void jw_ktime(struct jw *w, const char *k, usec_t t)
{
	jw_key(w, k);
	if (t)
		jw_time(w, t);
	else
		jw_null(w);
}

struct level {
	const struct json *v;
	const struct json_member *members;
	uint32_t i;
};
struct levels {
	struct level *at;
	size_t n, cap;
};

static int by_name(const void *x, const void *y)
{
	return str_cmp(((const struct json_member *)x)->name, ((const struct json_member *)y)->name);
}

/* Writes a scalar, or opens a container and puts it on the stack. */
static void enter(struct jw *w, const struct json *v, struct levels *stack, bool sorted)
{
	static const struct json none = { .kind = J_NULL };
	v = v ? v : &none;
	switch (v->kind) {
	case J_NULL: jw_null(w); return;
	case J_FALSE:
	case J_TRUE: jw_bool(w, v->kind == J_TRUE); return;
	case J_INT: jw_int(w, v->i); return;
	case J_REAL: jw_real(w, v->d); return;
	case J_STRING: jw_str(w, v->s); return;
	case J_ARRAY:
		open(w, '[');
		break;
	case J_OBJECT:
		open(w, '{');
		break;
	}
	struct level l = { .v = v };
	if (v->kind == J_OBJECT) {
		l.members = v->members;
		if (sorted && v->n) {
			struct json_member *m = xmalloc(v->n * sizeof *m);
			memcpy(m, v->members, v->n * sizeof *m);
			qsort(m, v->n, sizeof *m, by_name);
			l.members = m;
		}
	}
	vec_push(NULL, stack, l);
}

static void write_tree(struct jw *w, const struct json *v, bool sorted)
{
	struct levels stack = { 0 };
	enter(w, v, &stack, sorted);
	while (stack.n) {
		struct level *l = &vec_last(&stack);
		if (l->i == l->v->n) {
			close_(w, l->v->kind == J_ARRAY ? ']' : '}');
			if (sorted && l->v->kind == J_OBJECT && l->v->n)
				free((void *)l->members);
			stack.n--;
			continue;
		}
		uint32_t i = l->i++;
		if (l->v->kind == J_ARRAY) {
			enter(w, l->v->items[i], &stack, sorted);
		} else {
			jw_key_str(w, l->members[i].name);
			enter(w, l->members[i].value, &stack, sorted);
		}
	}
	vec_release(&stack);
}

void jw_value(struct jw *w, const struct json *v)
{
	write_tree(w, v, false);
}

void json_write(struct buf *out, const struct json *v)
{
	struct jw w;
	jw_init(&w, out);
	write_tree(&w, v, false);
}

void json_write_pretty(struct buf *out, const struct json *v, int indent)
{
	struct jw w;
	jw_init(&w, out);
	w.indent = indent;
	write_tree(&w, v, false);
}

void json_write_canonical(struct buf *out, const struct json *v)
{
	struct jw w;
	jw_init(&w, out);
	write_tree(&w, v, true);
}

struct str json_text(struct arena *a, const struct json *v)
{
	struct buf b;
	buf_init(&b, a, 0);
	json_write(&b, v);
	return buf_str(&b);
}

#include "base/first.h"
#include "json/schema.h"

void issues_init(struct issues *is, struct arena *a)
{
	is->arena = a;
	is->n = 0;
	is->depth = 0;
}

static void add(struct issues *is, const char *code, struct str extra, struct str message)
{
	if (is->n < ISSUES_MAX) {
		struct path_part *path = arena_array(is->arena, struct path_part, is->depth);
		memcpy(path, is->path, is->depth * sizeof *path);
		is->at[is->n] = (struct issue){
			.code = code, .path = path, .path_n = is->depth, .message = message, .extra = extra
		};
	}
	is->n++;
}

static struct str format(struct arena *a, const char *fmt, va_list ap)
{
	char text[512];
	vsnprintf(text, sizeof text, fmt, ap);
	return arena_str(a, str_of(text));
}

void issue_add(struct issues *is, const char *code, struct str extra, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add(is, code, extra, format(is->arena, fmt, ap));
	va_end(ap);
}

void issue_add_at(struct issues *is, const char *member, const char *code, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	is->path[is->depth++] = (struct path_part){ .name = str_of(member) };
	add(is, code, STR_NULL, format(is->arena, fmt, ap));
	is->depth--;
	va_end(ap);
}

void issues_write(struct jw *w, const struct issues *is)
{
	jw_array(w);
	for (size_t i = 0; i < MIN(is->n, (size_t)ISSUES_MAX); i++) {
		const struct issue *x = &is->at[i];
		jw_object(w);
		jw_kcstr(w, "code", x->code);
		if (x->extra.n) {
			/* Ready members: the writer only has to know that they are there. */
			buf_addc(w->out, ',');
			buf_adds(w->out, x->extra);
		}
		jw_key(w, "path");
		jw_array(w);
		for (size_t k = 0; k < x->path_n; k++) {
			if (x->path[k].name.p)
				jw_str(w, x->path[k].name);
			else
				jw_int(w, (int64_t)x->path[k].index);
		}
		jw_end_array(w);
		jw_kstr(w, "message", x->message);
		jw_end_object(w);
	}
	jw_end_array(w);
}

static void messages_of(struct jw *w, const struct issues *is, struct str first)
{
	jw_array(w);
	for (size_t i = 0; i < MIN(is->n, (size_t)ISSUES_MAX); i++) {
		const struct issue *x = &is->at[i];
		bool form = x->path_n == 0;
		if (first.p ? !form && str_eq(x->path[0].name, first) : form)
			jw_str(w, x->message);
	}
	jw_end_array(w);
}

void issues_write_flat_members(struct jw *w, const struct issues *is)
{
	size_t n = MIN(is->n, (size_t)ISSUES_MAX);
	jw_key(w, "formErrors");
	messages_of(w, is, STR_NULL);
	jw_key(w, "fieldErrors");
	jw_object(w);
	for (size_t i = 0; i < n; i++) {
		const struct issue *x = &is->at[i];
		bool seen = x->path_n == 0 || !x->path[0].name.p;
		for (size_t k = 0; k < i && !seen; k++)
			seen = is->at[k].path_n && str_eq(is->at[k].path[0].name, x->path[0].name);
		if (seen)
			continue;
		jw_key_str(w, x->path[0].name);
		messages_of(w, is, x->path[0].name);
	}
	jw_end_object(w);
}

void issues_write_flat(struct jw *w, const struct issues *is)
{
	jw_object(w);
	issues_write_flat_members(w, is);
	jw_end_object(w);
}

/* JSON values as YAML 1.2 block style: what people read of the API description. */
#include "base/first.h"
#include "http/openapi.h"
#include "json/writer.h"

struct level {
	const struct json *v;
	uint32_t i;
	int indent;
	bool inline_first; /* the first line goes on behind "- " */
};

static bool is_word(struct str s)
{
	static const char *const taken[] = { "true", "false", "null", "yes", "no", "on", "off", "y", "n" };
	if (!s.n || s.n > 100 || !(is_alpha((unsigned char)s.p[0]) || s.p[0] == '$') || s.p[s.n - 1] == ' ')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum((unsigned char)s.p[i]) && !strchr("_ ./-$", s.p[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (str_eqi(s, str_of(taken[i])))
			return false;
	return true;
}

static void text(struct buf *out, struct str s)
{
	struct jw w;
	if (is_word(s)) {
		buf_adds(out, s);
		return;
	}
	jw_init(&w, out); /* a JSON string is a YAML double-quoted scalar */
	jw_str(&w, s);
}

static void pad(struct buf *out, int n)
{
	while (n-- > 0)
		buf_addc(out, ' ');
}

/* Scalars and empty containers, which fit on the line; false for the others. */
static bool on_line(struct buf *out, const struct json *v)
{
	if ((v->kind == J_OBJECT || v->kind == J_ARRAY) && v->n)
		return false;
	if (v->kind == J_STRING)
		text(out, v->s);
	else if (v->kind == J_OBJECT)
		buf_addz(out, "{}");
	else if (v->kind == J_ARRAY)
		buf_addz(out, "[]");
	else
		json_write(out, v);
	buf_addc(out, '\n');
	return true;
}

void yaml_write(struct buf *out, const struct json *v)
{
	struct level stack[JSON_DEPTH_MAX + 1];
	int depth = 0;
	if (on_line(out, v))
		return;
	stack[0] = (struct level){ .v = v };
	while (depth >= 0) {
		struct level *l = &stack[depth];
		if (l->i == l->v->n) {
			depth--;
			continue;
		}
		bool first = l->i == 0 && l->inline_first, list = l->v->kind == J_ARRAY;
		const struct json *item = list ? l->v->items[l->i] : l->v->members[l->i].value;
		if (!first)
			pad(out, l->indent);
		if (list) {
			buf_addz(out, "- ");
		} else {
			text(out, l->v->members[l->i].name);
			buf_addz(out, item->n && (item->kind == J_OBJECT || item->kind == J_ARRAY) ? ":\n" : ": ");
		}
		l->i++;
		if (!on_line(out, item) && depth < JSON_DEPTH_MAX) {
			stack[depth + 1] = (struct level){ .v = item, .indent = l->indent + 2, .inline_first = list };
			depth++;
		}
	}
}

#include "base/first.h"
#include "base/utf8.h"
#include "html/json_ld.h"

#define SCRIPT_MAX (2 * MiB)
#define MENDED_DEPTH 100

/* ---- mending */

struct mend {
	struct str s;
	size_t i;
	struct buf out;
	char open[MENDED_DEPTH]; /* closing brackets still owed */
	int depth;
};

static void drop_comma(struct buf *out)
{
	while (out->n && is_space(out->p[out->n - 1]))
		out->n--;
	if (out->n && out->p[out->n - 1] == ',')
		out->n--;
}

static void mend_escape(struct mend *m)
{
	char c = m->i + 1 < m->s.n ? m->s.p[m->i + 1] : 0;
	bool four = c == 'u' && m->i + 5 < m->s.n;
	for (size_t k = 2; four && k < 6; k++)
		four = is_xdigit(m->s.p[m->i + k]);
	if (four || (c && strchr("\"\\/bfnrt", c)))
		buf_adds(&m->out, str_sub(m->s, m->i, 2));
	else if (c == '\'')
		buf_addc(&m->out, c);
	else if (c)
		buf_addf(&m->out, "\\\\%s", c == '\n' ? "n" : "");
	m->i += c && !(c == '\'' || four || strchr("\"\\/bfnrt\n", c)) ? 1 : 2;
}

static void mend_string(struct mend *m)
{
	char quote = m->s.p[m->i++];
	buf_addc(&m->out, '"');
	while (m->i < m->s.n && m->s.p[m->i] != quote) {
		unsigned char c = (unsigned char)m->s.p[m->i];
		if (c == '\\') {
			mend_escape(m);
			continue;
		}
		if (c == '"')
			buf_addz(&m->out, "\\\"");
		else if (c < 0x20)
			buf_addz(&m->out, c == '\n' ? "\\n" : c == '\t' ? "\\t" : " ");
		else
			buf_addc(&m->out, (char)c);
		m->i++;
	}
	m->i++;
	buf_addc(&m->out, '"');
}

/* Passes white space, comments and CDATA marks; true when it moved. */
static bool skip_comment(struct mend *m)
{
	static const struct {
		const char *from, *to;
	} comments[] = { { "<![CDATA[", NULL }, { "]]>", NULL }, { "<!--", NULL }, { "-->", NULL }, { "/*", "*/" },
		{ "//", "\n" } };
	struct str rest = str_from(m->s, m->i);
	for (size_t k = 0; k < ARRAY_LEN(comments); k++) {
		if (!str_starts(rest, str_of(comments[k].from)))
			continue;
		m->i += strlen(comments[k].from);
		if (comments[k].to) {
			/* "//<![CDATA[" ends with the mark, not with the line */
			struct str body = str_from(m->s, m->i);
			if (str_starts(str_trim(body), STR("<![CDATA[")) || str_starts(str_trim(body), STR("]]>")))
				return true;
			size_t end = str_find(body, str_of(comments[k].to));
			m->i = end == STR_NPOS ? m->s.n : m->i + end + strlen(comments[k].to);
		}
		return true;
	}
	return false;
}

static bool close_bracket(struct mend *m, char c)
{
	/* A wrong bracket closes what it can. */
	int at = m->depth;
	while (at > 0 && m->open[at - 1] != c)
		at--;
	if (!at)
		return false;
	drop_comma(&m->out);
	while (m->depth >= at)
		buf_addc(&m->out, m->open[--m->depth]);
	return true;
}

/* One value from `m->i` on into `m->out`. */
static void mend_value(struct mend *m)
{
	buf_clear(&m->out);
	m->depth = 0;
	bool begun = false;
	while (m->i < m->s.n && !(begun && !m->depth)) {
		char c = m->s.p[m->i];
		if (skip_comment(m))
			continue;
		if (c == '"' || c == '\'') {
			mend_string(m);
			begun = true;
		} else if (c == '{' || c == '[') {
			begun = true;
			if (m->depth == MENDED_DEPTH) {
				m->i = m->s.n;
				return;
			}
			m->open[m->depth++] = c == '{' ? '}' : ']';
			buf_addc(&m->out, c);
			m->i++;
		} else if (c == '}' || c == ']') {
			close_bracket(m, c);
			m->i++;
		} else if (c == ',' && m->out.n &&
			   (m->out.p[m->out.n - 1] == ',' || strchr("{[", m->out.p[m->out.n - 1]))) {
			m->i++;
		} else {
			if (m->depth && !is_space(c))
				buf_addc(&m->out, c);
			m->i++;
		}
	}
	drop_comma(&m->out);
	while (m->depth)
		buf_addc(&m->out, m->open[--m->depth]);
}

/* ---- reading */

static void add(struct arena *a, struct json *array, const struct json *v)
{
	if (v->kind == J_OBJECT)
		json_push(a, array, v);
	for (uint32_t i = 0; v->kind == J_ARRAY && i < v->n; i++)
		if (v->items[i]->kind == J_OBJECT)
			json_push(a, array, v->items[i]);
}

void json_ld_read(struct arena *a, struct str script, struct json *array)
{
	static const struct json_limits limits = { .bytes = SCRIPT_MAX };
	const struct json *v;
	script = str_trim(script);
	if (str_starts(script, STR("\xEF\xBB\xBF")))
		script = str_from(script, 3);
	if (!script.n || script.n > SCRIPT_MAX)
		return;
	if (json_parse(a, script, &limits, &v, NULL) == 0) {
		add(a, array, v);
		return;
	}
	struct mend m = { .s = script };
	buf_init(&m.out, a, 2 * SCRIPT_MAX);
	for (int values = 0; m.i < script.n && values < 100; values++) {
		mend_value(&m);
		if (m.out.n && json_parse(a, buf_str(&m.out), &limits, &v, NULL) == 0)
			add(a, array, v);
	}
}

/* ---- looking */

struct str json_ld_local_name(struct str type)
{
	size_t cut = 0;
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] == '/' || type.p[i] == '#' || type.p[i] == ':')
			cut = i + 1;
	return str_from(type, cut);
}

bool json_ld_is(const struct json *node, const char *type)
{
	const struct json *t = json_get(node, "@type");
	if (json_is(t, J_STRING))
		return str_is(json_ld_local_name(t->s), type);
	for (size_t i = 0; json_is(t, J_ARRAY) && i < t->n; i++)
		if (str_is(json_ld_local_name(json_str(t->items[i], STR(""))), type))
			return true;
	return false;
}

size_t json_ld_nodes(const struct json *array, const struct json **ret, size_t max)
{
	size_t n = 0;
	for (size_t i = 0; array && i < array->n && n < max; i++) {
		const struct json *v = array->items[i], *graph = json_get(v, "@graph");
		if (json_get(v, "@type"))
			ret[n++] = v;
		if (json_is(graph, J_OBJECT) && n < max)
			ret[n++] = graph;
		for (size_t k = 0; json_is(graph, J_ARRAY) && k < graph->n && n < max; k++)
			if (json_get(graph->items[k], "@type"))
				ret[n++] = graph->items[k];
	}
	return n;
}

#include "base/first.h"
#include "extract/yaml.h"
#include "base/scan.h"
#include "base/utf8.h"

#include <yaml.h>

struct level {
	struct json *node; /* array or object */
	struct str name;   /* of the member whose value comes next; NULL: a name comes next */
};

struct reader {
	struct arena *arena;
	struct level at[YAML_DEPTH_MAX];
	int depth;
	const struct json *root;
	struct err *err;
};

static int fail(struct reader *r, const yaml_event_t *ev, int code, const char *words)
{
	return err_set(r->err, code, "line %zu: %s", ev->start_mark.line + 1, words);
}

static bool is_any(struct str s, const char *const *words)
{
	for (; *words; words++)
		if (str_is(s, *words))
			return true;
	return false;
}

static const struct json *plain(struct arena *a, struct str s)
{
	static const char *const nulls[] = { "", "~", "null", "Null", "NULL", NULL };
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = { "false", "False", "FALSE", NULL };
	int64_t i;
	double d;
	if (is_any(s, nulls))
		return &json_null_v;
	if (is_any(s, trues))
		return &json_true_v;
	if (is_any(s, falses))
		return &json_false_v;
	if (scan_i64(s, &i) == 0)
		return json_new_int(a, i);
	if (scan_double(s, &d) == 0)
		return json_new_real(a, d);
	return json_new_str(a, s);
}

static int add(struct reader *r, const yaml_event_t *ev, const struct json *v)
{
	if (!r->depth) {
		r->root = v;
		return 0;
	}
	struct level *l = &r->at[r->depth - 1];
	if (l->node->kind == J_ARRAY) {
		json_push(r->arena, l->node, v);
		return 0;
	}
	if (l->name.p) {
		json_set(r->arena, l->node, l->name, v);
		l->name = STR_NULL;
		return 0;
	}
	return fail(r, ev, E_INVALID, "a member's name must be a scalar");
}

static int scalar(struct reader *r, const yaml_event_t *ev)
{
	struct str s = arena_str(r->arena, str_n((const char *)ev->data.scalar.value, ev->data.scalar.length));
	if (ev->data.scalar.anchor || (ev->data.scalar.tag && !ev->data.scalar.quoted_implicit))
		return fail(r, ev, E_INVALID, "anchors and tags are not read");
	if (memchr(s.p, 0, s.n) || !utf8_valid(s))
		return fail(r, ev, E_INVALID, "text must be UTF-8 without NUL");
	struct level *l = r->depth ? &r->at[r->depth - 1] : NULL;
	if (l && l->node->kind == J_OBJECT && !l->name.p) {
		l->name = s;
		return 0;
	}
	bool bare = ev->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	return add(r, ev, bare ? plain(r->arena, s) : json_new_str(r->arena, s));
}

static int open_level(struct reader *r, const yaml_event_t *ev, struct json *node, bool marked)
{
	if (marked)
		return fail(r, ev, E_INVALID, "anchors and tags are not read");
	if (r->depth == YAML_DEPTH_MAX)
		return fail(r, ev, E_LIMIT, "nested too deeply");
	int rc = add(r, ev, node);
	if (rc == 0)
		r->at[r->depth++] = (struct level){ .node = node };
	return rc;
}

static int take(struct reader *r, const yaml_event_t *ev)
{
	switch (ev->type) {
	case YAML_SCALAR_EVENT: return scalar(r, ev);
	case YAML_SEQUENCE_START_EVENT:
		return open_level(r, ev, json_new_array(r->arena),
			ev->data.sequence_start.anchor || ev->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return open_level(r, ev, json_new_object(r->arena),
			ev->data.mapping_start.anchor || ev->data.mapping_start.tag);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT: r->depth--; return 0;
	case YAML_ALIAS_EVENT: return fail(r, ev, E_INVALID, "anchors and tags are not read");
	case YAML_DOCUMENT_START_EVENT:
		return r->root ? fail(r, ev, E_INVALID, "more than one document") : 0;
	default: return 0;
	}
}

static int run(yaml_parser_t *p, struct reader *r)
{
	for (bool more = true; more;) {
		yaml_event_t ev;
		if (!yaml_parser_parse(p, &ev))
			return err_set(r->err, E_INVALID, "line %zu: %s", p->problem_mark.line + 1,
				p->problem ? p->problem : "no YAML");
		int rc = take(r, &ev);
		more = ev.type != YAML_STREAM_END_EVENT;
		yaml_event_delete(&ev);
		if (rc < 0)
			return rc;
	}
	return r->root ? 0 : err_set(r->err, E_INVALID, "the document is empty");
}

int yaml_parse(struct arena *a, struct str text, const struct json **ret, struct err *e)
{
	struct reader r = { .arena = a, .err = e };
	yaml_parser_t p;
	if (text.n > YAML_BYTES_MAX)
		return err_set(e, E_LIMIT, "more than %zu bytes", (size_t)YAML_BYTES_MAX);
	if (!yaml_parser_initialize(&p))
		die("no memory for a YAML parser");
	yaml_parser_set_encoding(&p, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&p, (const unsigned char *)text.p, text.n);
	int rc = run(&p, &r);
	yaml_parser_delete(&p);
	if (rc == 0)
		*ret = r.root;
	return rc;
}

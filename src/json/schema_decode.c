/* From a checked value to a struct, and to the normal form: unknown members out, defaults in. */
#include "base/first.h"
#include "json/schema.h"
#include "base/scan.h"

static const struct json *normal(const struct schema *s, const struct json *v, struct arena *a);

static const struct json *fallback_of(const struct field *f, struct arena *a)
{
	const struct json *v;
	if (!f->fallback)
		return NULL;
	if (json_parse(a, str_of(f->fallback), NULL, &v, NULL) < 0)
		die("schema field %s: its default is not JSON", f->name);
	return v;
}

/* The member or its default; NULL when there is neither. */
static const struct json *member(const struct json *v, const struct field *f, struct arena *a)
{
	const struct json *m = json_get(v, f->name);
	if (!m && f->alias)
		m = json_get(v, f->alias);
	return m ? m : fallback_of(f, a);
}

static const struct json *normal_object(const struct schema *s, const struct json *v, struct arena *a)
{
	struct json *o = json_new_object(a);
	for (const struct field *f = s->object.fields; f->name; f++) {
		const struct json *m = member(v, f, a);
		if (m)
			json_put(a, o, str_of(f->name), json_is(m, J_NULL) ? m : normal(f->schema, m, a));
	}
	return o;
}

static const struct json *normal_union(const struct schema *s, const struct json *v, struct arena *a)
{
	const struct json *tag = json_get(v, s->union_.tag);
	for (const struct arm *m = s->union_.arms; m->tag; m++) {
		if (!str_is(json_str(tag, STR_NULL), m->tag))
			continue;
		const struct json *body = normal(m->schema, v, a);
		if (json_get(body, s->union_.tag))
			return body;
		struct json *o = json_new_object(a);
		json_put(a, o, str_of(s->union_.tag), tag);
		for (uint32_t i = 0; i < body->n; i++)
			json_put(a, o, body->members[i].name, body->members[i].value);
		return o;
	}
	return v;
}

static const struct json *normal(const struct schema *s, const struct json *v, struct arena *a)
{
	struct json *out;
	switch (s->kind) {
	case S_OBJECT: return normal_object(s, v, a);
	case S_UNION: return normal_union(s, v, a);
	case S_ARRAY:
		out = json_new_array(a);
		for (uint32_t i = 0; i < v->n; i++)
			json_push(a, out, normal(s->array.item, v->items[i], a));
		return out;
	case S_RECORD:
		out = json_new_object(a);
		for (uint32_t i = 0; i < v->n; i++)
			json_put(a, out, v->members[i].name, normal(s->record.value, v->members[i].value, a));
		return out;
	case S_STRING: return s->string.trim ? json_new_str(a, str_trim(v->s)) : v;
	case S_INTEGER: return json_is(v, J_REAL) ? json_new_int(a, json_int(v, 0)) : v;
	default: return v;
	}
}

const struct json *schema_normal(const struct schema *s, const struct json *v, struct arena *a)
{
	if (!v && s->kind == S_OBJECT)
		v = json_new_object(a);
	return v ? normal(s, v, a) : NULL;
}

static bool is_opt_bool(const struct field *f)
{
	return f->schema->kind == S_BOOLEAN && f->opt;
}

static void decode_member(const struct field *f, const struct json *m, struct arena *a, char *out)
{
	void *at = out + f->offset;
	switch (f->schema->kind) {
	case S_STRING: *(struct str *)at = f->schema->string.trim ? str_trim(m->s) : m->s; break;
	case S_INTEGER:
		if (f->opt)
			*(struct opt_int *)at = (struct opt_int){ true, json_int(m, 0) };
		else
			*(int64_t *)at = json_int(m, 0);
		break;
	case S_NUMBER: *(double *)at = json_number(m, 0); break;
	case S_BOOLEAN:
		if (is_opt_bool(f))
			*(struct opt_bool *)at = (struct opt_bool){ true, json_is(m, J_TRUE) };
		else
			*(bool *)at = json_is(m, J_TRUE);
		break;
	case S_OBJECT:
		if (f->as_json)
			*(const struct json **)at = normal(f->schema, m, a);
		else
			schema_decode(f->schema, m, a, at);
		break;
	default: *(const struct json **)at = normal(f->schema, m, a); break;
	}
}

void schema_decode(const struct schema *s, const struct json *v, struct arena *a, void *out)
{
	assert(s->kind == S_OBJECT && s->object.size);
	memset(out, 0, s->object.size);
	for (const struct field *f = s->object.fields; f->name; f++) {
		if (!f->decode)
			continue;
		const struct json *m = member(v, f, a);
		if (m && !json_is(m, J_NULL))
			decode_member(f, m, a, out);
		else if (!m && f->schema->kind == S_OBJECT && !f->as_json)
			schema_decode(f->schema, NULL, a, (char *)out + f->offset);
	}
}

/* What a parameter's text means by its schema; text that does not fit stays a string and fails the check. */
static const struct json *from_text(const struct schema *s, struct str text, struct arena *a)
{
	int64_t i;
	double d;
	bool b;
	if (s->kind == S_INTEGER && scan_i64(text, &i) == 0)
		return json_new_int(a, i);
	if ((s->kind == S_NUMBER || s->kind == S_INTEGER) && scan_double(text, &d) == 0)
		return json_new_real(a, d);
	if (s->kind == S_BOOLEAN && scan_bool(text, &b) == 0)
		return json_new_bool(b);
	return json_new_str(a, text);
}

int schema_check_text(const struct schema *s, struct str (*get)(void *ctx, const char *name), void *ctx,
	struct arena *a, void *out, struct issues *is)
{
	struct json *o = json_new_object(a);
	for (const struct field *f = s->object.fields; f->name; f++) {
		struct str text = get(ctx, f->name);
		if (!text.p && f->alias)
			text = get(ctx, f->alias);
		if (text.p)
			json_put(a, o, str_of(f->name), from_text(f->schema, text, a));
	}
	int rc = schema_check(s, o, is);
	if (rc == 0 && out)
		schema_decode(s, o, a, out);
	return rc;
}

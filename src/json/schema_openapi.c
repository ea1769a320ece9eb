/* Descriptors as JSON Schema 2020-12, the dialect of OpenAPI 3.1. */
#include "base/first.h"
#include "json/schema.h"

static void write_body(struct jw *w, const struct schema *s);

static void write_ref(struct jw *w, const struct schema *s, const struct field *f)
{
	if (s->component) {
		char ref[160];
		snprintf(ref, sizeof ref, "#/components/schemas/%s", s->component);
		jw_object(w);
		jw_kcstr(w, "$ref", ref);
		if (f && f->doc)
			jw_kcstr(w, "description", f->doc);
		jw_end_object(w);
		return;
	}
	jw_object(w);
	write_body(w, s);
	if (f && f->doc)
		jw_kcstr(w, "description", f->doc);
	if (f && f->fallback) {
		jw_key(w, "default");
		jw_raw(w, str_of(f->fallback));
	}
	jw_end_object(w);
}

static void write_member(struct jw *w, const struct field *f)
{
	jw_key(w, f->name);
	if (!f->nullable) {
		write_ref(w, f->schema, f);
		return;
	}
	jw_object(w);
	jw_key(w, "anyOf");
	jw_array(w);
	write_ref(w, f->schema, NULL);
	jw_object(w);
	jw_kcstr(w, "type", "null");
	jw_end_object(w);
	jw_end_array(w);
	if (f->doc)
		jw_kcstr(w, "description", f->doc);
	jw_end_object(w);
}

static void write_string(struct jw *w, const struct schema *s)
{
	static const char *const formats[] = { NULL, "uri", "uuid", "date-time" };
	jw_kcstr(w, "type", "string");
	if (s->string.oneof) {
		jw_key(w, "enum");
		jw_array(w);
		for (const char *const *o = s->string.oneof; *o; o++)
			jw_cstr(w, *o);
		jw_end_array(w);
	}
	if (s->string.min)
		jw_kint(w, "minLength", s->string.min);
	if (s->string.max)
		jw_kint(w, "maxLength", s->string.max);
	if (formats[s->string.format])
		jw_kcstr(w, "format", formats[s->string.format]);
}

static void write_object(struct jw *w, const struct schema *s)
{
	bool any = false;
	jw_kcstr(w, "type", "object");
	jw_key(w, "properties");
	jw_object(w);
	for (const struct field *f = s->object.fields; f->name; f++) {
		write_member(w, f);
		any |= f->required;
	}
	jw_end_object(w);
	if (any) {
		jw_key(w, "required");
		jw_array(w);
		for (const struct field *f = s->object.fields; f->name; f++)
			if (f->required)
				jw_cstr(w, f->name);
		jw_end_array(w);
	}
	if (s->object.strict)
		jw_kbool(w, "additionalProperties", false);
}

static void write_number(struct jw *w, const char *type, bool bounded, double min, double max)
{
	jw_kcstr(w, "type", type);
	if (!bounded)
		return;
	jw_key(w, "minimum");
	jw_real(w, min);
	jw_key(w, "maximum");
	jw_real(w, max);
}

static void write_union(struct jw *w, const struct schema *s)
{
	jw_key(w, "oneOf");
	jw_array(w);
	for (const struct arm *m = s->union_.arms; m->tag; m++)
		write_ref(w, m->schema, NULL);
	jw_end_array(w);
	jw_key(w, "discriminator");
	jw_object(w);
	jw_kcstr(w, "propertyName", s->union_.tag);
	jw_key(w, "mapping");
	jw_object(w);
	for (const struct arm *m = s->union_.arms; m->tag; m++) {
		char ref[160];
		snprintf(ref, sizeof ref, "#/components/schemas/%s", m->schema->component ? m->schema->component : "");
		if (m->schema->component)
			jw_kcstr(w, m->tag, ref);
	}
	jw_end_object(w);
	jw_end_object(w);
}

static void write_body(struct jw *w, const struct schema *s)
{
	switch (s->kind) {
	case S_STRING: write_string(w, s); break;
	case S_INTEGER:
		write_number(w, "integer", s->integer.bounded || s->integer.min || s->integer.max,
			(double)s->integer.min, (double)s->integer.max);
		break;
	case S_NUMBER: write_number(w, "number", s->number.bounded, s->number.min, s->number.max); break;
	case S_BOOLEAN: jw_kcstr(w, "type", "boolean"); break;
	case S_OBJECT: write_object(w, s); break;
	case S_ARRAY:
		jw_kcstr(w, "type", "array");
		jw_key(w, "items");
		write_ref(w, s->array.item, NULL);
		if (s->array.min)
			jw_kint(w, "minItems", s->array.min);
		if (s->array.max)
			jw_kint(w, "maxItems", s->array.max);
		break;
	case S_RECORD:
		jw_kcstr(w, "type", "object");
		jw_key(w, "additionalProperties");
		write_ref(w, s->record.value, NULL);
		break;
	case S_UNION: write_union(w, s); break;
	case S_ANY: break;
	}
	if (s->doc)
		jw_kcstr(w, "description", s->doc);
}

void schema_openapi(struct jw *w, const struct schema *s)
{
	jw_object(w);
	write_body(w, s);
	jw_end_object(w);
}

void schema_components(const struct schema *s, void (*fn)(void *ctx, const struct schema *s), void *ctx)
{
	if (s->component)
		fn(ctx, s);
	if (s->kind == S_OBJECT) {
		for (const struct field *f = s->object.fields; f->name; f++)
			schema_components(f->schema, fn, ctx);
	} else if (s->kind == S_ARRAY) {
		schema_components(s->array.item, fn, ctx);
	} else if (s->kind == S_RECORD) {
		schema_components(s->record.value, fn, ctx);
	} else if (s->kind == S_UNION) {
		for (const struct arm *m = s->union_.arms; m->tag; m++)
			schema_components(m->schema, fn, ctx);
	}
}

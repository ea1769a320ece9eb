/* Checking a value against a descriptor. Recursion follows the descriptor, which is static data, never the input. */
#include "base/first.h"
#include "json/schema.h"
#include "base/rng.h"
#include "base/scan.h"
#include "base/utf8.h"

static bool has_scheme(struct str s)
{
	size_t colon = str_chr(s, ':');
	return colon != STR_NPOS && colon > 0 && is_alpha((unsigned char)s.p[0]);
}

static bool (*url_valid)(struct str url) = has_scheme;

void schema_set_url_check(bool (*valid)(struct str url))
{
	url_valid = valid;
}

static const char *expected_name(const struct schema *s, struct arena *a)
{
	static const char *const names[] = { "string", "integer", "number", "boolean", "object", "array", "object",
		"object", "any" };
	if (s->kind != S_STRING || !s->string.oneof)
		return names[s->kind];
	struct buf b;
	buf_init(&b, a, 0);
	for (const char *const *w = s->string.oneof; *w; w++)
		buf_addf(&b, "%s'%s'", w == s->string.oneof ? "" : " | ", *w);
	return buf_cstr(&b);
}

static void wrong_type(const struct schema *s, const struct json *v, struct issues *is)
{
	const char *want = expected_name(s, is->arena);
	const char *got = s->kind == S_INTEGER && json_is(v, J_REAL) ? "float" : json_kind_name(v);
	struct str extra = arena_printf(is->arena, "\"expected\":\"%s\",\"received\":\"%s\"", want, got);
	if (v)
		issue_add(is, "invalid_type", extra, "Expected %s, received %s", want, got);
	else
		issue_add(is, "invalid_type", extra, "Required");
}

static void bound(struct issues *is, bool small, const char *type, const char *words, double limit)
{
	struct str extra = arena_printf(is->arena, "\"%s\":%.17g,\"type\":\"%s\",\"inclusive\":true,\"exact\":false",
		small ? "minimum" : "maximum", limit, type);
	issue_add(is, small ? "too_small" : "too_big", extra, words, limit);
}

static void check_enum(const struct schema *s, struct str text, struct issues *is)
{
	struct jw w;
	struct buf b;
	for (const char *const *o = s->string.oneof; *o; o++)
		if (str_is(text, *o))
			return;
	buf_init(&b, is->arena, 0);
	jw_init(&w, &b);
	buf_addz(&b, "\"received\":");
	jw_str(&w, utf8_cut(text, 100));
	buf_addz(&b, ",\"options\":[");
	for (const char *const *o = s->string.oneof; *o; o++)
		buf_addf(&b, "%s\"%s\"", o == s->string.oneof ? "" : ",", *o);
	buf_addc(&b, ']');
	struct str got = utf8_cut(text, 100);
	issue_add(is, "invalid_enum_value", buf_str(&b), "Invalid enum value. Expected %s, received '%.*s'",
		expected_name(s, is->arena), STR_FMT(got));
}

static void check_format(enum schema_format f, struct str text, struct issues *is)
{
	usec_t t;
	if (f == F_URL && !url_valid(text))
		issue_add(is, "invalid_string", STR("\"validation\":\"url\""), "Invalid url");
	else if (f == F_UUID && !uuid_valid(text))
		issue_add(is, "invalid_string", STR("\"validation\":\"uuid\""), "Invalid uuid");
	else if (f == F_DATETIME && clock_parse_iso(text, &t) < 0)
		issue_add(is, "invalid_string", STR("\"validation\":\"datetime\""), "Invalid datetime");
}

static void check_string(const struct schema *s, const struct json *v, struct issues *is)
{
	struct str text = s->string.trim ? str_trim(v->s) : v->s;
	if (s->string.oneof) {
		check_enum(s, text, is);
		return;
	}
	bool counted = s->string.min || s->string.max;
	int64_t n = counted ? (int64_t)utf8_len(text) : 0;
	if (n < s->string.min)
		bound(is, true, "string", "String must contain at least %.0f character(s)", (double)s->string.min);
	if (s->string.max && n > s->string.max)
		bound(is, false, "string", "String must contain at most %.0f character(s)", (double)s->string.max);
	if (n >= s->string.min)
		check_format(s->string.format, text, is);
}

static void check_number(double v, double min, double max, struct issues *is)
{
	if (v < min)
		bound(is, true, "number", "Number must be greater than or equal to %.15g", min);
	else if (v > max)
		bound(is, false, "number", "Number must be less than or equal to %.15g", max);
}

static void check(const struct schema *s, const struct json *v, struct issues *is);

static void check_member(const struct field *f, const struct json *v, struct issues *is)
{
	if (!v && !f->required)
		return;
	if (json_is(v, J_NULL) && f->nullable)
		return;
	is->path[is->depth++] = (struct path_part){ .name = str_of(f->name) };
	if (v)
		check(f->schema, v, is);
	else
		wrong_type(f->schema, NULL, is);
	is->depth--;
}

static const struct json *member(const struct json *v, const struct field *f)
{
	const struct json *m = json_get(v, f->name);
	return m || !f->alias ? m : json_get(v, f->alias);
}

static void check_unknown(const struct schema *s, const struct json *v, struct issues *is)
{
	struct buf keys, words;
	buf_init(&keys, is->arena, 4 * KiB);
	buf_init(&words, is->arena, 256);
	struct jw w;
	jw_init(&w, &keys);
	buf_addz(&keys, "\"keys\":");
	jw_array(&w);
	size_t n = 0;
	for (uint32_t i = 0; i < v->n; i++) {
		struct str name = v->members[i].name;
		const struct field *f = s->object.fields;
		while (f->name && !str_is(name, f->name) && !(f->alias && str_is(name, f->alias)))
			f++;
		if (f->name || n++ >= 16)
			continue;
		name = utf8_cut(name, 64);
		jw_str(&w, name);
		buf_addf(&words, "%s'%.*s'", words.n ? ", " : "", STR_FMT(name));
	}
	jw_end_array(&w);
	if (n)
		issue_add(
			is, "unrecognized_keys", buf_str(&keys), "Unrecognized key(s) in object: %s", buf_cstr(&words));
}

static void check_array(const struct schema *s, const struct json *v, struct issues *is)
{
	int64_t max = s->array.max ? s->array.max : 10000;
	if (v->n < s->array.min)
		bound(is, true, "array", "Array must contain at least %.0f element(s)", (double)s->array.min);
	if (v->n > max) {
		bound(is, false, "array", "Array must contain at most %.0f element(s)", (double)max);
		return;
	}
	for (uint32_t i = 0; i < v->n; i++) {
		is->path[is->depth++] = (struct path_part){ .index = i };
		check(s->array.item, v->items[i], is);
		is->depth--;
	}
}

static void check_record(const struct schema *s, const struct json *v, struct issues *is)
{
	int64_t max = s->record.max ? s->record.max : 1000;
	if (v->n > max) {
		issue_add(is, "too_big", STR_NULL, "Object must contain at most %d keys", (int)max);
		return;
	}
	for (uint32_t i = 0; i < v->n; i++) {
		is->path[is->depth++] = (struct path_part){ .name = v->members[i].name };
		check(s->record.value, v->members[i].value, is);
		is->depth--;
	}
}

static const struct schema *arm_of(const struct schema *s, const struct json *v)
{
	struct str tag = json_str(json_get(v, s->union_.tag), STR_NULL);
	for (const struct arm *m = s->union_.arms; m->tag; m++)
		if (str_is(tag, m->tag))
			return m->schema;
	return NULL;
}

static void check_union(const struct schema *s, const struct json *v, struct issues *is)
{
	const struct schema *arm = arm_of(s, v);
	if (arm) {
		check(arm, v, is);
		return;
	}
	struct buf options, words;
	buf_init(&options, is->arena, 0);
	buf_init(&words, is->arena, 0);
	for (const struct arm *m = s->union_.arms; m->tag; m++) {
		buf_addf(&options, "%s\"%s\"", options.n ? "," : "\"options\":[", m->tag);
		buf_addf(&words, "%s'%s'", words.n ? " | " : "", m->tag);
	}
	buf_addc(&options, ']');
	is->path[is->depth++] = (struct path_part){ .name = str_of(s->union_.tag) };
	issue_add(is, "invalid_union_discriminator", buf_str(&options), "Invalid discriminator value. Expected %s",
		buf_cstr(&words));
	is->depth--;
}

static bool kind_fits(const struct schema *s, const struct json *v)
{
	switch (s->kind) {
	case S_STRING: return json_is(v, J_STRING);
	case S_INTEGER: return json_is(v, J_INT) || (json_is(v, J_REAL) && (double)json_int(v, INT64_MIN) == v->d);
	case S_NUMBER: return json_is_number(v);
	case S_BOOLEAN: return json_is_bool(v);
	case S_ARRAY: return json_is(v, J_ARRAY);
	case S_OBJECT:
	case S_RECORD:
	case S_UNION: return json_is(v, J_OBJECT);
	case S_ANY: return true;
	}
	return false;
}

static void check(const struct schema *s, const struct json *v, struct issues *is)
{
	size_t before = is->n;
	if (!kind_fits(s, v)) {
		wrong_type(s, v, is);
		return;
	}
	switch (s->kind) {
	case S_STRING: check_string(s, v, is); break;
	case S_INTEGER:
		if (s->integer.bounded || s->integer.min || s->integer.max)
			check_number(json_number(v, 0), (double)s->integer.min, (double)s->integer.max, is);
		break;
	case S_NUMBER:
		if (s->number.bounded)
			check_number(json_number(v, 0), s->number.min, s->number.max, is);
		break;
	case S_OBJECT:
		for (const struct field *f = s->object.fields; f->name; f++)
			check_member(f, member(v, f), is);
		if (s->object.strict)
			check_unknown(s, v, is);
		break;
	case S_ARRAY: check_array(s, v, is); break;
	case S_RECORD: check_record(s, v, is); break;
	case S_UNION: check_union(s, v, is); break;
	case S_BOOLEAN:
	case S_ANY: break;
	}
	if (s->refine && is->n == before)
		s->refine(v, is);
}

int schema_check(const struct schema *s, const struct json *v, struct issues *is)
{
	if (v)
		check(s, v, is);
	else
		wrong_type(s, NULL, is);
	return is->n ? E_INVALID : 0;
}

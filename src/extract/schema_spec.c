#include "base/first.h"
#include "extract/schema_impl.h"

#include "base/enc.h"
#include "base/scan.h"

/* A reference inside the document: "#/$defs/x". Others are left to the validator's judgement. */
static const struct json *follow(struct schema_run *r, const struct json *schema)
{
	struct str ref = json_str(json_get(schema, "$ref"), STR_NULL), part;
	const struct json *at = r->root;
	struct buf plain;
	if (!ref.n || ref.p[0] != '#')
		return NULL;
	buf_init(&plain, r->arena, 0);
	dec_percent(&plain, str_from(ref, ref.n > 1 && ref.p[1] == '/' ? 2 : 1), false);
	struct str rest = buf_str(&plain);
	if (!rest.n)
		return at;
	while (at && str_split(&rest, '/', &part)) {
		struct buf token;
		uint64_t index;
		buf_init(&token, r->arena, 0);
		for (size_t i = 0; i < part.n; i++) {
			bool tilde = part.p[i] == '~' && i + 1 < part.n;
			buf_addc(&token, !tilde ? part.p[i] : part.p[i + 1] == '1' ? '/' : '~');
			i += tilde;
		}
		if (json_is(at, J_ARRAY))
			at = scan_u64(buf_str(&token), &index) == 0 ? json_at(at, index) : NULL;
		else
			at = json_get_str(at, buf_str(&token));
	}
	return at;
}

static void add_layer(struct spec *s, const struct json *schema)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->layer[i] == schema)
			return;
	if (json_is(schema, J_OBJECT) && s->n < SCHEMA_LAYERS_MAX)
		s->layer[s->n++] = schema;
}

static unsigned type_bit(const struct json *v)
{
	static const struct { const char *name; unsigned bit;
	} names[] = { { "string", WANT_STRING }, { "number", WANT_NUMBER }, { "integer", WANT_INTEGER },
		{ "boolean", WANT_BOOLEAN }, { "null", WANT_NULL }, { "array", WANT_ARRAY },
		{ "object", WANT_OBJECT } };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_is(v, J_STRING) && str_is(v->s, names[i].name))
			return names[i].bit;
	return 0;
}

static unsigned types_of(const struct spec *s)
{
	const struct json *t = spec_get(s, "type"), *allowed = spec_get(s, "enum");
	unsigned bits = 0;
	if (json_is(t, J_STRING))
		bits = type_bit(t);
	for (uint32_t i = 0; json_is(t, J_ARRAY) && i < t->n; i++)
		bits |= type_bit(t->items[i]);
	if (bits)
		return bits;
	if (spec_get(s, "properties"))
		return WANT_OBJECT;
	if (spec_get(s, "items") || spec_get(s, "prefixItems"))
		return WANT_ARRAY;
	for (uint32_t i = 0; json_is(allowed, J_ARRAY) && i < allowed->n; i++)
		if (json_is_number(allowed->items[i]))
			bits |= WANT_NUMBER;
	return bits ? bits | WANT_STRING : 0;
}

/* An alternative that is only there to allow null. */
static bool is_null_schema(const struct json *v)
{
	const struct json *t = json_get(v, "type");
	return json_is(t, J_STRING) && str_is(t->s, "null");
}

void spec_init(struct schema_run *r, const struct json *schema, struct str name, struct spec *s)
{
	static const char *const groups[] = { "allOf", "anyOf", "oneOf" };
	*s = (struct spec){ .name = name, .key = name.p ? name_key(r->arena, name) : STR_NULL };
	add_layer(s, schema);
	for (size_t i = 0; i < s->n; i++) {
		add_layer(s, follow(r, s->layer[i]));
		for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
			const struct json *list = json_get(s->layer[i], groups[g]);
			for (uint32_t k = 0; json_is(list, J_ARRAY) && k < list->n; k++)
				if (!is_null_schema(list->items[k]))
					add_layer(s, list->items[k]);
		}
	}
	const struct json *allowed = spec_get(s, "enum");
	struct str title = json_str(spec_get(s, "title"), STR_NULL);
	s->title = title.n ? name_key(r->arena, title) : STR_NULL;
	s->want = (struct want){ .types = types_of(s), .format = json_str(spec_get(s, "format"), STR_NULL),
		.allowed = json_is(allowed, J_ARRAY) ? allowed : NULL, .base = &r->doc->base, .comma = r->comma };
}

const struct json *spec_get(const struct spec *s, const char *member)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct json *v = json_get(s->layer[i], member);
		if (v)
			return v;
	}
	return NULL;
}

struct props spec_props(struct schema_run *r, const struct spec *s)
{
	struct props p = { 0 };
	struct map known;
	size_t max = 0;
	map_init(&known, r->arena);
	for (size_t i = 0; i < s->n; i++) {
		const struct json *v = json_get(s->layer[i], "properties");
		max += json_is(v, J_OBJECT) ? v->n : 0;
	}
	p.at = arena_array(r->arena, struct prop, MIN(max, (size_t)SCHEMA_PROPS_MAX));
	for (size_t i = 0; i < s->n; i++) {
		const struct json *v = json_get(s->layer[i], "properties");
		for (uint32_t k = 0; json_is(v, J_OBJECT) && k < v->n && p.n < SCHEMA_PROPS_MAX; k++) {
			struct json_member *m = &v->members[k];
			if (map_has(&known, m->name))
				continue;
			map_set(&known, m->name, m);
			p.at[p.n++] = (struct prop){ m->name, m->value };
		}
	}
	return p;
}

bool schema_over(struct schema_run *r, size_t nodes)
{
	r->work += (int64_t)nodes + 1;
	if (!r->fatal && r->work > SCHEMA_WORK_MAX)
		r->fatal = err_set(r->err, E_LIMIT, "jsonSchema: looking for the data takes too long");
	return r->fatal != 0;
}

bool words_have(const char *words, struct str word)
{
	struct str rest = str_of(words), w;
	while (next_word(&rest, &w))
		if (str_eq(w, word))
			return true;
	return false;
}

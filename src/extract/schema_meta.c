#include "base/first.h"
#include "extract/schema_impl.h"

/* Members of struct meta and the property names that mean them. */
static const struct { size_t at; const char *keys; } fields[] = {
#define AT(member) offsetof(struct meta, member)
	{ AT(h1), "title headline name heading h1" },
	{ AT(title), "title headline pagetitle name" },
	{ AT(description), "description summary excerpt metadescription abstract" },
	{ AT(canonical), "url canonical canonicalurl link permalink" },
	{ AT(lang), "lang language locale" },
	{ AT(site_name), "site sitename source publisher website" },
	{ AT(author), "author byline by writer creator" },
	{ AT(published), "published date publisheddate datepublished publishdate publicationdate pubdate publishedat "
			 "publishedtime posted" },
	{ AT(modified), "modified updated datemodified lastmodified updatedat modifieddate modifiedtime" },
	{ AT(image), "image thumbnail picture photo cover" },
	{ AT(favicon), "favicon icon" },
	{ AT(keywords), "keywords tags" },
	{ AT(generator), "generator" },
	{ AT(section), "section category" },
	{ AT(charset), "charset encoding" },
#undef AT
};

/* "price" is og:price, product:price:amount or twitter:price. */
static const struct json *property(struct schema_run *r, const struct json *object, struct str key)
{
	static const char *const heads[] = { "", "product", "article", "book", "profile", "video", "music", "og" };
	static const char *const tails[] = { "", "amount", "time" };
	for (uint32_t i = 0; json_is(object, J_OBJECT) && i < object->n; i++) {
		struct str name = name_key(r->arena, object->members[i].name);
		for (size_t h = 0; h < ARRAY_LEN(heads); h++) {
			struct str rest = name;
			if (!str_starts(rest, str_of(heads[h])))
				continue;
			rest = str_from(rest, strlen(heads[h]));
			if (!str_starts(rest, key))
				continue;
			rest = str_from(rest, key.n);
			for (size_t t = 0; t < ARRAY_LEN(tails); t++)
				if (str_is(rest, tails[t]))
					return object->members[i].value;
		}
	}
	return NULL;
}

const struct json *meta_value(struct schema_run *r, const struct spec *s)
{
	const struct meta *m = doc_meta(r->doc);
	const struct json *const objects[] = { m->og, m->twitter, m->dublin_core };
	const struct json *v = NULL;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		struct str text = *(const struct str *)((const char *)m + fields[i].at);
		if (text.n && words_have(fields[i].keys, s->key))
			v = coerce_text(r->arena, &s->want, text);
		if (v)
			return v;
	}
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		const struct json *found = property(r, objects[i], s->key);
		if (found)
			found = entity_scalar(found, false);
		if (found)
			v = coerce_value(r->arena, &s->want, found);
		if (v)
			return v;
	}
	return NULL;
}

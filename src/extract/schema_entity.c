#include "base/first.h"
#include "extract/schema_impl.h"

/* What schema.org calls the things that schemas ask for; a point leads into a value. */
static const struct { const char *keys, *paths;
} aliases[] = {
	{ "title headline", "headline name title" },
	{ "name", "name headline" },
	{ "description summary abstract excerpt", "description abstract" },
	{ "author authors byline by writer creator", "author.name creator.name author creator" },
	{ "date published publisheddate datepublished publishdate publicationdate pubdate publishedat publishedtime "
	  "posted",
		"datePublished dateCreated uploadDate datePosted startDate" },
	{ "modified updated datemodified lastmodified updatedat modifieddate", "dateModified" },
	{ "image images thumbnail photo picture cover", "image.url image.contentUrl image thumbnailUrl" },
	{ "url link permalink canonical href", "url @id mainEntityOfPage.@id mainEntityOfPage" },
	{ "price cost amount currentprice saleprice",
		"offers.price offers.lowPrice offers.priceSpecification.price price" },
	{ "currency pricecurrency", "offers.priceCurrency offers.priceSpecification.priceCurrency priceCurrency" },
	{ "availability instock stock available isavailable", "offers.availability availability" },
	{ "rating ratingvalue stars score averagerating",
		"aggregateRating.ratingValue reviewRating.ratingValue ratingValue" },
	{ "reviewcount reviewscount numberofreviews ratingcount votes ratings numreviews",
		"aggregateRating.reviewCount aggregateRating.ratingCount" },
	{ "brand manufacturer make", "brand.name manufacturer.name brand manufacturer" },
	{ "gtin ean barcode upc", "gtin13 gtin gtin12 gtin14 gtin8" },
	{ "isbn isbn13", "isbn workExample.isbn" },
	{ "publisher site sitename source", "publisher.name isPartOf.name publisher" },
	{ "category section genre", "articleSection category genre" },
	{ "tags keywords topics", "keywords about.name" },
	{ "body content text articlebody", "articleBody text reviewBody" },
	{ "phone telephone tel phonenumber", "telephone contactPoint.telephone" },
	{ "street streetaddress", "address.streetAddress location.address.streetAddress" },
	{ "city locality",
		"address.addressLocality location.address.addressLocality jobLocation.address.addressLocality" },
	{ "zip postalcode postcode plz", "address.postalCode location.address.postalCode" },
	{ "country", "address.addressCountry.name address.addressCountry location.address.addressCountry" },
	{ "state region", "address.addressRegion location.address.addressRegion" },
	{ "latitude lat", "geo.latitude location.geo.latitude" },
	{ "longitude lon lng", "geo.longitude location.geo.longitude" },
	{ "location place venue", "location.name jobLocation.address.addressLocality location" },
	{ "company organization employer", "hiringOrganization.name worksFor.name organizer.name" },
	{ "salary", "baseSalary.value.value baseSalary.value.minValue baseSalary" },
	{ "jobtitle position", "title jobTitle" },
	{ "start startdate begins from starts", "startDate" },
	{ "end enddate ends until", "endDate" },
	{ "ingredients", "recipeIngredient ingredients" },
	{ "instructions steps directions", "recipeInstructions" },
	{ "servings yield portions", "recipeYield" },
	{ "time duration totaltime", "totalTime duration" },
	{ "calories", "nutrition.calories" },
	{ "reviews", "review" },
	{ "comments", "comment" },
	{ "questions faq faqs", "mainEntity" },
	{ "question", "name" },
	{ "answer", "acceptedAnswer.text suggestedAnswer.text" },
	{ "items products results entries events articles breadcrumbs", "itemListElement hasPart" },
	{ "type", "@type" },
	{ "id", "@id identifier productID sku" },
	{ "language lang", "inLanguage" },
};

/* Microdata items hold their values one level down. */
static const struct json *members_of(const struct json *v)
{
	const struct json *p = json_get(v, "properties");
	return json_is(p, J_OBJECT) ? p : v;
}

/* Values of microdata are always lists. */
static const struct json *first_of(const struct json *v)
{
	while (json_is(v, J_ARRAY))
		v = json_at(v, 0);
	return v;
}

/* A member by name_key(), so that datePublished is date-published. */
static const struct json *member(struct schema_run *r, const struct json *v, struct str key)
{
	v = members_of(v);
	if (!json_is(v, J_OBJECT) || schema_over(r, v->n))
		return NULL;
	for (uint32_t i = 0; i < v->n; i++) {
		/* Names are compared without building keys of them: lengths differ mostly. */
		struct str name = v->members[i].name;
		if (name.n < key.n)
			continue;
		if (str_eq(name_key(r->arena, name), key))
			return v->members[i].value;
	}
	return NULL;
}

static const struct json *by_path(const struct json *v, struct str path)
{
	struct str part;
	while (v && str_split(&path, '.', &part)) {
		v = json_get_str(members_of(first_of(v)), part);
	}
	return v;
}

const struct json *entity_get(struct schema_run *r, const struct json *entity, const struct spec *s, bool exact)
{
	const struct json *v = member(r, entity, s->key);
	if (!v && s->title.p && !exact)
		v = member(r, entity, s->title);
	for (size_t i = 0; !v && !exact && i < ARRAY_LEN(aliases); i++) {
		struct str rest = str_of(aliases[i].paths), path;
		if (!words_have(aliases[i].keys, s->key))
			continue;
		while (!v && next_word(&rest, &path))
			v = by_path(entity, path);
	}
	return v;
}

/* The name or the address of a thing that stands where a text was expected. */
const struct json *entity_scalar(const struct json *v, bool uri)
{
	static const char *const names[] = { "name", "@value", "value", "text", "headline", "ratingValue", "price",
		"url", "@id" };
	static const char *const links[] = { "url", "contentUrl", "@id", "id", "src", "href" };
	/* Each turn goes one level deeper into finite data; 8 are more than sites nest. */
	for (int turns = 0; turns < 8; turns++) {
		v = first_of(v);
		if (!json_is(v, J_OBJECT))
			return v;
		const struct json *in = members_of(v), *found = NULL;
		for (size_t i = 0; uri && !found && i < ARRAY_LEN(links); i++)
			found = json_get(in, links[i]);
		for (size_t i = 0; !uri && !found && i < ARRAY_LEN(names); i++)
			found = json_get(in, names[i]);
		if (!found)
			return NULL;
		v = found;
	}
	return NULL;
}

static void add_all(struct schema_run *r, struct json *to, const struct json *list)
{
	for (uint32_t i = 0; json_is(list, J_ARRAY) && i < list->n; i++)
		if (json_is(list->items[i], J_OBJECT))
			json_push(r->arena, to, list->items[i]);
}

void entities_collect(struct schema_run *r)
{
	const struct meta *m = doc_meta(r->doc);
	struct json *all = json_new_array(r->arena);
	add_all(r, all, m->json_ld);
	add_all(r, all, m->microdata);
	add_all(r, all, m->rdfa);
	r->entities = all;
}

static bool is_of_type(struct schema_run *r, const struct json *entity, struct str key)
{
	const struct json *t = json_get(entity, "@type");
	if (!t)
		t = json_get(entity, "type");
	for (uint32_t i = 0; i < (json_is(t, J_ARRAY) ? t->n : 1); i++) {
		const struct json *one = json_is(t, J_ARRAY) ? t->items[i] : t;
		struct str name = json_str(one, STR_NULL);
		size_t slash = name.p ? str_rchr(name, '/') : STR_NPOS;
		if (slash != STR_NPOS)
			name = str_from(name, slash + 1);
		if (name.n && key.n && str_eq(name_key(r->arena, name), key))
			return true;
	}
	return false;
}

const struct json *entity_best(struct schema_run *r, const struct props *p, const struct spec *s)
{
	const struct json *best = NULL;
	size_t most = 0;
	for (uint32_t i = 0; i < r->entities->n && i < 200; i++) {
		const struct json *e = r->entities->items[i];
		size_t score = 0;
		for (size_t k = 0; k < p->n && !r->fatal; k++) {
			struct spec sub;
			spec_init(r, p->at[k].schema, p->at[k].name, &sub);
			score += entity_get(r, e, &sub, false) != NULL;
		}
		if (score && (is_of_type(r, e, s->title) || is_of_type(r, e, s->key)))
			score += p->n;
		if (score > most) {
			most = score;
			best = e;
		}
	}
	return best;
}

const char *entity_synonyms(struct str key)
{
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (words_have(aliases[i].keys, key))
			return aliases[i].keys;
	return NULL;
}

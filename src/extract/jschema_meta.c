#include "base/first.h"
#include "extract/jschema_node.h"

/*
 * The two meta-schemas, in our own words: one document each, the same set of valid schemas. Served to
 * references only; a schema given to jschema_compile() is judged by the compiler itself.
 */

#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define NAMES "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true}"
#define TYPE "{\"enum\":[\"null\",\"boolean\",\"integer\",\"number\",\"string\",\"array\",\"object\"]}"
#define TYPES "{\"anyOf\":[" TYPE ",{\"type\":\"array\",\"items\":" TYPE ",\"minItems\":1,\"uniqueItems\":true}]}"
#define MAP(sub) "{\"type\":\"object\",\"additionalProperties\":" sub "}"
#define LIST(sub) "{\"type\":\"array\",\"minItems\":1,\"items\":" sub "}"
#define WORDS(keyword) "\"" keyword "\":{\"type\":\"string\"},"
#define FLAG(keyword) "\"" keyword "\":{\"type\":\"boolean\"},"
#define NUMBER(keyword) "\"" keyword "\":{\"type\":\"number\"},"
#define COUNTED(keyword) "\"" keyword "\":" COUNT ","
#define SUB(keyword, self) "\"" keyword "\":" self ","

/* Keywords that both drafts have in the same form. */
#define COMMON(self)                                                                                             \
	WORDS("$id") WORDS("$schema") WORDS("$ref") WORDS("$comment") WORDS("title") WORDS("description")        \
	WORDS("format") WORDS("pattern") WORDS("contentMediaType") WORDS("contentEncoding")                      \
	FLAG("readOnly") FLAG("writeOnly") FLAG("uniqueItems")                                                   \
	NUMBER("minimum") NUMBER("maximum") NUMBER("exclusiveMinimum") NUMBER("exclusiveMaximum")                \
	"\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},"                                           \
	COUNTED("minLength") COUNTED("maxLength") COUNTED("minItems") COUNTED("maxItems")                        \
	COUNTED("minProperties") COUNTED("maxProperties")                                                        \
	SUB("additionalProperties", self) SUB("propertyNames", self) SUB("contains", self)                       \
	SUB("not", self) SUB("if", self) SUB("then", self) SUB("else", self)                                     \
	"\"allOf\":" LIST(self) ",\"anyOf\":" LIST(self) ",\"oneOf\":" LIST(self) ","                            \
	"\"definitions\":" MAP(self) ",\"properties\":" MAP(self) ",\"patternProperties\":" MAP(self) ","        \
	"\"dependencies\":" MAP("{\"anyOf\":[" self "," NAMES "]}") ","                                          \
	"\"examples\":{\"type\":\"array\"},\"required\":" NAMES ",\"type\":" TYPES

#define SELF_07 "{\"$ref\":\"#\"}"
#define SELF_2020 "{\"$dynamicRef\":\"#meta\"}"

static const char draft_07[] =
	"{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$id\":\"http://json-schema.org/draft-07/schema#\","
	"\"type\":[\"object\",\"boolean\"],"
	"\"definitions\":{\"nonNegativeInteger\":" COUNT ",\"stringArray\":" NAMES ",\"schemaArray\":" LIST(
		SELF_07) "},"
			 "\"properties\":{" COMMON(SELF_07) ",\"enum\":{\"type\":\"array\"},"
							    "\"items\":{\"anyOf\":[" SELF_07
							    "," LIST(SELF_07) "]},\"additionalItems\":" SELF_07 "}}";

static const char draft_2020_12[] =
	"{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
	"\"$id\":\"https://json-schema.org/draft/2020-12/schema\",\"$dynamicAnchor\":\"meta\","
	"\"type\":[\"object\",\"boolean\"],\"properties\":{" COMMON(SELF_2020) ",\"enum\":{\"type\":\"array\"},"
	WORDS("$dynamicRef") SUB("contentSchema", SELF_2020) FLAG("deprecated")
	"\"$anchor\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"},"
	"\"$dynamicAnchor\":{\"type\":\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"},"
	"\"$defs\":" MAP(SELF_2020) ",\"$vocabulary\":" MAP("{\"type\":\"boolean\"}") ","
	COUNTED("minContains") COUNTED("maxContains") SUB("items", SELF_2020) SUB("unevaluatedItems", SELF_2020)
	SUB("unevaluatedProperties", SELF_2020) "\"prefixItems\":" LIST(SELF_2020) ","
	"\"dependentSchemas\":" MAP(SELF_2020) ",\"dependentRequired\":" MAP(NAMES) "}}";

const char *meta_schema(struct str uri)
{
	if (str_is(uri, "http://json-schema.org/draft-07/schema"))
		return draft_07;
	if (str_is(uri, "https://json-schema.org/draft/2020-12/schema"))
		return draft_2020_12;
	return NULL;
}

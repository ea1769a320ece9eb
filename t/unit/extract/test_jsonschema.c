#include "base/first.h"
#include "extract/jsonschema.h"
#include "extract/jschema_node.h"

#include "../tap.h"

static struct arena arena;

static const struct json *parse(const char *text)
{
	const struct json *v = NULL;
	struct err e = { 0 };
	struct json_limits l = { .nul = true };
	if (json_parse(&arena, str_of(text), &l, &v, &e) < 0)
		die("test data: %s: %s", text, e.words);
	return v;
}

/* "keyword@path keyword@path", or "compile: words", or the name of a fatal code. */
static const char *check(const char *schema, const char *value, bool formats)
{
	struct jschema_opts o = { .formats = formats };
	const struct jschema *s = NULL;
	struct err e = { 0 };
	struct jschema_issues is;
	struct buf out;
	buf_init(&out, &arena, 0);
	if (jschema_compile(&arena, parse(schema), &o, &s, &e) < 0) {
		buf_addf(&out, "compile: %s", e.words);
		return buf_cstr(&out);
	}
	int rc = jschema_check(s, parse(value), &arena, &is, &e);
	if (rc < 0 && rc != E_INVALID)
		return err_name(rc);
	if ((rc == 0) != (is.n == 0))
		return "outcome and issues differ";
	for (size_t i = 0; i < is.n; i++)
		buf_addf(&out, "%s%s@%.*s", i ? " " : "", is.at[i].keyword, STR_FMT(is.at[i].path));
	return buf_cstr(&out);
}

static void expect(const char *schema, const char *value, const char *want)
{
	const char *got = check(schema, value, false);
	ok(strcmp(got, want) == 0, "%s <- %s", schema, value);
	if (strcmp(got, want) != 0)
		printf("#   got %s\n#  want %s\n", got, want);
}

static const struct { const char *schema, *value, *want;
} cases[] = {
	/* booleans and types */
	{ "true", "1", "" },
	{ "false", "1", "false@" },
	{ "{}", "null", "" },
	{ "{\"type\":\"integer\"}", "1.0", "" },
	{ "{\"type\":\"integer\"}", "1.5", "type@" },
	{ "{\"type\":\"integer\"}", "123456789012345678901234567890", "" },
	{ "{\"type\":\"number\"}", "1", "" },
	{ "{\"type\":[\"string\",\"null\"]}", "null", "" },
	{ "{\"type\":[\"string\",\"null\"]}", "1", "type@" },
	{ "{\"type\":\"boolean\"}", "0", "type@" },
	{ "{\"type\":\"object\"}", "[]", "type@" },
	/* values */
	{ "{\"const\":{\"a\":1,\"b\":[2]}}", "{\"b\":[2.0],\"a\":1}", "" },
	{ "{\"const\":false}", "0", "const@" },
	{ "{\"const\":\"a\\u0000b\"}", "\"a\\u0000b\"", "" },
	{ "{\"const\":\"a\\u0000b\"}", "\"a\"", "const@" },
	{ "{\"enum\":[1,\"x\",null]}", "null", "" },
	{ "{\"enum\":[[false]]}", "[0]", "enum@" },
	/* numbers */
	{ "{\"minimum\":3,\"maximum\":5}", "2", "minimum@" },
	{ "{\"minimum\":3,\"maximum\":5}", "5", "" },
	{ "{\"exclusiveMinimum\":3}", "3", "exclusiveMinimum@" },
	{ "{\"exclusiveMaximum\":3.5}", "3.5", "exclusiveMaximum@" },
	{ "{\"minimum\":9007199254740993}", "9007199254740992", "minimum@" },
	{ "{\"minimum\":1}", "\"0\"", "" },
	{ "{\"multipleOf\":0.0001}", "0.0075", "" },
	{ "{\"multipleOf\":0.0001}", "0.00751", "multipleOf@" },
	{ "{\"multipleOf\":0.123456789}", "1e308", "multipleOf@" },
	{ "{\"multipleOf\":1e-8}", "12391239123", "" },
	{ "{\"multipleOf\":1.5}", "4.5", "" },
	{ "{\"multipleOf\":100}", "250.0", "multipleOf@" },
	{ "{\"multipleOf\":0.5}", "1e308", "" },
	{ "{\"multipleOf\":7}", "-21", "" },
	{ "{\"multipleOf\":2}", "0", "" },
	{ "{\"multipleOf\":20}", "0.2", "multipleOf@" },
	{ "{\"multipleOf\":0.01}", "4.35", "" },
	/* strings */
	{ "{\"minLength\":2}", "\"\xf0\x9f\x92\xa9\"", "minLength@" },
	{ "{\"maxLength\":2.0}", "\"\xc3\xa9\xc3\xa9\"", "" },
	{ "{\"pattern\":\"^a*$\"}", "\"aab\"", "pattern@" },
	{ "{\"pattern\":\"b\"}", "\"abc\"", "" },
	{ "{\"pattern\":\"^a$\"}", "\"a\\n\"", "pattern@" },
	{ "{\"pattern\":\"^\\\\p{Letter}+$\"}", "\"\xc3\xa9t\xc3\xa9\"", "" },
	{ "{\"pattern\":\"^\\\\d$\"}", "\"\xdf\x80\"", "pattern@" },
	{ "{\"pattern\":\"^\\\\u0061$\"}", "\"a\"", "" },
	{ "{\"pattern\":\"^.$\"}", "\"\xf0\x9f\x90\xb2\"", "" },
	{ "{\"pattern\":\"a\"}", "12", "" },
	{ "{\"format\":\"ipv4\"}", "\"x\"", "" },
	/* arrays */
	{ "{\"items\":{\"type\":\"integer\"}}", "[1,\"x\",2,null]", "type@/1 type@/3" },
	{ "{\"prefixItems\":[{\"type\":\"integer\"}],\"items\":false}", "[1,2]", "false@/1" },
	{ "{\"prefixItems\":[{},{}],\"items\":{\"type\":\"string\"}}", "[1,2,\"x\"]", "" },
	{ "{\"items\":[{\"type\":\"integer\"}],\"additionalItems\":{\"type\":\"string\"}}", "[1,2]", "type@/1" },
	{ "{\"items\":[],\"additionalItems\":false}", "[1]", "false@/0" },
	{ "{\"items\":{},\"additionalItems\":false}", "[1]", "" },
	{ "{\"additionalItems\":false}", "[1]", "" },
	{ "{\"minItems\":1,\"maxItems\":2}", "[]", "minItems@" },
	{ "{\"minItems\":1,\"maxItems\":2}", "[1,2,3]", "maxItems@" },
	{ "{\"contains\":{\"minimum\":5}}", "[1,2]", "contains@" },
	{ "{\"contains\":{\"minimum\":5}}", "[1,6]", "" },
	{ "{\"contains\":{\"const\":1},\"minContains\":2}", "[1,2]", "minContains@" },
	{ "{\"contains\":{\"const\":1},\"maxContains\":1}", "[1,1]", "maxContains@" },
	{ "{\"contains\":{\"const\":1},\"minContains\":0}", "[]", "" },
	{ "{\"minContains\":2}", "[]", "" },
	{ "{\"contains\":false}", "[1]", "contains@" },
	{ "{\"contains\":true}", "[]", "contains@" },
	{ "{\"uniqueItems\":true}", "[1,true,\"1\",[1],{\"a\":1}]", "" },
	{ "{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2.0,\"a\":1}]", "uniqueItems@" },
	{ "{\"uniqueItems\":true}", "[0,false,[0],[false]]", "" },
	{ "{\"uniqueItems\":true}", "[1,2,1.0]", "uniqueItems@" },
	{ "{\"uniqueItems\":false}", "[1,1]", "" },
	{ "{\"uniqueItems\":true}", "[[\"a\",\"b\"],[\"b\",\"a\"]]", "" },
	/* objects */
	{ "{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "required@" },
	{ "{\"required\":[\"a\"]}", "[]", "" },
	{ "{\"properties\":{\"a\":{\"type\":\"string\"}}}", "{\"a\":1,\"b\":2}", "type@/a" },
	{ "{\"properties\":{\"x/y~\":false}}", "{\"x/y~\":1}", "false@/x~1y~0" },
	{ "{\"properties\":{\"a\":{}},\"patternProperties\":{\"^v\":{}},\"additionalProperties\":false}",
		"{\"a\":1,\"vv\":2,\"c\":3}", "additionalProperties@/c" },
	{ "{\"additionalProperties\":{\"type\":\"integer\"}}", "{\"a\":\"x\"}", "type@/a" },
	{ "{\"patternProperties\":{\"f.*o\":{\"type\":\"integer\"}}}", "{\"foooo\":\"x\",\"bar\":\"y\"}",
		"type@/foooo" },
	{ "{\"propertyNames\":{\"maxLength\":3}}", "{\"abc\":1,\"abcd\":1}", "propertyNames@/abcd" },
	{ "{\"minProperties\":1,\"maxProperties\":1}", "{}", "minProperties@" },
	{ "{\"maxProperties\":1}", "{\"a\":1,\"b\":2}", "maxProperties@" },
	{ "{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "dependentRequired@" },
	{ "{\"dependentSchemas\":{\"a\":{\"required\":[\"c\"]}}}", "{\"a\":1}", "required@" },
	{ "{\"dependencies\":{\"a\":[\"b\"],\"c\":{\"minProperties\":2}}}", "{\"c\":1}", "minProperties@" },
	{ "{\"properties\":{\"__proto__\":{\"type\":\"number\"},\"toString\":{}}}", "{\"__proto__\":\"x\"}",
		"type@/__proto__" },
	/* combinations */
	{ "{\"allOf\":[{\"minimum\":1},{\"maximum\":3}]}", "4", "maximum@" },
	{ "{\"anyOf\":[{\"type\":\"string\"},{\"minimum\":2}]}", "1", "anyOf@" },
	{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "3", "oneOf@" },
	{ "{\"oneOf\":[{\"type\":\"integer\"},{\"minimum\":2}]}", "2.5", "" },
	{ "{\"not\":{\"type\":\"integer\"}}", "1", "not@" },
	{ "{\"not\":{\"properties\":{\"a\":false}}}", "{}", "not@" },
	{ "{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":2},\"else\":{\"multipleOf\":3}}", "7", "multipleOf@" },
	{ "{\"if\":{\"minimum\":5},\"then\":{\"multipleOf\":2},\"else\":{\"multipleOf\":3}}", "3", "" },
	{ "{\"then\":false,\"else\":false}", "1", "" },
	/* unevaluated */
	{ "{\"properties\":{\"a\":{}},\"unevaluatedProperties\":false}", "{\"a\":1,\"b\":1}",
		"unevaluatedProperties@/b" },
	{ "{\"allOf\":[{\"properties\":{\"a\":{}}}],\"unevaluatedProperties\":false}", "{\"a\":1}", "" },
	{ "{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},{\"properties\":{\"b\":{}}}],"
	  "\"unevaluatedProperties\":false}",
		"{\"a\":1,\"b\":1}", "" },
	{ "{\"anyOf\":[{\"properties\":{\"a\":{\"const\":1}}},{\"properties\":{\"b\":{}}}],\"unevaluatedProperties\":"
	  "false}",
		"{\"a\":2,\"b\":1}", "unevaluatedProperties@/a" },
	{ "{\"not\":{\"not\":{\"properties\":{\"a\":{}}}},\"unevaluatedProperties\":false}", "{\"a\":1}",
		"unevaluatedProperties@/a" },
	{ "{\"if\":{\"properties\":{\"a\":{\"const\":1}},\"required\":[\"a\"]},\"then\":{\"properties\":{\"b\":{}}},"
	  "\"unevaluatedProperties\":false}",
		"{\"a\":1,\"b\":2}", "" },
	{ "{\"$ref\":\"#/$defs/x\",\"unevaluatedProperties\":false,\"$defs\":{\"x\":{\"properties\":{\"a\":{}}}}}",
		"{\"a\":1,\"c\":2}", "unevaluatedProperties@/c" },
	{ "{\"additionalProperties\":true,\"unevaluatedProperties\":false}", "{\"x\":1}", "" },
	{ "{\"unevaluatedProperties\":{\"type\":\"string\"}}", "{\"x\":1}", "type@/x" },
	{ "{\"properties\":{\"n\":{\"properties\":{\"a\":{}}}},\"unevaluatedProperties\":false}", "{\"n\":{\"z\":1}}",
		"" },
	{ "{\"prefixItems\":[{}],\"unevaluatedItems\":false}", "[1,2]", "unevaluatedItems@/1" },
	{ "{\"contains\":{\"type\":\"string\"},\"unevaluatedItems\":false}", "[\"a\",1]", "unevaluatedItems@/1" },
	{ "{\"allOf\":[{\"items\":{}}],\"unevaluatedItems\":false}", "[1,2]", "" },
	{ "{\"dependentSchemas\":{\"a\":{\"properties\":{\"b\":{}}}},\"properties\":{\"a\":{}},"
	  "\"unevaluatedProperties\":false}",
		"{\"a\":1,\"b\":1}", "" },
	/* references */
	{ "{\"properties\":{\"a\":{\"$ref\":\"#\"}},\"additionalProperties\":false}", "{\"a\":{\"a\":{\"x\":1}}}",
		"additionalProperties@/a/a/x" },
	{ "{\"$defs\":{\"a/b\":{\"type\":\"integer\"},\"c~d\":{},\"e%f\":{\"type\":\"null\"}},\"allOf\":[{\"$ref\":\"#/"
	  "$defs/a~1b\"},"
	  "{\"$ref\":\"#/$defs/c~0d\"},{\"$ref\":\"#/$defs/e%25f\"}]}",
		"1", "type@" },
	{ "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"type\":\"string\"}}}", "1",
		"type@" },
	{ "{\"$defs\":{\"a\":{\"type\":\"array\"}},\"$ref\":\"#/$defs/a\",\"maxItems\":1}", "[1,2]", "maxItems@" },
	{ "{\"definitions\":{\"a\":{\"type\":\"array\"}},\"properties\":{\"x\":{\"$ref\":\"#/definitions/"
	  "a\",\"maxItems\":1}}}",
		"{\"x\":[1,2]}", "" },
	{ "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"properties\":{\"x\":{\"$ref\":\"#/"
	  "y\",\"maxItems\":1}},"
	  "\"y\":{\"type\":\"array\"}}",
		"{\"x\":[1,2]}", "" },
	{ "{\"$ref\":\"#foo\",\"$defs\":{\"a\":{\"$anchor\":\"foo\",\"type\":\"integer\"}}}", "\"x\"", "type@" },
	{ "{\"definitions\":{\"a\":{\"$id\":\"#foo\",\"type\":\"integer\"}},\"allOf\":[{\"$ref\":\"#foo\"}]}", "\"x\"",
		"type@" },
	{ "{\"$id\":\"http://example.com/"
	  "root.json\",\"$ref\":\"tree.json\",\"$defs\":{\"t\":{\"$id\":\"tree.json\",\"$ref\":\"#/$defs/n\","
	  "\"$defs\":{\"n\":{\"type\":\"integer\"}}}}}",
		"\"x\"", "type@" },
	{ "{\"$id\":\"urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed\",\"properties\":{\"a\":{\"$ref\":"
	  "\"urn:uuid:deadbeef-1234-00ff-ff00-4321feebdaed#/$defs/b\"}},\"$defs\":{\"b\":{\"type\":\"string\"}}}",
		"{\"a\":1}", "type@/a" },
	{ "{\"if\":{\"$id\":\"http://example.com/if\",\"type\":\"integer\"},\"$ref\":\"http://example.com/if\"}",
		"\"x\"", "type@" },
	{ "{\"$id\":\"/base\",\"properties\":{\"a\":{\"$ref\":\"/base#/$defs/x\"}},\"$defs\":{\"x\":{\"const\":1}}}",
		"{\"a\":2}", "const@/a" },
	{ "{\"enum\":[{\"$id\":\"http://x/y\",\"type\":\"null\"}],\"$defs\":{\"r\":{\"$id\":\"http://x/"
	  "y\",\"type\":\"string\"}},"
	  "\"$comment\":\"an $id among values is none\"}",
		"{\"$id\":\"http://x/y\",\"type\":\"null\"}", "" },
	{ "{\"$ref\":\"#/nowhere\"}", "1", "compile: schema: $ref: \"#/nowhere\" leads nowhere" },
	{ "{\"$ref\":\"http://example.com/other\"}", "1",
		"compile: schema: $ref: \"http://example.com/other\" leads outside the document" },
	{ "{\"$ref\":\"http://json-schema.org/draft-07/schema#\"}", "{\"minLength\":-1}", "minimum@/minLength" },
	{ "{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}", "{\"$defs\":{\"foo\":{\"type\":1}}}",
		"anyOf@/$defs/foo/type" },
	{ "{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}", "{\"$defs\":{\"foo\":{\"type\":\"integer\"}}}",
		"" },
	{ "{\"$ref\":\"http://json-schema.org/draft-07/schema#/definitions/nonNegativeInteger\"}", "-1", "minimum@" },
	/* dynamic references: the outermost anchor wins */
	{ "{\"$id\":\"http://x/"
	  "root\",\"$ref\":\"list\",\"$defs\":{\"foo\":{\"$dynamicAnchor\":\"items\",\"type\":\"string\"},"
	  "\"list\":{\"$id\":\"list\",\"type\":\"array\",\"items\":{\"$dynamicRef\":\"#items\"},"
	  "\"$defs\":{\"items\":{\"$dynamicAnchor\":\"items\"}}}}}",
		"[\"a\",1]", "type@/1" },
	{ "{\"$id\":\"http://x/root\",\"$ref\":\"list\",\"$defs\":{\"foo\":{\"$anchor\":\"items\",\"type\":\"string\"},"
	  "\"list\":{\"$id\":\"list\",\"type\":\"array\",\"items\":{\"$dynamicRef\":\"#items\"},"
	  "\"$defs\":{\"items\":{\"$dynamicAnchor\":\"items\"}}}}}",
		"[\"a\",1]", "" },
	{ "{\"$dynamicRef\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"null\"}}}", "1", "type@" },
	/* hostile */
	{ "{\"$ref\":\"#\"}", "1", "unsupported" },
	{ "{\"anyOf\":[{\"$ref\":\"#\"}]}", "1", "unsupported" },
	{ "{\"pattern\":\"^(a+)+$\"}", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"", "limit" },
};

static void test_bad_schemas(void)
{
	static const char *const bad[] = { "1", "{\"type\":\"strin\"}", "{\"type\":[]}", "{\"properties\":[]}",
		"{\"properties\":{\"a\":1}}", "{\"minLength\":-1}", "{\"minLength\":\"3\"}", "{\"multipleOf\":0}",
		"{\"pattern\":\"(\"}", "{\"pattern\":1}", "{\"required\":\"a\"}", "{\"required\":[1]}",
		"{\"allOf\":[]}", "{\"allOf\":{}}", "{\"not\":1}", "{\"enum\":1}", "{\"$ref\":1}",
		"{\"patternProperties\":{\"[\":{}}}", "{\"uniqueItems\":1}", "{\"minimum\":\"1\"}",
		"{\"dependentRequired\":{\"a\":{}}}", "{\"items\":1}", "{\"$id\":3}", "{\"format\":1}",
		"{\"$defs\":[]}", "{\"dependencies\":{\"a\":1}}", "{\"maxItems\":1.5}" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ok(strncmp(check(bad[i], "1", false), "compile: schema: ", 17) == 0, "refused: %s: %s", bad[i],
			check(bad[i], "1", false));
}

static void test_formats(void)
{
	static const struct { const char *format, *good, *bad;
	} f[] = {
		{ "date-time", "2026-03-08T10:00:00.5+01:00", "2026-02-29T10:00:00Z" },
		{ "date-time", "1990-12-31T23:59:60Z", "1990-12-31T22:59:60Z" },
		{ "date", "2024-02-29", "2024-2-29" },
		{ "time", "08:30:06Z", "08:30:06" },
		{ "duration", "P1Y2M3DT4H5M6S", "P1D2M" },
		{ "duration", "P3W", "PT" },
		{ "email", "joe.bloggs@example.com", ".a@example.com" },
		{ "email", "\"joe b\"@[127.0.0.1]", "a@b@" },
		{ "hostname", "a-b.example", "-a.example" },
		{ "ipv4", "192.0.2.1", "256.1.1.1" },
		{ "ipv6", "2001:db8::1", "1::2::3" },
		{ "uri", "http://a.b/?q=%20#f", "//a.b/c" },
		{ "uri", "urn:x:y", "http://a b" },
		{ "uri-reference", "/a?b#c", "\\\\x" },
		{ "iri", "http://\xc3\xa9.example/", "no" },
		{ "uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08aa9811eab4aa73b441d16380" },
		{ "json-pointer", "/a~0b/0", "a" },
		{ "regex", "^a(b)?$", "a(" },
		{ "no-such-format", "x", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(f); i++) {
		ok(format_ok(str_of(f[i].format), str_of(f[i].good)), "format %zu, a good one", i);
		if (f[i].bad)
			ok(!format_ok(str_of(f[i].format), str_of(f[i].bad)), "format %zu, a bad one", i);
	}
	is_cstr(check("{\"format\":\"ipv4\"}", "\"x\"", true), "format@", "asserted on request");
}

static void test_uris(void)
{
	static const struct { const char *base, *ref, *want;
	} u[] = {
		/* the shapes of RFC 3986, 5.4 */
		{ "http://a/b/c/d;p?q", "g:h", "g:h" },
		{ "http://a/b/c/d;p?q", "./g/", "http://a/b/c/g/" },
		{ "http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y" },
		{ "http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q" },
		{ "http://a/b/c/d;p?q", "../../../g", "http://a/g" },
		{ "http://a/b/c/d;p?q", "//g", "http://g" },
		{ "http://a/b/c/d;p?q", "..", "http://a/b/" },
		{ "http://a/b/c/d;p?q", "g;x=1/../y#s", "http://a/b/c/y#s" },
		{ "http://a", "x", "http://a/x" },
		{ "", "item.json", "item.json" },
		{ "urn:a:b", "#x", "urn:a:b#x" },
		{ "/x/y", "z", "/x/z" },
		{ "file:///f/a.json", "#/x", "file:///f/a.json#/x" },
	};
	for (size_t i = 0; i < ARRAY_LEN(u); i++)
		is_str(uri_resolve(&arena, str_of(u[i].base), str_of(u[i].ref)), u[i].want, "%s + %s", u[i].base,
			u[i].ref);
}

static void test_bounds(void)
{
	struct buf b;
	buf_init(&b, &arena, 0);
	/* Each definition tries the next one twice: 2^40 evaluations if nobody stops it. */
	buf_addz(&b, "{\"$ref\":\"#/$defs/d0\",\"$defs\":{");
	for (int i = 0; i < 40; i++)
		buf_addf(&b, "\"d%d\":{\"anyOf\":[{\"$ref\":\"#/$defs/d%d\"},{\"$ref\":\"#/$defs/d%d\"}]},", i, i + 1,
			i + 1);
	buf_addz(&b, "\"d40\":false}}");
	usec_t from = clock_mono();
	is_cstr(check(buf_cstr(&b), "1", false), "limit", "exponential schema");
	ok(clock_mono() - from < 20 * USEC_PER_SEC, "stopped after %" PRId64 " ms", (clock_mono() - from) / 1000);
	buf_clear(&b);
	for (int i = 0; i < 60; i++)
		buf_addz(&b, "{\"not\":");
	buf_addz(&b, "{}");
	for (int i = 0; i < 60; i++)
		buf_addz(&b, "}");
	is_cstr(check(buf_cstr(&b), "1", false), "", "60 negations");
	buf_clear(&b);
	buf_addz(&b, "{\"$ref\":\"#/$defs/0\",\"$defs\":{");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, "\"%d\":{\"$ref\":\"#/$defs/%d\"},", i, i + 1);
	buf_addz(&b, "\"5000\":{}}}");
	is_cstr(check(buf_cstr(&b), "1", false), "limit", "a chain of 5000 references");
	buf_clear(&b);
	buf_addc(&b, '[');
	for (int i = 0; i < 20000; i++)
		buf_addf(&b, "%s%d", i ? "," : "", i);
	buf_addc(&b, ']');
	is_cstr(check("{\"uniqueItems\":true,\"items\":{\"type\":\"integer\"}}", buf_cstr(&b), false), "",
		"20 000 unique items");
	struct buf s;
	buf_init(&s, &arena, 0);
	buf_addz(&s, "{\"anyOf\":[");
	for (int i = 0; i < JSCHEMA_NODES_MAX + 1; i++)
		buf_addz(&s, i ? ",{}" : "{}");
	buf_addz(&s, "]}");
	ok(strstr(check(buf_cstr(&s), "1", false), "more than 20000 subschemas") != NULL, "too many subschemas");
}

static void test_writing(void)
{
	const struct jschema *s = NULL;
	struct jschema_issues is;
	struct buf out;
	struct jw w;
	buf_init(&out, &arena, 0);
	jschema_compile(&arena, parse("{\"required\":[\"a\"]}"), NULL, &s, NULL);
	is_int(jschema_check(s, parse("{}"), &arena, &is, NULL), E_INVALID);
	jw_init(&w, &out);
	jschema_issues_write(&w, &is);
	is_str(buf_str(&out), "[{\"path\":\"\",\"keyword\":\"required\",\"message\":\"\\\"a\\\" is required\"}]");
}

int main(void)
{
	arena_init(&arena, 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		expect(cases[i].schema, cases[i].value, cases[i].want);
	test_bad_schemas();
	test_formats();
	test_uris();
	test_bounds();
	test_writing();
	arena_release(&arena);
	return done_testing();
}

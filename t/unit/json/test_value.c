#include "base/first.h"
#include "json/writer.h"
#include "../tap.h"

static struct arena a;

static const struct json *parse(const char *text)
{
	const struct json *v = NULL;
	return json_parse(&a, str_of(text), NULL, &v, NULL) == 0 ? v : NULL;
}

static void round_trips(void)
{
	static const char *const texts[] = { "{}", "[]", "[1,-2,3.5,true,false,null,\"x\"]",
		"{\"a\":{\"b\":[{}]},\"c\":\"\\u0001\\n\\\"\"}", "\"\xc3\xa9\xf0\x9f\x98\x80\"", "9223372036854775807",
		"0.1", "1e300" };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		const struct json *v = parse(texts[i]);
		struct str out = v ? json_text(&a, v) : STR_NULL;
		const struct json *again = v ? parse(arena_cstr(&a, out)) : NULL;
		ok(v && json_same(v, again), "round trip of %s", texts[i]);
		ok(json_same(v, json_dup(&a, v)), "a copy is equal");
	}
	is_str(json_text(&a, parse("[1,{\"a\":[]}, \"x\"]")), "[1,{\"a\":[]},\"x\"]", "compact text");
	struct buf b;
	buf_init(&b, &a, 0);
	json_write_canonical(&b, parse("{\"b\":1,\"a\":{\"z\":0,\"y\":[2,1]}}"));
	is_str(buf_str(&b), "{\"a\":{\"y\":[2,1],\"z\":0},\"b\":1}", "canonical text sorts names");
	buf_clear(&b);
	json_write_pretty(&b, parse("[{\"a\":1},[]]"), 2);
	is_str(buf_str(&b), "[\n  {\n    \"a\": 1\n  },\n  []\n]", "indented text");
}

static void limits(void)
{
	struct buf deep;
	buf_init(&deep, &a, 0);
	for (int i = 0; i < 10000; i++)
		buf_addc(&deep, '[');
	const struct json *v = NULL;
	struct err e;
	is_int(json_parse(&a, buf_str(&deep), NULL, &v, &e), E_LIMIT, "10 000 nested arrays are refused");
	is_int(json_parse(&a, STR("[{},{},{},{},[[]]]"), &(struct json_limits){ .depth = 3 }, &v, &e), 0,
		"depth is of nesting, not a count of brackets");
	is_int(json_parse(&a, STR("\"[[[[[[[[[[\""), &(struct json_limits){ .depth = 2 }, &v, &e), 0,
		"brackets in strings do not count");
	is_int(json_parse(&a, STR("[1, 2"), NULL, &v, &e), E_INVALID, "cut short");
	is_int(json_parse(&a, STR(""), NULL, &v, &e), E_INVALID, "empty");
	is_int(json_parse(&a, STR("9\0"), NULL, &v, &e), E_INVALID, "a NUL byte behind a number");
	is_int(json_parse(&a, STR("\"\xff\""), NULL, &v, &e), E_INVALID, "bad UTF-8");
	is_int(json_parse(&a, STR("\"a\\u0000b\""), NULL, &v, &e), E_INVALID, "a NUL needs leave");
	is_int(json_parse(&a, STR("\"\\ud800\""), NULL, &v, &e), E_INVALID, "so does half a surrogate pair");
	const struct json_limits lone = { .lone = true };
	is_int(json_parse(&a, STR("\"\\ud800\\ud801\\udffe\\udfff \\\\ud800 \\uD83D\\ude00 \\u00e9\""), &lone, &v, &e),
		0, "with it");
	is_str(v->s, "\xef\xbf\xbd\xf0\x90\x9f\xbe\xef\xbf\xbd \\ud800 \xf0\x9f\x98\x80 \xc3\xa9", "each is U+FFFD");
	is_int(json_parse(&a, STR("\"\\ud8\""), &lone, &v, &e), E_INVALID, "a broken escape stays one");
	is_int(json_parse(&a, STR("123456789012345678901234567890"), NULL, &v, &e), 0, "a huge integer");
	ok(json_is(v, J_REAL), "becomes a real");
	is_int(json_parse(&a, STR("[1,2,3]"), &(struct json_limits){ .bytes = 3 }, &v, &e), E_LIMIT, "too many bytes");
}

static void building(void)
{
	struct json *o = json_new_object(&a), *list = json_new_array(&a);
	for (int i = 0; i < 100; i++)
		json_push(&a, list, json_new_int(&a, i));
	json_set(&a, o, STR("list"), list);
	json_set(&a, o, STR("x"), json_new_str(&a, STR("1")));
	json_set(&a, o, STR("x"), json_new_str(&a, STR("2")));
	is_int(o->n, 2, "set replaces");
	is_int(json_int(json_at(json_get(o, "list"), 99), -1), 99, "100 items");
	is_str(json_str(json_get(o, "x"), STR_NULL), "2", "the last value");
	is_str(json_text(&a, json_new_str(&a, STR("\xff<"))), "\"\xef\xbf\xbd<\"", "bad bytes become U+FFFD");
}

int main(void)
{
	arena_init(&a, 0);
	round_trips();
	limits();
	building();
	arena_release(&a);
	return done_testing();
}

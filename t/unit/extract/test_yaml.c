#include "base/first.h"
#include "extract/yaml.h"
#include "json/writer.h"
#include "../tap.h"

static struct arena arena;

static void is_json(const char *yaml, const char *want)
{
	const struct json *v = NULL;
	struct err e = { 0 };
	int rc = yaml_parse(&arena, str_of(yaml), &v, &e);
	is_str(rc ? str_of(arena_cstr(&arena, str_of(e.words))) : json_text(&arena, v), want, "%.60s", yaml);
}

int main(void)
{
	arena_init(&arena, 0);
	is_json("a: 1\nb: [x, 2.5, true, null, ~]\nc:\n  d: 'true'\n  e: \"1\"\n",
		"{\"a\":1,\"b\":[\"x\",2.5,true,null,null],\"c\":{\"d\":\"true\",\"e\":\"1\"}}");
	is_json("- yes\n- No\n- on\n- 0x10\n- 010\n- 1e3\n- .5\n- 2001-01-01\n- \"\"\n-\n",
		"[\"yes\",\"No\",\"on\",\"0x10\",10,1000,\".5\",\"2001-01-01\",\"\",null]");
	is_json("{\"json\": [1, {\"x\": \"y\"}]}", "{\"json\":[1,{\"x\":\"y\"}]}");
	is_json("text: |\n  two\n  lines\nfold: >-\n  one\n  line\n",
		"{\"text\":\"two\\nlines\\n\",\"fold\":\"one line\"}");
	is_json("a: 1\na: 2\n", "{\"a\":2}");
	is_json("x", "\"x\"");
	is_json("a: &x [1]\nb: *x\n", "line 1: anchors and tags are not read");
	is_json("b: *x\n", "line 1: anchors and tags are not read");
	is_json("!!object a\n", "line 1: anchors and tags are not read");
	is_json("? [a]\n: 1\n", "line 1: a member's name must be a scalar");
	is_json("a\n---\nb\n", "line 2: more than one document");
	is_json("", "the document is empty");
	ok(yaml_parse(&arena, STR("a: [1"), &(const struct json *){ NULL }, NULL) == E_INVALID, "unfinished");
	ok(yaml_parse(&arena, STR("a:\n\t- b"), &(const struct json *){ NULL }, NULL) == E_INVALID, "a tab");
	ok(yaml_parse(&arena, STR("a: \xff"), &(const struct json *){ NULL }, NULL) == E_INVALID, "bad UTF-8");
	ok(yaml_parse(&arena, STR("a: \"\\0\""), &(const struct json *){ NULL }, NULL) == E_INVALID, "NUL");
	char deep[200];
	memset(deep, '[', sizeof deep);
	is_int(yaml_parse(&arena, str_n(deep, sizeof deep), &(const struct json *){ NULL }, NULL), E_LIMIT, "deep");
	is_int(yaml_parse(&arena, (struct str){ deep, 300 * KiB }, &(const struct json *){ NULL }, NULL), E_LIMIT,
		"large");
	arena_release(&arena);
	return done_testing();
}

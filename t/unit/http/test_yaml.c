#include "base/first.h"
#include "http/openapi.h"
#include "../tap.h"

static struct arena arena;

static void is_yaml(const char *json, const char *want, const char *name)
{
	const struct json *v;
	struct buf b;
	buf_init(&b, &arena, 0);
	if (json_parse(&arena, str_of(json), NULL, &v, NULL) == 0)
		yaml_write(&b, v);
	is_str(buf_str(&b), want, "%s", name);
}

int main(void)
{
	arena_init(&arena, 0);
	is_yaml("7", "7\n", "a scalar");
	is_yaml("{}", "{}\n", "an empty object");
	is_yaml("{\"a\":1,\"b\":{\"c\":[]}}", "a: 1\nb:\n  c: []\n", "nested objects");
	is_yaml("{\"a\":[1,{\"b\":2,\"c\":[true]},[null]]}", "a:\n  - 1\n  - b: 2\n    c:\n      - true\n  - - null\n",
		"lists");
	is_yaml("[\"true\",\"No\",\"1\",\"a: b\",\"- x\",\"\",\"x y\",\"q\\\"\\n\",\"end \"]",
		"- \"true\"\n- \"No\"\n- \"1\"\n- \"a: b\"\n- \"- x\"\n- \"\"\n- x y\n- \"q\\\"\\n\"\n- \"end \"\n",
		"quoting");
	is_yaml("{\"200\":{\"$ref\":\"#/x\"},\"/v1/{a}\":1}", "\"200\":\n  $ref: \"#/x\"\n\"/v1/{a}\": 1\n", "keys");
	arena_release(&arena);
	return done_testing();
}

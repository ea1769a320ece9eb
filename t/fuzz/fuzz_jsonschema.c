/* A schema and a value, separated by a line feed. */
#include "base/first.h"
#include "extract/jsonschema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size }, schema;
	const struct json_limits limits = { .bytes = 64 * KiB, .nul = true };
	const struct jschema_opts o = { .formats = true };
	const struct json *s, *v;
	const struct jschema *compiled;
	static struct jschema_issues issues;
	struct arena a;
	arena_init(&a, 0);
	if (str_split(&all, '\n', &schema) && json_parse(&a, schema, &limits, &s, NULL) == 0 &&
		jschema_compile(&a, s, &o, &compiled, NULL) == 0 && json_parse(&a, all, &limits, &v, NULL) == 0) {
		struct buf out;
		struct jw w;
		int rc = jschema_check(compiled, v, &a, &issues, NULL);
		assert((rc == 0) == (issues.n == 0) || (rc != E_INVALID && rc != 0));
		buf_init(&out, &a, 0);
		jw_init(&w, &out);
		jschema_issues_write(&w, &issues);
	}
	arena_release(&a);
	return 0;
}

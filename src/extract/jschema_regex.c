#include "base/first.h"
#include "extract/jschema_node.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define PATTERN_MAX (16 * KiB)
/* Steps of the matcher; about a tenth of a second at the worst. */
#define MATCH_LIMIT 1000000
#define HEAP_LIMIT_KIB 16384

struct regex {
	struct str text;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

static void *regex_malloc(size_t n, void *ctx)
{
	return malloc(n);
}

static void regex_free_block(void *p, void *ctx)
{
	free(p);
}

static void regex_free(void *arg)
{
	struct regex *re = arg;
	pcre2_match_data_free(re->data);
	pcre2_match_context_free(re->limits);
	pcre2_code_free(re->code);
}

struct str regex_text(const struct regex *re)
{
	return re->text;
}

/* ECMA-262 has long names for general categories, PCRE2 the short ones. */
static const struct { const char *name, *is;
} categories[] = { { "Letter", "L" }, { "Lowercase_Letter", "Ll" }, { "Uppercase_Letter", "Lu" },
	{ "Titlecase_Letter", "Lt" }, { "Modifier_Letter", "Lm" }, { "Other_Letter", "Lo" }, { "Mark", "M" },
	{ "Nonspacing_Mark", "Mn" }, { "Spacing_Mark", "Mc" }, { "Enclosing_Mark", "Me" }, { "Number", "N" },
	{ "Decimal_Number", "Nd" }, { "digit", "Nd" }, { "Letter_Number", "Nl" }, { "Other_Number", "No" },
	{ "Punctuation", "P" }, { "punct", "P" }, { "Symbol", "S" }, { "Math_Symbol", "Sm" },
	{ "Currency_Symbol", "Sc" }, { "Modifier_Symbol", "Sk" }, { "Other_Symbol", "So" }, { "Separator", "Z" },
	{ "Space_Separator", "Zs" }, { "Line_Separator", "Zl" }, { "Paragraph_Separator", "Zp" }, { "Other", "C" },
	{ "Control", "Cc" }, { "Format", "Cf" } };

/* \p{Letter}, \p{Script=Greek} as PCRE2 writes them; \d, \w stay ASCII there as in ECMA-262. */
static struct str translate(struct arena *a, struct str s)
{
	struct buf out;
	buf_init(&out, a, 0);
	for (size_t i = 0; i < s.n; i++) {
		buf_addc(&out, s.p[i]);
		if (s.p[i] != '\\' || i + 1 >= s.n)
			continue;
		char kind = s.p[++i];
		buf_addc(&out, kind);
		size_t end = str_chr(str_from(s, i), '}');
		if ((kind != 'p' && kind != 'P') || i + 1 >= s.n || s.p[i + 1] != '{' || end == STR_NPOS)
			continue;
		struct str name = str_sub(s, i + 2, end - 2);
		size_t eq = str_chr(name, '=');
		if (eq != STR_NPOS)
			name = str_from(name, eq + 1);
		for (size_t k = 0; k < ARRAY_LEN(categories); k++)
			if (str_is(name, categories[k].name))
				name = str_of(categories[k].is);
		buf_addf(&out, "{%.*s}", STR_FMT(name));
		i += end;
	}
	return buf_str(&out);
}

int regex_compile(struct arena *a, struct str pattern, struct regex **ret, struct err *e)
{
	int code = 0;
	PCRE2_SIZE at = 0;
	if (pattern.n > PATTERN_MAX)
		return err_set(e, E_LIMIT, "a pattern has %zu bytes; %zu are allowed", pattern.n, PATTERN_MAX);
	struct str text = translate(a, pattern);
	pcre2_general_context *memory = pcre2_general_context_create(regex_malloc, regex_free_block, NULL);
	pcre2_compile_context *how = pcre2_compile_context_create(memory);
	pcre2_set_newline(how, PCRE2_NEWLINE_ANYCRLF);
	pcre2_set_parens_nest_limit(how, 200);
	pcre2_set_compile_extra_options(how, PCRE2_EXTRA_ALT_BSUX);
	pcre2_code *re = pcre2_compile((PCRE2_SPTR)text.p, text.n,
		PCRE2_UTF | PCRE2_DOLLAR_ENDONLY | PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS |
			PCRE2_MATCH_UNSET_BACKREF | PCRE2_NEVER_BACKSLASH_C,
		&code, &at, how);
	pcre2_compile_context_free(how);
	if (!re) {
		PCRE2_UCHAR why[120];
		pcre2_get_error_message(code, why, sizeof why);
		pcre2_general_context_free(memory);
		return err_set(e, E_INVALID, "pattern \"%.*s\": %s", (int)MIN(pattern.n, (size_t)60), pattern.p,
			(char *)why);
	}
	struct regex *r = arena_new(a, struct regex);
	r->text = pattern;
	r->code = re;
	r->data = pcre2_match_data_create(1, memory);
	r->limits = pcre2_match_context_create(memory);
	pcre2_general_context_free(memory);
	if (!r->data || !r->limits)
		die("out of memory: pattern");
	pcre2_set_match_limit(r->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(r->limits, HEAP_LIMIT_KIB);
	arena_hook(a, regex_free, r);
	*ret = r;
	return 0;
}

int regex_search(const struct regex *re, struct str s)
{
	int rc = pcre2_match(re->code, (PCRE2_SPTR)(s.p ? s.p : ""), s.n, 0, 0, re->data, re->limits);
	/* 0 says that there were more groups than room for them. */
	if (rc >= 0)
		return 1;
	return rc == PCRE2_ERROR_NOMATCH ? 0 : E_LIMIT;
}

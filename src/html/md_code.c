#include "base/first.h"
#include "html/md_code.h"
#include "html/text.h"

static struct str after_prefix(struct str word, const char *prefix)
{
	struct str p = str_of(prefix);
	return str_starts(word, p) && word.n > p.n ? str_from(word, p.n) : STR_NULL;
}

/* "language-c", "lang-c", "highlight-source-c", "brush: c;", "sourceCode c", "hljs c". */
static struct str class_language(struct str classes, bool outer)
{
	static const char *const prefixes[] = { "language-", "highlight-source-", "highlight-", "lang-" };
	struct str word, next = STR_NULL;
	for (struct str rest = classes; next_word(&rest, &word);) {
		for (size_t i = 0; i < ARRAY_LEN(prefixes) - outer; i++) {
			struct str lang = after_prefix(word, prefixes[i]);
			if (lang.p && !(outer && str_is(lang, "default")))
				return lang;
		}
		if (outer)
			continue;
		struct str brush = after_prefix(word, "brush:");
		if (str_is(word, "brush:") || str_is(word, "sourceCode") || str_is(word, "hljs")) {
			struct str peek = rest;
			if (!next_word(&peek, &brush) || str_starts(brush, STR("language-")))
				continue;
		}
		if (brush.p && !next.p)
			next = brush;
	}
	while (next.n && (next.p[next.n - 1] == ';' || next.p[next.n - 1] == ','))
		next.n--;
	return next.n ? next : STR_NULL;
}

static struct str own_language(const struct node *n, bool outer)
{
	if (!n || n->type != NODE_ELEMENT || !n->n)
		return STR_NULL;
	struct str lang = class_language(node_attr(n, ATTR_CLASS), outer);
	if (!lang.p)
		lang = node_attr(n, ATTR_DATA_LANGUAGE);
	if (!lang.p)
		lang = node_attr(n, ATTR_DATA_LANG);
	lang = str_trim(lang);
	return lang.n && str_chr(lang, ' ') == STR_NPOS && lang.n <= 40 ? lang : STR_NULL;
}

struct str code_language(const struct node *pre)
{
	const struct node *code = node_first_element(pre);
	struct str lang = code && node_is(code, TAG_CODE) ? own_language(code, false) : STR_NULL;
	if (!lang.p)
		lang = own_language(pre, false);
	const struct node *up = node_parent(pre);
	for (int i = 0; i < 2 && up && !lang.p; i++, up = node_parent(up))
		lang = own_language(up, true);
	return str_is(lang, "none") || str_is(lang, "default") ? STR_NULL : lang;
}

/* Line numbers and the like, which stand beside the code. */
static bool is_beside_code(const struct node *n)
{
	static const char *const words[] = { "lineno", "linenos", "line-number", "line-numbers", "line-numbers-rows",
		"gutter", "hljs-ln-numbers", "blob-num", "linenodiv", "ln-num", "rouge-gutter", "copy-button",
		"clipboard-copy" };
	struct str word;
	for (struct str rest = node_attr(n, ATTR_CLASS); next_word(&rest, &word);)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (str_is(word, words[i]))
				return true;
	return false;
}

static void fresh_line(struct buf *out, size_t start)
{
	if (out->n > start && out->p[out->n - 1] != '\n')
		buf_addc(out, '\n');
}

void code_text(struct arena *a, const struct node *pre, struct buf *out)
{
	size_t start = out->n;
	for (struct walk w = walk_start(pre); walk_next(&w);) {
		const struct node *n = w.node;
		if (n->type == NODE_TEXT)
			buf_adds(out, node_text(n));
		if (n->type != NODE_ELEMENT || n == pre)
			continue;
		if (node_is(n, TAG_BR) && !w.leave)
			buf_addc(out, '\n');
		else if (tag_is_block(n->tag) && n->ns == NS_HTML)
			fresh_line(out, start);
		bool drop = tag_is_hidden(n->tag) || node_is(n, TAG_BUTTON) || n->tag == TAG_SVG;
		if (!w.leave && (drop || (n->n && (is_beside_code(n) || node_is_hidden(n)))))
			walk_skip(&w);
	}
}

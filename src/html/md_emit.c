/*
 * Writing the tokens of a block: what must be escaped is escaped here, with the characters on both sides in view.
 */
#include "base/first.h"
#include "html/md_inline.h"

#define BRACKET_LOOKAHEAD 96

/* Bytes that may need an escape somewhere. */
static const bool special[256] = {
	['\\'] = true, ['`'] = true, ['*'] = true, ['_'] = true, ['['] = true, [']'] = true,
	['<'] = true, ['&'] = true, ['~'] = true, ['|'] = true, ['!'] = true,
};

static bool is_punct(int c)
{
	return c > ' ' && c < 0x7F && !is_alnum(c);
}

/* The first byte that the tokens from `i` on will write; '\n' at the end. */
static char next_byte(const struct md_inline *l, size_t i)
{
	for (; i < l->toks.n; i++) {
		const struct md_tok *t = &l->toks.at[i];
		switch ((enum md_tok_kind)t->kind) {
		case MT_TEXT:
		case MT_RAW:
			if (t->n)
				return l->text.p[t->off];
			continue;
		case MT_CODE:
			return '`';
		case MT_BREAK:
			return '\n';
		case MT_IMAGE:
			return '!';
		case MT_OPEN:
		case MT_CLOSE:
			if (t->span == MS_LINK)
				return t->kind == MT_OPEN ? '[' : ']';
			if (t->span == MS_TAG || t->style == MD_HTML)
				return '<';
			return t->span == MS_DEL ? '~' : t->style == MD_UNDER ? '_' : '*';
		}
	}
	return '\n';
}

/* "&amp;" "&#35;" "&#x22;" at `i`. */
static bool is_entity(struct str s, size_t i)
{
	size_t k = i + 1, start;
	bool number = k < s.n && s.p[k] == '#';
	k += number;
	if (number && k < s.n && (s.p[k] == 'x' || s.p[k] == 'X'))
		k++;
	for (start = k; k < s.n && k - start < 32 && is_alnum(s.p[k]); k++)
		;
	return k > start && k < s.n && s.p[k] == ';';
}

/* "[text]" that can be neither a link nor a footnote, definition or task: brackets that may stay as they are. */
static bool harmless_bracket(struct str s, size_t i, char next, bool bol)
{
	size_t end = MIN(s.n, i + BRACKET_LOOKAHEAD);
	if (i + 1 < s.n && (s.p[i + 1] == '^' || s.p[i + 1] == ']'))
		return false;
	for (size_t k = i + 1; k < end; k++) {
		if (s.p[k] == '[')
			return false;
		if (s.p[k] != ']')
			continue;
		char after = k + 1 < s.n ? s.p[k + 1] : next;
		bool task = bol && k == i + 2 && (s.p[i + 1] == ' ' || to_lower(s.p[i + 1]) == 'x');
		return after != '(' && after != ':' && !task;
	}
	return false;
}

/* An underscore or asterisk that cannot be a delimiter: white space, or for '_' letters, on both sides. */
static bool harmless_delim(char c, unsigned char before, unsigned char after, bool bol)
{
	if (bol)
		return false;
	return (is_space(before) && is_space(after)) || (c == '_' && is_alnum(before) && is_alnum(after));
}

/* Whether the byte at `i` must be escaped. `next`: the byte after the slice. */
static bool must_escape(struct md_sink *s, struct str t, size_t i, char next, bool bol)
{
	char c = t.p[i], after = i + 1 < t.n ? t.p[i + 1] : next;
	char before = i ? t.p[i - 1] : s->out->n ? s->out->p[s->out->n - 1] : '\n';
	switch (c) {
	case '\\':
		return is_punct(after) || after == '\n';
	case '`':
		return true;
	case '*':
	case '_':
		return !harmless_delim(c, (unsigned char)before, (unsigned char)after, bol && i == 0) || after == '\n';
	case '[':
		return s->link || !harmless_bracket(t, i, next, bol && i == 0);
	case ']':
		return s->link;
	case '<':
		return is_alpha(after) || after == '/' || after == '!' || after == '?';
	case '&':
		return is_entity(t, i);
	case '~':
		if (after == '~' || before == '~' || s->tilde)
			return true;
		return s->tilde = memchr(t.p + i + 1, '~', t.n - i - 1) != NULL;
	case '|':
		return s->place == MD_CELL;
	case '!':
		return i + 1 == t.n && next == '[';
	}
	return false;
}

/* The whole line consists of these characters (and of `c` at least once). */
static bool only(struct str s, const char *set, char c)
{
	bool seen = false;
	for (size_t i = 0; i < s.n; i++) {
		if (!strchr(set, s.p[i]) || !s.p[i])
			return false;
		seen |= s.p[i] == c;
	}
	return seen;
}

/* At the start of a line: how many bytes in the escape belongs, or -1 when the text cannot be read as a block. */
static int block_marker(struct str t, char next)
{
	size_t i = 0;
	char c = t.p[0];
	char after = t.n > 1 ? t.p[1] : next;
	bool end = next == '\n'; /* the slice reaches the end of the line */
	switch (c) {
	case '#':
		while (i < t.n && t.p[i] == '#')
			i++;
		after = i < t.n ? t.p[i] : next;
		return i <= 6 && is_space(after) ? 0 : -1;
	case '>':
		return 0;
	case '+':
	case '-':
		if (is_space(after))
			return 0;
		/* fall through */
	case ':':
	case '|':
	case '=': /* underlines of headings, delimiter rows of tables, thematic breaks */
		return end && (only(t, "-:| \t", '-') || only(t, "=", '=')) ? 0 : -1;
	}
	while (i < t.n && is_digit(t.p[i]))
		i++;
	if (i == 0 || i > 9 || i >= t.n || (t.p[i] != '.' && t.p[i] != ')'))
		return -1;
	after = i + 1 < t.n ? t.p[i + 1] : next;
	return is_space(after) ? (int)i : -1;
}

static void emit_text(struct md_sink *s, struct str t, char next)
{
	struct buf *o = s->out;
	bool bol = s->bol && s->place == MD_PARAGRAPH;
	size_t from = 0;
	int mark = bol && t.n ? block_marker(t, next) : -1;
	if (s->first && s->place == MD_PARAGRAPH) { /* white space that renderers trim from paragraphs */
		for (size_t w; (w = wide_space_at(str_from(t, from))); from += w)
			if (w == 2)
				buf_addz(o, "&nbsp;");
			else
				buf_adds(o, str_sub(t, from, w));
	}
	for (size_t i = from; i < t.n; i++) {
		unsigned char c = (unsigned char)t.p[i];
		if (!special[c] && (int)i != mark)
			continue;
		if ((int)i == mark || must_escape(s, t, i, next, bol)) {
			buf_add(o, t.p + from, i - from);
			buf_addc(o, '\\');
			from = i;
		}
	}
	buf_add(o, t.p + from, t.n - from);
	s->bol = s->first = false;
}

/* Pipes would end the cell, even within code. */
static void emit_raw(struct md_sink *s, struct str t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '|' && s->place == MD_CELL)
			buf_addc(s->out, '\\');
		buf_addc(s->out, t.p[i]);
	}
}

static void emit_code(struct md_sink *s, struct str t)
{
	size_t run = 0, longest = 0;
	bool blank = true;
	for (size_t i = 0; i < t.n; i++) {
		run = t.p[i] == '`' ? run + 1 : 0;
		longest = MAX(longest, run);
		blank = blank && t.p[i] == ' ';
	}
	bool pad = t.p[0] == '`' || t.p[t.n - 1] == '`' || (!blank && t.p[0] == ' ' && t.p[t.n - 1] == ' ');
	for (size_t i = 0; i <= longest; i++)
		buf_addc(s->out, '`');
	if (pad)
		buf_addc(s->out, ' ');
	emit_raw(s, t);
	if (pad)
		buf_addc(s->out, ' ');
	for (size_t i = 0; i <= longest; i++)
		buf_addc(s->out, '`');
}

static bool balanced(struct str s)
{
	int depth = 0;
	for (size_t i = 0; i < s.n; i++) {
		depth += s.p[i] == '(';
		depth -= s.p[i] == ')';
		if (depth < 0 || depth > 8)
			return false;
	}
	return depth == 0;
}

static void emit_dest(struct buf *o, struct str d)
{
	bool parens = balanced(d);
	size_t from = 0;
	for (size_t i = 0; i < d.n; i++) {
		unsigned char c = (unsigned char)d.p[i];
		if (is_alnum(c) || c >= 0x80 || c == '/' || c == '.' || c == '-')
			continue;
		bool drop = c == '\n' || c == '\r' || c == '\t';
		bool percent = c <= ' ' || c == 0x7F || c == '<' || c == '>' || c == '`' || c == '|' || c == '\\';
		bool escape = ((c == '(' || c == ')') && !parens) || (c == '&' && is_entity(d, i));
		if (!drop && !percent && !escape)
			continue;
		buf_add(o, d.p + from, i - from);
		from = i + 1;
		if (percent && !drop)
			buf_addf(o, "%%%02X", c);
		if (escape)
			buf_addf(o, "\\%c", c);
	}
	buf_add(o, d.p + from, d.n - from);
}

/* Brackets' counterpart for titles: quotes, backslashes and what would start an entity, code or a tag. */
static void emit_title(struct buf *o, struct str t, bool cell)
{
	buf_addz(o, " \"");
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i];
		if (is_space(c)) {
			size_t k = i;
			while (k + 1 < t.n && is_space(t.p[k + 1]))
				k++;
			if (k == i && c == '\n')
				buf_addz(o, "&#10;");
			else
				buf_addc(o, ' ');
			i = k;
			continue;
		}
		if (c == '"' || c == '\\' || c == '`' || c == '<' || (c == '&' && is_entity(t, i)) ||
			(cell && c == '|'))
			buf_addc(o, '\\');
		buf_addc(o, c);
	}
	buf_addc(o, '"');
}

static void emit_target(struct md_sink *s, const struct md_ref *r)
{
	buf_addz(s->out, "](");
	if (!r->dest.n && r->title.p)
		buf_addz(s->out, "<>");
	emit_dest(s->out, r->dest);
	if (r->title.p)
		emit_title(s->out, r->title, s->place == MD_CELL);
	buf_addc(s->out, ')');
}

static bool is_uri(struct str s)
{
	size_t i = 0;
	while (i < s.n && (is_alnum(s.p[i]) || (i && (s.p[i] == '+' || s.p[i] == '.' || s.p[i] == '-'))))
		i++;
	if (i < 2 || i > 32 || i >= s.n || s.p[i] != ':' || !is_alpha(s.p[0]))
		return false;
	for (; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7F || strchr("<>\\`|[]", s.p[i]))
			return false;
	return true;
}

static bool is_mail(struct str s)
{
	size_t at = str_chr(s, '@');
	if (at == STR_NPOS || at == 0 || at + 1 >= s.n || str_rchr(s, '@') != at)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!is_alnum(s.p[i]) && !(i < at ? strchr(".+-_", s.p[i]) : strchr(".-", s.p[i])) && i != at)
			return false;
	return is_alnum(s.p[at + 1]) && is_alnum(s.p[s.n - 1]) && str_find(str_from(s, at), STR("..")) == STR_NPOS;
}

/* <https://…> where the text of a link is its address. Consumes three tokens then. */
static bool emit_autolink(struct md_inline *l, struct md_sink *s, size_t i)
{
	const struct md_tok *t = &l->toks.at[i];
	if (t->peer != i + 2 || l->toks.at[i + 1].kind != MT_TEXT)
		return false;
	const struct md_ref *r = &l->refs.at[t->ref];
	struct str text = inl_slice(l, &l->toks.at[i + 1]);
	bool mail = r->href.n == text.n + 7 && str_starts(r->href, STR("mailto:")) && str_ends(r->href, text) &&
		is_mail(text);
	if (r->title.p || (!mail && (!str_eq(r->href, text) || !is_uri(text))))
		return false;
	buf_addc(s->out, '<');
	buf_adds(s->out, text);
	buf_addc(s->out, '>');
	return true;
}

static void emit_span(struct md_inline *l, struct md_sink *s, const struct md_tok *t)
{
	static const char *const html[] = { "em", "strong", "del" };
	bool open = t->kind == MT_OPEN;
	if (t->span == MS_LINK) {
		s->link = open;
		if (open)
			buf_addc(s->out, '[');
		else
			emit_target(s, &l->refs.at[t->ref]);
	} else if (t->span == MS_TAG || t->style == MD_HTML) {
		buf_addz(s->out, open ? "<" : "</");
		buf_addz(s->out, t->span == MS_TAG ? md_tag_names[t->ref] : html[t->span]);
		buf_addc(s->out, '>');
	} else {
		char c = t->span == MS_DEL ? '~' : t->style == MD_UNDER ? '_' : '*';
		buf_addc(s->out, c);
		if (t->span != MS_EM)
			buf_addc(s->out, c);
	}
}

static void emit_image(struct md_inline *l, struct md_sink *s, const struct md_tok *t)
{
	bool link = s->link;
	buf_addz(s->out, "![");
	s->bol = s->first = false;
	s->link = true;
	emit_text(s, inl_slice(l, t), ']');
	s->link = link;
	emit_target(s, &l->refs.at[t->ref]);
}

static void emit_break(struct md_sink *s)
{
	if (s->place == MD_HEADING) {
		buf_addc(s->out, ' ');
	} else if (s->place == MD_CELL) {
		buf_addz(s->out, "<br>");
	} else {
		buf_addz(s->out, "  ");
		s->line(s->arg);
		s->bol = true;
	}
}

void inl_emit(struct md_inline *l, struct md_sink *s)
{
	emph_resolve(l);
	s->bol = s->first = true;
	s->link = s->tilde = false;
	for (size_t i = 0; i < l->toks.n; i++) {
		const struct md_tok *t = &l->toks.at[i];
		if (t->kind == MT_TEXT) {
			emit_text(s, inl_slice(l, t), next_byte(l, i + 1));
			continue;
		}
		if (t->kind == MT_BREAK) {
			emit_break(s);
			continue;
		}
		if (t->kind == MT_CODE)
			emit_code(s, inl_slice(l, t));
		else if (t->kind == MT_RAW)
			emit_raw(s, inl_slice(l, t));
		else if (t->kind == MT_IMAGE)
			emit_image(l, s, t);
		else if (t->kind == MT_OPEN && t->span == MS_LINK && emit_autolink(l, s, i))
			i += 2;
		else
			emit_span(l, s, t);
		s->bol = s->first = false;
	}
}

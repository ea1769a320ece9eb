/* Which encoding: labels, header, byte order mark, prescan. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/charset.h"

static const struct { const char *label, *name; } labels[] = {
#define LABEL(label, name) { label, name },
#include "html/charset_labels.def"
#undef LABEL
};

struct str charset_of_label(struct str label)
{
	label = str_trim(label);
	size_t lo = 0, hi = ARRAY_LEN(labels);
	char low[32];
	if (!label.n || label.n >= sizeof low)
		return STR_NULL;
	for (size_t i = 0; i < label.n; i++)
		low[i] = (char)to_lower(label.p[i]);
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = str_cmp(str_n(low, label.n), str_of(labels[mid].label));
		if (!c)
			return str_of(labels[mid].name);
		if (c < 0)
			hi = mid;
		else
			lo = mid + 1;
	}
	return STR_NULL;
}

struct str charset_of_content_type(struct str s)
{
	for (size_t at; (at = str_chr(s, ';')) != STR_NPOS;) {
		s = str_trim(str_from(s, at + 1));
		if (!str_startsi(s, STR("charset")))
			continue;
		struct str v = str_trim(str_from(s, 7));
		if (!v.n || v.p[0] != '=')
			continue;
		v = str_trim(str_from(v, 1));
		char quote = v.n && (v.p[0] == '"' || v.p[0] == '\'') ? v.p[0] : 0;
		v = quote ? str_from(v, 1) : v;
		size_t end = 0;
		while (end < v.n && (quote ? v.p[end] != quote : v.p[end] != ';' && !is_space(v.p[end])))
			end++;
		return str_sub(v, 0, end);
	}
	return STR_NULL;
}

/* ---- prescan (HTML 13.2.3.2) */

/* "…charset = x…" inside the content of a <meta http-equiv>. */
static struct str charset_in_content(struct str s)
{
	for (size_t at; (at = str_findi(s, STR("charset"))) != STR_NPOS;) {
		s = str_trim(str_from(s, at + 7));
		if (!s.n || s.p[0] != '=')
			continue;
		s = str_trim(str_from(s, 1));
		if (!s.n)
			return STR_NULL;
		if (s.p[0] == '"' || s.p[0] == '\'') {
			size_t end = str_chr(str_from(s, 1), s.p[0]);
			return end == STR_NPOS ? STR_NULL : str_sub(s, 1, end);
		}
		size_t end = 0;
		while (end < s.n && !is_space(s.p[end]) && s.p[end] != ';')
			end++;
		return str_sub(s, 0, end);
	}
	return STR_NULL;
}

/* The next attribute of a tag; false at its end. */
static bool next_attr(struct str s, size_t *i, struct str *ret_name, struct str *ret_value)
{
	while (*i < s.n && (is_space(s.p[*i]) || s.p[*i] == '/'))
		++*i;
	if (*i >= s.n || s.p[*i] == '>')
		return false;
	size_t from = *i;
	while (*i < s.n && (*i == from || s.p[*i] != '=') && !is_space(s.p[*i]) && s.p[*i] != '/' && s.p[*i] != '>')
		++*i;
	*ret_name = str_sub(s, from, *i - from);
	*ret_value = STR("");
	while (*i < s.n && is_space(s.p[*i]))
		++*i;
	if (*i >= s.n || s.p[*i] != '=')
		return true;
	for (++*i; *i < s.n && is_space(s.p[*i]);)
		++*i;
	if (*i >= s.n)
		return true;
	char quote = s.p[*i] == '"' || s.p[*i] == '\'' ? s.p[(*i)++] : 0;
	from = *i;
	while (*i < s.n && (quote ? s.p[*i] != quote : !is_space(s.p[*i]) && s.p[*i] != '>'))
		++*i;
	*ret_value = str_sub(s, from, *i - from);
	*i += quote && *i < s.n;
	return true;
}

/* Of the <meta> whose attributes begin at `*i`. */
static struct str charset_of_meta(struct str s, size_t *i)
{
	struct str name, value, direct = STR_NULL, content = STR_NULL;
	bool pragma = false;
	while (next_attr(s, i, &name, &value)) {
		if (str_eqi(name, STR("http-equiv")))
			pragma = str_eqi(str_trim(value), STR("content-type"));
		else if (str_eqi(name, STR("content")) && !content.p)
			content = charset_in_content(value);
		else if (str_eqi(name, STR("charset")) && !direct.p)
			direct = value;
	}
	return direct.p ? direct : pragma ? content : STR_NULL;
}

/* Documents say "utf-16" in bytes that a reader of ASCII understood: then it is a lie. */
static struct str settled(struct str label)
{
	struct str name = charset_of_label(label);
	if (str_is(name, "UTF-16LE") || str_is(name, "UTF-16BE"))
		return STR("UTF-8");
	return str_is(name, "x-user-defined") ? STR("windows-1252") : name;
}

static struct str prescan(struct str s)
{
	struct str name, value;
	for (size_t i = 0; i < s.n; i++) {
		size_t lt = str_chr(str_from(s, i), '<');
		if (lt == STR_NPOS)
			return STR_NULL;
		i += lt;
		struct str rest = str_from(s, i);
		if (str_starts(rest, STR("<!--"))) {
			size_t end = str_find(str_from(rest, 2), STR("-->"));
			if (end == STR_NPOS)
				return STR_NULL;
			i += 2 + end + 2;
		} else if (str_startsi(rest, STR("<meta")) && rest.n > 5 && (is_space(rest.p[5]) || rest.p[5] == '/')) {
			i += 6;
			struct str found = settled(charset_of_meta(s, &i));
			if (found.p)
				return found;
		} else if (rest.n > 2 && (is_alpha(rest.p[1]) || (rest.p[1] == '/' && is_alpha(rest.p[2])))) {
			while (i < s.n && !is_space(s.p[i]) && s.p[i] != '>')
				i++;
			while (next_attr(s, &i, &name, &value))
				;
		} else if (rest.n > 1 && (rest.p[1] == '!' || rest.p[1] == '/' || rest.p[1] == '?')) {
			size_t gt = str_chr(rest, '>');
			if (gt == STR_NPOS)
				return STR_NULL;
			i += gt;
		}
	}
	return STR_NULL;
}

/* <?xml … encoding="x"?> at the very beginning. */
static struct str charset_of_xml(struct str s)
{
	if (!str_starts(s, STR("<?xml")))
		return STR_NULL;
	size_t gt = str_chr(s, '>'), at = str_find(str_sub(s, 0, gt), STR("encoding"));
	if (gt == STR_NPOS || at == STR_NPOS)
		return STR_NULL;
	struct str v = str_trim(str_sub(s, at + 8, gt - at - 8));
	if (!v.n || v.p[0] != '=')
		return STR_NULL;
	v = str_trim(str_from(v, 1));
	size_t end = v.n && (v.p[0] == '"' || v.p[0] == '\'') ? str_chr(str_from(v, 1), v.p[0]) : STR_NPOS;
	return end == STR_NPOS ? STR_NULL : settled(str_sub(v, 1, end));
}

/* ---- all together */

static bool from_bom(struct str s, struct charset *ret)
{
	bool utf8 = str_starts(s, STR("\xEF\xBB\xBF")), be = str_starts(s, STR("\xFE\xFF")),
	     le = str_starts(s, STR("\xFF\xFE"));
	if (!utf8 && !be && !le)
		return false;
	ret->name = utf8 ? STR("UTF-8") : be ? STR("UTF-16BE") : STR("UTF-16LE");
	ret->skip = utf8 ? 3 : 2;
	ret->source = CHARSET_BOM;
	return true;
}

static bool take(struct charset *c, struct str name, enum charset_source source)
{
	if (!name.p)
		return false;
	c->name = name;
	c->source = source;
	return true;
}

struct charset charset_detect(struct str bytes, struct str content_type)
{
	struct charset c = { 0 };
	if (from_bom(bytes, &c) || take(&c, charset_of_label(charset_of_content_type(content_type)), CHARSET_HEADER))
		return c;
	struct str head = str_sub(bytes, 0, 1024);
	if (str_starts(head, str_n("<\0?\0x\0", 6)) || str_starts(head, str_n("<\0!\0", 4)))
		return (struct charset){ .name = STR("UTF-16LE"), .source = CHARSET_GUESS };
	if (str_starts(head, str_n("\0<\0?\0x", 6)) || str_starts(head, str_n("\0<\0!", 4)))
		return (struct charset){ .name = STR("UTF-16BE"), .source = CHARSET_GUESS };
	if (take(&c, prescan(head), CHARSET_META) || take(&c, charset_of_xml(head), CHARSET_META))
		return c;
	if (utf8_valid(bytes)) {
		take(&c, STR("UTF-8"), CHARSET_GUESS);
		return c;
	}
	if (!take(&c, prescan(str_sub(bytes, 0, 64 * KiB)), CHARSET_META))
		take(&c, STR("windows-1252"), CHARSET_GUESS);
	return c;
}

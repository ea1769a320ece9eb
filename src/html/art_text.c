/* Judging short pieces of text by what they say. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/art.h"
#include "html/text.h"

static const char *const starts[] = {
#define START(s) s,
#define WHOLE(s)
#define INSIDE(s)
#define HEADING(s)
#include "html/art_phrases.def"
};
#undef START
#undef WHOLE
static const char *const wholes[] = {
#define START(s)
#define WHOLE(s) s,
#include "html/art_phrases.def"
};
#undef WHOLE
#undef INSIDE
static const char *const insides[] = {
#define WHOLE(s)
#define INSIDE(s) s,
#include "html/art_phrases.def"
};
#undef INSIDE
#undef HEADING
static const char *const headings[] = {
#define INSIDE(s)
#define HEADING(s) s,
#include "html/art_phrases.def"
};

uint32_t art_count_words(struct str s)
{
	uint32_t words = 0, wide = 0;
	bool in = false;
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = (unsigned char)s.p[i] < 0x80 ? (unsigned char)s.p[i++] : utf8_next(s, &i);
		bool cjk = (cp >= 0x3040 && cp < 0xA000) || (cp >= 0xE00 && cp < 0xE80);
		bool word = !cjk && cp != 0xA0 && (cp >= 0x80 ? cp < 0x2010 || cp > 0x206F : is_alnum((int)cp));
		wide += cjk;
		if (cp < 0x80 && !is_space((int)cp) && !word)
			continue; /* punctuation within a word does not part it */
		words += word && !in;
		in = word;
	}
	return words + (wide + 1) / 2;
}

struct str art_unit_text(const struct art *t, const struct unit *u)
{
	if (u->first == u->last)
		return text_squeeze(t->a, node_text(art_node(t, u->first)));
	struct buf b;
	buf_init(&b, t->a, 0);
	for (uint32_t i = u->first; i <= u->last; i++) {
		const struct node *n = art_node(t, i);
		if (n->type == NODE_TEXT)
			buf_adds(&b, node_text(n));
		else if (n->type == NODE_FRAGMENT || (n->type == NODE_ELEMENT && (t->drop[i] || tag_is_hidden(n->tag))))
			i += n->size - 1;
		else if (node_is(n, TAG_BR))
			buf_addc(&b, ' ');
	}
	return text_squeeze(t->a, buf_str(&b));
}

static bool any_start(struct str s, const char *const *list, size_t n)
{
	char c = (char)to_lower(s.p[0]);
	for (size_t i = 0; i < n; i++)
		if (list[i][0] == c && str_startsi(s, str_of(list[i])))
			return true;
	return false;
}

enum phrase art_phrase(struct str s, uint32_t words)
{
	if (!s.n)
		return PHRASE_NONE;
	if (words <= 8 && any_start(s, headings, ARRAY_LEN(headings)))
		return PHRASE_HEADING;
	if (words > 40)
		return PHRASE_NONE;
	if (words <= 30 && any_start(s, starts, ARRAY_LEN(starts)))
		return PHRASE_BOILERPLATE;
	struct str bare = s;
	while (bare.n && !is_alnum(bare.p[bare.n - 1]) && (unsigned char)bare.p[bare.n - 1] < 0x80)
		bare.n--;
	for (size_t i = 0; words <= 3 && i < ARRAY_LEN(wholes); i++)
		if (str_eqi(bare, str_of(wholes[i])))
			return PHRASE_BOILERPLATE;
	for (size_t i = 0; i < ARRAY_LEN(insides); i++)
		if (str_findi(s, str_of(insides[i])) != STR_NPOS)
			return PHRASE_BOILERPLATE;
	return PHRASE_NONE;
}

static bool has_month_or_unit(struct str s)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
		"nov", "dec", "ago", "today", "yesterday", "edt", "est", "gmt", "utc", "monday", "tuesday", "wednesday",
		"thursday", "friday", "saturday", "sunday", "janv", "f\xC3\xA9vr", "mars", "avr", "mai", "juin", "juil",
		"ao\xC3\xBBt",
		"d\303\251c",
		"m\xC3\xA4rz", "okt", "dez", "uhr", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set",
		"ott" };
	struct str rest = s, word;
	while (next_word(&rest, &word)) {
		while (word.n && !is_alnum(word.p[0]) && (unsigned char)word.p[0] < 0x80)
			word = str_from(word, 1);
		for (size_t i = 0; i < ARRAY_LEN(names); i++)
			if (str_startsi(word, str_of(names[i])) && word.n <= 10)
				return true;
	}
	return false;
}

bool art_is_byline(struct str s, uint32_t words)
{
	static const char *const starts_with[] = { "by ", "by:", "published", "updated", "posted", "last updated",
		"last modified", "first published", "written by", "author:", "words by", "text by", "von ", "par ",
		"por ", "di ", "publi\xC3\xA9", "publicado",
		"ver\303\266ffentlicht",
		"stand:", "aktualisiert", "mis \xC3\xA0 jour", "actualizado", "story by", "asked", "answered",
		"date:", "created", "modified", "edited by", "reviewed by", "medically reviewed" };
	if (words == 0 || words > 16)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(starts_with); i++)
		if (str_startsi(s, str_of(starts_with[i])))
			return words <= 12 || has_month_or_unit(s);
	size_t digits = 0;
	for (size_t i = 0; i < s.n; i++)
		digits += is_digit(s.p[i]);
	if (str_findi(s, STR("min read")) != STR_NPOS || str_findi(s, STR("minute read")) != STR_NPOS ||
		str_findi(s, STR("minutes read")) != STR_NPOS)
		return true;
	if (words <= 10 && digits >= 2 && has_month_or_unit(s))
		return true;
	return words <= 4 && digits >= 6 && digits * 3 >= s.n; /* 2020-03-04, 04.03.2020 10:15 */
}

double art_likeness(struct str x, struct str y)
{
	size_t all = 0, same = 0;
	struct str rest = x, word;
	while (next_word(&rest, &word)) {
		while (word.n && !is_alnum(word.p[word.n - 1]) && (unsigned char)word.p[word.n - 1] < 0x80)
			word.n--;
		if (!word.n)
			continue;
		all++;
		same += str_findi(y, word) != STR_NPOS;
	}
	return all ? (double)same / (double)all : 0;
}

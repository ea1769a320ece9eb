/* The last resort for dates and authors: what class names call them. */
#include "base/first.h"
#include "html/meta_impl.h"
#include "html/text.h"

#define HINT_BYTES 90

static bool speaks_of(struct str class, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_findi(class, str_of(words[i])) != STR_NPOS)
			return true;
	return false;
}

/* The day inside a line such as "Posted on March 5, 2024 by Ann | 3 comments". */
static struct str date_inside(struct gather *g, struct str s)
{
	static const char seps[] = "|\xC2\xB7\xE2\x80\xA2";
	struct str part = s, whole = date_iso(g->arena, s);
	if (whole.p)
		return s;
	size_t by = str_findi(s, STR(" by "));
	if (by != STR_NPOS && date_iso(g->arena, str_sub(s, 0, by)).p)
		return str_sub(s, 0, by);
	for (size_t i = 0; i <= s.n; i++) {
		if (i < s.n && !strchr(seps, s.p[i]))
			continue;
		size_t from = (size_t)(part.p - s.p);
		struct str one = str_trim(str_sub(s, from, i - from));
		if (one.n > 7 && date_iso(g->arena, one).p)
			return one;
		part = str_from(s, i + 1);
	}
	return STR_NULL;
}

/* A name: a few words without digits and addresses. */
static bool is_name(struct str s)
{
	int words = 0;
	struct str rest = s, w;
	if (s.n < 3 || s.n > 60)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (is_digit(s.p[i]) || strchr("@/:|<>{}", s.p[i]))
			return false;
	while (next_word(&rest, &w))
		words++;
	return words >= 1 && words <= 6;
}

static struct str name_inside(struct gather *g, const struct node *n)
{
	for (const struct node *x = n + 1; x < node_end(n); x++)
		if (node_is(x, TAG_A))
			return text_line(g->arena, x);
	struct str s = text_line(g->arena, n);
	if (str_startsi(s, STR("written by ")))
		s = str_trim(str_from(s, 11));
	if (str_startsi(s, STR("by ")) || str_startsi(s, STR("by: ")))
		s = str_trim(str_from(s, s.p[2] == ':' ? 4 : 3));
	return s;
}

void meta_hints(struct gather *g, const struct node *n)
{
	static const char *const dates[] = { "date", "publish", "posted", "timestamp", "post-meta", "entry-meta",
		"byline" };
	static const char *const changes[] = { "updated", "modified" };
	static const char *const authors[] = { "author", "byline" };
	static const char *const not_authors[] = { "bio", "avatar", "comment", "image", "photo", "description" };
	int date_rank = g->slots[SLOT_PUBLISHED].rank, author_rank = g->slots[SLOT_AUTHOR].rank;
	if (date_rank && date_rank <= 85 && author_rank && author_rank <= 70)
		return;
	struct str class = node_attr(n, ATTR_CLASS);
	if ((!date_rank || date_rank > 85) && speaks_of(class, dates, ARRAY_LEN(dates)) && n->tag != TAG_BODY) {
		struct str text = text_line(g->arena, n);
		struct str date = text.n <= HINT_BYTES ? date_inside(g, text) : STR_NULL;
		if (date.p)
			meta_offer(g, speaks_of(class, changes, 2) ? SLOT_MODIFIED : SLOT_PUBLISHED, 85, date);
	}
	if ((!author_rank || author_rank > 70) && speaks_of(class, authors, ARRAY_LEN(authors)) &&
		!speaks_of(class, not_authors, ARRAY_LEN(not_authors))) {
		struct str name = name_inside(g, n);
		if (is_name(name))
			meta_offer(g, SLOT_AUTHOR, 70, name);
	}
}

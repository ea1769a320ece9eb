#include "base/first.h"
#include "html/art.h"

#define SLOTS 2048 /* power of two, several times the number of words */
#define WORD_MAX 40

struct art_word_slot {
	const char *p;
	uint32_t n, bits;
};

struct art_words {
	struct art_word_slot slots[SLOTS];
};

static uint32_t hash_word(const char *p, size_t n)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 16777619u;
	return h ^ h >> 15;
}

static struct art_word_slot *find(const struct art_words *w, const char *p, size_t n)
{
	uint32_t i = hash_word(p, n) & (SLOTS - 1);
	while (w->slots[i].n && (w->slots[i].n != n || memcmp(w->slots[i].p, p, n) != 0))
		i = (i + 1) & (SLOTS - 1);
	return (struct art_word_slot *)&w->slots[i];
}

struct art_words *art_words_new(struct arena *a)
{
	static const char *const lists[] = {
#define ART(name, words) words,
#include "html/art_words.def"
#undef ART
	};
	struct art_words *w = arena_new(a, struct art_words);
	for (size_t bit = 0; bit < ARRAY_LEN(lists); bit++) {
		struct str rest = str_of(lists[bit]), word;
		while (next_word(&rest, &word)) {
			struct art_word_slot *s = find(w, word.p, word.n);
			s->p = word.p;
			s->n = (uint32_t)word.n;
			s->bits |= 1u << bit;
		}
	}
	return w;
}

/* Cuts the next run of letters off, lower-cased; a capital behind a small letter starts a new one. */
static size_t next_letters(struct str s, size_t *i, char out[WORD_MAX], bool *ret_space)
{
	size_t n = 0;
	*ret_space = false;
	while (*i < s.n && !is_alpha(s.p[*i]))
		*ret_space |= is_space(s.p[(*i)++]);
	for (; *i < s.n && is_alpha(s.p[*i]); ++*i) {
		if (n && is_upper(s.p[*i]) && is_lower(s.p[*i - 1]))
			break;
		if (n < WORD_MAX)
			out[n++] = (char)to_lower(s.p[*i]);
	}
	return n;
}

uint32_t art_words_of(const struct art_words *w, struct str value)
{
	char two[2 * WORD_MAX];
	size_t before = 0, i = 0, n;
	uint32_t bits = 0;
	bool space, negated = false;
	while ((n = next_letters(value, &i, two + before, &space))) {
		if (space && before) { /* another class name */
			memmove(two, two + before, n);
			before = 0;
			negated = false;
		}
		uint32_t one = find(w, two + before, n)->bits;
		if (before)
			bits |= find(w, two, before + n)->bits;
		if (one & W_NEG)
			negated = true;
		else if (!negated)
			bits |= one;
		memmove(two, two + before, n);
		before = n;
	}
	return bits & ~(uint32_t)W_NEG;
}

#include "base/first.h"
#include "html/image.h"

struct str image_source(const struct node *n)
{
	static const enum attr_name lazy[] = { ATTR_DATA_SRC, ATTR_DATA_ORIGINAL, ATTR_DATA_LAZY_SRC };
	struct str src = str_trim(node_attr(n, ATTR_SRC));
	bool data = str_startsi(src, STR("data:"));
	if (src.n && !data)
		return src;
	for (size_t i = 0; i < ARRAY_LEN(lazy); i++) {
		struct str s = str_trim(node_attr(n, lazy[i]));
		if (s.n && !str_startsi(s, STR("data:")))
			return s;
	}
	struct str set = node_attr(n, ATTR_DATA_SRCSET), word;
	if (!set.n)
		set = node_attr(n, ATTR_SRCSET);
	if (next_word(&set, &word) && !str_startsi(word, STR("data:")))
		return str_sub(word, 0, word.n - (word.p[word.n - 1] == ','));
	return data ? STR_NULL : src;
}

bool image_is_pixel(const struct node *n)
{
	struct str w = node_attr(n, ATTR_WIDTH), h = node_attr(n, ATTR_HEIGHT);
	return (str_is(w, "1") || str_is(w, "0")) && (str_is(h, "1") || str_is(h, "0"));
}

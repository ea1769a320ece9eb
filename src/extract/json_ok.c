#include "base/first.h"
#include "extract/frame.h"

#include "base/utf8.h"

/*
 * Checks the grammar of RFC 8259 without building anything: what a child calls JSON is put into
 * replies as it stands, so a child must not be able to break out of its place there.
 */

#define DEPTH_MAX 512

struct check {
	const unsigned char *p, *end;
};

static void skip_space(struct check *c)
{
	while (c->p < c->end && (*c->p == ' ' || *c->p == '\t' || *c->p == '\n' || *c->p == '\r'))
		c->p++;
}

static bool take(struct check *c, char want)
{
	if (c->p >= c->end || *c->p != (unsigned char)want)
		return false;
	c->p++;
	return true;
}

static bool take_escape(struct check *c)
{
	if (c->p >= c->end)
		return false;
	unsigned char k = *c->p++;
	if (k != 'u')
		return strchr("\"\\/bfnrt", k) != NULL && k;
	for (int i = 0; i < 4; i++)
		if (c->p >= c->end || !is_xdigit(*c->p++))
			return false;
	return true;
}

static bool take_string(struct check *c)
{
	if (!take(c, '"'))
		return false;
	while (c->p < c->end) {
		unsigned char k = *c->p++;
		if (k == '"')
			return true;
		if (k < ' ' || (k == '\\' && !take_escape(c)))
			return false;
	}
	return false;
}

static bool take_digits(struct check *c)
{
	const unsigned char *from = c->p;
	while (c->p < c->end && is_digit(*c->p))
		c->p++;
	return c->p > from;
}

static bool take_number(struct check *c)
{
	take(c, '-');
	if (!take(c, '0') && !take_digits(c))
		return false;
	if (take(c, '.') && !take_digits(c))
		return false;
	if (take(c, 'e') || take(c, 'E')) {
		if (!take(c, '+'))
			take(c, '-');
		return take_digits(c);
	}
	return true;
}

static bool take_word(struct check *c, const char *word)
{
	size_t n = strlen(word);
	if ((size_t)(c->end - c->p) < n || memcmp(c->p, word, n) != 0)
		return false;
	c->p += n;
	return true;
}

static bool take_scalar(struct check *c)
{
	if (c->p >= c->end)
		return false;
	switch (*c->p) {
	case '"': return take_string(c);
	case 't': return take_word(c, "true");
	case 'f': return take_word(c, "false");
	case 'n': return take_word(c, "null");
	default: return take_number(c);
	}
}

/* "name" : */
static bool take_name(struct check *c)
{
	skip_space(c);
	if (!take_string(c))
		return false;
	skip_space(c);
	return take(c, ':');
}

bool frame_json_ok(struct str text)
{
	struct check c = { (const unsigned char *)text.p, (const unsigned char *)text.p + text.n };
	char open[DEPTH_MAX]; /* closing bracket awaited at each level */
	int depth = 0;
	if (!text.p || !utf8_valid(text))
		return false;
	for (;;) {
		/* A value starts here. */
		skip_space(&c);
		char close = take(&c, '{') ? '}' : take(&c, '[') ? ']' : 0;
		if (close) {
			skip_space(&c);
			if (!take(&c, close)) {
				if (depth == DEPTH_MAX)
					return false;
				open[depth++] = close;
				if (close == '}' && !take_name(&c))
					return false;
				continue;
			}
		} else if (!take_scalar(&c)) {
			return false;
		}
		/* A value ended: close what ends with it, or go on to the next one. */
		for (skip_space(&c); depth && take(&c, open[depth - 1]); skip_space(&c))
			depth--;
		if (!depth)
			return c.p == c.end;
		if (!take(&c, ','))
			return false;
		if (open[depth - 1] == '}' && !take_name(&c))
			return false;
	}
}

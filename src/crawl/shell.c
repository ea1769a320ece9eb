#include "base/first.h"
#include "crawl/shell.h"

struct scan {
	struct str html;
	size_t at;
	size_t text;    /* visible characters so far */
	size_t scripts; /* with a source, or with more than a few bytes */
	bool asks;      /* a <noscript> speaks of JavaScript */
	bool mount;     /* an element stands empty that could be filled */
	struct str last_open; /* name of the element that was opened just before */
};

static size_t name_length(struct str tag)
{
	size_t n = 0;
	while (n < tag.n && (is_alnum((unsigned char)tag.p[n]) || tag.p[n] == '-'))
		n++;
	return n;
}

/* Offset behind the end tag `name`, or the end of the page. */
static size_t behind(struct str html, size_t from, const char *name)
{
	for (size_t at = from; at < html.n; at += 2) {
		size_t found = str_find(str_from(html, at), STR("</"));
		if (found == STR_NPOS)
			break;
		at += found;
		if (str_startsi(str_from(html, at + 2), str_of(name))) {
			size_t gt = str_chr(str_from(html, at), '>');
			return gt == STR_NPOS ? html.n : at + gt + 1;
		}
	}
	return html.n;
}

static void take_script(struct scan *s, struct str tag, size_t body, size_t end)
{
	bool data = str_findi(tag, STR("application/ld+json")) != STR_NPOS ||
		    str_findi(tag, STR("application/json")) != STR_NPOS;
	if (!data && (str_findi(tag, STR("src=")) != STR_NPOS || end - body > 60))
		s->scripts++;
}

/* Elements whose contents are no text. */
static bool skip_raw(struct scan *s, struct str name, struct str tag, size_t body)
{
	static const char *const raw[] = { "script", "style", "noscript", "template", "title", "svg", "textarea" };
	for (size_t i = 0; i < ARRAY_LEN(raw); i++) {
		if (!str_eqi(name, str_of(raw[i])))
			continue;
		size_t end = behind(s->html, body, raw[i]);
		struct str contents = str_sub(s->html, body, end - body);
		if (i == 0)
			take_script(s, tag, body, end);
		else if (i == 2 && str_findi(contents, STR("javascript")) != STR_NPOS)
			s->asks = true;
		s->at = end;
		return true;
	}
	return false;
}

static bool can_hold(struct str name)
{
	return str_eqi(name, STR("div")) || str_eqi(name, STR("main")) || str_eqi(name, STR("section")) ||
	       str_chr(name, '-') != STR_NPOS;
}

static void take_tag(struct scan *s)
{
	struct str rest = str_from(s->html, s->at + 1);
	if (str_starts(rest, STR("!--"))) {
		size_t end = str_find(rest, STR("-->"));
		s->at = end == STR_NPOS ? s->html.n : s->at + 1 + end + 3;
		return;
	}
	bool closing = rest.n && rest.p[0] == '/';
	struct str tag = closing ? str_from(rest, 1) : rest;
	size_t gt = str_chr(rest, '>');
	struct str name = str_sub(tag, 0, name_length(tag));
	s->at = gt == STR_NPOS ? s->html.n : s->at + 1 + gt + 1;
	if (closing) {
		s->mount |= s->last_open.n && str_eqi(name, s->last_open) && can_hold(name);
		s->last_open = STR("");
		return;
	}
	s->last_open = name;
	skip_raw(s, name, str_sub(rest, 0, gt), s->at);
}

bool page_is_shell(struct str html)
{
	struct scan s = { .html = html, .last_open = STR("") };
	while (s.at < html.n && s.text <= SHELL_TEXT_MAX) {
		if (html.p[s.at] == '<') {
			take_tag(&s);
			continue;
		}
		if (!is_space((unsigned char)html.p[s.at])) {
			s.text++;
			s.last_open = STR("");
		}
		s.at++;
	}
	return s.text <= SHELL_TEXT_MAX && s.scripts && (s.asks || s.mount);
}

/* Elements that are written at once, and links. */
#include "base/first.h"
#include "html/image.h"
#include "html/md_code.h"
#include "html/md_walk.h"
#include "html/text.h"

/* ---- leaves */

void md_write_rule(struct md *m)
{
	md_leave_heading(m);
	if (m->in_cell)
		return;
	bool start = m->lines.out->n == m->lines.start, box = !lines_at_top(&m->lines);
	lines_block(&m->lines, MB_RULE);
	buf_addz(m->lines.out, box ? "___" : start ? "***" : "---");
}

static void write_fence(struct md *m, struct str text, struct str lang, bool empty)
{
	struct buf *o = m->lines.out;
	char c = str_chr(lang, '`') == STR_NPOS ? '`' : '~';
	size_t longest = 2;
	for (size_t i = 0, run = 0; i < text.n; i++) {
		run = text.p[i] == c ? run + 1 : 0;
		longest = MAX(longest, run);
	}
	lines_block(&m->lines, MB_CODE);
	for (size_t i = 0; i <= longest; i++)
		buf_addc(o, c);
	for (size_t i = 0; i < lang.n; i++) {
		if (lang.p[i] == '\\' || lang.p[i] == '&')
			buf_addc(o, '\\');
		buf_addc(o, lang.p[i]);
	}
	struct str line;
	for (struct str rest = text; !empty && str_split(&rest, '\n', &line);) {
		if (!line.n) {
			lines_blank(&m->lines);
			continue;
		}
		lines_next(&m->lines);
		buf_adds(o, line);
	}
	lines_next(&m->lines);
	for (size_t i = 0; i <= longest; i++)
		buf_addc(o, c);
}

void md_write_pre(struct md *m, const struct node *n)
{
	struct buf text;
	buf_init(&text, m->a, 0);
	code_text(m->a, n, &text);
	struct str t = buf_str(&text), line;
	bool empty = !t.n;
	if (t.n && t.p[t.n - 1] == '\n')
		t.n--;
	const struct node *code = node_first_element(n);
	if (!str_trim(t).n && !(code && node_is(code, TAG_CODE)))
		return;
	if (!m->in_cell) {
		md_leave_heading(m);
		write_fence(m, t, code_language(n), empty);
		return;
	}
	while (str_split(&t, '\n', &line)) {
		inl_break(&m->inl);
		inl_code(&m->inl, line);
		inl_code_end(&m->inl);
	}
	inl_break(&m->inl);
}

static struct str resolve(struct md *m, struct str href)
{
	struct str url = m->o->base && m->o->base->known ? base_url_resolve(m->o->base, href) : STR_NULL;
	return url.p ? url : str_trim(href);
}

void md_write_image(struct md *m, const struct node *n)
{
	struct str src = image_source(n), alt = text_squeeze(m->a, node_attr(n, ATTR_ALT));
	struct str title = node_attr(n, ATTR_TITLE);
	if (m->o->no_images || image_is_pixel(n) || (!src.n && !alt.n && !node_attr(n, ATTR_SRC).p))
		return;
	if (!src.n && str_startsi(node_attr(n, ATTR_SRC), STR("data:")) && !alt.n)
		return;
	inl_image(&m->inl, alt,
		(struct md_ref){ .dest = src.n ? resolve(m, src) : STR(""), .title = title.n ? title : STR_NULL });
}


void md_write_embedded(struct md *m, const struct node *n)
{
	struct str src = node_attr(n, ATTR_SRC), title = node_attr(n, ATTR_TITLE);
	const struct node *source = src.n ? NULL : node_find(n, TAG_SOURCE);
	if (source)
		src = node_attr(source, ATTR_SRC);
	if (!title.n)
		title = node_attr(n, ATTR_ARIA_LABEL);
	bool film = str_findi(src, STR("youtube")) != STR_NPOS || str_findi(src, STR("vimeo")) != STR_NPOS;
	if (!src.n || m->o->no_links || (node_is(n, TAG_IFRAME) && !title.n && !film) ||
		str_startsi(str_trim(src), STR("about:")) || str_startsi(str_trim(src), STR("data:")))
		return;
	md_boundary(m);
	inl_open_link(&m->inl, (struct md_ref){ .dest = resolve(m, src), .href = STR("") });
	inl_text(&m->inl, title.n ? title : node_is(n, TAG_AUDIO) ? STR("Audio") : STR("Video"));
	inl_close(&m->inl, false);
	md_boundary(m);
}

void md_write_math(struct md *m, const struct node *n)
{
	struct buf b;
	buf_init(&b, m->a, 0);
	buf_addz(&b, "$$");
	bool block = math_tex(m->a, m->d, n, &b);
	if (b.n == 2)
		return;
	buf_addz(&b, "$$");
	struct str tex = text_squeeze(m->a, buf_str(&b));
	if (!block)
		tex = str_sub(tex, 1, tex.n - 2);
	if (block)
		md_boundary(m);
	inl_raw(&m->inl, tex);
	if (block)
		md_boundary(m);
}

void md_write_details(struct md *m, const struct node *n)
{
	md_leave_heading(m);
	const struct node *summary = node_first_element(n);
	lines_block(&m->lines, MB_HTML);
	buf_addz(m->lines.out, node_has(n, ATTR_OPEN) ? "<details open>" : "<details>");
	if (!summary || !node_is(summary, TAG_SUMMARY))
		return;
	lines_next(&m->lines);
	buf_addz(m->lines.out, "<summary>");
	struct str s = text_line(m->a, summary);
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '<')
			buf_addz(m->lines.out, "&lt;");
		else if (s.p[i] == '&')
			buf_addz(m->lines.out, "&amp;");
		else
			buf_addc(m->lines.out, s.p[i]);
	}
	buf_addz(m->lines.out, "</summary>");
}

/* ---- links */

/* The mark behind a heading that links to itself: "¶", "#", "§" or nothing to read. */
static bool is_permalink(struct md *m, const struct node *n, struct str href)
{
	if (!href.n || href.p[0] != '#' || n->size > 8)
		return false;
	struct str text = text_line(m->a, n);
	if (text.n > 4)
		return m->heading && (str_eqi(text, STR("permalink")) || str_eqi(text, STR("anchor")));
	for (size_t i = 0; i < text.n; i++)
		if (is_alnum(text.p[i]) || ((unsigned char)text.p[i] >= 0x80 && text.n == 3 && text.p[0] != '\xE2'))
			return false;
	return text.n > 0 || n->size > 1 || m->heading;
}


bool md_open_link(struct md *m, const struct node *n)
{
	struct str href = str_trim(node_attr(n, ATTR_HREF));
	if (!node_has(n, ATTR_HREF) || m->o->no_links || str_startsi(href, STR("javascript:")))
		return true;
	uint32_t label = md_notes_ref(&m->notes, n);
	if (label) {
		char ref[24];
		inl_raw(&m->inl, str_n(ref, (size_t)snprintf(ref, sizeof ref, "[^%u]", label)));
		return false;
	}
	if (m->in_note && n->size <= 8 && md_notes_is_back(n, text_line(m->a, n)))
		return false;
	if (is_permalink(m, n, href))
		return false;
	struct str title = node_attr(n, ATTR_TITLE);
	inl_open_link(&m->inl,
		(struct md_ref){ .dest = resolve(m, href), .href = href, .title = title.n ? title : STR_NULL });
	md_push(m, n, UNDO_LINK);
	return true;
}

void md_close_link(struct md *m, const struct node *n)
{
	struct str href = str_trim(node_attr(n, ATTR_HREF)), label = node_attr(n, ATTR_ARIA_LABEL);
	if (inl_is_empty(&m->inl)) {
		for (const struct node *x = n; x < node_end(n) && !label.n; x++)
			if (x->type == NODE_ELEMENT && x->tag == TAG_TITLE && x->ns == NS_SVG)
				label = text_line(m->a, x);
		inl_text(&m->inl, label);
	}
	inl_close(&m->inl, inl_is_empty(&m->inl) && !m->heading && !m->in_cell && (!href.n || href.p[0] != '#'));
}


/*
 * The walk over the tree. Inline content is collected in an md_inline until its block ends; blocks go to md_lines. An
 * element that must be undone at its end tag has an entry in `els`.
 */
#include "base/first.h"
#include "html/md_code.h"
#include "html/md_walk.h"
#include "html/text.h"

/* ---- ends of blocks */

static void next_line(void *arg)
{
	struct md_lines *m = arg;
	lines_next(m);
}

/* A '#' run at the end of a heading would be taken for its closing sequence. */
static void guard_hashes(struct buf *o, size_t start)
{
	size_t i = o->n;
	while (i > start && o->p[i - 1] == '#')
		i--;
	if (i == o->n || (i > start && o->p[i - 1] != ' '))
		return;
	buf_addc(o, '#');
	o->p[o->n - 2] = '\\';
}

static void write_block(struct md *m, enum md_block kind)
{
	struct md_sink sink = { .out = m->lines.out, .line = next_line, .arg = &m->lines };
	inl_finish(&m->inl);
	lines_block(&m->lines, kind);
	if (kind == MB_HEADING) {
		for (int i = 0; i < m->heading; i++)
			buf_addc(sink.out, '#');
		buf_addc(sink.out, ' ');
		sink.place = MD_HEADING;
	}
	size_t start = sink.out->n;
	inl_emit(&m->inl, &sink);
	if (kind == MB_HEADING)
		guard_hashes(sink.out, start);
	inl_next(&m->inl);
}

/* Ends the paragraph (or whatever the collected text is). */
void md_flush(struct md *m)
{
	if (!m->inl.content) {
		m->inl.space = m->inl.breaks = false;
		return;
	}
	write_block(m, m->heading ? MB_HEADING : m->terms ? MB_TERM : MB_PARAGRAPH);
}

/* At the edge of an element that is displayed as a block. */
void md_boundary(struct md *m)
{
	if (m->in_cell)
		inl_break(&m->inl);
	else if (m->heading)
		inl_space(&m->inl);
	else
		md_flush(m);
}

/* Before blocks that cannot be part of a heading. */
void md_leave_heading(struct md *m)
{
	if (m->in_cell)
		return;
	md_flush(m);
	m->heading = 0;
}

void md_push(struct md *m, const struct node *n, enum undo undo)
{
	vec_push(m->a, &m->els, (struct md_el){ .node = n, .undo = (uint8_t)undo, .keep = n->size == 1 });
}

void md_push_block(struct md *m, const struct node *n)
{
	md_boundary(m);
	md_push(m, n, UNDO_BLOCK);
}

/* ---- elements */

static void open_span(struct md *m, const struct node *n, enum md_span span, uint32_t ref)
{
	if (m->code)
		return;
	inl_open(&m->inl, span, ref);
	md_push(m, n, UNDO_SPAN);
}

/* <b style="font-weight:normal"> is what some editors wrap everything in. */
static bool is_plain_bold(const struct node *n)
{
	struct str style = n->n ? node_attr(n, ATTR_STYLE) : STR_NULL;
	size_t at = style.n ? str_findi(style, STR("font-weight")) : STR_NPOS;
	if (at == STR_NPOS)
		return false;
	style = str_from(style, at + 11);
	while (style.n && (is_space(style.p[0]) || style.p[0] == ':'))
		style = str_from(style, 1);
	return str_startsi(style, STR("normal")) || str_starts(style, STR("400"));
}

static bool is_note_mark(struct md *m, const struct node *sup)
{
	const struct node *link = node_first_element(sup);
	return link && node_is(link, TAG_A) && md_notes_ref(&m->notes, link);
}

static void open_inline(struct md *m, const struct node *n)
{
	switch (n->tag) {
	case TAG_EM: case TAG_I: case TAG_CITE: case TAG_DFN: case TAG_VAR:
		open_span(m, n, MS_EM, 0);
		break;
	case TAG_B: case TAG_STRONG:
		if (!is_plain_bold(n))
			open_span(m, n, MS_STRONG, 0);
		break;
	case TAG_S: case TAG_STRIKE: case TAG_DEL:
		open_span(m, n, MS_DEL, 0);
		break;
	case TAG_SUP:
		if (!is_note_mark(m, n))
			open_span(m, n, MS_TAG, MD_TAG_SUP);
		break;
	case TAG_SUB:
		open_span(m, n, MS_TAG, MD_TAG_SUB);
		break;
	case TAG_KBD:
		open_span(m, n, MS_TAG, MD_TAG_KBD);
		break;
	case TAG_CODE: case TAG_TT: case TAG_SAMP:
		if (!m->code) {
			m->code = n;
			md_push(m, n, UNDO_CODE);
		}
		break;
	case TAG_Q:
		inl_text(&m->inl, STR("\xE2\x80\x9C"));
		md_push(m, n, UNDO_QUOTE);
		break;
	case TAG_RT:
		inl_text(&m->inl, STR("("));
		md_push(m, n, UNDO_PAREN);
		break;
	}
}

/* Elements without contents that matter. */
static bool open_leaf(struct md *m, const struct node *n)
{
	switch (n->tag) {
	case TAG_BR:
		if (m->inl.breaks && m->inl.content && !m->in_cell && !m->heading)
			md_flush(m); /* two in a row part paragraphs */
		else
			inl_break(&m->inl);
		return true;
	case TAG_IMG:
		md_write_image(m, n);
		return true;
	case TAG_HR:
		md_write_rule(m);
		return true;
	case TAG_INPUT:
		if (lines_fresh(&m->lines) && !m->inl.content && str_eqi(node_attr(n, ATTR_TYPE), STR("checkbox"))) {
			inl_raw(&m->inl, node_has(n, ATTR_CHECKED) ? STR("[x]") : STR("[ ]"));
			inl_space(&m->inl);
		}
		return true;
	case TAG_PRE: case TAG_LISTING: case TAG_XMP: case TAG_PLAINTEXT:
		md_boundary(m);
		md_write_pre(m, n);
		return true;
	case TAG_VIDEO: case TAG_AUDIO: case TAG_IFRAME:
		md_write_embedded(m, n);
		return true;
	}
	return false;
}

/* Table elements; those of tables that only place things are plain blocks. */
static void open_table_part(struct md *m, const struct node *n)
{
	if (n->tag == TAG_TABLE && !m->in_cell && !m->table && table_is_data(n)) {
		md_leave_heading(m);
		m->table = arena_alloc(m->a, sizeof(*m->table));
		table_init(m->table, m->a, n);
		md_push(m, n, UNDO_TABLE);
	} else if (m->table && !m->in_cell && n->tag == TAG_TR) {
		table_row(m->table, n);
	} else if (m->table && !m->in_cell && (n->tag == TAG_TD || n->tag == TAG_TH)) {
		md_flush(m);
		inl_next(&m->inl);
		table_cell(m->table, n);
		m->in_cell = true;
		md_push(m, n, UNDO_CELL);
	} else {
		md_push_block(m, n);
	}
}

static void close_cell(struct md *m)
{
	struct md_sink sink = { .out = &m->table->text, .place = MD_CELL };
	inl_finish(&m->inl);
	inl_emit(&m->inl, &sink);
	inl_next(&m->inl);
	table_cell_end(m->table);
	m->in_cell = false;
}

static void open_block(struct md *m, const struct node *n)
{
	switch (n->tag) {
	case TAG_H1: case TAG_H2: case TAG_H3: case TAG_H4: case TAG_H5: case TAG_H6:
		md_boundary(m);
		if (m->in_cell || m->terms) {
			md_push(m, n, UNDO_BLOCK);
			break;
		}
		m->heading = (int)(n->tag - TAG_H1) + 1;
		md_push(m, n, UNDO_HEADING);
		break;
	case TAG_UL: case TAG_OL: case TAG_MENU: case TAG_DIR:
		md_open_list(m, n);
		break;
	case TAG_LI:
		md_open_item(m, n);
		break;
	case TAG_BLOCKQUOTE:
		md_open_quote(m, n);
		break;
	case TAG_DT:
		md_push_block(m, n);
		vec_last(&m->els).undo = UNDO_TERM;
		m->terms++;
		break;
	case TAG_DD:
		md_open_definition(m, n);
		break;
	case TAG_TABLE:
	case TAG_CAPTION:
	case TAG_TBODY:
	case TAG_THEAD:
	case TAG_TFOOT:
	case TAG_TR:
	case TAG_TD:
	case TAG_TH:
		open_table_part(m, n);
		break;
	case TAG_DETAILS:
		md_push_block(m, n);
		if (!m->in_cell) {
			md_write_details(m, n);
			vec_last(&m->els).undo = UNDO_DETAILS;
		}
		break;
	default:
		md_push_block(m, n);
	}
}

/* Left out with everything in it. */
static bool is_dropped(struct md *m, const struct node *n)
{
	switch (n->tag) {
	case TAG_NOSCRIPT: case TAG_SELECT: case TAG_TEXTAREA: case TAG_SVG: case TAG_PROGRESS: case TAG_METER:
		return true;
	case TAG_BUTTON:
		return !m->heading && !m->terms;
	case TAG_DIALOG:
		return !node_has(n, ATTR_OPEN);
	case TAG_SUMMARY:
		return !m->in_cell && node_parent(n) && node_is(node_parent(n), TAG_DETAILS);
	case TAG_IFRAME: case TAG_VIDEO: case TAG_AUDIO: case TAG_OBJECT:
		return false;
	}
	if (tag_is_hidden(n->tag))
		return true;
	if (!n->n)
		return false;
	if ((n->tag == TAG_SPAN || n->tag == TAG_DIV) && str_starts(node_attr(n, ATTR_CLASS), STR("MathJax")))
		return true; /* the script beside it says the same in TeX */
	return node_is_hidden(n) && n->tag != TAG_INPUT;
}

static void enter(struct md *m, struct walk *w)
{
	const struct node *n = w->node;
	if (m->in_note == 0 && m->notes.in_order.n && node_is(n, TAG_ASIDE)) {
		uint32_t label = md_notes_def(&m->notes, n);
		if (label) {
			md_leave_heading(m);
			md_open_note(m, n, label);
			return;
		}
	}
	if (math_is(n)) {
		md_write_math(m, n);
		walk_skip(w);
	} else if (n != m->root && is_dropped(m, n)) {
		walk_skip(w);
	} else if (n->ns != NS_HTML) {
		return;
	} else if (n->tag == TAG_A) {
		if (!md_open_link(m, n))
			walk_skip(w);
	} else if (open_leaf(m, n)) {
		walk_skip(w);
	} else if (tag_is_block(n->tag)) {
		open_block(m, n);
	} else {
		open_inline(m, n);
	}
}

/* An empty heading is worth writing only when it is one in the source too. */
static void close_heading(struct md *m, const struct md_el *el)
{
	if (!m->inl.content && el->keep && m->heading) {
		lines_block(&m->lines, MB_HEADING);
		for (int i = 0; i < m->heading; i++)
			buf_addc(m->lines.out, '#');
	}
	md_flush(m);
	m->heading = 0;
}

static void close_details(struct md *m)
{
	md_leave_heading(m);
	lines_block(&m->lines, MB_HTML);
	buf_addz(m->lines.out, "</details>");
}

static void leave(struct md *m, const struct md_el *el)
{
	switch ((enum undo)el->undo) {
	case UNDO_BLOCK:
		md_boundary(m);
		break;
	case UNDO_HEADING:
		close_heading(m, el);
		break;
	case UNDO_SPAN:
		inl_close(&m->inl, false);
		break;
	case UNDO_LINK:
		md_close_link(m, el->node);
		break;
	case UNDO_CODE:
		inl_code_end(&m->inl);
		m->code = NULL;
		break;
	case UNDO_NOTE:
		m->in_note--;
		/* fall through */
	case UNDO_BOX:
		md_leave_heading(m);
		lines_pop(&m->lines, el->keep || !node_first_element(el->node));
		break;
	case UNDO_LIST:
		md_close_list(m);
		break;
	case UNDO_TABLE:
		md_flush(m);
		table_write(m->table, &m->lines);
		m->table = NULL;
		break;
	case UNDO_CELL:
		close_cell(m);
		break;
	case UNDO_QUOTE:
		inl_text(&m->inl, STR("\xE2\x80\x9D"));
		break;
	case UNDO_PAREN:
		inl_text(&m->inl, STR(")"));
		break;
	case UNDO_DETAILS:
		close_details(m);
		break;
	case UNDO_TERM:
		md_boundary(m);
		m->terms--;
		break;
	case UNDO_DEFINITION:
		md_boundary(m);
		m->definitions--;
		break;
	}
}

void markdown_write(struct arena *a, const struct dom *d, const struct node *n, const struct markdown_opts *o,
	struct buf *out)
{
	static const struct markdown_opts none = { 0 };
	struct md *m = arena_new(a, struct md);
	m->a = a;
	m->d = d;
	m->o = o ? o : &none;
	m->root = n;
	lines_init(&m->lines, out);
	inl_init(&m->inl, a);
	md_notes_find(a, n, &m->notes);
	for (struct walk w = walk_start(n); walk_next(&w);) {
		if (w.node->type == NODE_TEXT) {
			if (m->code)
				inl_code(&m->inl, node_text(w.node));
			else
				inl_text(&m->inl, node_text(w.node));
		} else if (w.node->type == NODE_ELEMENT && !w.leave) {
			enter(m, &w);
		} else if (w.leave) {
			while (m->els.n && vec_last(&m->els).node == w.node) {
				struct md_el el = vec_pop(&m->els);
				leave(m, &el);
			}
		}
	}
	md_flush(m);
	if (out->n > m->lines.start)
		buf_addc(out, '\n');
}

struct str markdown_of(struct arena *a, const struct dom *d, const struct node *n, const struct markdown_opts *o)
{
	struct buf out;
	buf_init(&out, a, 0);
	markdown_write(a, d, n, o, &out);
	return buf_str(&out);
}

#include "base/first.h"
#include "html/md_block.h"

void lines_init(struct md_lines *m, struct buf *out)
{
	*m = (struct md_lines){ .out = out, .start = out->n };
}

/* In a tight list: may the block follow the one before without a blank line, and still be read as meant? */
static int tight_gap(enum md_block prev, enum md_block kind, bool list_interrupts)
{
	switch (kind) {
	case MB_PARAGRAPH:
		return prev == MB_HEADING || prev == MB_CODE || prev == MB_RULE ? 1 : 2;
	case MB_HEADING:
	case MB_RULE:
	case MB_CODE:
		return prev == MB_HTML ? 2 : 1;
	case MB_LIST:
		return (prev == MB_PARAGRAPH && !list_interrupts) || prev == MB_HTML || prev == MB_TABLE ? 2 : 1;
	case MB_QUOTE:
		return prev == MB_QUOTE || prev == MB_HTML ? 2 : 1;
	case MB_ITEM:
		return 1;
	case MB_NONE:
	case MB_TABLE:
	case MB_HTML:
	case MB_TERM:
		break;
	}
	return 2;
}

static void separate(struct md_lines *m, enum md_block kind)
{
	if (lines_fresh(m))
		return; /* settled when the box was opened */
	if (m->prev == MB_NONE)
		m->gap = 0;
	else if (m->prev == MB_TERM && kind == MB_TERM)
		m->gap = 1;
	else
		m->gap = m->depth && m->boxes[m->depth - 1].tight ? tight_gap(m->prev, kind, m->interrupts) : 2;
}

static void prefix(struct md_lines *m, bool blank)
{
	static const char spaces[] = "                    ";
	struct buf *o = m->out;
	size_t from = o->n;
	for (size_t i = 0; i < m->depth; i++) {
		struct md_box *b = &m->boxes[i];
		if (!b->started && blank)
			break;
		if (!b->started) {
			b->started = true;
			buf_add(o, b->marker, b->marker_n);
		} else if (b->quote) {
			buf_add(o, "> ", 2);
		} else {
			buf_add(o, spaces, MIN(b->indent, sizeof(spaces) - 1));
		}
	}
	if (blank)
		while (o->n > from && o->p[o->n - 1] == ' ')
			o->n--;
}

void lines_block(struct md_lines *m, enum md_block kind)
{
	separate(m, kind);
	if (m->out->n > m->start && m->gap) {
		buf_addc(m->out, '\n');
		if (m->gap > 1) {
			prefix(m, true);
			buf_addc(m->out, '\n');
		}
	}
	prefix(m, false);
	m->prev = kind;
	m->prev_list = 0;
	m->gap = 0;
	m->list = false;
}

void lines_next(struct md_lines *m)
{
	buf_addc(m->out, '\n');
	prefix(m, false);
}

void lines_blank(struct md_lines *m)
{
	buf_addc(m->out, '\n');
	prefix(m, true);
}

void lines_list(struct md_lines *m, bool may_interrupt)
{
	m->interrupts = may_interrupt;
	separate(m, MB_LIST);
	m->list = true;
}

void lines_push(struct md_lines *m, const struct md_box *box)
{
	if (m->depth == MARKDOWN_NEST) {
		m->beyond++;
		return;
	}
	if (!m->list || box->kind != MB_ITEM) { /* for the first item lines_list() has settled it */
		if (box->kind == MB_ITEM && m->prev == MB_ITEM && !lines_fresh(m))
			m->gap = box->tight ? 1 : 2;
		else
			separate(m, box->kind == MB_ITEM ? MB_LIST : box->kind);
	}
	m->list = false;
	m->boxes[m->depth++] = *box;
	m->boxes[m->depth - 1].started = false;
}

void lines_pop(struct md_lines *m, bool keep)
{
	if (m->beyond) {
		m->beyond--;
		return;
	}
	struct md_box *b = &m->boxes[m->depth - 1];
	if (!b->started && !keep) {
		m->depth--;
		return;
	}
	if (!b->started) { /* an empty one: only its marker */
		lines_block(m, MB_NONE);
		while (m->out->n > m->start && m->out->p[m->out->n - 1] == ' ')
			m->out->n--;
	}
	m->depth--;
	m->prev = b->kind;
	m->prev_list = 0;
}

char lines_pending_bullet(const struct md_lines *m)
{
	return lines_fresh(m) ? m->boxes[m->depth - 1].bullet : 0;
}

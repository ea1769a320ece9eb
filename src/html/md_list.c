/* Lists, their items, footnotes, quotes and definitions: what puts a prefix before lines. */
#include "base/first.h"
#include "base/scan.h"
#include "html/md_walk.h"

/* ---- lists */

static bool is_list(const struct node *n)
{
	return n && (node_is(n, TAG_UL) || node_is(n, TAG_OL) || node_is(n, TAG_MENU) || node_is(n, TAG_DIR));
}

/* CommonMark's paragraphs in items: <li><p>. */
static bool is_loose(const struct node *list)
{
	for (const struct node *li = node_first_element(list); li; li = node_next_element(li))
		for (const struct node *x = node_first_element(li); x; x = node_next_element(x))
			if (node_is(x, TAG_P))
				return true;
	return false;
}

static void push_box(struct md *m, const struct node *n, const struct md_box *box, enum undo undo)
{
	lines_push(&m->lines, box);
	md_push(m, n, undo);
}

/* A list directly within a list belongs to the item before it. */
static void continue_item(struct md *m, const struct node *n)
{
	const struct md_list *l = &vec_last(&m->lists);
	struct md_box box = { .kind = MB_ITEM, .indent = l->ordered ? 3 : 2, .tight = true };
	memset(box.marker, ' ', box.indent);
	box.marker_n = box.indent;
	push_box(m, n, &box, UNDO_BOX);
}

void md_open_list(struct md *m, const struct node *n)
{
	md_leave_heading(m);
	if (m->in_cell) {
		md_push_block(m, n);
		return;
	}
	struct md_list l = { .ordered = node_is(n, TAG_OL), .tight = !is_loose(n), .next = 1, .node = n };
	int64_t start;
	if (l.ordered && !scan_i64(str_trim(node_attr(n, ATTR_START)), &start) && start >= 0 && start <= 999999999)
		l.next = start;
	if (is_list(node_parent(n)) && n != m->root && m->lists.n && m->lines.prev == MB_ITEM &&
		!lines_fresh(&m->lines))
		continue_item(m, n);
	char taken = m->lines.prev_list, outer = lines_pending_bullet(&m->lines);
	if (lines_fresh(&m->lines))
		taken = 0; /* that list stood outside */
	if (l.ordered)
		l.mark = taken == '.' ? ')' : '.';
	else
		l.mark = taken != '-' && outer != '-' ? '-' : taken != '*' && outer != '*' ? '*' : '+';
	const struct node *first = node_first_element(n);
	lines_list(&m->lines, (!l.ordered || l.next == 1) && first && first->size > 1);
	vec_push(m->a, &m->lists, l);
	md_push(m, n, UNDO_LIST);
}

void md_close_list(struct md *m)
{
	md_flush(m);
	struct md_list l = vec_pop(&m->lists);
	if (m->lines.prev == MB_ITEM && !lines_fresh(&m->lines)) {
		m->lines.prev = MB_LIST;
		m->lines.prev_list = l.mark;
	}
}

void md_open_note(struct md *m, const struct node *n, uint32_t label)
{
	struct md_box box = { .kind = MB_PARAGRAPH, .indent = 4 };
	box.marker_n = (uint8_t)snprintf(box.marker, sizeof box.marker, "[^%u]: ", label);
	m->in_note++;
	push_box(m, n, &box, UNDO_NOTE);
}

void md_open_item(struct md *m, const struct node *n)
{
	md_boundary(m);
	if (m->in_cell) {
		md_push(m, n, UNDO_BLOCK);
		inl_text(&m->inl, STR("-"));
		inl_space(&m->inl);
		return;
	}
	md_leave_heading(m);
	uint32_t label = md_notes_def(&m->notes, n);
	if (label) {
		md_open_note(m, n, label);
		return;
	}
	struct md_list *l = m->lists.n && is_list(node_parent(n)) ? &vec_last(&m->lists) : NULL;
	struct md_box box = { .kind = MB_ITEM, .tight = !l || l->tight, .bullet = '-' };
	if (l && l->ordered) {
		int64_t value;
		if (!scan_i64(str_trim(node_attr(n, ATTR_VALUE)), &value) && value >= 0 && value <= 999999999)
			l->next = value;
		box.bullet = 0;
		box.marker_n = (uint8_t)snprintf(box.marker, sizeof box.marker, "%" PRId64 "%c ", l->next, l->mark);
		l->next = MIN(l->next + 1, 999999999);
	} else {
		box.bullet = l ? l->mark : '-';
		box.marker[0] = box.bullet;
		box.marker[1] = ' ';
		box.marker_n = 2;
	}
	box.indent = box.marker_n;
	push_box(m, n, &box, UNDO_BOX);
}

void md_open_quote(struct md *m, const struct node *n)
{
	static const struct md_box box = { .kind = MB_QUOTE, .quote = true, .marker = "> ", .marker_n = 2 };
	md_leave_heading(m);
	if (m->in_cell)
		md_push_block(m, n);
	else
		push_box(m, n, &box, UNDO_BOX);
}

/* ---- definitions */

/* The definition starts with running text, which can stand behind the ": ". */
static bool starts_with_text(const struct node *dd)
{
	for (const struct node *n = dd + 1; n < node_end(dd); n++) {
		if (n->type == NODE_TEXT && str_trim(node_text(n)).n)
			return true;
		if (n->type == NODE_ELEMENT && tag_is_block(n->tag) && !node_is(n, TAG_P) && !node_is(n, TAG_DIV))
			return false;
	}
	return false;
}

void md_open_definition(struct md *m, const struct node *n)
{
	md_boundary(m);
	m->definitions++;
	if (m->in_cell || !starts_with_text(n)) {
		if (m->lines.prev == MB_TERM && !lines_fresh(&m->lines))
			m->lines.prev = MB_PARAGRAPH; /* terms that follow are not of this group */
		md_push(m, n, UNDO_DEFINITION);
		return;
	}
	struct md_box box = {
		.kind = MB_PARAGRAPH, .marker = ": ", .marker_n = 2, .indent = m->definitions == 1 ? 2 : 0
	};
	bool term = m->lines.prev == MB_TERM && !lines_fresh(&m->lines);
	md_push(m, n, UNDO_DEFINITION);
	push_box(m, n, &box, UNDO_BOX);
	if (term)
		m->lines.gap = 1;
}


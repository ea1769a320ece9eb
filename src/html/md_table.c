#include "base/first.h"
#include "base/scan.h"
#include "html/md_table.h"

#define COLS_MAX 1000    /* as HTML's own limit of colspan */
#define PAD_PER_CELL 8   /* empty cells that spans and short rows may add, for each cell that is there */
#define CELL_TEXT_MAX 400 /* more than this on average, without header cells: placed text, not data */

static bool is_flow_block(uint32_t tag)
{
	switch (tag) {
	case TAG_H1: case TAG_H2: case TAG_H3: case TAG_H4: case TAG_H5: case TAG_H6:
	case TAG_UL: case TAG_OL: case TAG_DL: case TAG_PRE: case TAG_BLOCKQUOTE: case TAG_HR:
	case TAG_FORM: case TAG_FIGURE: case TAG_ARTICLE: case TAG_SECTION: case TAG_ADDRESS:
		return true;
	}
	return false;
}

bool table_is_data(const struct node *table)
{
	struct str role = node_attr(table, ATTR_ROLE);
	size_t rows = 0, cells = 0, row_cells = 0, widest = 0, heads = 0, blocks = 0, paragraphs = 0, text = 0;
	if (str_is(role, "presentation") || str_is(role, "none"))
		return false;
	for (const struct node *n = table + 1; n < node_end(table); n++) {
		if (n->type == NODE_TEXT)
			text += n->n;
		if (n->type != NODE_ELEMENT || n->ns != NS_HTML)
			continue;
		if (n->tag == TAG_TABLE)
			return false;
		if (n->tag == TAG_TR) {
			rows++;
			row_cells = 0;
		} else if (n->tag == TAG_TD || n->tag == TAG_TH) {
			cells++;
			heads += n->tag == TAG_TH;
			widest = MAX(widest, ++row_cells);
		} else if (n->tag == TAG_THEAD || n->tag == TAG_CAPTION) {
			heads++;
		} else {
			blocks += is_flow_block(n->tag);
			paragraphs += n->tag == TAG_P;
		}
	}
	if (!cells || (widest < 2 && (!heads || rows < 2)))
		return false;
	if (heads)
		return blocks * 2 <= cells;
	return !blocks && paragraphs <= cells && text / cells <= CELL_TEXT_MAX && (rows > 1 || text / cells <= 40);
}

void table_init(struct md_table *t, struct arena *a, const struct node *table)
{
	*t = (struct md_table){ .arena = a, .node = table };
	buf_init(&t->text, a, 0);
}

void table_row(struct md_table *t, const struct node *tr)
{
	const struct node *up = node_parent(tr);
	vec_push(t->arena, &t->rows, (struct md_row){ .first = t->cells.n, .thead = up && node_is(up, TAG_THEAD) });
}

static uint16_t span_of(const struct node *cell, enum attr_name name)
{
	uint64_t v;
	if (scan_u64(str_trim(node_attr(cell, name)), &v) || v < 1)
		return 1;
	return (uint16_t)MIN(v, COLS_MAX);
}

static char align_of(const struct node *cell)
{
	struct str v = str_trim(node_attr(cell, ATTR_ALIGN));
	if (!v.n) {
		struct str style = node_attr(cell, ATTR_STYLE);
		size_t at = style.n ? str_findi(style, STR("text-align")) : STR_NPOS;
		if (at == STR_NPOS)
			return 0;
		v = str_from(style, at + 10);
		while (v.n && (is_space(v.p[0]) || v.p[0] == ':'))
			v = str_from(v, 1);
	}
	if (str_startsi(v, STR("center")))
		return 'c';
	if (str_startsi(v, STR("right")) || str_startsi(v, STR("end")))
		return 'r';
	return str_startsi(v, STR("left")) || str_startsi(v, STR("start")) ? 'l' : 0;
}

void table_cell(struct md_table *t, const struct node *cell)
{
	if (!t->rows.n)
		table_row(t, t->node);
	vec_push(t->arena, &t->cells, (struct md_cell){
		.off = (uint32_t)t->text.n,
		.cols = span_of(cell, ATTR_COLSPAN),
		.rows = span_of(cell, ATTR_ROWSPAN),
		.head = node_is(cell, TAG_TH),
		.align = align_of(cell),
	});
}

void table_cell_end(struct md_table *t)
{
	struct md_cell *c = &vec_last(&t->cells);
	c->n = (uint32_t)t->text.n - c->off;
}

/* The table with its spans laid out: cells by row and column, holes where a span covers the place. */
struct grid {
	VEC(const struct md_cell *) at; /* NULL: a hole */
	VEC(size_t) row_start;
	size_t cols;
};

static void lay_out(struct md_table *t, struct grid *g)
{
	struct arena *a = t->arena;
	uint16_t *covered = arena_array(a, uint16_t, COLS_MAX); /* rows that a cell above still covers, by column */
	size_t pads = t->cells.n * PAD_PER_CELL + 256;
	for (size_t r = 0; r < t->rows.n; r++) {
		size_t c = t->rows.at[r].first, end = r + 1 < t->rows.n ? t->rows.at[r + 1].first : t->cells.n, col = 0;
		vec_push(a, &g->row_start, g->at.n);
		while (c < end) {
			if (col < COLS_MAX && covered[col]) {
				covered[col++]--;
				if (pads) {
					pads--;
					vec_push(a, &g->at, NULL);
				}
				continue;
			}
			const struct md_cell *cell = &t->cells.at[c++];
			for (size_t k = 0; k < cell->cols; k++, col++) {
				if (k && !pads)
					break;
				pads -= k > 0;
				vec_push(a, &g->at, k ? NULL : cell);
				if (col < COLS_MAX)
					covered[col] = (uint16_t)(cell->rows - 1);
			}
		}
		for (; col < COLS_MAX && covered[col]; col++)
			covered[col]--;
		g->cols = MAX(g->cols, g->at.n - vec_last(&g->row_start));
	}
	vec_push(a, &g->row_start, g->at.n);
}

static void write_row(const struct md_table *t, const struct grid *g, size_t r, size_t pad_to, struct buf *o)
{
	size_t from = g->row_start.at[r], to = g->row_start.at[r + 1];
	buf_addc(o, '|');
	for (size_t i = from; i < to; i++) {
		const struct md_cell *c = g->at.at[i];
		buf_addc(o, ' ');
		if (c && c->n) {
			buf_add(o, t->text.p + c->off, c->n);
			buf_addc(o, ' ');
		}
		buf_addc(o, '|');
	}
	for (size_t i = to - from; i < pad_to; i++)
		buf_addz(o, " |");
}

static bool all_heads(const struct grid *g, size_t r)
{
	bool any = false;
	for (size_t i = g->row_start.at[r]; i < g->row_start.at[r + 1]; i++) {
		if (g->at.at[i] && g->at.at[i]->n && !g->at.at[i]->head)
			return false;
		any |= g->at.at[i] && g->at.at[i]->head;
	}
	return any;
}

static void write_rule(const struct grid *g, struct buf *o)
{
	size_t rows = g->row_start.n - 1;
	buf_addc(o, '|');
	for (size_t col = 0; col < g->cols; col++) {
		char align = 0;
		for (size_t r = 0; r < MIN(rows, 3u) && !align; r++) /* the header's, else the first rows' */
			if (g->row_start.at[r] + col < g->row_start.at[r + 1] && g->at.at[g->row_start.at[r] + col])
				align = g->at.at[g->row_start.at[r] + col]->align;
		buf_addz(o, align == 'c' ? " :---: |" : align == 'r' ? " ---: |" : align == 'l' ? " :--- |" : " --- |");
	}
}

void table_write(struct md_table *t, struct md_lines *m)
{
	struct grid g = { 0 };
	lay_out(t, &g);
	size_t rows = t->rows.n, r = 0;
	while (r < rows && g.row_start.at[r] == g.row_start.at[r + 1])
		r++; /* empty rows at the top */
	if (r == rows || !g.cols)
		return;
	size_t pad = g.cols * rows <= t->cells.n * PAD_PER_CELL + 256 ? g.cols : 0;
	bool head = t->rows.at[r].thead || all_heads(&g, r);
	lines_block(m, MB_TABLE);
	if (head) {
		write_row(t, &g, r++, g.cols, m->out);
	} else {
		buf_addc(m->out, '|');
		for (size_t i = 0; i < g.cols; i++)
			buf_addz(m->out, "  |");
	}
	lines_next(m);
	write_rule(&g, m->out);
	for (; r < rows; r++) {
		if (g.row_start.at[r] == g.row_start.at[r + 1])
			continue;
		lines_next(m);
		write_row(t, &g, r, pad, m->out);
	}
}

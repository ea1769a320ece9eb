/* Tables of data, written as GitHub's pipe tables. Internal to html. */
#ifndef KRYFTO_HTML_MD_TABLE_H
#define KRYFTO_HTML_MD_TABLE_H

#include "base/buf.h"
#include "base/vec.h"
#include "html/md_block.h"

struct md_cell {
	uint32_t off, n; /* of md_table.text */
	uint16_t cols, rows; /* spans, at least 1 */
	bool head;
	char align;      /* 'l' 'c' 'r', 0: not said */
};

struct md_row {
	size_t first; /* of md_table.cells */
	bool thead;
};

struct md_table {
	struct arena *arena;
	const struct node *node;
	struct buf text;
	VEC(struct md_cell) cells;
	VEC(struct md_row) rows;
};

/* Rows and columns that mean something, as against a table that only places things on the page. */
bool table_is_data(const struct node *table);
void table_init(struct md_table *t, struct arena *a, const struct node *table);
void table_row(struct md_table *t, const struct node *tr);
/* Opens a cell: what is appended to t->text until table_cell_end() is its content. */
void table_cell(struct md_table *t, const struct node *cell);
void table_cell_end(struct md_table *t);
void table_write(struct md_table *t, struct md_lines *m);

#endif

/* Inside of the JSON Schema validator: the state of one check. */
#ifndef KRYFTO_EXTRACT_JSCHEMA_RUN_H
#define KRYFTO_EXTRACT_JSCHEMA_RUN_H

#include "extract/jschema_node.h"

/* One step from the whole value to the part at hand. */
struct step {
	const struct step *up;
	struct str name; /* NULL: an index */
	size_t index;
};

/* Which members or items of one object or array have been evaluated (2020-12, 11.2 and 11.3). Kept only
 * where an unevaluated… keyword asks. */
struct seen {
	unsigned char *bits; /* one per member or item; NULL: none yet */
	bool all;
};

/* An evaluation at work, for finding loops and the dynamic scope. */
struct frame {
	const struct frame *up;
	const struct node *node;
	const struct json *value;
	const struct step *step;
	struct seen *seen; /* NULL: nobody asks */
};

struct run {
	struct arena *arena;
	struct jschema_issues *issues;
	struct err *err;
	int fatal;       /* a code that ends the run */
	int quiet;       /* > 0: failures are counted, not told */
	int depth;
	int64_t steps;
};

/* True when the value satisfies the schema. What was evaluated is added to up->seen, if the check is of the same
 * value (`same`) and passed. */
bool run_node(struct run *r, const struct frame *up, const struct node *n, const struct json *v,
	const struct step *step, bool same);
/* The same without issues. */
bool run_quietly(struct run *r, const struct frame *up, const struct node *n, const struct json *v,
	const struct step *step, bool same);
/* Tells an issue (unless quiet) and returns false. */
bool run_issue(struct run *r, const struct step *at, const char *keyword, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Counts work; true when the run is to end. */
bool run_over(struct run *r, size_t work);
void run_see(struct run *r, struct frame *f, size_t index);

/* Keyword groups; each returns false when one of its keywords failed. */
bool check_number(struct run *r, struct frame *f);
bool check_string(struct run *r, struct frame *f);
bool check_array(struct run *r, struct frame *f);
bool check_object(struct run *r, struct frame *f);
/* unevaluatedItems, unevaluatedProperties: after everything else. */
bool check_rest(struct run *r, struct frame *f);

#endif

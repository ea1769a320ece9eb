/* Compiled selectors and the matcher's state. Internal to html. */
#ifndef KRYFTO_HTML_SELECTOR_IMPL_H
#define KRYFTO_HTML_SELECTOR_IMPL_H

#include "base/map.h"
#include "html/selector.h"

enum combinator { COMB_NONE, COMB_DESCENDANT, COMB_CHILD, COMB_NEXT, COMB_SUBSEQUENT };

enum simple_kind {
	SIMPLE_ID,
	SIMPLE_CLASS,
	SIMPLE_ATTR,
	SIMPLE_STATE, /* a pseudo-class without argument: enum state */
	SIMPLE_IS,    /* :is, :where and kin */
	SIMPLE_NOT,
	SIMPLE_HAS,
	SIMPLE_NTH,
	SIMPLE_LANG,
	SIMPLE_DIR,
	SIMPLE_CONTAINS,
	SIMPLE_NEVER,    /* pseudo-elements, and states that a document at rest does not have */
	SIMPLE_ANCHOR,   /* the element that :has() is asked about */
	SIMPLE_CHOSEN,   /* the matches that a positional extension left */
};

enum state {
#define STATE(e, name) STATE_##e,
#include "html/selector_states.def"
#undef STATE
	STATE_N
};

enum attr_op { OP_EXISTS, OP_EQUALS, OP_WORD, OP_DASH, OP_PREFIX, OP_SUFFIX, OP_CONTAINS, OP_DIFFERS };
enum attr_case { CASE_BY_NAME, CASE_IGNORED, CASE_EXACT };

/* A name as written and in lower case, with the numbers they have in every document (0: none). */
struct sel_name {
	struct str exact, lower;
	uint32_t exact_number, lower_number;
};

struct sel_list;

struct simple {
	enum simple_kind kind;
	uint32_t serial; /* of functions that keep a cache */
	union {
		struct str text; /* id, class, :contains, :dir */
		enum state state;
		const struct sel_list *list;
		struct {
			struct sel_name name;
			struct str value;
			enum attr_op op;
			enum attr_case letter_case;
			bool any_ns;
		} attr;
		struct {
			int64_t a, b;
			bool last, of_type;
			const struct sel_list *of;
		} nth;
		struct {
			const struct str *ranges;
			size_t n;
		} lang;
	};
	bool nocase; /* of :icontains */
};

struct compound {
	enum combinator left; /* how it relates to the next compound, which stands to its left */
	bool typed;           /* a type selector that is not '*' */
	bool no_ns;           /* |x: no element of an HTML document is without namespace */
	struct sel_name type;
	const struct simple *simples;
	size_t n;
};

/* Positional extensions choose among the matches of what stands before them. */
enum position_kind { POS_EQ, POS_LT, POS_GT, POS_LAST, POS_EVEN, POS_ODD };
struct position {
	enum position_kind kind;
	int64_t n;
	bool negated;
};

struct complex {
	const struct compound *at; /* from right to left */
	size_t n;
	/* When the leftmost compound holds SIMPLE_CHOSEN: its elements are those of `before` at `position`. */
	const struct complex *before;
	struct position position;
};

struct sel_list {
	const struct complex *at;
	size_t n;
};

struct selector {
	struct sel_list list;
	uint32_t serials;
	size_t longest; /* compounds in the longest complex selector, for scratch */
	bool positional;
};

/* ---- matching */

struct index_list {
	const struct node **at;
	size_t n, cap;
};

struct nth_cache {
	uint32_t *index;    /* of an element among its siblings that count, from 1; 0: does not count */
	uint32_t *count;    /* by parent; stored + 1, 0: not computed yet */
};

struct has_cache {
	const struct node *from, *end; /* no element in here has it */
};

struct matcher {
	struct arena *arena;
	const struct dom *d;
	struct arena scratch; /* emptied at each query */
	int64_t steps;        /* left of the budget */
	bool over;
	int queries;
	/* per query */
	const struct selector *selector;
	const struct node *scope;
	const struct node *anchor;
	struct nth_cache *nths;
	struct has_cache *hases;
	uint8_t *chosen; /* by node index */
	const struct node **chain; /* a stack for the chains being matched, functions in functions included */
	size_t chain_n;
	/* lasting */
	bool indexed;
	struct map ids, classes;      /* word → struct index_list */
	struct index_list *tags;      /* by tag number */
	uint32_t *child_index, *type_index, *child_last, *type_last; /* by node index, from 1 */
	struct str text;              /* all text of the document … */
	uint32_t *text_at;            /* … and where each node's begins; d->n + 1 entries */
	struct str default_lang;
	bool lang_known;
};

#define MATCH_STEPS 20000000 /* of one query; a step is the test of one simple selector, some 5 to 10 ns */

/* Takes steps from the budget; false when it is spent. */
static inline bool take(struct matcher *m, int64_t n)
{
	m->steps -= n;
	if (m->steps >= 0)
		return true;
	m->over = true;
	return false;
}

bool match_list(struct matcher *m, const struct sel_list *l, const struct node *n);
bool match_complex(struct matcher *m, const struct complex *c, const struct node *n);
bool match_type(const struct dom *d, const struct compound *c, const struct node *n);
bool match_attr(struct matcher *m, const struct simple *s, const struct node *n);
bool match_state(struct matcher *m, enum state st, const struct node *n);
bool match_nth(struct matcher *m, const struct simple *s, const struct node *n);
bool match_lang(struct matcher *m, const struct simple *s, const struct node *n);
/* The directionality of an element: "ltr" or "rtl". */
struct str dir_of(struct matcher *m, const struct node *n);
bool match_contains(struct matcher *m, const struct simple *s, const struct node *n);
/* Candidates for a compound, in document order: an index's list, or false when every element is one. */
bool candidates(struct matcher *m, const struct compound *c, struct index_list *ret);
/* First position in `l` whose node is >= `n`. */
size_t index_lower_bound(const struct index_list *l, const struct node *n);

/* State of form controls, by attributes (HTML section 4.10). */
bool control_state(struct matcher *m, enum state st, const struct node *n);

#endif

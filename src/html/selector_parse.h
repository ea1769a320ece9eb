/* The selector grammar in pieces. Internal to html. */
#ifndef KRYFTO_HTML_SELECTOR_PARSE_H
#define KRYFTO_HTML_SELECTOR_PARSE_H

#include "html/selector_impl.h"
#include "html/selector_lex.h"

/* A compound being read. */
struct building {
	bool typed, no_ns, any; /* any: something stands there, be it only '*' */
	bool pseudo_element;    /* nothing but states may follow */
	struct sel_name type;
	VEC(struct simple) simples;
};

struct sel_parse {
	struct sel_lex lex;
	struct selector *out;
	int depth;   /* of functions */
	size_t parts;
	bool in_has;
	/* a positional extension just read, for the caller to act on */
	bool positioned;
	struct position position;
};

enum list_kind { LIST_TOP, LIST_STRICT, LIST_FORGIVING, LIST_RELATIVE };
/* A comma list up to the end of the text (LIST_TOP) or to a closing parenthesis, which is passed. */
bool parse_list(struct sel_parse *p, enum list_kind kind, struct sel_list *ret);
/* At a colon: appends what it means to `b`, or sets p->positioned. */
bool parse_pseudo(struct sel_parse *p, struct building *b);
/* The name in its two spellings with the known numbers. */
struct sel_name sel_name_tag(struct arena *a, struct str name);
struct sel_name sel_name_attr(struct arena *a, struct str name);

#endif

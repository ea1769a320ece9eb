/* The characters and tokens of selectors (CSS Syntax Level 3, section 4). Internal to html. */
#ifndef KRYFTO_HTML_SELECTOR_LEX_H
#define KRYFTO_HTML_SELECTOR_LEX_H

#include "base/buf.h"
#include "base/err.h"

struct sel_lex {
	struct arena *arena;
	struct str s;
	size_t i;
	struct err *e;
	bool failed;
	int code; /* of the failure */
};

/* The byte at `i + ahead`, -1 at the end. */
static inline int lex_peek(const struct sel_lex *l, size_t ahead)
{
	return l->i + ahead < l->s.n ? (uint8_t)l->s.p[l->i + ahead] : -1;
}
/* Passes white space and comments; true when there was white space (a comment alone separates nothing). */
bool lex_space(struct sel_lex *l);
bool lex_starts_ident(const struct sel_lex *l);
/* An identifier, escapes resolved; a NULL slice when none starts here. */
struct str lex_ident(struct sel_lex *l);
/* The same, but also what starts with a digit or dash (after '#'). */
struct str lex_name(struct sel_lex *l);
/* A quoted string, escapes resolved; a NULL slice when broken by a line feed. */
struct str lex_string(struct sel_lex *l);
/* Passes `c` if it is next. */
bool lex_take(struct sel_lex *l, char c);
/* Passes a closing bracket; the end of the text closes everything too. */
bool lex_close(struct sel_lex *l, char c);
/* Remembers the first failure; always false. */
bool lex_fail(struct sel_lex *l, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif

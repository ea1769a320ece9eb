/* Inside of the JSON Schema validator: the state of one compilation. */
#ifndef KRYFTO_EXTRACT_JSCHEMA_LOAD_H
#define KRYFTO_EXTRACT_JSCHEMA_LOAD_H

#include "base/vec.h"
#include "extract/jschema_node.h"

/* A reference whose target is looked up when all identifiers are known. */
struct pending_ref {
	struct node *from;
	struct str ref;
	bool dynamic;
};

struct load {
	struct arena *arena;
	struct err *err;
	bool formats;
	struct map nodes;     /* address of a schema's JSON → struct node * */
	struct map resources; /* URI → struct resource * */
	VEC(struct node *) all;
	size_t filled;        /* of `all`: those whose keywords have been read */
	VEC(struct pending_ref) refs;
	size_t resolved;
};

/* The node of a schema that stands inside `res`; reading its keywords is left to the work list. NULL with
 * words when it is no schema or there are too many. */
struct node *load_node(struct load *l, const struct json *src, struct resource *res);
/* Reads the keywords of a node. 0, E_INVALID or E_LIMIT with words. */
int load_keywords(struct load *l, struct node *n);
/* "keyword: words" as E_INVALID. */
int load_fail(struct load *l, const char *keyword, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif

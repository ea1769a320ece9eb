/*
 * The operations of kryfto-html, each a function of one JSON object of inputs: the command line and the --jsonl
 * loop are two ways to fill that object.
 */
#ifndef KRYFTO_CMD_HTML_OPS_H
#define KRYFTO_CMD_HTML_OPS_H

#include "conf/conf.h"
#include "json/writer.h"

#define HTML_INPUT_MAX (64 * MiB)

struct html_call {
	const struct json *in; /* html url selector attr selectors schema data plugin robots agent base */
	const struct conf *conf;
	bool bytes;            /* the document is a file's bytes: look for its charset; else it is UTF-8 */
	struct arena *arena;
	struct jw *out;        /* exactly one value is written, unless the call fails */
	struct buf *issues;    /* extract with a schema: its issues as a JSON array; empty otherwise */
	struct err *err;
};

struct html_op {
	const char *name;
	int (*run)(struct html_call *c);
};

/* NULL for an unknown name. */
const struct html_op *html_op_find(struct str name);
/* Starts nothing; frees the confined child that plugins run in, if one was started. */
void html_ops_end(void);

/* --- html_jsonl.c --- */

/* One request a line from `fd`, one answer a line to `out`, in order, until the end. Returns an exit status. */
int html_jsonl(const struct conf *conf, int fd, FILE *out);

#endif

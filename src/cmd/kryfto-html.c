/* The HTML library, extraction and the URL and robots rules from the command line. */
#include "base/first.h"
#include "base/fd.h"
#include "cmd/html_ops.h"

#include <fcntl.h>

#define EXIT_NO 1    /* invalid, refused, not allowed */
#define EXIT_BAD 2   /* the command line, a file, a selector, a schema */

static const char usage[] =
	"usage: kryfto-html select [--attr NAME | --html | --count] FILE SELECTOR\n"
	"       kryfto-html text|markdown|links|forms|meta|article FILE [--url BASE]\n"
	"       kryfto-html extract FILE --schema SCHEMA.json | --selectors MAP.json | --plugin NAME [--url BASE]\n"
	"       kryfto-html validate SCHEMA.json DATA.json\n"
	"       kryfto-html robots ROBOTS.txt AGENT URL\n"
	"       kryfto-html url URL [BASE]\n"
	"       kryfto-html urlguard URL\n"
	"       kryfto-html --jsonl\n"
	"FILE may be - for standard input.\n";

/* What the command line says: words that stand alone, and flags. */
struct command {
	const char *op;
	const char *word[4];
	size_t n;
	const char *attr, *url, *schema, *selectors, *plugin;
	bool html, count, text;
};

struct run {
	struct arena arena;
	struct json *in;
	struct err err;
};

static int complain(const char *words)
{
	fprintf(stderr, "kryfto-html: %s\n", words);
	return EXIT_BAD;
}

static bool parse_command(int argc, char **argv, struct command *c)
{
	const struct { const char *name; const char **value; bool *flag; } flags[] = { { "--attr", &c->attr, NULL },
		{ "--url", &c->url, NULL }, { "--schema", &c->schema, NULL }, { "--selectors", &c->selectors, NULL },
		{ "--plugin", &c->plugin, NULL }, { "--html", NULL, &c->html }, { "--count", NULL, &c->count },
		{ "--text", NULL, &c->text } };
	bool words_only = false;
	for (int i = 1; i < argc; i++) {
		size_t k = 0;
		if (!words_only && strcmp(argv[i], "--") == 0) {
			words_only = true;
			continue;
		}
		while (!words_only && k < ARRAY_LEN(flags) && strcmp(argv[i], flags[k].name) != 0)
			k++;
		if (!words_only && k < ARRAY_LEN(flags)) {
			if (flags[k].flag)
				*flags[k].flag = true;
			else if (i + 1 < argc)
				*flags[k].value = argv[++i];
			else
				return false;
		} else if (!words_only && argv[i][0] == '-' && argv[i][1]) {
			return false;
		} else if (!c->op) {
			c->op = argv[i];
		} else if (c->n < ARRAY_LEN(c->word)) {
			c->word[c->n++] = argv[i];
		} else {
			return false;
		}
	}
	return c->op != NULL;
}

static int read_input(struct run *r, const char *path, struct str *ret)
{
	struct buf b;
	buf_init(&b, &r->arena, HTML_INPUT_MAX);
	int rc = fd_read_file(strcmp(path, "-") == 0 ? "/dev/stdin" : path, HTML_INPUT_MAX, &b, &r->err);
	if (rc == 0)
		*ret = buf_str(&b);
	return rc;
}

static void put(struct run *r, const char *name, const char *value)
{
	if (value)
		json_put(&r->arena, r->in, str_of(name), json_new_str(&r->arena, str_of(value)));
}

static int put_file(struct run *r, const char *name, const char *path)
{
	struct str text;
	int rc = read_input(r, path, &text);
	if (rc == 0)
		json_put(&r->arena, r->in, str_of(name), json_new_str(&r->arena, text));
	return rc;
}

static int put_json(struct run *r, const char *name, const char *path)
{
	const struct json_limits limits = { .bytes = HTML_INPUT_MAX, .nul = true };
	struct err why = { 0 };
	const struct json *v = NULL;
	struct str text;
	int rc = path ? read_input(r, path, &text) : 0;
	if (rc < 0 || !path)
		return rc;
	rc = json_parse(&r->arena, text, &limits, &v, &why);
	if (rc < 0)
		return err_set(&r->err, rc, "%.100s: %s", path, why.words);
	json_put(&r->arena, r->in, str_of(name), v);
	return 0;
}

/* The words of each sub-command as inputs; false when their number is wrong. */
static bool fill_inputs(struct run *r, const struct command *c, int *rc)
{
	struct str op = str_of(c->op);
	*rc = 0;
	put(r, "url", c->url);
	if (str_is(op, "validate")) {
		if (c->n != 2)
			return false;
		*rc = put_json(r, "schema", c->word[0]);
		*rc = *rc < 0 ? *rc : put_json(r, "data", c->word[1]);
		return true;
	}
	if (str_is(op, "robots")) {
		if (c->n != 3)
			return false;
		*rc = put_file(r, "robots", c->word[0]);
		put(r, "agent", c->word[1]);
		put(r, "url", c->word[2]);
		return true;
	}
	if (str_is(op, "url") || str_is(op, "urlguard")) {
		if (c->n < 1 || c->n > (str_is(op, "url") ? 2u : 1u))
			return false;
		put(r, "url", c->word[0]);
		put(r, "base", c->n > 1 ? c->word[1] : NULL);
		return true;
	}
	bool select = str_is(op, "select");
	if (c->n != (select ? 2u : 1u))
		return false;
	*rc = put_file(r, c->text ? "text" : "html", c->word[0]);
	put(r, "selector", select ? c->word[1] : NULL);
	put(r, "attr", c->attr);
	put(r, "plugin", c->plugin);
	if (c->html)
		json_put(&r->arena, r->in, STR("inner"), &json_true_v);
	*rc = *rc < 0 ? *rc : put_json(r, "schema", c->schema);
	*rc = *rc < 0 ? *rc : put_json(r, "selectors", c->selectors);
	return true;
}

/* One match a line, whatever it holds. */
static void print_matches(const struct json *v, bool html, struct arena *a)
{
	for (uint32_t i = 0; i < v->n; i++) {
		struct str s = json_str(v->items[i], STR("")), line;
		struct buf out;
		buf_init(&out, a, 0);
		while (str_split(&s, '\n', &line)) {
			buf_adds(&out, line);
			/* A reference is the same to an HTML parser and keeps the line whole. */
			if (s.n)
				buf_addz(&out, html ? "&#10;" : " ");
		}
		printf("%.*s\n", STR_FMT(buf_str(&out)));
	}
}

static void print_indented(const struct json *v, struct arena *a)
{
	struct buf out;
	buf_init(&out, a, 0);
	json_write_pretty(&out, v, 2);
	fwrite(out.p, 1, out.n, stdout);
	putchar('\n');
}

static int show(const struct command *c, struct run *r, const struct json *v)
{
	struct str op = str_of(c->op);
	if (str_is(op, "select") && c->count) {
		printf("%u\n", v->n);
	} else if (str_is(op, "select")) {
		print_matches(v, c->html, &r->arena);
	} else if (v->kind == J_STRING) {
		fwrite(v->s.p, 1, v->s.n, stdout);
		if (!v->s.n || v->s.p[v->s.n - 1] != '\n')
			putchar('\n');
	} else if (str_is(op, "validate")) {
		if (json_bool(json_get(v, "valid"), false))
			return 0;
		print_indented(json_get(v, "issues"), &r->arena);
		return EXIT_NO;
	} else {
		print_indented(v, &r->arena);
	}
	if (str_is(op, "robots") || str_is(op, "urlguard"))
		return json_bool(json_get(v, str_is(op, "robots") ? "allowed" : "fetch"), false) ? 0 : EXIT_NO;
	return 0;
}

static int run_command(const struct conf *conf, const struct command *c, struct run *r)
{
	const struct html_op *op = html_op_find(str_of(c->op));
	const struct json_limits limits = { .bytes = SIZE_MAX / 4, .depth = 512, .nul = true };
	const struct json *v = NULL;
	struct buf out, issues;
	struct jw w;
	int rc;
	if (!op || !fill_inputs(r, c, &rc)) {
		fputs(usage, stderr);
		return EXIT_BAD;
	}
	buf_init(&out, &r->arena, 0);
	buf_init(&issues, &r->arena, 0);
	jw_init(&w, &out);
	struct html_call call = { .in = r->in, .conf = conf, .bytes = true, .arena = &r->arena, .out = &w,
		.issues = &issues, .err = &r->err };
	if (rc == 0)
		rc = op->run(&call);
	if (rc == 0)
		rc = json_parse(&r->arena, buf_str(&out), &limits, &v, &r->err);
	if (rc < 0) {
		complain(r->err.words);
		/* What is no URL is an answer; what is no selector is a mistake. */
		return str_is(str_of(c->op), "url") ? EXIT_NO : EXIT_BAD;
	}
	if (issues.n > 2)
		fprintf(stderr, "%.*s\n", STR_FMT(buf_str(&issues)));
	return show(c, r, v);
}

int main(int argc, char **argv)
{
	struct arena settings;
	struct conf conf;
	struct command c = { 0 };
	struct run r = { 0 };
	int status;
	arena_init(&settings, 0);
	arena_init(&r.arena, 256 * KiB);
	if (conf_load(&conf, &settings, NULL, &argc, argv, &r.err) < 0) {
		status = complain(r.err.words);
	} else if (argc == 2 && strcmp(argv[1], "--jsonl") == 0) {
		status = html_jsonl(&conf, STDIN_FILENO, stdout);
	} else if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		status = 0;
	} else if (!parse_command(argc, argv, &c)) {
		fputs(usage, stderr);
		status = EXIT_BAD;
	} else {
		r.in = json_new_object(&r.arena);
		status = run_command(&conf, &c, &r);
	}
	if (fflush(stdout) != 0)
		status = complain("cannot write the result");
	html_ops_end();
	arena_release(&r.arena);
	arena_release(&settings);
	return status;
}

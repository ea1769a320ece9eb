#include "base/first.h"
#include "cmd/html_ops.h"

/* An answer is built in full before any of it is written, so a failure half way leaves no torn line. */

static void write_error(struct buf *out, int code, const char *words)
{
	struct jw w;
	buf_clear(out);
	jw_init(&w, out);
	jw_object(&w);
	jw_kbool(&w, "ok", false);
	jw_key(&w, "error");
	jw_object(&w);
	jw_kcstr(&w, "code", err_name(code));
	jw_kcstr(&w, "message", words);
	jw_end_object(&w);
	jw_end_object(&w);
}

static void answer(const struct conf *conf, struct arena *a, struct str line, struct buf *out)
{
	const struct json_limits limits = { .bytes = HTML_INPUT_MAX, .nul = true, .lone = true };
	const struct json *in = NULL;
	struct err e = { 0 };
	struct buf issues;
	struct jw w;
	buf_clear(out);
	buf_init(&issues, a, 0);
	int rc = json_parse(a, line, &limits, &in, &e);
	if (rc == 0 && !json_is(in, J_OBJECT))
		rc = err_set(&e, E_INVALID, "a request is a JSON object");
	struct str name = json_str(json_get(in, "op"), STR(""));
	const struct html_op *op = html_op_find(name);
	if (rc == 0 && !op)
		rc = err_set(&e, E_INVALID, "there is no operation \"%.*s\"", (int)MIN(name.n, (size_t)60), name.p);
	if (rc == 0) {
		struct html_call c = { .in = in, .conf = conf, .arena = a, .out = &w, .issues = &issues, .err = &e };
		jw_init(&w, out);
		jw_object(&w);
		jw_kbool(&w, "ok", true);
		jw_key(&w, "result");
		rc = op->run(&c);
		if (issues.n) {
			jw_key(&w, "issues");
			jw_raw(&w, buf_str(&issues));
		}
		jw_end_object(&w);
	}
	if (rc < 0)
		write_error(out, rc, e.words);
}

static bool flush_line(struct buf *out, FILE *to)
{
	buf_addc(out, '\n');
	return fwrite(out->p, 1, out->n, to) == out->n;
}

int html_jsonl(const struct conf *conf, int fd, FILE *to)
{
	struct buf in, out;
	struct arena a;
	bool skipping = false, good = true;
	ssize_t did = 1;
	buf_init(&in, NULL, HTML_INPUT_MAX + KiB);
	buf_init(&out, NULL, 0);
	arena_init(&a, 256 * KiB);
	while (good && did > 0) {
		char *room = buf_reserve(&in, 64 * KiB);
		if (!room) {
			/* The line is longer than any request may be: answer once, drop the rest of it. */
			if (!skipping) {
				write_error(&out, E_LIMIT, "the request line is too long");
				good = flush_line(&out, to);
			}
			skipping = true;
			buf_clear(&in);
			continue;
		}
		did = read(fd, room, 64 * KiB);
		if (did < 0 && errno == EINTR) {
			did = 1;
			continue;
		}
		buf_commit(&in, did > 0 ? (size_t)did : 0);
		size_t from = 0, end;
		/* The last line may lack its line feed. */
		while (good && from < in.n &&
			((end = str_chr(str_from(buf_str(&in), from), '\n')) != STR_NPOS || did <= 0)) {
			struct str line = str_sub(buf_str(&in), from, end == STR_NPOS ? in.n - from : end);
			from += line.n + 1;
			if (skipping || !str_trim(line).n) {
				skipping = false;
				continue;
			}
			answer(conf, &a, line, &out);
			good = flush_line(&out, to);
			arena_reset(&a);
		}
		buf_consume(&in, MIN(from, in.n));
		good = good && fflush(to) == 0;
	}
	buf_release(&in);
	buf_release(&out);
	arena_release(&a);
	return good && did == 0 ? 0 : 1;
}

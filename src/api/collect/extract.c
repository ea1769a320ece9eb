#include "base/first.h"
#include "api/collect/extract.h"
#include "api/collect/shapes.h"
#include "api/session.h"
#include "blob/blob.h"
#include "extract/config.h"
#include "store/db.h"

#define ARTIFACT_MAX (10 * MiB)

static int from_artifact(struct call *c, struct str id, struct isolate_req *r)
{
	struct artifact a;
	struct buf *b = arena_new(c->arena, struct buf);
	int err = artifact_get(c->app->db, c->arena, id, &a, &c->err);
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_not_found, "Artifact not found");
	if (err == 0)
		err = call_owns(c, a.project);
	if (err < 0)
		return err;
	buf_init(b, c->arena, ARTIFACT_MAX);
	err = blob_get(c->app->blobs, a.sha256, 0, ARTIFACT_MAX, b, &c->err);
	if (err == E_LIMIT)
		return call_fail(
			c, &problem_unprocessable, "The artifact is larger than %zu bytes", (size_t)ARTIFACT_MAX);
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_gone, "The bytes of the artifact are gone");
	r->body = buf_str(b);
	r->is_text = req_media_is(a.content_type, "text/plain");
	return err;
}

static int source(struct call *c, const struct extract_body *b, struct isolate_req *r)
{
	if (b->artifactId.n)
		return from_artifact(c, b->artifactId, r);
	r->body = b->html.n ? b->html : b->text;
	r->is_text = !b->html.n;
	r->utf8 = true;
	return 0;
}

/* "selectors.price: words" becomes an issue at ["selectors","price"]. */
static int config_issue(struct call *c, struct str words)
{
	struct issues *is = call_issues(c);
	size_t colon = str_find(words, STR(": "));
	struct str at = colon == STR_NPOS ? STR_NULL : str_sub(words, 0, colon), part;
	size_t depth = is->depth, dot = str_chr(at, '.');
	if (at.p && str_find(at, STR(" ")) == STR_NPOS) {
		part = dot == STR_NPOS ? at : str_sub(at, 0, dot);
		is->path[is->depth++] = (struct path_part){ .name = part };
		if (dot != STR_NPOS)
			is->path[is->depth++] = (struct path_part){ .name = str_from(at, dot + 1) };
		words = str_from(words, colon + 2);
	}
	issue_add(is, "custom", STR_NULL, "%.*s", STR_FMT(words));
	is->depth = depth;
	return call_fail(c, &problem_validation, "%s", problem_validation.message);
}

/* What the confined child has to say is about the document or the configuration, so never our own fault. */
static int judge(struct call *c, int err)
{
	struct str words = arena_str(c->arena, str_of(c->err.words));
	switch (err) {
	case E_INVALID: return config_issue(c, words);
	case E_UNSUPPORTED: return call_issue(c, "mode", "%.*s", STR_FMT(words));
	case E_NOTFOUND: return call_issue(c, "plugin", "%.*s", STR_FMT(words));
	case E_LIMIT: return call_fail(c, &problem_unprocessable, "The document is too large to extract from");
	case E_TIMEOUT: return call_fail(c, &problem_unprocessable, "The extraction took too long");
	case E_INTERNAL: return call_fail(c, &problem_unprocessable, "The document could not be parsed");
	default: return err;
	}
}

static int extract(struct call *c, struct isolate_req *r, struct isolate_result *ret)
{
	struct isolate *is;
	int err = extract_config(c->body_json, arena_cstr(c->arena, c->app->conf->plugins_dir), c->arena, r, &c->err);
	if (err < 0)
		return judge(c, err);
	err = app_isolate(c->app, &is, &c->err);
	return err ? err : judge(c, isolate_run(is, r, c->arena, ret, &c->err));
}

int run_extract(struct call *c)
{
	const struct extract_body *b = c->body;
	struct isolate_req r = { 0 };
	struct isolate_result out;
	int err = source(c, b, &r);
	if (err == 0)
		err = extract(c, &r, &out);
	if (err < 0)
		return err;
	c->resource_id = b->artifactId.n ? b->artifactId : STR("inline");
	struct audit who = call_audit(c, STR_NULL);
	err = audit_add(c->app->db, &who, STR("extract.run"), STR("extract"), c->resource_id, &c->err);
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "data");
	jw_raw(w, out.part[PART_EXTRACT]);
	jw_kstr(w, "mode", b->mode);
	if (out.part[PART_ISSUES].p) {
		jw_key(w, "issues");
		jw_raw(w, out.part[PART_ISSUES]);
	}
	jw_end_object(w);
	return 0;
}

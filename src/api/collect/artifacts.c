#include "base/first.h"
#include "api/collect/artifacts.h"
#include "api/collect/shapes.h"
#include "api/session.h"
#include "base/enc.h"
#include "blob/blob.h"
#include "store/db.h"

int prefetch_artifacts(struct call *c)
{
	const struct id_param *p = c->params;
	int err = job_brief_send(c->app->db, p->id, &c->err);
	/* Whose token it is turns out on the same trip, so the list is of any project and judged below. */
	return err ? err : artifact_list_send(c->app->db, p->id, STR_NULL, c->app->conf->download_token_ttl, &c->err);
}

static int write_item(struct jw *w, struct call *c, const struct artifact *a)
{
	char hex[65];
	struct blob_link link;
	const struct blob_link_options o = { .ttl = c->app->conf->download_token_ttl, .content_type = a->content_type };
	int err = blob_link(c->app->blobs, c->arena, a->sha256, &o, &link, &c->err);
	if (err < 0)
		return err;
	jw_object(w);
	jw_kcstr(w, "id", a->id);
	jw_kcstr(w, "jobId", a->job_id);
	jw_kstr(w, "projectId", a->project);
	jw_kstr(w, "type", a->type);
	jw_kstr(w, "fileName", a->file_name);
	jw_kint(w, "byteSize", a->byte_size);
	jw_kcstr(w, "sha256", enc_hex(a->sha256, sizeof a->sha256, hex));
	jw_kstr(w, "contentType", a->content_type);
	jw_ktime(w, "createdAt", a->created_at);
	jw_kcstr(w, "downloadToken", a->download_token);
	jw_ktime(w, "downloadTokenExpiresAt", a->download_token_expires_at);
	jw_kstr(w, "signedUrl", link.local ? STR_NULL : link.text);
	jw_end_object(w);
	return 0;
}

int run_list_artifacts(struct call *c)
{
	struct job_brief job;
	struct artifact *at;
	size_t n;
	int err = job_brief_recv(c->app->db, c->arena, &job, &c->err);
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_not_found, "Job not found");
	if (err == 0)
		err = call_owns(c, job.project);
	if (err == 0)
		err = artifact_list_recv(c->app->db, c->arena, &at, &n, &c->err);
	if (err < 0)
		return err;
	struct jw *w = reply_json(c->reply, 200);
	jw_object(w);
	jw_key(w, "items");
	jw_array(w);
	for (size_t i = 0; i < n && err == 0; i++)
		err = write_item(w, c, &at[i]);
	jw_end_array(w);
	jw_end_object(w);
	return err;
}

int prefetch_artifact(struct call *c)
{
	const struct id_param *p = c->params;
	return artifact_get_send(c->app->db, p->id, &c->err);
}

/* By Bearer token or, when that one is missing or no good, by download token. */
static int find(struct call *c, struct artifact *ret)
{
	const struct id_param *p = c->params;
	const struct download_query *q = c->query;
	int err;
	if (!c->who) {
		err = artifact_by_token(c->app->db, c->arena, p->id, q->downloadToken, ret, &c->err);
		if (err == E_UNAUTH || err == E_NOTFOUND)
			return call_fail(c, &problem_unauthorized, "Download token expired or invalid");
		return err;
	}
	err = artifact_get_recv(c->app->db, c->arena, ret, &c->err);
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_not_found, "Artifact not found");
	return err ? err : call_owns(c, ret->project);
}

/* RFC 9110 13.1.2: "*" or a list of entity tags, compared weakly. */
static bool none_match(struct str header, struct str etag)
{
	struct str one;
	if (str_is(str_trim(header), "*"))
		return true;
	while (str_split(&header, ',', &one)) {
		one = str_trim(one);
		if (str_starts(one, STR("W/")))
			one = str_from(one, 2);
		if (str_eq(one, etag))
			return true;
	}
	return false;
}

static int send_bytes(struct call *c, const struct artifact *a, struct str etag)
{
	struct blob_link link;
	reply_attachment(c->reply, a->file_name);
	const struct blob_link_options o = { .content_type = a->content_type,
		.disposition = reply_get_header(c->reply, "content-disposition") };
	int err = blob_link(c->app->blobs, c->arena, a->sha256, &o, &link, &c->err);
	if (err < 0)
		return err;
	/* A name for the type only; what it is was decided when it was stored. */
	c->reply->content_type = a->content_type.n ? a->content_type : STR("application/octet-stream");
	c->reply->no_length = link.local;
	c->reply->status = link.local ? 200 : 302;
	if (link.local)
		reply_header(c->reply, "x-accel-redirect", arena_printf(c->arena, "/_blobs/%.*s", STR_FMT(link.text)));
	else
		reply_header(c->reply, "location", link.text);
	reply_header(c->reply, "etag", etag);
	reply_header(c->reply, "cache-control", STR("private, no-cache"));
	reply_header(c->reply, "x-content-type-options", STR("nosniff"));
	reply_header(c->reply, "content-security-policy", STR("default-src 'none'; sandbox"));
	return 0;
}

int run_get_artifact(struct call *c)
{
	struct artifact a;
	char hex[65];
	int err = find(c, &a);
	if (err < 0)
		return err;
	c->resource_id = arena_str(c->arena, str_of(a.id));
	struct str etag = arena_printf(c->arena, "\"%s\"", enc_hex(a.sha256, sizeof a.sha256, hex));
	if (none_match(req_header(c->req, "if-none-match"), etag)) {
		c->reply->status = 304;
		reply_header(c->reply, "etag", etag);
		return 0;
	}
	struct audit who = call_audit(c, STR_NULL);
	who.project = a.project;
	err = audit_add(c->app->db, &who, STR("artifact.download"), STR("artifact"), c->resource_id, &c->err);
	return err ? err : send_bytes(c, &a, etag);
}

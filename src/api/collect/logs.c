#include "base/first.h"
#include "api/collect/logs.h"
#include "api/collect/shapes.h"
#include "api/session.h"
#include "api/stream.h"
#include "base/scan.h"

int prefetch_job_logs(struct call *c)
{
	const struct id_param *p = c->params;
	return job_brief_send(c->app->db, p->id, &c->err);
}

/* What the client has already. A browser sends back an id that it got from us. */
static int last_event(struct call *c, int64_t *ret)
{
	struct str text = str_trim(req_header(c->req, "last-event-id"));
	*ret = 0;
	if (text.n && (scan_i64(text, ret) < 0 || *ret < 0))
		return call_issue(c, "Last-Event-ID", "Last-Event-ID must be the id of an event");
	return 0;
}

/* Only the head of the answer; the events are the business of whoever set app->stream. */
int run_job_logs(struct call *c)
{
	const struct id_param *p = c->params;
	struct stream_wish *w = c->app->stream;
	struct job_brief job;
	int64_t after;
	int err = job_brief_recv(c->app->db, c->arena, &job, &c->err);
	if (err == E_NOTFOUND)
		return call_fail(c, &problem_not_found, "Job not found");
	if (err == 0)
		err = call_owns(c, job.project);
	if (err == 0)
		err = last_event(c, &after);
	if (err == 0 && (!w || w->full))
		err = call_fail(c, &problem_unavailable, "No room for another stream; try again later");
	if (err < 0)
		return err;
	c->resource_id = p->id;
	*w = (struct stream_wish){ .wanted = true, .since = job.created_at, .after = after };
	str_copy(w->job, sizeof w->job, p->id);
	for (char *at = w->job; *at; at++)
		*at = (char)to_lower((unsigned char)*at);
	str_copy(w->token, sizeof w->token, str_of(c->who->token_id));
	c->reply->status = 200;
	c->reply->content_type = STR("text/event-stream");
	c->reply->no_length = true;
	reply_header(c->reply, "cache-control", STR("no-cache"));
	reply_header(c->reply, "x-accel-buffering", STR("no"));
	return 0;
}

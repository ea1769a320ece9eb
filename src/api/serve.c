#include "base/first.h"
#include "api/serve.h"
#include "api/app.h"
#include "base/log.h"
#include "http/fcgi.h"

#include <malloc.h>

#define ARENA_CHUNK (64 * KiB)

/* 0, or E_IO when the socket is of no use any more. */
static int one_request(struct app *app, struct responder *w, struct fcgi *f, struct arena *a)
{
	struct req req;
	struct reply reply;
	struct err e = { 0 };
	int status;
	int err = fcgi_accept(f, a, &req, &status, &e);
	if (err == E_AGAIN)
		return 0;
	if (err < 0) {
		log_at(LOG_ERROR, "accept failed", L_CSTR("why", e.words));
		return err;
	}
	responder_busy(w, -1);
	reply_init(&reply, a);
	pipeline_run(&app->pipeline, &req, &reply, status, &e);
	fcgi_reply(f, &req, &reply);
	responder_idle(w);
	return 0;
}

int api_serve(struct responder *w)
{
	struct app *app = w->arg;
	struct arena a;
	struct err e = { 0 };
	char name[48];
	/* A worker lives in a few MiB: one heap, and what a large request took goes back. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 256 * 1024);
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	snprintf(name, sizeof name, "kryfto-api %s/%d", w->pool_name, w->number);
	int err = app_open(app, name, &e);
	if (err == 0)
		err = fcgi_init(&e);
	if (err < 0) {
		log_at(LOG_FATAL, "worker cannot start", L_CSTR("why", e.words));
		return RESPONDER_EXIT_FATAL;
	}
	responder_signals(); /* the FastCGI library set its own */
	struct fcgi *f = fcgi_new(w->listen_fd);
	arena_init(&a, ARENA_CHUNK);
	app_tick(app);
	for (responder_idle(w); err == 0 && !responder_stop(w); arena_reset(&a)) {
		err = one_request(app, w, f, &a);
		app_tick(app);
	}
	arena_release(&a);
	fcgi_free(f);
	app_close(app);
	if (err < 0)
		return RESPONDER_EXIT_FATAL;
	return w->max_requests && w->slot->requests >= w->max_requests ? RESPONDER_EXIT_RECYCLE : RESPONDER_EXIT_OK;
}

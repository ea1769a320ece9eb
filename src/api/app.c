#include "base/first.h"
#include "api/app.h"
#include "api/collect/collect.h"
#include "api/routes.h"
#include "api/session.h"
#include "base/log.h"
#include "blob/blob.h"
#include "crypto/token.h"
#include "extract/isolate.h"
#include "net/memcached.h"
#include "net/verdict.h"
#include "proc/shm.h"
#include "store/db.h"

#define MC_TIMEOUT (50 * USEC_PER_MS)
#define BOOTSTRAP_AGAIN (2 * USEC_PER_SEC)

static bool url_is_valid(struct str text)
{
	struct arena a;
	struct url u;
	arena_init(&a, 1024);
	bool good = url_parse(&a, text, NULL, &u, NULL) == 0;
	arena_release(&a);
	return good;
}

static int open_memcached(struct app *app, struct err *e)
{
	const struct mc_options o = { .config = app->conf->memcached, .prefix = STR("kryfto:"), .timeout = MC_TIMEOUT };
	return app->conf->memcached.n ? mc_open(&o, &app->mc, e) : 0;
}

static int prepare_verdict(struct app *app, struct err *e)
{
	const struct conf *c = app->conf;
	const struct verdict_config v = {
		.block_private = c->ssrf_block_private_ranges, .allowed_hosts = c->allowed_hosts,
		.allowed_ports = c->allowed_ports,
	};
	return verdict_policy_new(app->arena, &v, &app->verdict, e);
}

int app_prepare(struct app *app, struct conf *conf, struct arena *a, struct err *e)
{
	app->conf = conf;
	app->arena = a;
	schema_set_url_check(url_is_valid);
	int err = router_build(&app->router, a, api_tables, e);
	if (err == 0)
		err = prepare_verdict(app, e);
	if (err == 0)
		err = open_memcached(app, e); /* to see whether its configuration can be read */
	if (err < 0)
		return err;
	mc_free(app->mc);
	app->mc = NULL;
	app->shared = shm_map(sizeof *app->shared);
	app->limiter = limiter_init(shm_map(limiter_size(LIMITER_SLOTS)), LIMITER_SLOTS);
	app->pipeline = (struct pipeline){
		.phases = api_phases, .router = &app->router, .family = &collect_family, .app = app,
		.metrics = metrics_init(shm_map(metrics_size(app->router.n)), app->router.n),
		.body_max = (size_t)conf->api_body_max, .done = log_request,
	};
	return 0;
}

static int open_blobs(struct app *app, struct err *e)
{
	const struct conf *c = app->conf;
	struct arena *a = app->arena;
	const struct blob_config b = {
		.s3 = str_is(c->artifact_backend, "s3"), .dir = arena_cstr(a, c->artifact_dir),
		.endpoint = arena_cstr(a, c->s3_endpoint), .region = arena_cstr(a, c->s3_region),
		.bucket = arena_cstr(a, c->s3_bucket), .access_key = arena_cstr(a, c->s3_access_key.reveal),
		.secret_key = arena_cstr(a, c->s3_secret_key.reveal), .path_style = c->s3_force_path_style,
	};
	return blob_open(&b, &app->blobs, e);
}

int app_open(struct app *app, const char *name, struct err *e)
{
	const struct db_options o = { .uri = app->conf->pg_uri.reveal, .app = name, .role = "kryfto_api",
		.timeout = app->conf->pg_statement_timeout };
	app->db = db_new(&o);
	int err = open_memcached(app, e);
	return err ? err : open_blobs(app, e);
}

void app_close(struct app *app)
{
	isolate_close(app->isolate);
	blob_close(app->blobs);
	mc_free(app->mc);
	db_free(app->db);
	app->isolate = NULL;
	app->blobs = NULL;
	app->mc = NULL;
	app->db = NULL;
}

int app_isolate(struct app *app, struct isolate **ret, struct err *e)
{
	const struct conf *c = app->conf;
	const struct isolate_conf ic = { .cpu = c->parse_cpu, .memory = (size_t)c->parse_memory };
	if (!app->isolate) {
		/* A missing program is our trouble, not the request's. */
		if (isolate_open(&ic, &app->isolate, e) < 0)
			return E_UNAVAIL;
	}
	*ret = app->isolate;
	return 0;
}

static int bootstrap(struct app *app, struct err *e)
{
	const struct conf *c = app->conf;
	struct str token = c->bootstrap_admin_token.reveal.n ? c->bootstrap_admin_token.reveal : c->api_token.reveal;
	uint8_t digest[SHA256_LEN];
	enum bootstrap_result what;
	if (!token.n)
		return 0;
	token_digest(token, digest);
	int err = token_bootstrap(app->db, digest, c->project_id, str_from(token, token.n > 8 ? token.n - 4 : token.n),
		&what, e);
	if (err < 0)
		return err;
	if (what == BOOTSTRAP_CREATED)
		log_at(LOG_INFO, "bootstrap token made", L_STR("project", c->project_id));
	if (what == BOOTSTRAP_REVOKED)
		log_at(LOG_WARN, "the bootstrap token was revoked or has expired, and stays so");
	return 0;
}

void app_tick(struct app *app)
{
	struct err e = { 0 };
	int64_t now = clock_mono(), next = app->shared->bootstrap_next;
	if (app->shared->bootstrapped || now < next)
		return;
	/* One worker at a time; if it dies over this another one has its turn. */
	if (!atomic_compare_exchange_strong(&app->shared->bootstrap_next, &next, now + BOOTSTRAP_AGAIN))
		return;
	if (bootstrap(app, &e) == 0)
		app->shared->bootstrapped = 1;
	else if (next == 0)
		log_at(LOG_WARN, "bootstrap token: trying again later", L_CSTR("why", e.words));
}

/* What the API's route tables say to others. */
#include "base/first.h"
#include "api/nginx_conf.h"
#include "api/routes.h"
#include "cmd/ctl.h"

int ctl_nginx_conf(struct ctl *c, int argc, char **argv)
{
	struct err e = { 0 };
	struct router *router = arena_alloc(&c->arena, sizeof *router);
	struct buf b;
	int rc = ctl_options(c, NULL, 0, &argc, argv);
	if (rc)
		return rc;
	if (argc > 1)
		return ctl_usage(c, "nginx-conf takes no operand");
	if (router_build(router, &c->arena, api_tables, &e) < 0)
		return ctl_fail(&e);
	buf_init(&b, &c->arena, 1 * MiB);
	nginx_conf_write(api_tables, (size_t)c->conf.api_body_max, &c->arena, &b);
	ctl_print(&b);
	return CTL_OK;
}

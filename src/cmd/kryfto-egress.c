/* kryfto-egress: the filtering proxy of browsers as a daemon. See net/egress.h and docs/internals/browser.md. */
#include "base/first.h"
#include "base/fd.h"
#include "base/log.h"
#include "conf/conf.h"
#include "net/egress_control.h"
#include "proc/notify.h"
#include "proc/user.h"

#include <signal.h>

#define PROGRAM "kryfto-egress"

struct daemon {
	struct arena arena;
	struct conf conf;
	struct loop *loop;
	struct resolver *resolver;
	struct verdict_policy *policy;
	struct egress *egress;
	struct egress_control *control;
};

static void log_connection(void *arg, const struct egress_record *r)
{
	char ip[IP_TEXT_MAX] = "";
	if (r->ip.family)
		ip_text(&r->ip, ip);
	log_at(str_is(r->verdict, "ok") ? LOG_INFO : LOG_WARN, "connection", L_STR("job", r->job),
		L_STR("host", r->host), L_INT("port", r->port), L_CSTR("address", ip), L_STR("verdict", r->verdict),
		L_BOOL("tunnel", r->tunnel), L_INT("up", r->up), L_INT("down", r->down),
		L_INT("ms", r->took / USEC_PER_MS));
}

static void on_stop(void *arg)
{
	loop_stop(((struct daemon *)arg)->loop);
}

static void on_reopen(void *arg)
{
	log_reopen();
}

static int build(struct daemon *d, struct err *e)
{
	struct resolver_options ro = { .servers = d->conf.dns_servers };
	struct verdict_config vc = { .block_private = d->conf.ssrf_block_private_ranges,
		.allowed_hosts = d->conf.allowed_hosts,
		.allowed_ports = d->conf.allowed_ports };
	char path[512];
	int fd = -1;
	snprintf(path, sizeof path, "%.*s/egress.sock", STR_FMT(d->conf.run_dir));
	int rc = loop_new(&d->loop, e);
	if (rc == 0)
		rc = resolver_new(d->loop, &ro, &d->resolver, e);
	if (rc == 0)
		rc = verdict_policy_new(&d->arena, &vc, &d->policy, e);
	struct egress_options o = {
		.loop = d->loop, .resolver = d->resolver, .policy = d->policy, .record = log_connection
	};
	if (rc == 0)
		rc = egress_new(&o, &d->egress, e);
	if (rc == 0)
		rc = fd_listen_unix(path, 0600, 16, &fd, e);
	return rc == 0 ? egress_control_new(d->egress, d->loop, fd, &d->control, e) : rc;
}

static void tear_down(struct daemon *d)
{
	egress_control_free(d->control);
	egress_free(d->egress);
	resolver_free(d->resolver);
	loop_free(d->loop);
}

static void run(struct daemon *d)
{
	struct loop_signal *s[] = { loop_signal_new(d->loop, SIGTERM, on_stop, d),
		loop_signal_new(d->loop, SIGINT, on_stop, d), loop_signal_new(d->loop, SIGQUIT, on_stop, d),
		loop_signal_new(d->loop, SIGUSR1, on_reopen, d) };
	notify_ready("filtering");
	log_at(LOG_INFO, "started", L_BOOL("block_private", d->conf.ssrf_block_private_ranges));
	loop_run(d->loop);
	notify_stopping();
	log_at(LOG_INFO, "stopping", L_INT("connections", egress_connections(d->egress)));
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		loop_signal_free(s[i]);
}

static int usage(void)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	buf_addz(&b, "usage: " PROGRAM
		     " [-t] [--SETTING=VALUE ...]\n\n  -t      check the settings and exit\n  --help  this text\n\n");
	conf_describe(&b, false);
	fputs(buf_cstr(&b), stdout);
	buf_release(&b);
	return 0;
}

int main(int argc, char **argv)
{
	struct daemon d = { .loop = NULL };
	struct err e = { 0 };
	enum log_level level = LOG_INFO;
	arena_init(&d.arena, 0);
	int rc = conf_load(&d.conf, &d.arena, NULL, &argc, argv, &e);
	bool test = rc == 0 && argc == 2 && strcmp(argv[1], "-t") == 0;
	if (rc == 0 && argc == 2 && strcmp(argv[1], "--help") == 0)
		return usage();
	if (rc == 0 && argc > 1 && !test)
		rc = err_set(&e, E_INVALID, "unknown argument %s", argv[1]);
	if (rc == 0)
		rc = log_level_of(d.conf.log_level, &level);
	if (rc == 0 && !test)
		rc = log_open(PROGRAM, d.conf.log_file.n ? d.conf.log_file.p : NULL, level, &e);
	if (rc == 0 && !test && geteuid() == 0 && d.conf.user.n)
		rc = user_become(d.conf.user.p, &e);
	if (rc == 0 && !test)
		rc = build(&d, &e);
	if (rc < 0) {
		fprintf(stderr, PROGRAM ": %s\n", e.words);
		return 1;
	}
	if (!test) {
		run(&d);
		tear_down(&d);
	}
	arena_release(&d.arena);
	return 0;
}

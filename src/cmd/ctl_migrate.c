/* kryftoctl migrate, check-sql, config. */
#include "base/first.h"
#include "base/buf.h"
#include "cmd/ctl.h"
#include "store/check.h"
#include "store/migrate.h"

#define MIGRATE_TIMEOUT (INT64_C(3600) * USEC_PER_SEC)

static int show_status(struct ctl *c, struct db *db)
{
	struct err e = { 0 };
	struct migration_state *at;
	struct ctl_table t;
	size_t n, missing = 0;
	if (migrate_status(db, &c->arena, &at, &n, &e) < 0)
		return ctl_fail(&e);
	ctl_table_init(&t, &c->arena, 2, (const char *const[]){ "MIGRATION", "APPLIED" });
	for (size_t i = 0; i < n; i++) {
		ctl_cell(&t, str_of(at[i].m->name));
		ctl_cell_time(&t, at[i].applied ? at[i].applied_at : 0);
		missing += !at[i].applied;
	}
	ctl_table_print(&t);
	return missing ? CTL_FAILED : CTL_OK;
}

int ctl_migrate(struct ctl *c, int argc, char **argv)
{
	bool status = false;
	struct err e = { 0 };
	size_t applied = 0, known;
	const struct ctl_option options[] = { { "status", .flag = &status } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc)
		return rc;
	if (argc > 1)
		return ctl_usage(c, "no operands, please");
	struct db *db = ctl_db(c, MIGRATE_TIMEOUT);
	if (status)
		return show_status(c, db);
	if (migrate_run(db, &applied, &e) < 0)
		return ctl_fail(&e);
	migrations(&known);
	printf("%zu of %zu migrations applied now; the schema is up to date\n", applied, known);
	return CTL_OK;
}

static void misfit(void *arg, const char *name, const char *words)
{
	fprintf(stderr, "%s: %s\n", name, words);
}

int ctl_check_sql(struct ctl *c, int argc, char **argv)
{
	struct err e = { 0 };
	size_t n = 0;
	int rc = ctl_options(c, NULL, 0, &argc, argv);
	if (rc)
		return rc;
	if (check_sql(ctl_db(c, 0), misfit, NULL, &n, &e) < 0)
		return ctl_fail(&e);
	printf("%zu statements fit the schema\n", n);
	return CTL_OK;
}

/* kryfto.conf(5): one page for all settings. */
static void man_page(struct buf *b)
{
	buf_addz(b,
		".TH KRYFTO.CONF 5 \"\" \"kryfto " PACKAGE_VERSION "\" \"Kryfto\"\n"
		".SH NAME\nkryfto.conf \\- settings of the Kryfto programs\n"
		".SH DESCRIPTION\n"
		"All programs read one table of settings: defaults, then the file that the environment variable\n"
		".B KRYFTO_CONF\nnames (lines of name = value; # starts a comment), then the environment, then flags\n"
		"(\\-\\-name=value). A bad value stops the start and is named with what is allowed.\n.PP\n"
		"Sizes take k, M, G; times take us, ms, s, m, h, d. Settings that are taken on reload change when the\n"
		"program receives SIGHUP.\n"
		".SH SETTINGS\n");
	conf_describe(b, true);
}

int ctl_config(struct ctl *c, int argc, char **argv)
{
	bool describe = false, plain = false, man = false;
	struct buf b;
	const struct ctl_option options[] = { { "describe", .flag = &describe }, { "plain", .flag = &plain },
		{ "man", .flag = &man } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc)
		return rc;
	buf_init(&b, &c->arena, 1 * MiB);
	if (man)
		man_page(&b);
	else if (describe)
		conf_describe(&b, false);
	else
		conf_dump(&c->conf, &b, !plain);
	ctl_print(&b);
	return CTL_OK;
}

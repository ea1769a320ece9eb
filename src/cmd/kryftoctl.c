/* kryftoctl: the operator's program. */
#include "base/first.h"
#include "cmd/ctl.h"
#include "base/buf.h"
#include "store/db.h"

#define TOKEN_OPTIONS "  --json          print JSON\n"

static const struct ctl_command commands[] = {
	{ NULL, "migrate", ctl_migrate, "[--status]", "Bring the database's schema up to date",
		"  --status        only show which migrations are applied; exit status 1 when some are missing\n" },
	{ NULL, "check-sql", ctl_check_sql, "", "Prepare every statement of this program against the database", NULL },
	{ NULL, "config", ctl_config, "[--describe | --man]",
		"Show the settings as they take effect (secrets as [set])",
		"  --describe      one line for each setting: name, variable, default, range, meaning\n"
		"  --plain         without the explanations\n"
		"  --man           the same as a manual page, in roff\n" },
	{ NULL, "nginx-conf", ctl_nginx_conf, "", "Print nginx' routes.conf: path to pool and body limit", NULL },
	{ "token", "create", ctl_token_create, "--name NAME [options]", "Make an API token and print it, this once",
		"  --name NAME     what people call it (1 to 255 characters)\n"
		"  --role ROLE     readonly, developer (default) or admin\n"
		"  --project ID    project (default: KRYFTO_PROJECT_ID); made when it is missing\n"
		"  --family NAME   collect (default), crawls, scrape, audit or workbench\n"
		"  --expires WHEN  a duration such as 30d, or an ISO 8601 time\n"
		"  --instance      may act on all projects (admin only)\n" TOKEN_OPTIONS },
	{ "token", "list", ctl_token_list, "[--project ID] [--limit N] [--json]", "List tokens, newest first",
		"  --project ID    of one project (default: all)\n"
		"  --limit N       at most N (default 100)\n" TOKEN_OPTIONS },
	{ "token", "revoke", ctl_token_revoke, "ID", "Revoke a token", NULL },
	{ "token", "bootstrap", ctl_token_bootstrap, "",
		"Make the admin token of KRYFTO_BOOTSTRAP_ADMIN_TOKEN (or KRYFTO_API_TOKEN) unless it is there", NULL },
	{ "jobs", "list", ctl_jobs_list, "[options]", "List jobs, newest first",
		"  --project ID    of one project (default: all)\n"
		"  --state STATE   queued, running, succeeded, failed, cancelled or expired\n"
		"  --before ID     jobs created before this one (to page)\n"
		"  --limit N       at most N (default 20, at most 1000)\n" TOKEN_OPTIONS },
	{ "jobs", "show", ctl_jobs_show, "ID", "Show one job with its request, result and log, as JSON", NULL },
	{ "jobs", "cancel", ctl_jobs_cancel, "ID", "Cancel a queued or running job", NULL },
	{ "jobs", "requeue", ctl_jobs_requeue, "ID", "Queue a failed, cancelled or expired job again", NULL },
	{ "queue", "depth", ctl_queue_depth, "[--json]", "Show how many jobs wait, run and died", TOKEN_OPTIONS },
	{ "queue", "leases", ctl_queue_leases, "[--limit N] [--json]", "Show running jobs, oldest first",
		"  --limit N       at most N (default 100)\n" TOKEN_OPTIONS },
	{ NULL, "openapi", ctl_openapi, "[--json]", "Print the API description (OpenAPI 3.1) as YAML",
		"  --json          as JSON\n" },
	{ NULL, "reference", ctl_reference, "", "Print the role matrix and the error catalogue as Markdown", NULL },
};

static const char exits[] =
	"Exit status: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 the database is away.\n";

static void help_all(FILE *f)
{
	fputs("usage: kryftoctl [--SETTING=VALUE …] COMMAND [ARGUMENT …]\n\n", f);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		char words[64];
		const struct ctl_command *k = &commands[i];
		snprintf(words, sizeof words, "%s%s%s", k->group ? k->group : "", k->group ? " " : "", k->name);
		fprintf(f, "  %-16s %s\n", words, k->summary);
	}
	fputs("\nkryftoctl COMMAND --help tells more. Settings come from the file named by KRYFTO_CONF, the "
	      "environment\n"
	      "and flags, in this order; `kryftoctl config --describe` lists them.\n\n",
		f);
	fputs(exits, f);
}

static void help_one(const struct ctl_command *k, FILE *f)
{
	fprintf(f, "usage: kryftoctl %s%s%s%s%s\n\n%s.\n", k->group ? k->group : "", k->group ? " " : "", k->name,
		k->usage[0] ? " " : "", k->usage, k->summary);
	if (k->help)
		fprintf(f, "\n%s", k->help);
	fprintf(f, "\n%s", exits);
}

int ctl_usage(struct ctl *c, const char *fmt, ...)
{
	va_list ap;
	fputs("kryftoctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	if (c->command)
		fprintf(stderr, "usage: kryftoctl %s%s%s%s%s\n", c->command->group ? c->command->group : "",
			c->command->group ? " " : "", c->command->name, c->command->usage[0] ? " " : "",
			c->command->usage);
	return CTL_USAGE;
}

/* The command that argv names; *ret_words says how many words its name took. */
static const struct ctl_command *find(int argc, char **argv, int *ret_words)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const struct ctl_command *k = &commands[i];
		int words = k->group ? 2 : 1;
		if (argc < 1 + words || strcmp(argv[words], k->name) != 0 ||
			(k->group && strcmp(argv[1], k->group) != 0))
			continue;
		*ret_words = words;
		return k;
	}
	return NULL;
}

static bool asks_help(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	return false;
}

static int run(struct ctl *c, int argc, char **argv)
{
	struct err e = { 0 };
	int words = 0;
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("kryftoctl %s\n", PACKAGE_VERSION);
		return CTL_OK;
	}
	if (conf_load(&c->conf, &c->arena, NULL, &argc, argv, &e) < 0)
		return ctl_fail(&e) == CTL_UNAVAIL ? CTL_UNAVAIL : CTL_USAGE;
	c->command = find(argc, argv, &words);
	if (c->command && asks_help(argc, argv)) {
		help_one(c->command, stdout);
		return CTL_OK;
	}
	if (asks_help(argc, argv) || (argc > 1 && !strcmp(argv[1], "help"))) {
		help_all(stdout);
		return CTL_OK;
	}
	if (argc < 2) {
		help_all(stderr);
		return CTL_USAGE;
	}
	if (!c->command)
		return ctl_usage(c, "no such command: %s%s%s; see kryftoctl --help", argv[1], argc > 2 ? " " : "",
			argc > 2 ? argv[2] : "");
	return c->command->run(c, argc - words, argv + words);
}

int main(int argc, char **argv)
{
	struct ctl c = { 0 };
	arena_init(&c.arena, 0);
	int status = run(&c, argc, argv);
	db_free(c.db);
	arena_release(&c.arena);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "kryftoctl: cannot write: %s\n", strerror(errno));
		status = status ? status : CTL_FAILED;
	}
	return status;
}

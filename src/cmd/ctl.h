/* kryftoctl: what its commands share. Each command is a function in a ctl_*.c file and a line in kryftoctl.c. */
#ifndef KRYFTO_CMD_CTL_H
#define KRYFTO_CMD_CTL_H

#include "base/arena.h"
#include "conf/conf.h"
#include "store/audit.h"

/* Exit statuses, in every command's --help. */
enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NOTFOUND = 3,
	CTL_CONFLICT = 4,
	CTL_UNAVAIL = 5,
};

struct ctl {
	struct arena arena;
	struct conf conf;
	struct db *db; /* made by ctl_db() */
	const struct ctl_command *command;
};

/* argv[0] is the command's last word. Returns an exit status. */
struct ctl_command {
	const char *group; /* "token", or NULL for commands of one word */
	const char *name;
	int (*run)(struct ctl *c, int argc, char **argv);
	const char *usage;   /* arguments: "[--json] ID" */
	const char *summary; /* one line */
	const char *help;    /* options, one a line, each ending in a newline; NULL: none */
};

/* The connection, made at the first call. Never NULL; connecting happens at its first use. `timeout` 0: 10 s. */
struct db *ctl_db(struct ctl *c, usec_t timeout);
/* Who an operator's change is recorded as: role "system", by the login name of the machine. */
struct audit ctl_audit(struct ctl *c, struct str project);

/* Says what went wrong on stderr and gives the exit status of the code. */
int ctl_fail(const struct err *e);
int ctl_usage(struct ctl *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Options of one command: `--name value`, `--name=value`, `--flag`. What is left are the operands. */
struct ctl_option {
	const char *name;
	bool *flag;         /* a flag, or */
	struct str *value;  /* text */
};
/* Leaves the operands in argv[1..*argc-1]. 0, or an exit status after saying why. */
int ctl_options(struct ctl *c, const struct ctl_option *o, size_t n, int *argc, char **argv);
/* A number in a range from an option's text; absent: leaves *ret. 0 or an exit status. */
int ctl_number(struct ctl *c, const char *name, struct str value, int64_t lo, int64_t hi, int64_t *ret);

/* Writes all of a buffer to stdout. */
void ctl_print(struct buf *b);

/* Text tables: columns as wide as their widest cell. */
struct ctl_table {
	struct arena *arena;
	int columns;
	size_t n, cap;
	struct str *cells;
};
void ctl_table_init(struct ctl_table *t, struct arena *a, int columns, const char *const *heads);
void ctl_cell(struct ctl_table *t, struct str s);
void ctl_cellf(struct ctl_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void ctl_cell_time(struct ctl_table *t, usec_t when); /* "-" for 0 */
void ctl_table_print(const struct ctl_table *t);
/* "1d 2h", "3m 4s", "250ms". */
struct str ctl_duration(struct arena *a, usec_t d);

int ctl_migrate(struct ctl *c, int argc, char **argv);
int ctl_check_sql(struct ctl *c, int argc, char **argv);
int ctl_config(struct ctl *c, int argc, char **argv);
int ctl_token_create(struct ctl *c, int argc, char **argv);
int ctl_token_list(struct ctl *c, int argc, char **argv);
int ctl_token_revoke(struct ctl *c, int argc, char **argv);
int ctl_token_bootstrap(struct ctl *c, int argc, char **argv);
int ctl_jobs_list(struct ctl *c, int argc, char **argv);
int ctl_jobs_show(struct ctl *c, int argc, char **argv);
int ctl_jobs_cancel(struct ctl *c, int argc, char **argv);
int ctl_jobs_requeue(struct ctl *c, int argc, char **argv);
int ctl_queue_depth(struct ctl *c, int argc, char **argv);
int ctl_queue_leases(struct ctl *c, int argc, char **argv);
int ctl_openapi(struct ctl *c, int argc, char **argv);
int ctl_reference(struct ctl *c, int argc, char **argv);
int ctl_nginx_conf(struct ctl *c, int argc, char **argv);

#endif

/* What kryftoctl's commands share. */
#include "base/first.h"
#include <pwd.h>
#include "base/scan.h"
#include "cmd/ctl.h"
#include "json/writer.h"
#include "store/db.h"

/* A person waits longer than a daemon, which tries again. */
#define CONNECT_TIMEOUT (15 * USEC_PER_SEC)

struct db *ctl_db(struct ctl *c, usec_t timeout)
{
	if (c->db)
		return c->db;
	c->db = db_new(&(struct db_options){ .uri = c->conf.pg_uri.reveal, .app = "kryftoctl", .timeout = timeout,
		.connect_timeout = CONNECT_TIMEOUT });
	return c->db;
}

struct audit ctl_audit(struct ctl *c, struct str project)
{
	const struct passwd *pw = getpwuid(getuid());
	struct buf b;
	struct jw w;
	buf_init(&b, &c->arena, 4 * KiB);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kcstr(&w, "by", "kryftoctl");
	jw_kcstr(&w, "user", pw ? pw->pw_name : "unknown");
	jw_end_object(&w);
	return (struct audit){ .project = project, .role = STR("system"), .details = buf_str(&b) };
}

int ctl_fail(const struct err *e)
{
	fprintf(stderr, "kryftoctl: %s\n", e->words[0] ? e->words : err_name(e->code));
	switch (e->code) {
	case E_NOTFOUND:
	case E_GONE: return CTL_NOTFOUND;
	case E_CONFLICT:
	case E_EXISTS: return CTL_CONFLICT;
	case E_UNAVAIL:
	case E_TIMEOUT: return CTL_UNAVAIL;
	default: return CTL_FAILED;
	}
}

static const struct ctl_option *find_option(const struct ctl_option *o, size_t n, struct str name)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(name, o[i].name))
			return &o[i];
	return NULL;
}

int ctl_options(struct ctl *c, const struct ctl_option *o, size_t n, int *argc, char **argv)
{
	int kept = 1;
	bool only_operands = false;
	for (int i = 1; i < *argc; i++) {
		struct str arg = str_of(argv[i]), name, value;
		if (only_operands || !str_starts(arg, STR("--"))) {
			argv[kept++] = argv[i];
			continue;
		}
		if (arg.n == 2) {
			only_operands = true;
			continue;
		}
		size_t eq = str_chr(arg, '=');
		name = str_sub(arg, 2, eq == STR_NPOS ? arg.n : eq - 2);
		value = eq == STR_NPOS ? STR_NULL : str_from(arg, eq + 1);
		const struct ctl_option *opt = find_option(o, n, name);
		if (!opt)
			return ctl_usage(c, "no such option: %s", argv[i]);
		if (opt->flag) {
			if (value.p)
				return ctl_usage(c, "--%s takes no value", opt->name);
			*opt->flag = true;
			continue;
		}
		if (!value.p && i + 1 < *argc)
			value = str_of(argv[++i]);
		if (!value.p)
			return ctl_usage(c, "--%s needs a value", opt->name);
		*opt->value = value;
	}
	*argc = kept;
	return 0;
}

int ctl_number(struct ctl *c, const char *name, struct str value, int64_t lo, int64_t hi, int64_t *ret)
{
	int64_t v;
	if (!value.p)
		return 0;
	if (scan_i64(value, &v) < 0 || v < lo || v > hi)
		return ctl_usage(c, "--%s: a number from %" PRId64 " to %" PRId64 " is needed", name, lo, hi);
	*ret = v;
	return 0;
}

void ctl_print(struct buf *b)
{
	fwrite(b->p, 1, b->n, stdout);
	if (!b->n || b->p[b->n - 1] != '\n')
		fputc('\n', stdout);
}

void ctl_table_init(struct ctl_table *t, struct arena *a, int columns, const char *const *heads)
{
	*t = (struct ctl_table){ .arena = a, .columns = columns };
	for (int i = 0; i < columns; i++)
		ctl_cell(t, str_of(heads[i]));
}

void ctl_cell(struct ctl_table *t, struct str s)
{
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		t->cells = arena_grow(t->arena, t->cells, t->cap * sizeof *t->cells, cap * sizeof *t->cells);
		t->cap = cap;
	}
	t->cells[t->n++] = s.n ? s : STR("-");
}

void ctl_cellf(struct ctl_table *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	ctl_cell(t, arena_str(t->arena, str_of(text)));
}

void ctl_cell_time(struct ctl_table *t, usec_t when)
{
	char iso[CLOCK_ISO_MAX];
	ctl_cell(t, when ? arena_str(t->arena, str_of(clock_iso(when, iso))) : STR_NULL);
}

void ctl_table_print(const struct ctl_table *t)
{
	size_t columns = (size_t)t->columns;
	size_t *width = arena_array(t->arena, size_t, columns);
	for (size_t i = 0; i < t->n; i++)
		width[i % columns] = MAX(width[i % columns], t->cells[i].n);
	for (size_t i = 0; i < t->n; i++) {
		bool last = i % columns == columns - 1;
		printf("%.*s", STR_FMT(t->cells[i]));
		if (last)
			putchar('\n');
		else
			printf("%*s", (int)(width[i % columns] - t->cells[i].n + 2), "");
	}
}

struct str ctl_duration(struct arena *a, usec_t d)
{
	const char *sign = d < 0 ? "-" : "";
	int64_t s = (d < 0 ? -d : d) / USEC_PER_SEC;
	if (s >= 86400)
		return arena_printf(a, "%s%" PRId64 "d %" PRId64 "h", sign, s / 86400, s % 86400 / 3600);
	if (s >= 3600)
		return arena_printf(a, "%s%" PRId64 "h %" PRId64 "m", sign, s / 3600, s % 3600 / 60);
	if (s >= 60)
		return arena_printf(a, "%s%" PRId64 "m %" PRId64 "s", sign, s / 60, s % 60);
	if (s >= 10)
		return arena_printf(a, "%s%" PRId64 "s", sign, s);
	return arena_printf(a, "%s%" PRId64 "ms", sign, (d < 0 ? -d : d) / USEC_PER_MS);
}

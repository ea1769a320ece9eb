#include "base/first.h"
#include "http/metrics.h"

const char *mtext_content_type(bool openmetrics)
{
	return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
			   : "text/plain; version=0.0.4; charset=utf-8";
}

void mtext_init(struct mtext *t, struct buf *out, bool openmetrics)
{
	*t = (struct mtext){ .out = out, .openmetrics = openmetrics };
}

/* Label values and help texts escape \, newline and (labels, and help in OpenMetrics) ". */
static void escaped(struct buf *out, struct str s, bool quote)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\n') {
			buf_addz(out, "\\n");
			continue;
		}
		if (s.p[i] == '\\' || (s.p[i] == '"' && quote))
			buf_addc(out, '\\');
		buf_addc(out, s.p[i]);
	}
}

void mtext_family(struct mtext *t, const char *name, enum mtype type, const char *help)
{
	static const char *const types[] = { "counter", "gauge", "histogram" };
	/* The older format names a counter's family with its suffix. */
	const char *suffix = type == MT_COUNTER && !t->openmetrics ? "_total" : "";
	t->family = name;
	buf_addf(t->out, "# HELP %s%s ", name, suffix);
	escaped(t->out, str_of(help), t->openmetrics);
	buf_addf(t->out, "\n# TYPE %s%s %s\n", name, suffix, types[type]);
}

static void number(struct buf *out, double v)
{
	if (v >= -9e15 && v <= 9e15 && v == (double)(int64_t)v)
		buf_addi(out, (int64_t)v);
	else
		buf_addf(out, "%.9g", v);
}

void mtext_sample(struct mtext *t, const char *suffix, const struct mlabel *labels, size_t n, double value)
{
	buf_addz(t->out, t->family);
	buf_addz(t->out, suffix);
	for (size_t i = 0; i < n; i++) {
		buf_addc(t->out, i ? ',' : '{');
		buf_addz(t->out, labels[i].name);
		buf_addz(t->out, "=\"");
		escaped(t->out, labels[i].value, true);
		buf_addc(t->out, '"');
	}
	if (n)
		buf_addc(t->out, '}');
	buf_addc(t->out, ' ');
	number(t->out, value);
	buf_addc(t->out, '\n');
}

void mtext_end(struct mtext *t)
{
	if (t->openmetrics)
		buf_addz(t->out, "# EOF\n");
}

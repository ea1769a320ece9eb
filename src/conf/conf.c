#include "base/first.h"
#include "conf/conf.h"
#include "base/fd.h"
#include "base/scan.h"

#define FILE_MAX_BYTES (1 * MiB)
#define VALUE_MAX_BYTES (16 * KiB)

enum kind { K_STRING, K_SECRET, K_INT, K_SIZE, K_TIME, K_BOOL, K_ENUM };
enum reload { S, R };

struct setting {
	const char *name, *env, *dflt;
	enum kind kind;
	size_t offset;
	int64_t lo, hi;
	const char *words; /* of an enum */
	enum reload reload;
	const char *prose;
};

static const struct setting settings[] = {
#define CONF_STRING(n, env, d, r, prose) { #n, env, d, K_STRING, offsetof(struct conf, n), 0, 0, NULL, r, prose },
#define CONF_SECRET(n, env, d, r, prose) { #n, env, d, K_SECRET, offsetof(struct conf, n), 0, 0, NULL, r, prose },
#define CONF_INT(n, env, d, lo, hi, r, prose) { #n, env, d, K_INT, offsetof(struct conf, n), lo, hi, NULL, r, prose },
#define CONF_SIZE(n, env, d, lo, hi, r, prose) { #n, env, d, K_SIZE, offsetof(struct conf, n), lo, hi, NULL, r, prose },
#define CONF_TIME(n, env, d, lo, hi, r, prose) { #n, env, d, K_TIME, offsetof(struct conf, n), lo, hi, NULL, r, prose },
#define CONF_BOOL(n, env, d, r, prose) { #n, env, d, K_BOOL, offsetof(struct conf, n), 0, 0, NULL, r, prose },
#define CONF_ENUM(n, env, d, words, r, prose) { #n, env, d, K_ENUM, offsetof(struct conf, n), 0, 0, words, r, prose },
#include "conf/settings.def"
};

static void *at(const struct conf *c, const struct setting *s)
{
	return (char *)(uintptr_t)c + s->offset;
}

static size_t size_of(const struct setting *s)
{
	switch (s->kind) {
	case K_STRING:
	case K_ENUM: return sizeof(struct str);
	case K_SECRET: return sizeof(struct secret);
	case K_BOOL: return sizeof(bool);
	default: return sizeof(int64_t);
	}
}

/* Names compare with '-' and '_' alike, so that --api-workers and api_workers are one setting. */
static bool same_name(struct str name, const char *setting)
{
	if (name.n != strlen(setting))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((name.p[i] == '-' ? '_' : name.p[i]) != setting[i])
			return false;
	return true;
}

static const struct setting *find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (same_name(name, settings[i].name) || str_is(name, settings[i].env))
			return &settings[i];
	return NULL;
}

/* A value as a person writes it: 1.5 units of nothing, the largest unit that divides evenly. */
static void put_value(struct buf *b, const struct setting *s, int64_t v)
{
	static const struct {
		int64_t f;
		const char *u;
	} times[] = { { INT64_C(86400000000), "d" }, { INT64_C(3600000000), "h" }, { 60000000, "m" }, { 1000000, "s" },
		{ 1000, "ms" }, { 1, "us" } };
	static const struct {
		int64_t f;
		const char *u;
	} sizes[] = { { 1 << 30, "G" }, { 1 << 20, "M" }, { 1 << 10, "k" }, { 1, "" } };
	if (s->kind == K_TIME) {
		size_t i = 0;
		while (i + 1 < ARRAY_LEN(times) && (v == 0 ? i < 3 : v % times[i].f != 0))
			i++;
		buf_addf(b, "%" PRId64 "%s", v / times[i].f, times[i].u);
	} else if (s->kind == K_SIZE) {
		size_t i = 0;
		while (i + 1 < ARRAY_LEN(sizes) && (v == 0 || v % sizes[i].f != 0))
			i++;
		buf_addf(b, "%" PRId64 "%s", v / sizes[i].f, sizes[i].u);
	} else {
		buf_addi(b, v);
	}
}

static void put_allowed(struct buf *b, const struct setting *s)
{
	switch (s->kind) {
	case K_STRING:
	case K_SECRET: buf_addz(b, "text of at most 16384 bytes"); break;
	case K_BOOL: buf_addz(b, "true or false"); break;
	case K_ENUM: buf_addf(b, "one of: %s", s->words); break;
	default:
		put_value(b, s, s->lo);
		buf_addz(b, " to ");
		put_value(b, s, s->hi);
	}
}

static int bad(const struct setting *s, struct str value, struct err *e)
{
	struct buf allowed;
	buf_init(&allowed, NULL, 512);
	put_allowed(&allowed, s);
	struct str shown = s->kind == K_SECRET ? STR("[secret]") : str_sub(value, 0, 60);
	err_set(e, E_INVALID, "setting %s (%s): \"%.*s\" is not allowed; allowed: %s", s->name, s->env, STR_FMT(shown),
		buf_cstr(&allowed));
	buf_release(&allowed);
	return E_INVALID;
}

static bool one_of(struct str value, const char *words)
{
	struct str rest = str_of(words), w;
	while (str_split(&rest, ' ', &w))
		if (str_eq(w, value))
			return true;
	return false;
}

static int set_number(struct conf *c, const struct setting *s, struct str value, struct err *e)
{
	int64_t v;
	int rc = s->kind == K_INT    ? scan_i64(value, &v)
		 : s->kind == K_SIZE ? scan_size(value, &v)
				     : scan_usec(value, &v);
	if (rc < 0 || v < s->lo || v > s->hi)
		return bad(s, value, e);
	*(int64_t *)at(c, s) = v;
	return 0;
}

static int set(struct conf *c, struct arena *a, const struct setting *s, struct str value, struct err *e)
{
	value = str_trim(value);
	if (value.n > VALUE_MAX_BYTES || str_chr(value, '\0') != STR_NPOS)
		return bad(s, value, e);
	switch (s->kind) {
	case K_STRING: *(struct str *)at(c, s) = arena_str(a, value); return 0;
	case K_SECRET: *(struct secret *)at(c, s) = (struct secret){ arena_str(a, value) }; return 0;
	case K_BOOL: return scan_bool(value, at(c, s)) < 0 ? bad(s, value, e) : 0;
	case K_ENUM:
		if (!one_of(value, s->words))
			return bad(s, value, e);
		*(struct str *)at(c, s) = arena_str(a, value);
		return 0;
	default: return set_number(c, s, value, e);
	}
}

int conf_set(struct conf *c, struct arena *a, struct str name, struct str value, struct err *e)
{
	const struct setting *s = find(name);
	if (!s)
		return err_set(e, E_NOTFOUND, "no setting is called \"%.*s\"", STR_FMT(str_sub(name, 0, 60)));
	return set(c, a, s, value, e);
}

/* One `name = value` line; '#' starts a comment line, quotes around a value are taken off. */
static int take_line(struct conf *c, struct arena *a, struct str line, struct err *e)
{
	line = str_trim(line);
	if (!line.n || line.p[0] == '#')
		return 0;
	size_t eq = str_chr(line, '=');
	if (eq == STR_NPOS)
		return err_set(e, E_INVALID, "expected name = value, found \"%.*s\"", STR_FMT(str_sub(line, 0, 60)));
	struct str name = str_trim(str_sub(line, 0, eq)), value = str_trim(str_from(line, eq + 1));
	if (str_starts(name, STR("export ")))
		name = str_trim(str_from(name, 7));
	if (value.n >= 2 && (value.p[0] == '"' || value.p[0] == '\'') && value.p[value.n - 1] == value.p[0])
		value = str_sub(value, 1, value.n - 2);
	return conf_set(c, a, name, value, e);
}

static int take_file(struct conf *c, struct arena *a, const char *path, struct err *e)
{
	struct buf text;
	buf_init(&text, a, FILE_MAX_BYTES + 64 * KiB);
	int rc = fd_read_file(path, FILE_MAX_BYTES, &text, e);
	struct str rest = buf_str(&text), line;
	for (int n = 1; rc == 0 && rest.n && str_split(&rest, '\n', &line); n++) {
		struct err why = { 0 };
		rc = take_line(c, a, line, &why);
		if (rc < 0)
			err_set(e, rc, "%s line %d: %.180s", path, n, why.words);
	}
	return rc;
}

/* POSTGRES_* of the published server, for hosts that carry its environment over. */
static void pg_uri_from_parts(struct conf *c, struct arena *a)
{
	static const char *const names[] = { "host", "POSTGRES_HOST", "port", "POSTGRES_PORT", "dbname", "POSTGRES_DB",
		"user", "POSTGRES_USER", "password", "POSTGRES_PASSWORD" };
	struct buf b;
	buf_init(&b, a, 4 * KiB);
	if (c->pg_uri.reveal.n)
		return;
	for (size_t i = 0; i < ARRAY_LEN(names); i += 2) {
		struct str v = str_of(getenv(names[i + 1]));
		if (!v.n)
			continue;
		buf_addf(&b, "%s%s='", b.n ? " " : "", names[i]);
		for (size_t k = 0; k < v.n; k++) {
			if (v.p[k] == '\'' || v.p[k] == '\\')
				buf_addc(&b, '\\');
			buf_addc(&b, v.p[k]);
		}
		buf_addc(&b, '\'');
	}
	c->pg_uri = (struct secret){ { buf_cstr(&b), b.n } };
}

static int take_env(struct conf *c, struct arena *a, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const char *v = getenv(settings[i].env);
		if (!v)
			continue;
		int rc = set(c, a, &settings[i], str_of(v), e);
		if (rc < 0)
			return rc;
	}
	pg_uri_from_parts(c, a);
	return 0;
}

/* --name=value, --name value, and --name alone for a boolean. Others stay in argv. */
static int take_flags(struct conf *c, struct arena *a, int *argc, char **argv, struct err *e)
{
	int kept = 1;
	for (int i = 1; i < *argc; i++) {
		struct str arg = str_of(argv[i]);
		if (str_is(arg, "--")) {
			while (i < *argc)
				argv[kept++] = argv[i++];
			break;
		}
		size_t eq = str_chr(arg, '=');
		struct str name = str_starts(arg, STR("--")) ? str_from(str_sub(arg, 0, eq), 2) : STR_NULL;
		const struct setting *s = name.n ? find(name) : NULL;
		if (!s) {
			argv[kept++] = argv[i];
			continue;
		}
		struct str value = STR("true");
		if (eq != STR_NPOS)
			value = str_from(arg, eq + 1);
		else if (s->kind != K_BOOL && ++i == *argc)
			return err_set(e, E_INVALID, "--%s wants a value", s->name);
		else if (s->kind != K_BOOL)
			value = str_of(argv[i]);
		int rc = set(c, a, s, value, e);
		if (rc < 0)
			return rc;
	}
	*argc = kept;
	argv[kept] = NULL;
	return 0;
}

int conf_load(struct conf *c, struct arena *a, const char *path, int *argc, char **argv, struct err *e)
{
	struct conf fresh = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (set(&fresh, a, &settings[i], str_of(settings[i].dflt), e) < 0)
			die("default of %s: %s", settings[i].name, e ? e->words : "");
	const char *file = path ? path : getenv("KRYFTO_CONF");
	int rc = file && *file ? take_file(&fresh, a, file, e) : 0;
	if (rc == 0)
		rc = take_env(&fresh, a, e);
	if (rc == 0 && argc)
		rc = take_flags(&fresh, a, argc, argv, e);
	if (rc == 0)
		rc = conf_check(&fresh, e);
	if (rc == 0)
		*c = fresh;
	return rc;
}

int conf_check(const struct conf *c, struct err *e)
{
	if (str_is(c->artifact_backend, "s3") && (!c->s3_endpoint.n || !c->s3_bucket.n))
		return err_set(e, E_INVALID,
			"setting artifact_backend (KRYFTO_ARTIFACT_BACKEND): \"s3\" needs S3_ENDPOINT and S3_BUCKET");
	if (c->retry_base > c->retry_max)
		return err_set(
			e, E_INVALID, "setting retry_base (KRYFTO_RETRY_BASE) is above retry_max (KRYFTO_RETRY_MAX)");
	return 0;
}

static void put_current(struct buf *out, const struct conf *c, const struct setting *s)
{
	switch (s->kind) {
	case K_STRING:
	case K_ENUM: buf_adds(out, *(struct str *)at(c, s)); break;
	case K_SECRET: buf_addz(out, ((struct secret *)at(c, s))->reveal.n ? "[set]" : ""); break;
	case K_BOOL: buf_addz(out, *(bool *)at(c, s) ? "true" : "false"); break;
	default: put_value(out, s, *(int64_t *)at(c, s));
	}
}

void conf_dump(const struct conf *c, struct buf *out, bool prose)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		if (prose) {
			buf_addf(out, "# %s. Environment: %s; ", s->prose, s->env);
			put_allowed(out, s);
			buf_addf(out, "; %s\n", s->reload == R ? "taken on reload" : "needs a restart");
		}
		buf_addf(out, "%s = ", s->name);
		put_current(out, c, s);
		buf_addz(out, prose ? "\n\n" : "\n");
	}
}

void conf_describe(struct buf *out, bool roff)
{
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		const char *dflt = s->kind == K_SECRET || !*s->dflt ? "none" : s->dflt;
		buf_addf(out, roff ? ".TP\n.BR %s \" (\" %s )\n%s.\n" : "  --%s (%s)\n      %s.\n", s->name, s->env,
			s->prose);
		buf_addf(out, roff ? "Default: %s. Allowed: " : "      Default: %s. Allowed: ", dflt);
		put_allowed(out, s);
		buf_addf(out, ". %s.\n", s->reload == R ? "Taken on reload" : "Needs a restart");
	}
}

int conf_reload(struct conf *c, const struct conf *fresh)
{
	int stay = 0;
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		const struct setting *s = &settings[i];
		bool text = s->kind == K_STRING || s->kind == K_ENUM || s->kind == K_SECRET;
		/* A struct secret is a struct str inside, so one comparison serves both. */
		bool same = text ? str_eq(*(struct str *)at(c, s), *(struct str *)at(fresh, s))
				 : memcmp(at(c, s), at(fresh, s), size_of(s)) == 0;
		if (!same && s->reload == R)
			memcpy(at(c, s), at(fresh, s), size_of(s));
		stay += !same && s->reload == S;
	}
	return stay;
}

int conf_mode(struct str text, int *ret, struct err *e)
{
	int mode = 0;
	bool good = text.n > 0;
	for (size_t i = 0; i < text.n && good; i++) {
		good = text.p[i] >= '0' && text.p[i] <= '7' && mode <= 0777;
		mode = mode * 8 + text.p[i] - '0';
	}
	if (!good || mode > 0777)
		return err_set(e, E_INVALID, "KRYFTO_SOCKET_MODE: \"%.*s\" is no octal mode", STR_FMT(text));
	*ret = mode;
	return 0;
}

#include "base/first.h"
#include "base/log.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"

#include <fcntl.h>

#define LINE_MAX_BYTES (16 * KiB)
#define VALUE_MAX_BYTES (4 * KiB)

static struct {
	int fd;
	enum log_level level;
	char prog[32];
	char path[1024];
} out = { .fd = STDERR_FILENO, .level = LOG_INFO, .prog = "kryfto" };

static const char *const level_names[] = { "trace", "debug", "info", "warn", "error", "fatal", "silent" };

int log_level_of(struct str name, enum log_level *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
		if (str_eqi(name, str_of(level_names[i])))
			return *ret = (enum log_level)i, 0;
	return E_INVALID;
}

int log_open(const char *prog, const char *path, enum log_level level, struct err *e)
{
	str_copy(out.prog, sizeof out.prog, str_of(prog));
	out.level = level;
	if (!path || strcmp(path, "-") == 0 || !*path) {
		out.path[0] = '\0';
		out.fd = STDERR_FILENO;
		return 0;
	}
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return err_errno(e, "log %s", path);
	str_copy(out.path, sizeof out.path, str_of(path));
	if (out.fd > STDERR_FILENO)
		close(out.fd);
	out.fd = fd;
	return 0;
}

void log_reopen(void)
{
	if (!out.path[0])
		return;
	int fd = open(out.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	if (fd < 0)
		return;
	dup3(fd, out.fd, O_CLOEXEC);
	close(fd);
}

void log_set_level(enum log_level level)
{
	out.level = level;
}

bool log_on(enum log_level level)
{
	return level >= out.level && out.level != LOG_SILENT;
}

bool log_is_secret_name(struct str name)
{
	static const char *const secret[] = { "authorization", "token", "secret", "password", "apikey", "cookie" };
	static const char *const plain[] = { "tokenid", "previoustokenid" };
	char flat[64];
	size_t n = 0;
	for (size_t i = 0; i < name.n && n < sizeof flat; i++)
		if (name.p[i] != '_' && name.p[i] != '-')
			flat[n++] = (char)to_lower((unsigned char)name.p[i]);
	struct str f = { flat, n };
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		if (str_is(f, plain[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(secret); i++)
		if (str_ends(f, str_of(secret[i])))
			return true;
	return false;
}

static void put_json(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	s = utf8_cut(s, VALUE_MAX_BYTES);
	for (size_t i = 0; i < s.n;) {
		size_t plain = i;
		while (i < s.n && s.p[i] >= 0x20 && s.p[i] < 0x7f && s.p[i] != '"' && s.p[i] != '\\')
			i++;
		buf_add(b, s.p + plain, i - plain);
		if (i == s.n)
			break;
		size_t at = i;
		uint32_t cp = utf8_next(s, &i);
		if (cp == '"' || cp == '\\') {
			buf_addc(b, '\\');
			buf_addc(b, (char)cp);
		} else if (cp < 0x20 || cp == 0x7f || cp == UTF8_BAD) {
			buf_addf(b, "\\u%04x", (unsigned)cp);
		} else {
			buf_add(b, s.p + at, i - at);
		}
	}
	buf_addc(b, '"');
}

static void put_field(struct buf *b, const struct log_field *f)
{
	buf_addc(b, ',');
	put_json(b, str_of(f->name));
	buf_addc(b, ':');
	if (log_is_secret_name(str_of(f->name)))
		buf_addz(b, "\"[redacted]\"");
	else if (f->kind == LOG_F_STR && !f->s.p)
		buf_addz(b, "null");
	else if (f->kind == LOG_F_STR)
		put_json(b, f->s);
	else if (f->kind == LOG_F_INT)
		buf_addi(b, f->i);
	else if (f->kind == LOG_F_REAL)
		buf_addf(b, "%.6g", f->d);
	else
		buf_addz(b, f->i ? "true" : "false");
}

void log_write(enum log_level level, const char *msg, const struct log_field *fields, size_t n)
{
	if (!log_on(level))
		return;
	int keep = errno;
	char iso[CLOCK_ISO_MAX];
	struct buf b;
	buf_init(&b, NULL, LINE_MAX_BYTES);
	buf_addf(&b, "{\"t\":\"%s\",\"level\":\"%s\",\"prog\":\"%s\",\"pid\":%d,\"msg\":", clock_iso(clock_real(), iso),
	         level_names[level], out.prog, (int)getpid());
	put_json(&b, str_of(msg));
	for (size_t i = 0; i < n; i++) {
		size_t before = b.n;
		put_field(&b, &fields[i]);
		/* A line that grew too long loses whole fields, never its shape. */
		if (b.over || b.n > LINE_MAX_BYTES - 4) {
			b.n = before;
			b.over = false;
		}
	}
	buf_addz(&b, "}\n");
	/* One write a line keeps lines whole between processes; a failure has nowhere to go. */
	ssize_t ignored = write(out.fd, b.p, b.n);
	(void)ignored;
	buf_release(&b);
	errno = keep;
}

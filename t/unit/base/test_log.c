#include "base/first.h"
#include "base/fd.h"
#include "base/log.h"
#include "../tap.h"

static char path[] = "/tmp/kryfto-log.XXXXXX";
static struct arena a;

static struct str contents(void)
{
	struct buf b;
	buf_init(&b, &a, 1 * MiB);
	fd_read_file(path, 1 * MiB, &b, NULL);
	return buf_str(&b);
}

static bool has(const char *text)
{
	return str_find(contents(), str_of(text)) != STR_NPOS;
}

int main(void)
{
	arena_init(&a, 0);
	int fd = mkstemp(path);
	fd_close(&fd);
	struct err e;
	is_int(log_open("test", path, LOG_INFO, &e), 0, "open");
	log_at(LOG_DEBUG, "too quiet to hear");
	ok(!has("quiet"), "below the level");
	log_at(LOG_INFO, "hello \"you\"\n", L_INT("n", 5), L_CSTR("s", "tab\there"), L_BOOL("b", true),
		L_REAL("r", 0.5), L_STR("none", STR_NULL));
	ok(has("\"msg\":\"hello "
	       "\\\"you\\\"\\u000a\",\"n\":5,\"s\":\"tab\\u0009here\",\"b\":true,\"r\":0.5,\"none\":null}\n"),
		"one JSON line");
	log_at(LOG_INFO, "secrets", L_CSTR("Authorization", "hunter1"), L_CSTR("api_key", "hunter2"),
		L_CSTR("downloadToken", "hunter3"), L_CSTR("password", "hunter4"), L_CSTR("tokenId", "visible"));
	ok(!has("hunter"), "secret names are redacted");
	ok(has("\"tokenId\":\"visible\""), "an id is no secret");
	char *big = xmalloc(100000);
	memset(big, 'x', 99999);
	big[99999] = 0;
	log_at(LOG_WARN, "big", L_CSTR("a", big), L_CSTR("b", big), L_CSTR("c", big), L_CSTR("d", big),
		L_INT("end", 1));
	struct str all = contents();
	ok(all.n < 40000 && str_ends(all, STR("}\n")), "a long line is cut and keeps its shape");
	free(big);
	char moved[64];
	snprintf(moved, sizeof moved, "%s.1", path);
	rename(path, moved);
	log_reopen();
	log_at(LOG_ERROR, "after rotation");
	ok(has("after rotation"), "reopened");
	enum log_level l;
	ok(log_level_of(STR("WARN"), &l) == 0 && l == LOG_WARN && log_level_of(STR("x"), &l) < 0, "level names");
	unlink(path);
	unlink(moved);
	arena_release(&a);
	return done_testing();
}

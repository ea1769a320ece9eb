/* FastCGI records, byte by byte and whole. */
#include "base/first.h"
#include "http/fcgi_record.h"
#include "../tap.h"

#define BEGIN "\1\1\0\1\0\10\0\0" "\0\1\0\0\0\0\0\0"
#define PARAMS_END "\1\4\0\1\0\0\0\0"
#define STDIN_END "\1\5\0\1\0\0\0\0"
/* A=b, an empty one, and padding */
#define PARAMS_SOME "\1\4\0\1\0\14\4\0" "\1\1Ab\4\0NONE\0\0" "...."
#define BODY "\1\5\0\1\0\3\0\0" "xyz"
#define BYTES(s) (s), sizeof(s) - 1

static int feed(const char *p, size_t n, size_t step)
{
	struct fcgi_in in;
	int rc = 0;
	fcgi_in_init(&in);
	for (size_t i = 0; i < n && rc == 0; i += step)
		rc = fcgi_in_feed(&in, p + i, MIN(step, n - i));
	fcgi_in_release(&in);
	return rc;
}

static void test_whole(void)
{
	static const char request[] = BEGIN PARAMS_SOME PARAMS_END BODY STDIN_END;
	for (size_t step = 1; step <= sizeof request; step += 5)
		is_int(feed(BYTES(request), step), 1, "a request in pieces of %zu", step);
	is_int(feed(BYTES(BEGIN PARAMS_SOME PARAMS_END), 7), 0, "waits for the end of the body");
	is_int(feed(BYTES(BEGIN STDIN_END), 7), 0, "and for the parameters");
}

static void test_env(void)
{
	struct arena a;
	struct fcgi_in in;
	const char *const *env;
	arena_init(&a, 0);
	fcgi_in_init(&in);
	is_int(fcgi_in_feed(&in, BYTES(BEGIN "\1\4\0\1\0\12\0\0" "\1\1Ab\4\0NONE" PARAMS_END STDIN_END)), 1);
	is_int(fcgi_in_env(&in, &a, &env), 0);
	is_cstr(env[0], "A=b");
	is_cstr(env[1], "NONE=");
	ok(!env[2], "no more");
	is_int(in.id, 1, "its number");
	fcgi_in_release(&in);

	fcgi_in_init(&in);
	is_int(fcgi_in_feed(&in, BYTES(BEGIN "\1\4\0\1\0\7\0\0" "\200\0\0\1\1Ab" PARAMS_END STDIN_END)), 1);
	is_int(fcgi_in_env(&in, &a, &env), 0, "a length of four bytes");
	is_cstr(env[0], "A=b");
	fcgi_in_release(&in);

	fcgi_in_init(&in);
	is_int(fcgi_in_feed(&in, BYTES(BEGIN "\1\4\0\1\0\4\0\0" "\1\177Ab" PARAMS_END STDIN_END)), 1);
	is_int(fcgi_in_env(&in, &a, &env), E_INVALID, "a length beyond the end");
	fcgi_in_release(&in);
	arena_release(&a);
}

static void test_refused(void)
{
	is_int(feed(BYTES("GET / HTTP/1.1\r\n"), 99), E_INVALID, "another protocol");
	is_int(feed(BYTES("\1\1\0\1\0\10\0\0" "\0\2\0\0\0\0\0\0"), 99), E_INVALID, "another role");
	is_int(feed(BYTES(BEGIN BEGIN), 99), E_INVALID, "two requests");
	is_int(feed(BYTES(PARAMS_END), 99), E_INVALID, "no request");
	is_int(feed(BYTES(BEGIN "\1\4\0\2\0\0\0\0"), 99), E_INVALID, "another request's record");
	is_int(feed(BYTES(BEGIN PARAMS_END PARAMS_END), 99), E_INVALID, "parameters after their end");
	is_int(feed(BYTES(BEGIN "\1\2\0\1\0\0\0\0"), 99), E_GONE, "aborted");
	struct fcgi_in in;
	int rc;
	char record[8 + 32768] = "\1\4\0\1\200\0\0\0";
	fcgi_in_init(&in);
	rc = fcgi_in_feed(&in, BYTES(BEGIN));
	for (int i = 0; i < 3 && rc == 0; i++)
		rc = fcgi_in_feed(&in, record, sizeof record);
	is_int(rc, 0, "parameters up to the limit");
	is_int(fcgi_in_feed(&in, record, sizeof record), E_LIMIT, "and past it");
	fcgi_in_release(&in);
}

static void test_out(void)
{
	struct buf b;
	buf_init(&b, NULL, 0);
	fcgi_out_data(&b, 258, STR("hi"));
	ok(b.n == 10 && memcmp(b.p, "\1\6\1\2\0\2\0\0hi", 10) == 0, "a record");
	buf_clear(&b);
	fcgi_out_data(&b, 1, STR(""));
	is_int((int64_t)b.n, 0, "no record for nothing: that would be the end");
	fcgi_out_end(&b, 1);
	ok(b.n == 24 && memcmp(b.p, "\1\6\0\1\0\0\0\0\1\3\0\1\0\10\0\0\0\0\0\0\0\0\0\0", 24) == 0, "the end");
	buf_clear(&b);
	char *big = xcalloc(1, 70000);
	fcgi_out_data(&b, 1, str_n(big, 70000));
	is_int((int64_t)b.n, 70000 + 2 * 8, "long data in two records");
	ok((uint8_t)b.p[4] == 0xff && (uint8_t)b.p[5] == 0xf8, "the first one full");
	free(big);
	buf_release(&b);
}

int main(void)
{
	test_whole();
	test_env();
	test_refused();
	test_out();
	return done_testing();
}

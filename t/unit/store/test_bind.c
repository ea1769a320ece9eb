#include "base/first.h"
#include "base/enc.h"
#include "store/conn.h"
#include "store/jobs.h"
#include "../tap.h"

static struct db *db;

/* Hex of one bound parameter. */
static const char *bound(const char *letter, struct arg arg)
{
	static char hex[1024];
	struct binding b;
	const struct stmt s = { .name = "t", .in = letter };
	int r = bind_args(db, &s, &arg, 1, &b, NULL);
	if (r < 0)
		return err_name(r);
	return b.values[0] ? enc_hex(b.values[0], (size_t)b.lengths[0], hex) : "null";
}

static void test_scalars(void)
{
	is_cstr(bound("s", A_INT(-2)), "fffe", "int2");
	is_cstr(bound("i", A_INT(258)), "00000102", "int4");
	is_cstr(bound("l", A_INT(-1)), "ffffffffffffffff", "int8");
	is_cstr(bound("o", A_BOOL(true)), "01", "bool");
	is_cstr(bound("d", A_REAL(1.5)), "3ff8000000000000", "float8");
	is_cstr(bound("t", A_CSTR("a\xc3\xa9")), "61c3a9", "text");
	is_cstr(bound("t", A_STR(STR_NULL)), "null", "absent text");
	is_cstr(bound("t", A_STR(STR(""))), "", "empty text");
	is_cstr(bound("t", A_STR(str_n("a\0b", 3))), "invalid", "NUL in text");
	is_cstr(bound("b", A_BYTES("a\0b", 3)), "610062", "NUL in bytes");
	is_cstr(bound("z", A_TIME(INT64_C(946684800000001))), "0000000000000001", "a microsecond into 2000");
	is_cstr(bound("z", A_TIME0(0)), "null", "no time");
	is_cstr(bound("l", A_NULL), "null", "null");
}

static void test_uuid(void)
{
	is_cstr(bound("u", A_UUID(STR("550e8400-E29B-41d4-a716-446655440000"))), "550e8400e29b41d4a716446655440000",
		"uuid");
	is_cstr(bound("u", A_UUID(STR("550e8400-e29b-41d4-a716-44665544000"))), "notfound", "short uuid");
	is_cstr(bound("u", A_UUID(STR(""))), "notfound", "empty uuid");
	is_cstr(bound("u", A_UUID(STR("zz0e8400-e29b-41d4-a716-446655440000"))), "notfound", "no hex");
	is_cstr(bound("u", A_UUID(STR_NULL)), "null", "absent uuid");
}

static void test_lists(void)
{
	struct {
		struct str s;
		int64_t n;
	} at[] = { { STR("ab"), 1 }, { STR_NULL, 2 } };
	is_cstr(bound("T", A_LIST(OF_STR, at, 2, s)),
		"00000001"
		"00000001"
		"00000019"
		"00000002"
		"00000001"
		"00000002"
		"6162"
		"ffffffff",
		"texts with a null");
	is_cstr(bound("L", A_LIST(OF_I64, at, 2, n)),
		"00000001" "00000001" "00000014" "00000002" "00000001" "00000008" "0000000000000001" "00000008"
		"0000000000000002",
		"int8s");
	is_cstr(bound("L", A_LIST(OF_I64, at, 0, n)), "00000000" "00000001" "00000014", "an empty array");
	at[1].s = str_n("\0", 1);
	is_cstr(bound("T", A_LIST(OF_STR, at, 2, s)), "invalid", "NUL in an element");
	struct lease {
		char id[UUID_LEN + 1];
	} ids[] = { { "550e8400-e29b-41d4-a716-446655440000" }, { "nonsense" } };
	is_cstr(bound("U", A_LIST(OF_ID, ids, 1, id)),
		"00000001"
		"00000001"
		"00000b86"
		"00000001"
		"00000001"
		"00000010"
		"550e8400e29b41d4a716446655440000",
		"uuids");
	is_cstr(bound("U", A_LIST(OF_ID, ids, 2, id)), "notfound", "a bad uuid among them");
}

static void test_sqlstates(void)
{
	static const struct {
		const char *state;
		int code;
	} t[] = { { "23505", E_CONFLICT }, { "23503", E_NOTFOUND }, { "23514", E_INVALID }, { "22001", E_LIMIT },
		{ "22021", E_INVALID }, { "40P01", E_AGAIN }, { "40001", E_AGAIN }, { "57014", E_TIMEOUT },
		{ "57P01", E_UNAVAIL }, { "57P03", E_UNAVAIL }, { "08006", E_UNAVAIL }, { "53300", E_UNAVAIL },
		{ "42501", E_DENIED }, { "42P01", E_INTERNAL }, { NULL, E_UNAVAIL } };
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		is_int(sqlstate_code(t[i].state), t[i].code, "SQLSTATE %s", t[i].state ? t[i].state : "(none)");
}

static void test_names(void)
{
	enum token_role role;
	enum job_state state;
	enum token_family family;
	for (int i = TOKEN_READONLY; i <= TOKEN_ADMIN; i++)
		ok(token_role_of(str_of(token_role_name(i)), &role) == 0 && (int)role == i, "role %s",
			token_role_name(i));
	for (int i = JOB_QUEUED; i <= JOB_EXPIRED; i++)
		ok(job_state_of(str_of(job_state_name(i)), &state) == 0 && (int)state == i, "state %s",
			job_state_name(i));
	for (int i = FAMILY_COLLECT; i <= FAMILY_WORKBENCH; i++)
		ok(token_family_of(str_of(token_family_name(i)), &family) == 0 && (int)family == i, "family %s",
			token_family_name(i));
	is_int(token_role_of(STR("root"), &role), E_INVALID, "no such role");
	is_int(job_state_of(STR(""), &state), E_INVALID, "no such state");
	ok(!job_state_ended(JOB_RUNNING) && job_state_ended(JOB_SUCCEEDED) && job_state_ended(JOB_EXPIRED),
		"ended states");
}

static void test_statements(void)
{
	const struct stmt *s;
	size_t n = 0;
	bool in_order = true, types = true;
	for (; (s = stmt_at(n)); n++) {
		uint32_t oids[BIND_MAX];
		in_order = in_order && s->id == n;
		types = types && bind_oids(s->in, oids) <= BIND_MAX && bind_oids(s->out, oids) <= BIND_MAX;
	}
	ok(in_order && n == STMT_COUNT, "statements stand where their ids say");
	ok(types, "their types are known and fit");
}

static void test_uri(void)
{
	struct arena a;
	arena_init(&a, 0);
	struct str s = db_uri_public(&a, STR("postgresql://u:hush@h:5433/d?application_name=x"));
	ok(str_find(s, STR("hush")) == STR_NPOS, "no password: %.*s", STR_FMT(s));
	ok(str_find(s, STR("host=h")) != STR_NPOS && str_find(s, STR("port=5433")) != STR_NPOS, "host and port");
	s = db_uri_public(&a, STR("postgresql://[bad"));
	ok(str_find(s, STR("unreadable")) != STR_NPOS, "an unreadable one");
	arena_release(&a);
}

/* Nothing listens there. */
static void test_away(void)
{
	struct err e = { 0 };
	usec_t start = clock_mono();
	is_int(db_ping(db, &e), E_UNAVAIL, "no server");
	ok(strstr(e.words, "cannot connect") != NULL, "words: %s", e.words);
	is_int(db_ping(db, &e), E_UNAVAIL, "still none, and no waiting");
	ok(clock_mono() - start < USEC_PER_SEC, "answers at once");
	is_int(db_fd(db), -1, "no descriptor");
	is_int(db_begin(db, &e), E_UNAVAIL, "no transaction either");
	db_rollback(db);
	is_int(db_sync(db, &e), E_UNAVAIL, "nothing to sync");
	db_drain(db);
	db_drop(db);
	is_int(db_poll(db, &e), E_UNAVAIL, "nothing to poll");
}

int main(void)
{
	db = db_new(&(struct db_options){ .uri = STR("postgresql:///x?host=/nonexistent"), .app = "t" });
	test_scalars();
	test_uuid();
	test_lists();
	test_sqlstates();
	test_names();
	test_statements();
	test_uri();
	test_away();
	db_free(db);
	return done_testing();
}

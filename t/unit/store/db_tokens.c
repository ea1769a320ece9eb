/* Tokens, projects, rate limits, audit. */
#include "fixture.h"
#include <sys/wait.h>
#include "store/limits.h"
#include "store/projects.h"

static uint8_t *hash_of(const char *text)
{
	uint8_t *h = arena_alloc(&arena, 32);
	sha256(str_of(text), h);
	return h;
}

static void test_create(char id[UUID_LEN + 1])
{
	struct principal p;
	struct token t;
	struct token_new n = { .sha256 = hash_of("secret"), .project = STR("default"), .name = STR("ci"),
		.role = TOKEN_DEVELOPER, .family = FAMILY_COLLECT, .prefix = STR("kryfto_"), .last4 = STR("cret") };
	is_int(token_create(db, &n, &nobody, id, &err), E_NOTFOUND, "no such project");
	n.make_project = true;
	good(token_create(db, &n, &nobody, id, &err), "made, with its project");
	is_int(token_create(db, &n, &nobody, id, &err), E_CONFLICT, "the same token twice");
	good(token_auth(db, &arena, n.sha256, &p, &err), "it is accepted");
	is_cstr(p.token_id, id, "id");
	is_str(p.project, "default", "project");
	ok(p.role == TOKEN_DEVELOPER && p.family == FAMILY_COLLECT && !p.instance && !p.last_used_at,
		"role, family, the rest");
	is_int(token_auth(db, &arena, hash_of("other"), &p, &err), E_UNAUTH, "another is not");
	good(token_touch(db, str_of(id), &err), "touch");
	good(token_auth(db, &arena, n.sha256, &p, &err), "again");
	ok(p.last_used_at > 0, "last use is known");
	good(token_get(db, &arena, str_of(id), &t, &err), "get");
	is_str(t.name, "ci", "name");
	is_str(t.last4, "cret", "last four");
	is_int(token_get(db, &arena, STR("nope"), &t, &err), E_NOTFOUND, "no uuid");
}

static void test_update(struct str id)
{
	struct token t;
	struct principal p;
	usec_t soon = clock_real() + 3600 * USEC_PER_SEC;
	const enum token_role readonly = TOKEN_READONLY;
	good(token_update(db, &arena, id, STR("default"),
		     &(struct token_patch){
			     .name = STR("cd"), .role = &readonly, .set_expires_at = true, .expires_at = soon },
		     &nobody, &t, &err),
		"patch");
	is_str(t.name, "cd", "name");
	ok(t.role == TOKEN_READONLY && t.expires_at == soon, "role and expiry");
	good(token_update(db, &arena, id, STR("default"), &(struct token_patch){ .set_expires_at = true }, &nobody, &t,
		     &err),
		"clear the expiry");
	ok(t.expires_at == 0 && t.role == TOKEN_READONLY, "cleared, the rest kept");
	is_int(token_update(db, &arena, id, STR("other"), &(struct token_patch){ .name = STR("x") }, &nobody, &t, &err),
		E_NOTFOUND, "not from another project");
	good(token_update(db, &arena, id, STR_NULL,
		     &(struct token_patch){ .set_expires_at = true, .expires_at = clock_real() - USEC_PER_SEC },
		     &nobody, &t, &err),
		"expire it");
	is_int(token_auth(db, &arena, hash_of("secret"), &p, &err), E_UNAUTH, "an expired token is refused");
	good(token_update(db, &arena, id, STR_NULL, &(struct token_patch){ .set_expires_at = true, .expires_at = soon },
		&nobody, &t, &err), "revive it");
}

static void test_rotate(struct str id)
{
	char next[UUID_LEN + 1];
	struct principal p;
	struct token t, *list;
	size_t n;
	int64_t total;
	is_int(token_rotate(db, id, STR("other"), hash_of("new"), STR("new"), &nobody, next, &err), E_NOTFOUND,
		"not from another project");
	good(token_rotate(db, id, STR("default"), hash_of("new"), STR("new"), &nobody, next, &err), "rotate");
	is_int(token_auth(db, &arena, hash_of("secret"), &p, &err), E_UNAUTH, "the old one is refused");
	good(token_auth(db, &arena, hash_of("new"), &p, &err), "the new one is accepted");
	good(token_get(db, &arena, str_of(next), &t, &err), "get");
	ok(t.expires_at > 0 && t.role == TOKEN_READONLY, "expiry and role came along");
	is_str(t.name, "cd", "and the name");
	is_int(token_rotate(db, id, STR("default"), hash_of("x"), STR("x"), &nobody, next, &err), E_NOTFOUND,
		"only once");
	good(token_revoke(db, str_of(t.id), STR("default"), &nobody, &err), "revoke");
	is_int(token_revoke(db, str_of(t.id), STR("default"), &nobody, &err), E_NOTFOUND, "only once");
	is_int(token_auth(db, &arena, hash_of("new"), &p, &err), E_UNAUTH, "revoked");
	good(token_list(db, &arena, &(struct token_filter){ .project = STR("default"), .limit = 10 }, &list, &n, &total,
		     &err),
		"list");
	is_int(n, 2, "revoked ones, too");
	is_int(total, 2, "total");
	is_cstr(list[0].id, t.id, "newest first");
	good(token_list(db, &arena, &(struct token_filter){ .limit = 1, .offset = 1 }, &list, &n, NULL, &err),
		"a page");
	ok(n == 1 && str_eq(str_of(list[0].id), id), "the second");
}

static void test_bootstrap(void)
{
	enum bootstrap_result r;
	struct principal p;
	struct token *list;
	size_t n;
	good(token_bootstrap(db, hash_of("boot"), STR("fresh"), STR("oot"), &r, &err), "bootstrap");
	is_int(r, BOOTSTRAP_CREATED, "made");
	good(token_auth(db, &arena, hash_of("boot"), &p, &err), "accepted");
	ok(p.role == TOKEN_ADMIN && p.instance, "an admin of the instance");
	is_str(p.project, "fresh", "in its project");
	good(token_bootstrap(db, hash_of("boot"), STR("fresh"), STR("oot"), &r, &err), "again");
	is_int(r, BOOTSTRAP_PRESENT, "there already");
	good(token_list(
		     db, &arena, &(struct token_filter){ .project = STR("fresh"), .limit = 10 }, &list, &n, NULL, &err),
		"list");
	is_int(n, 1, "one only");
	good(token_revoke(db, str_of(p.token_id), STR_NULL, &nobody, &err), "revoke it");
	good(token_bootstrap(db, hash_of("boot"), STR("fresh"), STR("oot"), &r, &err), "a start after that");
	is_int(r, BOOTSTRAP_REVOKED, "does not die, and does not revive it");
	is_int(token_auth(db, &arena, hash_of("boot"), &p, &err), E_UNAUTH, "it stays revoked");
}

/* Many processes start at once. */
static void test_bootstrap_race(void)
{
	enum { N = 8 };
	pid_t pid[N];
	int made = 0, failed = 0;
	for (int i = 0; i < N; i++) {
		fflush(stdout);
		pid[i] = fork();
		if (pid[i])
			continue;
		db_forget(db);
		enum bootstrap_result r;
		int rc = token_bootstrap(db, hash_of("race"), STR("race"), STR(""), &r, NULL);
		db_reset(db);
		_exit(rc < 0 ? 9 : (int)r);
	}
	for (int i = 0; i < N; i++) {
		int status;
		waitpid(pid[i], &status, 0);
		made += WEXITSTATUS(status) == BOOTSTRAP_CREATED;
		failed += !WIFEXITED(status) || WEXITSTATUS(status) > BOOTSTRAP_PRESENT;
	}
	is_int(made, 1, "of eight at once one makes it");
	is_int(failed, 0, "and none fails");
}

static void test_limits(void)
{
	struct rate_limits l;
	good(limits_get(db, &l, &err), "limits");
	ok(l.rpm[TOKEN_ADMIN] == 500 && l.rpm[TOKEN_DEVELOPER] == 120 && l.rpm[TOKEN_READONLY] == 60, "the defaults");
	good(limits_set(db, &(struct rate_limits){ .rpm = { [TOKEN_DEVELOPER] = 300 } }, &nobody, &l, &err), "set one");
	ok(l.rpm[TOKEN_ADMIN] == 500 && l.rpm[TOKEN_DEVELOPER] == 300, "it holds, the others stay");
	is_int(limits_set(db, &(struct rate_limits){ .rpm = { 1000001, 0, 0 } }, &nobody, &l, &err), E_INVALID,
		"too high");
	good(limits_get(db, &l, &err), "limits");
	ok(l.rpm[TOKEN_DEVELOPER] == 300 && l.rpm[TOKEN_READONLY] == 60, "nothing else changed");
}

static void test_projects(void)
{
	struct project *at, p;
	size_t n;
	good(project_list(db, &arena, STR_NULL, 0, 100, &at, &n, &err), "all projects");
	ok(n >= 3, "several");
	good(project_list(db, &arena, STR("fresh"), 0, 100, &at, &n, &err), "one");
	ok(n == 1 && str_is(at[0].id, "fresh"), "the one asked for");
	is_int(project_get(db, &arena, STR("nope"), &p, &err), E_NOTFOUND, "unknown");
}

static void test_audit(void)
{
	struct audit_row *at;
	size_t n;
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'admin.token.create'"), 3, "three tokens were made");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'admin.token.revoke'"), 2, "two were revoked");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'admin.token.rotate'"), 1, "one was rotated");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'admin.token.update'"), 4, "four changes");
	is_int(ask("SELECT count(*) FROM audit_log WHERE action = 'admin.rate-limits.update'"), 1,
		"one change of limits");
	good(audit_list(db, &arena,
		     &(struct audit_filter){
			     .project = STR("default"), .action = STR("admin.token.create"), .limit = 10 },
		     &at, &n, &err),
		"list by action");
	is_int(n, 1, "of this project");
	is_str(at[0].resource_type, "token", "type");
	is_str(at[0].ip, "127.0.0.1", "address");
	is_str(at[0].request_id, "req-1", "request");
	is_str(at[0].details, "{}", "details");
	ok(!at[0].token_id.p, "no token");
	good(audit_add(db,
		     &(struct audit){ .project = STR("default"),
			     .role = STR("admin"),
			     .token_id = STR("550e8400-e29b-41d4-a716-446655440000"),
			     .details = STR("{\"a\":1}") },
		     STR("extract.run"), STR("extract"), STR("inline"), &err),
		"one alone");
	good(audit_list(db, &arena, &(struct audit_filter){ .project = STR("default"), .limit = 1 }, &at, &n, &err),
		"newest");
	is_str(at[0].action, "extract.run", "it comes first");
	is_str(at[0].token_id, "550e8400-e29b-41d4-a716-446655440000", "token");
	is_str(at[0].details, "{\"a\":1}", "details");
}

int main(void)
{
	char id[UUID_LEN + 1];
	fixture_open("kryfto_api");
	test_create(id);
	test_update(str_of(id));
	test_rotate(str_of(id));
	test_bootstrap();
	test_bootstrap_race();
	test_limits();
	test_projects();
	test_audit();
	return fixture_close();
}

/* kryftoctl token. */
#include "base/first.h"
#include "base/scan.h"
#include "cmd/ctl.h"
#include "crypto/token.h"
#include "json/writer.h"
#include "store/tokens.h"

static const char *const prefixes[] = {
	[FAMILY_COLLECT] = "kryfto_",
	[FAMILY_CRAWLS] = "crk_",
	[FAMILY_SCRAPE] = "sk_live_",
	[FAMILY_AUDIT] = "kr_live_",
	[FAMILY_WORKBENCH] = "kf_",
};

/* A duration from now, or a time. */
static int parse_expiry(struct ctl *c, struct str s, usec_t *ret)
{
	usec_t d;
	if (!s.p)
		return 0;
	if (scan_usec(s, &d) == 0 && d > 0)
		*ret = clock_real() + d;
	else if (clock_parse_iso(s, ret) < 0)
		return ctl_usage(c, "--expires: a duration such as 30d or an ISO 8601 time is needed");
	return 0;
}

static void print_created(struct ctl *c, const char *id, struct str token, bool json)
{
	struct buf b;
	struct jw w;
	if (!json) {
		printf("%.*s\n", STR_FMT(token));
		fprintf(stderr, "token id %s; the token is shown this once\n", id);
		return;
	}
	buf_init(&b, &c->arena, 4 * KiB);
	jw_init(&w, &b);
	jw_object(&w);
	jw_kstr(&w, "token", token);
	jw_kcstr(&w, "tokenId", id);
	jw_end_object(&w);
	ctl_print(&b);
}

int ctl_token_create(struct ctl *c, int argc, char **argv)
{
	struct str role = STR("developer"), family = STR("collect"), expires = STR_NULL;
	bool json = false;
	uint8_t hash[SHA256_LEN];
	char id[UUID_LEN + 1];
	struct err e = { 0 };
	struct token_new t = { .sha256 = hash, .project = c->conf.project_id, .make_project = true };
	const struct ctl_option options[] = {
		{ "name", .value = &t.name }, { "role", .value = &role }, { "project", .value = &t.project },
		{ "family", .value = &family }, { "expires", .value = &expires }, { "instance", .flag = &t.instance },
		{ "json", .flag = &json },
	};
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc == 0)
		rc = parse_expiry(c, expires, &t.expires_at);
	if (rc)
		return rc;
	if (argc > 1 || !t.name.n)
		return ctl_usage(c, argc > 1 ? "no operands, please" : "--name is needed");
	if (token_role_of(role, &t.role) < 0)
		return ctl_usage(c, "--role: readonly, developer or admin is needed");
	if (token_family_of(family, &t.family) < 0)
		return ctl_usage(c, "--family: collect, crawls, scrape, audit or workbench is needed");
	if (t.instance && t.role != TOKEN_ADMIN)
		return ctl_usage(c, "--instance goes with --role admin only");
	struct str token = token_mint(&c->arena, prefixes[t.family]);
	token_digest(token, hash);
	t.prefix = str_of(prefixes[t.family]);
	t.last4 = str_from(token, token.n - 4);
	const struct audit who = ctl_audit(c, t.project);
	if (token_create(ctl_db(c, 0), &t, &who, id, &e) < 0)
		return ctl_fail(&e);
	print_created(c, id, token, json);
	return CTL_OK;
}

static const char *token_status(const struct token *t)
{
	return t->revoked_at ? "revoked" : t->expires_at && t->expires_at <= clock_real() ? "expired" : "active";
}

static void json_token(struct jw *w, const struct token *t)
{
	jw_object(w);
	jw_kcstr(w, "id", t->id);
	jw_kstr(w, "name", t->name);
	jw_kstr(w, "projectId", t->project);
	jw_kcstr(w, "role", token_role_name(t->role));
	jw_kcstr(w, "family", token_family_name(t->family));
	jw_kbool(w, "instance", t->instance);
	jw_kstr(w, "last4", t->last4);
	jw_kcstr(w, "status", token_status(t));
	jw_ktime(w, "createdAt", t->created_at);
	jw_ktime(w, "expiresAt", t->expires_at);
	jw_ktime(w, "revokedAt", t->revoked_at);
	jw_ktime(w, "lastUsedAt", t->last_used_at);
	jw_end_object(w);
}

static void print_tokens(struct ctl *c, const struct token *at, size_t n, bool json)
{
	struct ctl_table t;
	struct buf b;
	struct jw w;
	if (json) {
		buf_init(&b, &c->arena, 4 * MiB);
		jw_init(&w, &b);
		jw_array(&w);
		for (size_t i = 0; i < n; i++)
			json_token(&w, &at[i]);
		jw_end_array(&w);
		ctl_print(&b);
		return;
	}
	ctl_table_init(&t, &c->arena, 8,
		(const char *const[]){ "ID", "PROJECT", "ROLE", "FAMILY", "STATUS", "LAST4", "LAST USED", "NAME" });
	for (size_t i = 0; i < n; i++) {
		ctl_cell(&t, str_of(at[i].id));
		ctl_cell(&t, at[i].project);
		ctl_cellf(&t, "%s%s", token_role_name(at[i].role), at[i].instance ? "*" : "");
		ctl_cell(&t, str_of(token_family_name(at[i].family)));
		ctl_cell(&t, str_of(token_status(&at[i])));
		ctl_cell(&t, at[i].last4);
		ctl_cell_time(&t, at[i].last_used_at);
		ctl_cell(&t, at[i].name);
	}
	ctl_table_print(&t);
}

int ctl_token_list(struct ctl *c, int argc, char **argv)
{
	struct token_filter f = { .limit = 100 };
	struct str limit = STR_NULL;
	bool json = false;
	struct token *at;
	size_t n;
	struct err e = { 0 };
	const struct ctl_option options[] = { { "project", .value = &f.project }, { "limit", .value = &limit },
		{ "json", .flag = &json } };
	int rc = ctl_options(c, options, ARRAY_LEN(options), &argc, argv);
	if (rc == 0)
		rc = ctl_number(c, "limit", limit, 1, 1000, &f.limit);
	if (rc)
		return rc;
	if (token_list(ctl_db(c, 0), &c->arena, &f, &at, &n, NULL, &e) < 0)
		return ctl_fail(&e);
	print_tokens(c, at, n, json);
	return CTL_OK;
}

int ctl_token_revoke(struct ctl *c, int argc, char **argv)
{
	struct err e = { 0 };
	struct token t;
	int rc = ctl_options(c, NULL, 0, &argc, argv);
	if (rc)
		return rc;
	if (argc != 2)
		return ctl_usage(c, "one token id is needed");
	struct db *db = ctl_db(c, 0);
	struct str id = str_of(argv[1]);
	if (token_get(db, &c->arena, id, &t, &e) < 0)
		return ctl_fail(&e);
	const struct audit who = ctl_audit(c, t.project);
	if (token_revoke(db, id, STR_NULL, &who, &e) < 0)
		return ctl_fail(&e);
	printf("%s revoked\n", argv[1]);
	return CTL_OK;
}

int ctl_token_bootstrap(struct ctl *c, int argc, char **argv)
{
	static const char *const says[] = {
		[BOOTSTRAP_CREATED] = "created", [BOOTSTRAP_PRESENT] = "present", [BOOTSTRAP_REVOKED] = "revoked",
	};
	uint8_t hash[SHA256_LEN];
	enum bootstrap_result result;
	struct err e = { 0 };
	int rc = ctl_options(c, NULL, 0, &argc, argv);
	if (rc)
		return rc;
	struct str token = c->conf.bootstrap_admin_token.reveal;
	if (!token.n)
		token = c->conf.api_token.reveal;
	if (!token.n)
		return ctl_usage(c, "KRYFTO_BOOTSTRAP_ADMIN_TOKEN is not set");
	token_digest(token, hash);
	struct str last4 = token.n >= 16 ? str_from(token, token.n - 4) : STR("");
	if (token_bootstrap(ctl_db(c, 0), hash, c->conf.project_id, last4, &result, &e) < 0)
		return ctl_fail(&e);
	printf("%s\n", says[result]);
	return result == BOOTSTRAP_REVOKED ? CTL_CONFLICT : CTL_OK;
}

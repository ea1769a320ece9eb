#include "base/first.h"
#include "api/collect/collect.h"
#include "api/collect/tokens.h"
#include "api/session.h"

static const struct schema create_s = {
	.kind = S_OBJECT,
	.component = "TokenCreate",
	.object = { .size = sizeof(struct token_create_body),
		.fields = (const struct field[]){ STRF(struct token_create_body, name, &name_s, .required = true,
							  .doc = "Display name"),
			STRF(struct token_create_body, role, &role_s, .required = true),
			STRF(struct token_create_body, projectId, &name_s, .required = true,
				.doc = "Project of the token; another than one's own needs an instance-level token"),
			STRF(struct token_create_body, expiresAt, &time_s, .nullable = true,
				.doc = "When it ends; absent: never"),
			FIELDS_END } },
};

static void expiry_is_time(const struct json *v, struct issues *is)
{
	usec_t t;
	if (json_is(v, J_NULL))
		return;
	if (!json_is(v, J_STRING))
		issue_add(is, "invalid_type", STR("\"expected\":\"string\""), "Expected string, received %s",
			json_kind_name(v));
	else if (clock_parse_iso(v->s, &t) < 0)
		issue_add(is, "invalid_string", STR("\"validation\":\"datetime\""), "Invalid datetime");
}
static const struct schema expiry_s = { S_ANY, .doc = "Date-time, or null for never", .refine = expiry_is_time };

static void something_to_change(const struct json *v, struct issues *is)
{
	if (!json_get(v, "name") && !json_get(v, "role") && !json_get(v, "expiresAt"))
		issue_add(is, "custom", STR_NULL, "Provide at least one of: name, role, expiresAt");
}
static const struct schema patch_s = {
	.kind = S_OBJECT,
	.component = "TokenPatch",
	.refine = something_to_change,
	.object = { .size = sizeof(struct token_patch_body), .fields = (const struct field[]){
		STRF(struct token_patch_body, name, &name_s),
		STRF(struct token_patch_body, role, &role_s),
		JSONF(struct token_patch_body, expiresAt, &expiry_s),
		FIELDS_END } },
};

static const struct schema minted_s = {
	.component = "TokenMinted",
	OBJECT(HAS("token", &text_s), HAS("tokenId", &uuid_s)),
};
static const struct schema rotated_s = {
	.component = "TokenRotated",
	OBJECT(HAS("token", &text_s), HAS("tokenId", &uuid_s), HAS("previousTokenId", &uuid_s)),
};
static const struct schema token_s = {
	.component = "Token",
	OBJECT(HAS("id", &uuid_s), HAS("name", &text_s), HAS("role", &role_s), HAS("projectId", &text_s),
		HAS("createdAt", &time_s), HAS("expiresAt", &time_s, .nullable = true),
		HAS("revokedAt", &time_s, .nullable = true), HAS("lastUsedAt", &time_s, .nullable = true)),
};
static const struct schema tokens_s = { S_ARRAY, .array = { &token_s } };
static const struct schema token_list_s = {
	.component = "TokenList",
	OBJECT(HAS("items", &tokens_s), HAS("limit", &count_s), HAS("offset", &count_s), HAS("page", &count_s),
		HAS("total", &count_s)),
};
static const struct schema revoked_s = {
	.component = "TokenRevoked",
	OBJECT(HAS("id", &uuid_s), HAS("revoked", &bool_s)),
};
static const struct schema updated_s = {
	.component = "TokenUpdated",
	OBJECT(HAS("id", &uuid_s), HAS("name", &text_s), HAS("role", &role_s),
		HAS("expiresAt", &time_s, .nullable = true)),
};
static const struct schema list_query_s = {
	S_OBJECT,
	.object = { .size = sizeof(struct paging),
		.fields = (const struct field[]){ PAGING_FIELDS(struct paging), FIELDS_END } },
};

#define NO_TOKEN { 404, &error_s, "No such token in the project, or revoked" }
#define ADMIN .roles = ROLE_ADMIN, .tag = "admin"

const struct route collect_token_routes[] = {
	{ .id = "createToken",
		.method = M_POST,
		.path = "/v1/admin/tokens",
		.run = run_create_token,
		ADMIN,
		.body = { &create_s, sizeof(struct token_create_body), 16 * KiB },
		.replies = (const struct reply_doc[]){ { 201, &minted_s, "The token, shown this once" },
			{ 400, &error_s, "A field breaks a rule" }, { 403, &error_s, "The project is not yours" },
			{ 0 } },
		.audit_action = "admin.token.create",
		.audit_type = "token",
		.summary = "Create an API token" },
	{ .id = "listTokens",
		.method = M_GET,
		.path = "/v1/admin/tokens",
		.run = run_list_tokens,
		ADMIN,
		.query = &list_query_s,
		.replies = (const struct reply_doc[]){ { 200, &token_list_s, "Newest first, revoked ones included" },
			{ 0 } },
		.summary = "Tokens of the project" },
	{ .id = "getToken",
		.method = M_GET,
		.path = "/v1/admin/tokens/:tokenId",
		.run = run_get_token,
		ADMIN,
		.params = &token_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &token_s, "What is known of it" },
			{ 403, &error_s, "It belongs to another project" }, NO_TOKEN, { 0 } },
		.summary = "One token" },
	{ .id = "revokeToken",
		.method = M_DELETE,
		.path = "/v1/admin/tokens/:tokenId",
		.run = run_revoke_token,
		ADMIN,
		.params = &token_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &revoked_s, "Revoked, at once" },
			{ 403, &error_s, "It belongs to another project" }, NO_TOKEN, { 0 } },
		.audit_action = "admin.token.revoke",
		.audit_type = "token",
		.summary = "Revoke a token" },
	{ .id = "updateToken",
		.method = M_PATCH,
		.path = "/v1/admin/tokens/:tokenId",
		.run = run_update_token,
		ADMIN,
		.params = &token_id_param_s,
		.body = { &patch_s, sizeof(struct token_patch_body), 16 * KiB },
		.replies = (const struct reply_doc[]){ { 200, &updated_s, "As it is now" },
			{ 400, &error_s, "A field breaks a rule" }, { 403, &error_s, "It belongs to another project" },
			NO_TOKEN, { 0 } },
		.audit_action = "admin.token.update",
		.audit_type = "token",
		.summary = "Change name, role or expiry" },
	{ .id = "rotateToken",
		.method = M_POST,
		.path = "/v1/admin/tokens/:tokenId/rotate",
		.run = run_rotate_token,
		ADMIN,
		.params = &token_id_param_s,
		.replies = (const struct reply_doc[]){ { 200, &rotated_s, "The successor; the old one is revoked" },
			{ 403, &error_s, "It belongs to another project" }, NO_TOKEN, { 0 } },
		.audit_action = "admin.token.rotate",
		.audit_type = "token",
		.summary = "Replace a token, keeping name, role, project and expiry" },
	{ 0 },
};

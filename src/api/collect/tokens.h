/* Admin routes of API tokens. */
#ifndef KRYFTO_API_COLLECT_TOKENS_H
#define KRYFTO_API_COLLECT_TOKENS_H

#include "api/collect/shapes.h"

struct token_create_body {
	struct str name, role, projectId, expiresAt;
};
struct token_patch_body {
	struct str name, role;
	const struct json *expiresAt; /* NULL: keep; null: never; else a date-time */
};

int run_create_token(struct call *c);
int run_list_tokens(struct call *c);
int run_get_token(struct call *c);
int run_revoke_token(struct call *c);
int run_update_token(struct call *c);
int run_rotate_token(struct call *c);

#endif

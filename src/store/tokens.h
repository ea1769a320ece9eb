/*
 * API tokens. Only the SHA-256 of a token is stored; making and hashing the token text is crypto's business.
 */
#ifndef KRYFTO_STORE_TOKENS_H
#define KRYFTO_STORE_TOKENS_H

#include "store/audit.h"

#define TOKEN_HASH_LEN 32

enum token_role { TOKEN_READONLY, TOKEN_DEVELOPER, TOKEN_ADMIN };
enum token_family { FAMILY_COLLECT, FAMILY_CRAWLS, FAMILY_SCRAPE, FAMILY_AUDIT, FAMILY_WORKBENCH };

/* "readonly" …; the inverse gives E_INVALID for other words. */
const char *token_role_name(enum token_role r);
int token_role_of(struct str s, enum token_role *ret);
const char *token_family_name(enum token_family f);
int token_family_of(struct str s, enum token_family *ret);

/* Who a request is, after its token was accepted. */
struct principal {
	char token_id[UUID_LEN + 1];
	struct str project;
	enum token_role role;
	enum token_family family;
	bool instance;       /* may act on other projects (the bootstrap token) */
	usec_t last_used_at; /* 0: never; call token_touch() when older than a minute */
};

/* Looks up by SHA-256. E_UNAUTH when unknown, revoked or expired, without telling which. */
int token_auth_send(struct db *db, const uint8_t sha256[TOKEN_HASH_LEN], struct err *e);
int token_auth_recv(struct db *db, struct arena *a, struct principal *ret, struct err *e);
int token_auth(struct db *db, struct arena *a, const uint8_t sha256[TOKEN_HASH_LEN], struct principal *ret,
	       struct err *e);
/* Sets last_used_at unless it was set within the last minute. Not durable at once. */
int token_touch(struct db *db, struct str id, struct err *e);

struct token {
	char id[UUID_LEN + 1];
	struct str project, name;
	enum token_role role;
	enum token_family family;
	struct str prefix; /* e.g. "kryfto_", may be empty */
	struct str last4;  /* of the token text, for people */
	bool instance;
	usec_t created_at, expires_at, revoked_at, last_used_at; /* 0: none */
};

struct token_new {
	struct str id; /* absent: one is made */
	const uint8_t *sha256;
	struct str project; /* must exist unless make_project */
	struct str name;    /* 1..255 characters */
	enum token_role role;
	enum token_family family;
	struct str prefix, last4;
	bool instance;
	bool make_project; /* create the project (id = name) when it is missing */
	usec_t expires_at; /* 0: never */
};
/* E_NOTFOUND: no such project. E_CONFLICT: the hash is known already. Audit: admin.token.create. */
int token_create(struct db *db, const struct token_new *t, const struct audit *who, char ret_id[UUID_LEN + 1],
		 struct err *e);

/* Of any project and state; compare `project` and answer 403 or 404 as the contract says. E_NOTFOUND. */
int token_get(struct db *db, struct arena *a, struct str id, struct token *ret, struct err *e);

struct token_filter {
	struct str project; /* absent: all projects */
	int64_t offset, limit; /* limit 1..1000 */
};
/* Newest first, revoked ones included; `ret_total` may be NULL. */
int token_list(struct db *db, struct arena *a, const struct token_filter *f, struct token **ret, size_t *ret_n,
	       int64_t *ret_total, struct err *e);

/* E_NOTFOUND when unknown in that project (absent project: any) or revoked before. Audit: admin.token.revoke. */
int token_revoke(struct db *db, struct str id, struct str project, const struct audit *who, struct err *e);

struct token_patch {
	struct str name;       /* absent: keep */
	const enum token_role *role; /* NULL: keep */
	bool set_expires_at;
	usec_t expires_at;     /* with set_expires_at; 0: never */
};
/* E_NOTFOUND when unknown in that project or revoked. `ret` is the row after. Audit: admin.token.update. */
int token_update(struct db *db, struct arena *a, struct str id, struct str project, const struct token_patch *p,
		 const struct audit *who, struct token *ret, struct err *e);

/* Revokes `id` and makes its successor with the same name, role, project, family and expiry, in one transaction.
 * E_NOTFOUND as above. Audit: admin.token.rotate. */
int token_rotate(struct db *db, struct str id, struct str project, const uint8_t sha256[TOKEN_HASH_LEN],
		 struct str last4, const struct audit *who, char ret_id[UUID_LEN + 1], struct err *e);

enum bootstrap_result {
	BOOTSTRAP_CREATED,
	BOOTSTRAP_PRESENT,  /* there already, usable */
	BOOTSTRAP_REVOKED,  /* there, revoked or expired: it stays so; log it and go on */
};
/* Makes project and instance-level admin token unless there; safe when many processes start at once. */
int token_bootstrap(struct db *db, const uint8_t sha256[TOKEN_HASH_LEN], struct str project, struct str last4,
		    enum bootstrap_result *ret, struct err *e);

#endif

/*
 * The audit part of audited statements. Its six parameters always come first, so that the text is the same
 * everywhere: $1 project, $2 token, $3 role, $4 request, $5 address, $6 details.
 */
#ifndef KRYFTO_STORE_AUDIT_SQL_H
#define KRYFTO_STORE_AUDIT_SQL_H

#include "store/audit.h"
#include "store/stmt.h"

#define AUDIT_IN "tutttj"
#define AUDIT_ARGS(w) \
	A_STR((w)->project), A_UUID((w)->token_id), A_STR((w)->role), A_STR((w)->request_id), A_STR((w)->ip), \
		A_STR((w)->details)
#define AUDIT_COLUMNS                                                                                                  \
	"audit_log (project_id, token_id, actor_role, request_id, ip_address, details, action, resource_type, "        \
	"resource_id)"
/* One row for each row of the CTE `source`; `id` is an expression over it. */
#define AUDIT_FROM(source, action, type, id) \
	"INSERT INTO " AUDIT_COLUMNS " SELECT $1, $2, $3, $4, $5, coalesce($6, '{}'), '" action "', '" type "', " id \
	" FROM " source

#endif

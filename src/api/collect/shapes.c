#include "base/first.h"
#include "api/collect/shapes.h"

const struct schema text_s = { S_STRING };
const struct schema bool_s = { S_BOOLEAN };
const struct schema int_s = { S_INTEGER };
const struct schema count_s = { S_INTEGER, .integer = { 0, INT64_C(9007199254740991) } };
const struct schema any_s = { S_ANY };
const struct schema uuid_s = { S_STRING, .string = { .format = F_UUID } };
const struct schema time_s = { S_STRING, .string = { .format = F_DATETIME } };
const struct schema url_s = { S_STRING, .string = { .max = 8192, .format = F_URL } };
const struct schema name_s = { S_STRING, .string = { .min = 1, .max = 255 } };
const struct schema role_s = {
	S_STRING, "Role", .string = { .oneof = (const char *const[]){ "admin", "developer", "readonly", NULL } }
};
const struct schema object_s = { S_OBJECT, .object = { .fields = (const struct field[]){ FIELDS_END } } };

static const struct schema texts_s = { S_ARRAY, .array = { &text_s } };
static const struct schema field_errors_s = { S_RECORD, .record = { &texts_s } };
static const struct schema path_s = { S_ARRAY, .array = { &any_s } };
static const struct schema issue_s = {
	.component = "Issue",
	.doc = "One broken rule; further members depend on the code",
	OBJECT(HAS("code", &text_s), HAS("path", &path_s), HAS("message", &text_s)),
};
static const struct schema issues_s = { S_ARRAY, .array = { &issue_s } };
static const struct schema details_s = {
	.component = "ErrorDetails",
	OBJECT(MAY("formErrors", &texts_s), MAY("fieldErrors", &field_errors_s), MAY("issues", &issues_s)),
};
static const struct schema error_body_s = {
	.component = "ErrorBody",
	OBJECT(HAS("code", &text_s), HAS("message", &text_s), HAS("requestId", &text_s), HAS("status", &int_s),
		MAY("details", &details_s)),
};
const struct schema error_s = { .component = "Error", OBJECT(HAS("error", &error_body_s)) };

#define ID_PARAM(param, words)                                                                                       \
	{                                                                                                            \
		S_OBJECT, .object = { .size = sizeof(struct id_param), .fields = (const struct field[]){             \
			{ .name = param, .schema = &uuid_s, .required = true, .decode = true,                        \
			  .offset = offsetof(struct id_param, id), .doc = words },                                   \
			FIELDS_END } }                                                                               \
	}
const struct schema job_id_param_s = ID_PARAM("jobId", "The job");
const struct schema artifact_id_param_s = ID_PARAM("artifactId", "The artifact");
const struct schema token_id_param_s = ID_PARAM("tokenId", "The token");
const struct schema crawl_id_param_s = ID_PARAM("crawlId", "The crawl");

const struct schema page_number_s = { S_INTEGER, .integer = { 1, 10000000 } };
const struct schema page_limit_s = { S_INTEGER, .integer = { 1, 200 } };
const struct schema page_offset_s = { S_INTEGER, .integer = { 0, 1000000000, true } };

struct window paging_window(const struct paging *p, int64_t default_limit)
{
	struct window w = { .limit = p->limit.set ? p->limit.v : default_limit };
	if (p->offset.set)
		w.offset = p->offset.v;
	else if (p->page.set)
		w.offset = (p->page.v - 1) * w.limit;
	w.page = w.offset / w.limit + 1;
	return w;
}

void paging_write(struct jw *w, const struct window *win, int64_t total)
{
	jw_kint(w, "limit", win->limit);
	jw_kint(w, "offset", win->offset);
	jw_kint(w, "page", win->page);
	if (total >= 0)
		jw_kint(w, "total", total);
}

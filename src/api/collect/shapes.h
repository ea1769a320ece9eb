/* Descriptors that several contracts of the family share. */
#ifndef KRYFTO_API_COLLECT_SHAPES_H
#define KRYFTO_API_COLLECT_SHAPES_H

#include "http/call.h"
#include "json/schema.h"

/* Members of replies, which are described but not decoded. */
#define HAS(n, s, ...) { .name = (n), .schema = (s), .required = true, ##__VA_ARGS__ }
#define MAY(n, s, ...) { .name = (n), .schema = (s), ##__VA_ARGS__ }
#define OBJECT(...) .kind = S_OBJECT, .object = { .fields = (const struct field[]){ __VA_ARGS__, FIELDS_END } }

extern const struct schema text_s, bool_s, int_s, count_s, any_s;
extern const struct schema uuid_s, time_s, url_s;
extern const struct schema name_s;       /* 1..255 characters */
extern const struct schema role_s;       /* admin developer readonly */
extern const struct schema object_s;     /* any object */
extern const struct schema error_s;      /* the envelope of errors */

/* One path parameter, a UUID, under the name that the route's path gives it. */
struct id_param {
	struct str id;
};
extern const struct schema job_id_param_s, artifact_id_param_s, token_id_param_s, crawl_id_param_s;

/* page + limit or offset + limit. */
struct paging {
	struct opt_int page, limit, offset;
};
extern const struct schema page_number_s, page_limit_s, page_offset_s;
#define PAGING_FIELDS(T)                                                                                      \
	{ .name = "page", .schema = &page_number_s, .decode = true, .opt = true, .offset = offsetof(T, page), \
	  .doc = "Page number, from 1" },                                                                     \
	{ .name = "limit", .schema = &page_limit_s, .decode = true, .opt = true, .offset = offsetof(T, limit), \
	  .doc = "Results per page" },                                                                        \
	{ .name = "offset", .schema = &page_offset_s, .decode = true, .opt = true, .offset = offsetof(T, offset), \
	  .doc = "Results to skip; wins over page" }

struct window {
	int64_t offset, limit, page;
};
struct window paging_window(const struct paging *p, int64_t default_limit);
/* ,"limit":…,"offset":…,"page":…,"total":… of an object being written; `total` < 0: left out. */
void paging_write(struct jw *w, const struct window *win, int64_t total);

#endif

#include "base/first.h"
#include "http/reply.h"
#include "../tap.h"

static struct arena arena;

static struct str attachment(struct str name)
{
	struct reply *r = arena_new(&arena, struct reply);
	reply_init(r, &arena);
	reply_attachment(r, name);
	return reply_get_header(r, "content-disposition");
}

int main(void)
{
	arena_init(&arena, 0);
	struct reply r;
	reply_init(&r, &arena);
	reply_header(&r, "x-request-id", STR("abc"));
	reply_header(&r, "location", STR("/a\r\nset-cookie: x"));
	is_str(reply_get_header(&r, "location"), "/a__set-cookie: x", "line breaks cannot split a header");
	reply_header(&r, "location", STR("/b"));
	is_int(r.n_headers, 2, "a second value replaces the first");
	struct jw *w = reply_json(&r, 201);
	jw_object(w);
	jw_kint(w, "a", 1);
	jw_end_object(w);
	struct buf head;
	buf_init(&head, &arena, 0);
	reply_head(&r, &head);
	is_str(buf_str(&head),
		"Status: 201 Created\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 7\r\n"
		"x-request-id: abc\r\nlocation: /b\r\n\r\n", "the head in CGI form");
	reply_header_int(&r, "x-ratelimit-limit", 120);
	reply_reset(&r);
	is_int(r.n_headers, 2, "a reset keeps the request id and the rate headers");
	ok(!reply_get_header(&r, "location").p, "and nothing else");
	r.status = 304;
	buf_clear(&head);
	reply_head(&r, &head);
	ok(str_find(buf_str(&head), STR("Content-Length")) == STR_NPOS, "304 has no length");

	is_str(attachment(STR("page.png")), "attachment; filename=\"page.png\"", "a plain name");
	is_str(attachment(STR("../x\"y.png")), "attachment; filename=\"x_y.png\"; filename*=UTF-8''x%22y.png",
		"folders go, quotes are escaped");
	is_str(attachment(STR("na\xc3\xafve.txt")),
		"attachment; filename=\"na__ve.txt\"; filename*=UTF-8''na%C3%AFve.txt",
		"other scripts go into the extended form");
	is_str(attachment(STR("a\r\nb")), "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab", "line breaks");
	is_str(attachment(STR("..")), "attachment; filename=\"download\"", "no dots alone");
	is_str(attachment(STR("c:\\d\\")), "attachment; filename=\"download\"", "nothing left");
	is_cstr(reply_reason(429), "Too Many Requests", "reason");
	is_cstr(reply_reason(299), "Status", "unknown reason");
	arena_release(&arena);
	return done_testing();
}

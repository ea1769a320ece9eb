#include "base/first.h"
#include "extract/frame.h"

#include "base/utf8.h"

#include <fcntl.h>

#define PAGE ((size_t)4096)
#define ABSENT UINT64_MAX

enum { SLICE_BODY, SLICE_CHARSET, SLICE_BASE, SLICE_ROBOTS, SLICE_SPEC, SLICE_PLUGIN, SLICE_SOURCE, SLICES };

struct frame_req {
	uint32_t want, is_text, utf8, mode;
	int32_t status, unused;
	int64_t cpu;
	uint64_t n[SLICES]; /* bytes, or ABSENT */
};

struct frame_reply {
	char words[sizeof((struct err *)0)->words];
	char charset[sizeof((struct isolate_result *)0)->charset];
	int64_t cpu;
	struct {
		uint64_t at, n; /* offset into the parts; n ABSENT: no such part */
	} part[ISOLATE_PARTS];
};

static size_t pages(size_t n)
{
	return (n + PAGE - 1) & ~(PAGE - 1);
}

static size_t reply_offset(const struct frame_head *h)
{
	return PAGE + pages(sizeof(struct frame_req) + h->request_max + SLICES);
}

size_t frame_size(const struct frame_head *h)
{
	return reply_offset(h) + pages(sizeof(struct frame_reply) + h->reply_max + 1);
}

void frame_trim(int memfd, const struct frame_head *h)
{
	const int how = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
	size_t reply = reply_offset(h), end = frame_size(h);
	/* Failure costs memory, nothing else. */
	if (reply > PAGE + MiB)
		(void)fallocate(memfd, how, (off_t)(PAGE + MiB), (off_t)(reply - PAGE - MiB));
	if (end > reply + MiB)
		(void)fallocate(memfd, how, (off_t)(reply + MiB), (off_t)(end - reply - MiB));
}

static void slices_of(const struct isolate_req *req, struct str out[SLICES])
{
	out[SLICE_BODY] = req->body;
	out[SLICE_CHARSET] = req->charset;
	out[SLICE_BASE] = req->base_url;
	out[SLICE_ROBOTS] = req->robots_tag;
	out[SLICE_SPEC] = req->spec;
	out[SLICE_PLUGIN] = req->plugin;
	out[SLICE_SOURCE] = req->source;
}

size_t frame_request_used(const struct isolate_req *req)
{
	struct str s[SLICES];
	size_t n = 0;
	slices_of(req, s);
	for (int i = 0; i < SLICES; i++) {
		if (s[i].n > SIZE_MAX / 16)
			return SIZE_MAX;
		n += s[i].n;
	}
	return n;
}

int frame_put_request(void *region, const struct frame_head *h, const struct isolate_req *req, struct err *e)
{
	struct str s[SLICES];
	size_t used = frame_request_used(req);
	if (used > h->request_max)
		return err_set(e, E_LIMIT, "the document has %zu bytes; %" PRIu64 " are allowed", req->body.n,
			h->request_max);
	slices_of(req, s);
	struct frame_req *head = (struct frame_req *)((char *)region + PAGE);
	head->want = req->want;
	head->is_text = req->is_text;
	head->utf8 = req->utf8;
	head->status = req->status;
	head->mode = req->mode;
	head->cpu = req->cpu;
	char *at = (char *)(head + 1);
	for (int i = 0; i < SLICES; i++) {
		head->n[i] = s[i].p ? s[i].n : ABSENT;
		if (!s[i].p)
			continue;
		memcpy(at, s[i].p, s[i].n);
		at[s[i].n] = '\0';
		at += s[i].n + 1;
	}
	return 0;
}

int frame_get_request(const void *region, const struct frame_head *h, struct isolate_req *req)
{
	const struct frame_req *head = (const struct frame_req *)((const char *)region + PAGE);
	const char *at = (const char *)(head + 1);
	struct str s[SLICES];
	size_t left = h->request_max;
	for (int i = 0; i < SLICES; i++) {
		s[i] = STR_NULL;
		if (head->n[i] == ABSENT)
			continue;
		if (head->n[i] > left)
			return E_PROTO;
		left -= head->n[i];
		s[i] = str_n(at, head->n[i]);
		at += head->n[i] + 1;
	}
	*req = (struct isolate_req){ .want = head->want,
		.is_text = head->is_text,
		.utf8 = head->utf8,
		.status = head->status,
		.mode = (enum extract_mode)head->mode,
		.cpu = head->cpu,
		.body = s[SLICE_BODY],
		.charset = s[SLICE_CHARSET],
		.base_url = s[SLICE_BASE],
		.robots_tag = s[SLICE_ROBOTS],
		.spec = s[SLICE_SPEC],
		.plugin = s[SLICE_PLUGIN],
		.source = s[SLICE_SOURCE] };
	return 0;
}

void reply_start(struct reply *r, void *region, const struct frame_head *h, struct isolate_result *result)
{
	struct frame_reply *head = (struct frame_reply *)((char *)region + reply_offset(h));
	*result = (struct isolate_result){ 0 };
	*r = (struct reply){ .area = (char *)(head + 1), .max = h->reply_max, .now = ISOLATE_PARTS, .result = result };
}

struct buf *reply_begin(struct reply *r, enum isolate_part part)
{
	assert(r->now == ISOLATE_PARTS && part < ISOLATE_PARTS);
	r->now = part;
	/* The buffer is the region itself. It never grows: its capacity is its maximum and a NUL. */
	r->buf = (struct buf){ .p = r->area + r->used, .max = r->max - r->used, .cap = r->max - r->used + 1 };
	return &r->buf;
}

int reply_end(struct reply *r, struct err *e)
{
	enum isolate_part part = r->now;
	assert(part < ISOLATE_PARTS);
	r->now = ISOLATE_PARTS;
	if (!buf_ok(&r->buf))
		return err_set(e, E_LIMIT, "the result is larger than the %zu bytes allowed", r->max);
	r->result->part[part] = buf_str(&r->buf);
	r->used += r->buf.n;
	return 0;
}

void reply_finish(struct reply *r, void *region, const struct frame_head *h, const struct err *e)
{
	struct frame_reply *head = (struct frame_reply *)((char *)region + reply_offset(h));
	memcpy(head->charset, r->result->charset, sizeof head->charset);
	memcpy(head->words, e->words, sizeof head->words);
	head->cpu = r->result->cpu;
	for (int i = 0; i < ISOLATE_PARTS; i++) {
		struct str s = r->result->part[i];
		head->part[i].at = s.p ? (uint64_t)(s.p - r->area) : 0;
		head->part[i].n = s.p ? s.n : ABSENT;
	}
}

/* Text from a child may go into logs and replies: no control characters, always a string. */
static void copy_words(char *dst, size_t n, const char *src)
{
	memcpy(dst, src, n);
	dst[n - 1] = '\0';
	for (char *p = dst; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = ' ';
	size_t len = strlen(dst);
	if (!utf8_valid(str_n(dst, len)))
		for (char *p = dst; *p; p++)
			if ((unsigned char)*p >= 0x80)
				*p = '?';
}

static bool part_is_json(int part)
{
	return part != PART_HTML && part != PART_TEXT && part != PART_MARKDOWN;
}

int frame_get_reply(const void *region, const struct frame_head *h, unsigned want, int rc, struct arena *a,
	struct isolate_result *ret, struct err *e)
{
	const char *base = (const char *)region + reply_offset(h);
	const char *area = base + sizeof(struct frame_reply);
	struct frame_reply head;
	struct isolate_result res = { 0 };
	/* One copy, checked afterwards: the child can still write there. */
	memcpy(&head, base, sizeof head);
	if (rc < 0) {
		if (rc != E_INVALID && rc != E_LIMIT && rc != E_TIMEOUT && rc != E_UNSUPPORTED)
			rc = E_INTERNAL;
		struct err words = { .code = rc };
		copy_words(words.words, sizeof words.words, head.words);
		return err_set(e, rc, "%s", words.words);
	}
	copy_words(res.charset, sizeof res.charset, head.charset);
	res.cpu = MAX(head.cpu, 0);
	for (int i = 0; i < ISOLATE_PARTS; i++) {
		uint64_t n = head.part[i].n, at = head.part[i].at;
		bool wanted = (want & WANT(i)) || (i == PART_ISSUES && (want & WANT(PART_EXTRACT)));
		if (n == ABSENT || !wanted)
			continue;
		if (n > h->reply_max || at > h->reply_max - n)
			return err_set(e, E_PROTO, "parse child: a part outside its region");
		res.part[i] = arena_str(a, str_n(area + at, n));
		if (part_is_json(i) ? !frame_json_ok(res.part[i]) : !utf8_valid(res.part[i]))
			return err_set(e, E_PROTO, "parse child: part %d is not well formed", i);
	}
	*ret = res;
	return 0;
}

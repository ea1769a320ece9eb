/*
 * The shared region between a parent and its parse child: where things lie and how a request and a
 * reply are written. The parent never believes what it reads here; the child may believe its parent.
 *
 *   page 0          struct frame_head, written before the child starts
 *   request area    struct frame_req, then the slices, each followed by a NUL
 *   reply area      struct frame_reply, then the parts
 *
 * Wake-ups are `struct frame_note` over a SOCK_SEQPACKET pair.
 */
#ifndef KRYFTO_EXTRACT_FRAME_H
#define KRYFTO_EXTRACT_FRAME_H

#include "base/buf.h"
#include "extract/isolate.h"

#define FRAME_MAGIC UINT64_C(0x6b7279701a2b0001)
#define FRAME_CHANNEL_FD 3
#define FRAME_MEMORY_FD 4
#define FRAME_SEQ_HELLO 0 /* the child's first note: confined and ready, or why not */

struct frame_head {
	uint64_t magic;
	uint64_t request_max, reply_max, memory;
	uint32_t cpu_secs;
};

struct frame_note {
	uint32_t seq;
	int32_t rc; /* enum err_code; a request's is 0 */
};

/* What a child writes its answer with. Parts are written one after the other. */
struct reply {
	char *area;
	size_t max;            /* of all parts */
	size_t used;
	struct buf buf;        /* of the part being written */
	enum isolate_part now;
	struct isolate_result *result;
};

/* Bytes of the whole region. */
size_t frame_size(const struct frame_head *h);
/* The parent's side. E_LIMIT when the slices are larger than request_max. */
int frame_put_request(void *region, const struct frame_head *h, const struct isolate_req *req, struct err *e);
/* Copies a reply out of the region; parts that were not wanted are dropped, JSON parts are checked.
 * `rc` is the note's; the words of a failure go to `e`. E_PROTO when the child wrote nonsense. */
int frame_get_reply(const void *region, const struct frame_head *h, unsigned want, int rc, struct arena *a,
	struct isolate_result *ret, struct err *e);
/* Bytes of all slices. */
size_t frame_request_used(const struct isolate_req *req);
/* Gives back the pages of both areas beyond their first MiB. */
void frame_trim(int memfd, const struct frame_head *h);

/* The child's side. `req` then points into the region. E_PROTO when it makes no sense. */
int frame_get_request(const void *region, const struct frame_head *h, struct isolate_req *req);
void reply_start(struct reply *r, void *region, const struct frame_head *h, struct isolate_result *result);
/* A buffer for the next part; reply_end() closes it. */
struct buf *reply_begin(struct reply *r, enum isolate_part part);
/* 0, or E_LIMIT when the part did not fit. */
int reply_end(struct reply *r, struct err *e);
/* Writes result and words into the region's reply head. */
void reply_finish(struct reply *r, void *region, const struct frame_head *h, const struct err *e);

/* One JSON value in UTF-8 and nothing else; depth at most 512. */
bool frame_json_ok(struct str text);

#endif

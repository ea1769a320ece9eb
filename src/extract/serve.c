#include "base/first.h"
#include "extract/serve.h"

#include "proc/confine.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

/* Requests beyond this are followed by giving free memory back to the system. */
#define LARGE (256 * KiB)

static void *map_region(struct frame_head *ret_head)
{
	struct stat st;
	if (fstat(FRAME_MEMORY_FD, &st) < 0 || st.st_size < (off_t)sizeof(struct frame_head))
		return NULL;
	void *p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, FRAME_MEMORY_FD, 0);
	if (p == MAP_FAILED)
		return NULL;
	memcpy(ret_head, p, sizeof *ret_head);
	if (ret_head->magic != FRAME_MAGIC || frame_size(ret_head) != (size_t)st.st_size)
		return NULL;
	return p;
}

static int confine(const struct frame_head *h, struct err *e)
{
	int keep[] = {
#ifdef ENABLE_SANITIZERS
		STDERR_FILENO, /* for the report */
#endif
		FRAME_CHANNEL_FD };
	struct confine_limits l = { .memory = h->memory + frame_size(h), .cpu_secs = h->cpu_secs };
	int rc = confine_fds(keep, ARRAY_LEN(keep), e);
	if (rc == 0)
		rc = confine_ids(e);
	if (rc == 0)
		rc = confine_limits(&l, e);
	if (rc == 0)
		rc = confine_compute_only(e);
	return rc;
}

static bool say(uint32_t seq, int rc)
{
	struct frame_note note = { seq, rc };
	ssize_t n;
	do
		n = send(FRAME_CHANNEL_FD, &note, sizeof note, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == sizeof note;
}

/* The next request's number, or 0 when the parent is gone. */
static uint32_t hear(void)
{
	struct frame_note note;
	ssize_t n;
	do
		n = recv(FRAME_CHANNEL_FD, &note, sizeof note, 0);
	while (n < 0 && errno == EINTR);
	return n == sizeof note ? note.seq : FRAME_SEQ_HELLO;
}

static int answer(void *region, const struct frame_head *h, serve_fn *fn, struct arena *a)
{
	struct isolate_req req;
	struct isolate_result res;
	struct reply r;
	struct err e = { 0 };
	usec_t from = clock_cpu();
	reply_start(&r, region, h, &res);
	int rc = frame_get_request(region, h, &req);
	if (rc == 0)
		rc = fn(&req, a, &r, &e);
	size_t size = frame_request_used(&req) + r.used;
	arena_reset(a);
	if (size > LARGE)
		malloc_trim(0);
	res.cpu = clock_cpu() - from;
	reply_finish(&r, region, h, &e);
	return rc;
}

int serve(serve_fn *fn, serve_prepare_fn *prepare)
{
	struct frame_head head;
	struct err e = { 0 };
	struct arena arena;
	void *region = map_region(&head);
	if (!region)
		return 2;
	/* One thread; memory that one document used serves the next. */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, (int)(4 * MiB));
	mallopt(M_TRIM_THRESHOLD, (int)(8 * MiB));
	if (prepare)
		prepare();
	int rc = confine(&head, &e);
	if (rc < 0) {
		struct isolate_result none;
		struct reply r;
		reply_start(&r, region, &head, &none);
		reply_finish(&r, region, &head, &e);
		say(FRAME_SEQ_HELLO, E_INTERNAL);
		return 2;
	}
	arena_init(&arena, 256 * KiB);
	if (!say(FRAME_SEQ_HELLO, 0))
		return 0;
	for (uint32_t seq; (seq = hear()) != FRAME_SEQ_HELLO;)
		if (!say(seq, answer(region, &head, fn, &arena)))
			break;
	_exit(0);
}

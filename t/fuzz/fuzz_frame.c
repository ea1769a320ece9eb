/* A parent reads a region that a child has filled with anything. */
#include "base/first.h"
#include "extract/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct frame_head head = { .magic = FRAME_MAGIC, .request_max = 256, .reply_max = 4096 };
	static const int codes[] = { 0, E_INVALID, E_LIMIT, -77 };
	size_t all = frame_size(&head);
	char *region = xcalloc(1, all);
	struct isolate_result res;
	struct err e = { 0 };
	struct isolate_req req;
	struct arena a;
	arena_init(&a, 0);
	int rc = size ? codes[data[0] % ARRAY_LEN(codes)] : 0;
	/* The reply lies behind the first pages; the input is laid over the end of the region. */
	size_t n = MIN(size, all);
	memcpy(region + all - n, data, n);
	frame_get_reply(region, &head, ~0u, rc, &a, &res, &e);
	memset(region, 0, all);
	memcpy(region + 4096, data, MIN(size, all - 4096));
	frame_get_request(region, &head, &req);
	arena_release(&a);
	free(region);
	return 0;
}

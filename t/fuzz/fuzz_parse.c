/* The whole parse child but its confinement: every part of any document. The first byte chooses, the second one the
 * extraction; a line of configuration, then the document. */
#include "base/first.h"
#include "extract/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static void *region;
static const struct frame_head head = { .magic = FRAME_MAGIC, .request_max = MiB, .reply_max = 16 * MiB };

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	region = xcalloc(1, frame_size(&head));
	parse_prepare();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, MIN(size, (size_t)256 * KiB) }, line = STR("");
	struct isolate_result res, got;
	struct isolate_req req = { .base_url = STR("http://example.com/a/b?c") }, seen;
	struct arena a;
	struct reply r;
	struct err e = { 0 };
	if (all.n < 2)
		return 0;
	unsigned what = (unsigned char)all.p[0], mode = (unsigned char)all.p[1] % 3;
	all = str_from(all, 2);
	str_split(&all, '\n', &line);
	req.body = all.p ? all : STR("");
	req.is_text = what & 1;
	req.utf8 = what & 2;
	req.want = mode ? WANT(PART_EXTRACT) : what & 4 ? (1u << PART_EXTRACT) - 1 : WANT(what / 8 % PART_EXTRACT);
	req.mode = (enum extract_mode)mode;
	req.spec = line;
	arena_init(&a, 64 * KiB);
	if (frame_put_request(region, &head, &req, NULL) == 0 && frame_get_request(region, &head, &seen) == 0) {
		reply_start(&r, region, &head, &res);
		int rc = parse_request(&seen, &a, &r, &e);
		reply_finish(&r, region, &head, &e);
		/* What we write, we take. */
		if (frame_get_reply(region, &head, req.want, rc, &a, &got, &e) == E_PROTO)
			die("%s", e.words);
	}
	arena_release(&a);
	return 0;
}

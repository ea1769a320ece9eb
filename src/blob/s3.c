/*
 * Blobs in an S3 bucket. Small ones are put without asking, since asking costs as much; large ones only when they
 * are not there or were put some time ago, in parts. A body is checked by S3 against the digest that is signed.
 *
 * A removal looks at the age and then removes: S3 offers no way to do both at once. A put within that moment would be
 * lost, so blob_delete()'s grace must be longer than PUT_AGAIN and than any job takes from put to row.
 */
#include "base/first.h"
#include <fcntl.h>
#include <sys/mman.h>
#include "base/fault.h"
#include "base/fd.h"
#include "blob/driver.h"
#include "blob/s3_call.h"
#include "crypto/digest.h"

#define ASK_MIN ((int64_t)(256 * KiB)) /* smaller ones are put unasked */
#define PUT_AGAIN (300 * USEC_PER_SEC) /* an older blob is put anew, to be young */
#define PARTS_MIN ((int64_t)(32 * MiB))
#define PART_LEN ((int64_t)(16 * MiB))

static bool is_fine(const struct s3_call *call)
{
	return call->code == 0 && call->status >= 200 && call->status < 300;
}

/* --- in parts --- */

static struct str complete_body(struct arena *a, const struct s3_call *parts, size_t n)
{
	struct buf b;
	buf_init(&b, a, 0);
	buf_addz(&b, "<CompleteMultipartUpload>");
	for (size_t i = 0; i < n; i++) {
		buf_addf(&b, "<Part><PartNumber>%zu</PartNumber><ETag>", i + 1);
		for (size_t k = 0; k < parts[i].etag.n; k++) {
			char ch = parts[i].etag.p[k];
			if (ch == '"')
				buf_addz(&b, "&quot;");
			else if (ch != '<' && ch != '&')
				buf_addc(&b, ch);
		}
		buf_addz(&b, "</ETag></Part>");
	}
	buf_addz(&b, "</CompleteMultipartUpload>");
	return buf_str(&b);
}

static int put_parts(struct s3_conn *c, struct arena *a, const char *key, struct str data, struct str id, struct err *e)
{
	size_t n = (size_t)(((int64_t)data.n + PART_LEN - 1) / PART_LEN);
	struct s3_call *parts = arena_array(a, struct s3_call, n);
	for (size_t i = 0; i < n; i++)
		parts[i] = (struct s3_call){ .method = HTTP_PUT, .key = key,
			.payload = str_sub(data, i * (size_t)PART_LEN, (size_t)PART_LEN),
			.query = { { STR("partNumber"), arena_printf(a, "%zu", i + 1) }, { STR("uploadId"), id } } };
	int r = s3_run(c, a, parts, n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		if (!is_fine(&parts[i]) || !parts[i].etag.n)
			r = s3_fault(&parts[i], "a part of a blob", e);
	if (r < 0)
		return r;
	struct s3_call end = { .method = HTTP_POST, .key = key, .query = { { STR("uploadId"), id } },
		.payload = complete_body(a, parts, n) };
	r = s3_run(c, a, &end, 1, e);
	/* S3 may answer 200 and then say in the body that it failed after all. */
	if (r == 0 && (!is_fine(&end) || s3_xml(a, end.body, "Code").p))
		r = s3_fault(&end, "putting a blob together", e);
	return r;
}

static int put_large(struct s3_conn *c, struct arena *a, const char *key, struct str data, struct err *e)
{
	struct s3_call begin = { .method = HTTP_POST, .key = key, .query = { { STR("uploads"), STR("") } } };
	int r = s3_run(c, a, &begin, 1, e);
	if (r < 0)
		return r;
	struct str id = is_fine(&begin) ? s3_xml(a, begin.body, "UploadId") : STR_NULL;
	if (!id.n)
		return s3_fault(&begin, "beginning a blob in parts", e);
	r = put_parts(c, a, key, data, id, e);
	if (r < 0) {
		/* Parts that stay behind would be paid for. */
		struct s3_call drop = { .method = HTTP_DELETE, .key = key, .query = { { STR("uploadId"), id } } };
		s3_run(c, a, &drop, 1, NULL);
	}
	return r;
}

/* --- put --- */

/* Finds out which of the large ones are there, and young. */
static int ask(struct s3_conn *c, struct arena *a, const struct blob_item *items, size_t n, struct err *e)
{
	struct s3_call *calls = arena_array(a, struct s3_call, n);
	for (size_t i = 0; i < n; i++) {
		char *key = arena_alloc(a, BLOB_KEY_LEN + 1);
		calls[i] = (struct s3_call){ .method = HTTP_HEAD, .key = blob_key(items[i].info->sha256, key),
			.done = items[i].info->size < ASK_MIN };
	}
	int r = s3_run(c, a, calls, n, e);
	for (size_t i = 0; r == 0 && i < n; i++)
		items[i].info->existed = items[i].info->size >= ASK_MIN && is_fine(&calls[i]) &&
					 calls[i].length == items[i].info->size && calls[i].modified >= 0 &&
					 calls[i].modified < PUT_AGAIN;
	return r;
}

static int put_all(struct s3_conn *c, struct arena *a, const struct blob_item *items, size_t n, struct err *e)
{
	struct s3_call *calls = arena_array(a, struct s3_call, n);
	int r = ask(c, a, items, n, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		const struct blob_info *info = items[i].info;
		char *key = arena_alloc(a, BLOB_KEY_LEN + 1), hex[SHA256_HEX + 1];
		blob_key(info->sha256, key);
		memcpy(hex, key + 3, sizeof hex);
		calls[i] = (struct s3_call){ .method = HTTP_PUT, .key = key, .payload = items[i].data,
			.payload_hash = arena_str(a, str_of(hex)), .done = info->existed || info->size >= PARTS_MIN };
	}
	r = s3_run(c, a, calls, n, e);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (items[i].info->existed)
			continue;
		if (items[i].info->size >= PARTS_MIN)
			r = put_large(c, a, calls[i].key, items[i].data, e);
		else if (!is_fine(&calls[i]))
			r = s3_fault(&calls[i], "putting a blob", e);
	}
	return r;
}

static int s3_put(void *self, const struct blob_item *items, size_t n, struct err *e)
{
	struct arena a;
	arena_init(&a, 0);
	int r = FAULT("blob.put.write") ? err_set(e, E_IO, "a fault point") : put_all(self, &a, items, n, e);
	arena_release(&a);
	return r;
}

/* A writer's bytes wait in a file without a name: S3 wants the key first, and the key is their digest. */
static int s3_begin(void *self, void **ret_part, struct err *e)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && dir[0] ? dir : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, "a temporary file for a blob");
	int *part = xmalloc(sizeof *part);
	*part = fd;
	*ret_part = part;
	return 0;
}

static int s3_write(void *self, void *part, const void *p, size_t n, struct err *e)
{
	return fd_write_all(*(int *)part, p, n) < 0 ? err_errno(e, "writing a blob") : 0;
}

static void s3_abort(void *self, void *part)
{
	fd_close(part);
	free(part);
}

static int s3_commit(void *self, void *part, struct blob_info *info, struct err *e)
{
	struct blob_item item = { .data = STR(""), .info = info };
	void *map = NULL;
	int r = 0;
	if (info->size) {
		map = mmap(NULL, (size_t)info->size, PROT_READ, MAP_SHARED, *(int *)part, 0);
		if (map == MAP_FAILED)
			r = err_errno(e, "mapping a blob of %" PRId64 " bytes", info->size);
		else
			item.data = str_n(map, (size_t)info->size);
	}
	if (r == 0)
		r = s3_put(self, &item, 1, e);
	if (item.data.n)
		munmap(map, item.data.n);
	s3_abort(self, part);
	return r;
}

/* --- the rest --- */

static int take_body(const struct s3_call *call, struct buf *ret, struct err *e)
{
	if (call->range_from && call->status == 416)
		return 0; /* beyond the end there is nothing */
	if (!is_fine(call))
		return s3_fault(call, call->key, e);
	if (call->range_from && call->status != 206)
		return err_set(e, E_PROTO, "S3 does not answer ranges");
	if (!call->range_from) {
		char hex[SHA256_HEX + 1];
		if (strcmp(sha256_hex(call->body, hex), call->key + 3) != 0)
			return err_set(e, E_IO, "blob %s is not what its name says", call->key);
	}
	char *at = buf_reserve(ret, call->body.n);
	if (!at)
		return err_set(e, E_LIMIT, "blob %s does not fit the buffer", call->key);
	memcpy(at, call->body.p, call->body.n);
	buf_commit(ret, call->body.n);
	return 0;
}

static int s3_get(void *self, const char *key, int64_t from, size_t max, struct buf *ret, struct err *e)
{
	struct arena a;
	/* One byte more than wanted tells "as large as may be" from "too large". */
	struct s3_call call = { .method = HTTP_GET, .key = key, .range_from = from, .body_max = max + 1 };
	arena_init(&a, 0);
	int r = s3_run(self, &a, &call, 1, e);
	if (r == 0 && (call.too_large || (is_fine(&call) && call.body.n > max)))
		r = err_set(e, E_LIMIT, "blob %s has more than %zu bytes", key, max);
	if (r == 0)
		r = take_body(&call, ret, e);
	arena_release(&a);
	return r;
}

/* HEAD, for size and age. */
static int look(struct s3_conn *c, const char *key, int64_t *ret_size, usec_t *ret_age, struct err *e)
{
	struct arena a;
	struct s3_call call = { .method = HTTP_HEAD, .key = key };
	arena_init(&a, 0);
	int r = s3_run(c, &a, &call, 1, e);
	if (r == 0 && !is_fine(&call))
		r = s3_fault(&call, key, e);
	if (r == 0) {
		*ret_size = call.length;
		*ret_age = call.modified;
	}
	arena_release(&a);
	return r;
}

static int s3_stat(void *self, const char *key, int64_t *ret_size, struct err *e)
{
	usec_t age;
	return look(self, key, ret_size, &age, e);
}

static int s3_remove(void *self, const char *key, usec_t grace, struct err *e)
{
	struct arena a;
	int64_t size;
	usec_t age = -1;
	if (grace > 0) {
		int r = look(self, key, &size, &age, e);
		if (r < 0)
			return r == E_NOTFOUND ? 0 : r;
		if (age < grace)
			return err_set(e, E_AGAIN, "blob %s was put again", key);
	}
	struct s3_call call = { .method = HTTP_DELETE, .key = key };
	arena_init(&a, 0);
	int r = s3_run(self, &a, &call, 1, e);
	if (r == 0 && !is_fine(&call) && call.status != 404)
		r = s3_fault(&call, key, e);
	arena_release(&a);
	return r;
}

static int s3_link(void *self, struct arena *a, const char *key, const struct blob_link_options *o,
	struct blob_link *ret, struct err *e)
{
	struct blob_link link = { .local = false };
	int r = s3_presign(self, a, key, o, &link.text, e);
	if (r == 0)
		*ret = link;
	return r;
}

static void s3_close(void *self)
{
	s3_conn_free(self);
}

int blob_s3_open(const struct blob_config *cfg, const struct blob_driver **ret_driver, void **ret_self, struct err *e)
{
	static const struct blob_driver driver = { s3_close, s3_put, s3_begin, s3_write, s3_commit, s3_abort, s3_get,
		s3_stat, s3_remove, s3_link };
	struct s3_conn *c;
	int r = s3_conn_new(cfg, &c, e);
	if (r < 0)
		return r;
	*ret_driver = &driver;
	*ret_self = c;
	return 0;
}

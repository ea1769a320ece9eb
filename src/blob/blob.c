#include "base/first.h"
#include "base/enc.h"
#include "base/rng.h"
#include "blob/driver.h"
#include "crypto/digest.h"

struct blob_store {
	const struct blob_driver *driver;
	void *self;
};

struct blob_writer {
	struct blob_store *store;
	void *part;
	struct sha256_ctx *sum;
	int64_t size;
};

char *blob_key(const uint8_t sha256_sum[BLOB_SHA_LEN], char out[BLOB_KEY_LEN + 1])
{
	enc_hex(sha256_sum, BLOB_SHA_LEN, out + 3);
	out[0] = out[3];
	out[1] = out[4];
	out[2] = '/';
	return out;
}

int blob_open(const struct blob_config *cfg, struct blob_store **ret, struct err *e)
{
	struct blob_store s;
	int r = cfg->s3 ? blob_s3_open(cfg, &s.driver, &s.self, e) : blob_fs_open(cfg, &s.driver, &s.self, e);
	if (r < 0)
		return r;
	*ret = xmalloc(sizeof s);
	**ret = s;
	return 0;
}

void blob_close(struct blob_store *s)
{
	if (!s)
		return;
	s->driver->close(s->self);
	free(s);
}

#define BATCH 64 /* bounds the descriptors that a driver holds open at once */

int blob_put_many(struct blob_store *s, const struct str *data, size_t n, struct blob_info *ret, struct err *e)
{
	struct blob_item items[BATCH];
	struct blob_info infos[BATCH];
	for (size_t done = 0; done < n;) {
		size_t k = MIN(n - done, (size_t)BATCH);
		for (size_t i = 0; i < k; i++) {
			infos[i] = (struct blob_info){ .size = (int64_t)data[done + i].n };
			sha256(data[done + i], infos[i].sha256);
			items[i] = (struct blob_item){ data[done + i], &infos[i] };
		}
		int r = s->driver->put(s->self, items, k, e);
		if (r < 0)
			return r;
		memcpy(ret + done, infos, k * sizeof *infos);
		done += k;
	}
	return 0;
}

int blob_put(struct blob_store *s, struct str data, struct blob_info *ret, struct err *e)
{
	return blob_put_many(s, &data, 1, ret, e);
}

int blob_begin(struct blob_store *s, struct blob_writer **ret, struct err *e)
{
	void *part;
	int r = s->driver->begin(s->self, &part, e);
	if (r < 0)
		return r;
	struct blob_writer *w = xmalloc(sizeof *w);
	*w = (struct blob_writer){ .store = s, .part = part, .sum = sha256_new() };
	*ret = w;
	return 0;
}

int blob_write(struct blob_writer *w, const void *p, size_t n, struct err *e)
{
	if ((int64_t)n > BLOB_SIZE_MAX - w->size)
		return err_set(e, E_LIMIT, "a blob of more than %" PRId64 " bytes", BLOB_SIZE_MAX);
	sha256_add(w->sum, p, n);
	w->size += (int64_t)n;
	return w->store->driver->write(w->store->self, w->part, p, n, e);
}

int blob_commit(struct blob_writer *w, struct blob_info *ret, struct err *e)
{
	struct blob_info info = { .size = w->size };
	sha256_end(w->sum, info.sha256);
	int r = w->store->driver->commit(w->store->self, w->part, &info, e);
	free(w);
	if (r == 0)
		*ret = info;
	return r;
}

void blob_abort(struct blob_writer *w)
{
	w->store->driver->abort(w->store->self, w->part);
	sha256_drop(w->sum);
	free(w);
}

int blob_get(
	struct blob_store *s, const uint8_t sha[BLOB_SHA_LEN], int64_t from, size_t max, struct buf *ret, struct err *e)
{
	char key[BLOB_KEY_LEN + 1];
	if (from < 0)
		return err_set(e, E_INVALID, "a negative offset");
	return s->driver->get(s->self, blob_key(sha, key), from, max, ret, e);
}

int blob_stat(struct blob_store *s, const uint8_t sha[BLOB_SHA_LEN], int64_t *ret_size, struct err *e)
{
	char key[BLOB_KEY_LEN + 1];
	return s->driver->stat(s->self, blob_key(sha, key), ret_size, e);
}

int blob_delete(struct blob_store *s, const uint8_t sha[BLOB_SHA_LEN], usec_t grace, struct err *e)
{
	char key[BLOB_KEY_LEN + 1];
	return s->driver->remove(s->self, blob_key(sha, key), grace, e);
}

int blob_link(struct blob_store *s, struct arena *a, const uint8_t sha[BLOB_SHA_LEN], const struct blob_link_options *o,
	struct blob_link *ret, struct err *e)
{
	char key[BLOB_KEY_LEN + 1];
	return s->driver->link(s->self, a, blob_key(sha, key), o, ret, e);
}

int blob_probe(struct blob_store *s, struct err *e)
{
	uint8_t noise[32];
	struct blob_info info;
	struct buf back;
	rng_bytes(noise, sizeof noise);
	int r = blob_put(s, str_n((char *)noise, sizeof noise), &info, e);
	if (r < 0)
		return r;
	buf_init(&back, NULL, 0);
	r = blob_get(s, info.sha256, 0, sizeof noise, &back, e);
	if (r == 0 && (back.n != sizeof noise || memcmp(back.p, noise, sizeof noise) != 0))
		r = err_set(e, E_IO, "the blob store returned other bytes than were put");
	buf_release(&back);
	int removed = blob_delete(s, info.sha256, 0, r == 0 ? e : NULL);
	return r < 0 ? r : removed;
}

/*
 * Blobs: bytes kept under the SHA-256 of what they are. Equal content is stored once; a blob never
 * changes. Which project owns what is the business of the rows that point here.
 *
 * A blob that blob_put() returned survives a crash of the process or the machine. Every call blocks:
 * event loops make them in batches (blob_put_many) or elsewhere.
 */
#ifndef KRYFTO_BLOB_BLOB_H
#define KRYFTO_BLOB_BLOB_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

#define BLOB_SHA_LEN 32
#define BLOB_KEY_LEN 67 /* "ab/" and 64 hex digits */
#define BLOB_SIZE_MAX (5 * (int64_t)1024 * 1024 * 1024)

struct blob_store;

struct blob_config {
	bool s3;                   /* KRYFTO_ARTIFACT_BACKEND */
	const char *dir;           /* local: made if need be, 0750 */
	const char *endpoint; /* S3: "https://s3.example.com[:port]"; being configured, it may be a private address */
	const char *region, *bucket, *access_key, *secret_key;
	bool path_style;           /* bucket in the path instead of the host name */
};

int blob_open(const struct blob_config *cfg, struct blob_store **ret, struct err *e);
void blob_close(struct blob_store *s); /* NULL is fine */

struct blob_info {
	uint8_t sha256[BLOB_SHA_LEN];
	int64_t size;
	bool existed; /* known to have been there already; its age starts anew all the same */
};

/* E_IO, E_UNAVAIL (S3 cannot be reached), E_LIMIT. */
int blob_put(struct blob_store *s, struct str data, struct blob_info *ret, struct err *e);
/* All or an error; after an error some may be stored, which does no harm. One directory sync for all. */
int blob_put_many(struct blob_store *s, const struct str *data, size_t n, struct blob_info *ret, struct err *e);

/* In pieces, for what does not fit memory. A writer is ended by commit or abort, which free it. */
struct blob_writer;
int blob_begin(struct blob_store *s, struct blob_writer **ret, struct err *e);
int blob_write(struct blob_writer *w, const void *p, size_t n, struct err *e);
int blob_commit(struct blob_writer *w, struct blob_info *ret, struct err *e);
void blob_abort(struct blob_writer *w);

/* Appends at most `max` bytes from offset `from`: E_NOTFOUND, E_LIMIT (more than `max` are left), E_IO, E_UNAVAIL. */
int blob_get(struct blob_store *s, const uint8_t sha256[BLOB_SHA_LEN], int64_t from, size_t max, struct buf *ret,
	struct err *e);
/* E_NOTFOUND when absent. */
int blob_stat(struct blob_store *s, const uint8_t sha256[BLOB_SHA_LEN], int64_t *ret_size, struct err *e);
/*
 * Removes a blob that was last put more than `grace` ago. E_AGAIN: it is younger, and stays. An absent
 * one is fine. Safe against a put of the same content at the same time.
 */
int blob_delete(struct blob_store *s, const uint8_t sha256[BLOB_SHA_LEN], usec_t grace, struct err *e);

/* "ab/abcd…", relative to the folder or bucket; returns `out`. */
char *blob_key(const uint8_t sha256[BLOB_SHA_LEN], char out[BLOB_KEY_LEN + 1]);

/* How a client may be sent the bytes without their passing through us. */
struct blob_link {
	bool local;      /* a key for nginx's X-Accel-Redirect; else a URL to redirect to */
	struct str text;
};
struct blob_link_options {
	usec_t ttl;                         /* of a URL; 0: 5 minutes, at most 7 days */
	struct str content_type, disposition; /* that the other side shall answer with; may be absent */
};
int blob_link(struct blob_store *s, struct arena *a, const uint8_t sha256[BLOB_SHA_LEN],
	const struct blob_link_options *o, struct blob_link *ret, struct err *e);

/* Writes, reads and removes a small blob: E_IO or E_UNAVAIL when the store does not work. For readiness checks. */
int blob_probe(struct blob_store *s, struct err *e);

#endif

/* What a driver offers to blob.c. Private to src/blob. Digests are computed before a driver is asked. */
#ifndef KRYFTO_BLOB_DRIVER_H
#define KRYFTO_BLOB_DRIVER_H

#include "blob/blob.h"

struct blob_item {
	struct str data;
	struct blob_info *info; /* sha256 and size are set; the driver sets existed */
};

struct blob_driver {
	void (*close)(void *self);
	int (*put)(void *self, const struct blob_item *items, size_t n, struct err *e);
	int (*begin)(void *self, void **ret_part, struct err *e);
	int (*write)(void *self, void *part, const void *p, size_t n, struct err *e);
	/* Both free the part. */
	int (*commit)(void *self, void *part, struct blob_info *info, struct err *e);
	void (*abort)(void *self, void *part);
	int (*get)(void *self, const char *key, int64_t from, size_t max, struct buf *ret, struct err *e);
	int (*stat)(void *self, const char *key, int64_t *ret_size, struct err *e);
	int (*remove)(void *self, const char *key, usec_t grace, struct err *e);
	int (*link)(void *self, struct arena *a, const char *key, const struct blob_link_options *o,
		struct blob_link *ret, struct err *e);
};

int blob_fs_open(const struct blob_config *cfg, const struct blob_driver **ret_driver, void **ret_self, struct err *e);
int blob_s3_open(const struct blob_config *cfg, const struct blob_driver **ret_driver, void **ret_self, struct err *e);

#endif

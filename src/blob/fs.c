/*
 * Blobs as files: <dir>/ab/<hex digest>, written as <dir>/tmp/<random>, synced, then renamed, then the
 * folder synced. So a name that exists always holds all its bytes.
 *
 * The age of a file is its mtime, set anew when the same content is put again. Touching happens under a
 * shared flock of the folder, removing under an exclusive one: a put that found its content there has made it young
 * before a removal looks at its age.
 */
#include "base/first.h"
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <dirent.h>
#include "base/enc.h"
#include "base/fault.h"
#include "base/fd.h"
#include "base/rng.h"
#include "blob/driver.h"

#define DIR_MODE 0750
#define FILE_MODE 0640
#define STALE (24 * 3600 * USEC_PER_SEC) /* a temporary file of that age has no writer any more */
/* A fault point that fails as the disk would. */
#define FAILS(name) (FAULT(name) && (errno = EIO, true))

struct fs {
	int root, tmp;
};

struct part {
	int fd;
	char name[33]; /* in tmp */
};

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* The folder "ab" of a key. */
static int open_shard(struct fs *fs, const char *key, struct err *e)
{
	char name[3] = { key[0], key[1], 0 };
	int fd = open_dir(fs->root, name);
	return fd < 0 ? err_errno(e, "blob folder %s", name) : fd;
}

static usec_t age_of(const struct stat *st)
{
	return clock_real() - ((usec_t)st->st_mtim.tv_sec * USEC_PER_SEC + st->st_mtim.tv_nsec / 1000);
}

/* --- parts: files that have no digest yet --- */

static int part_open(struct fs *fs, struct part *ret, struct err *e)
{
	uint8_t noise[16];
	struct part p;
	rng_bytes(noise, sizeof noise);
	enc_hex(noise, sizeof noise, p.name);
	p.fd = openat(fs->tmp, p.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (p.fd < 0)
		return err_errno(e, "a temporary blob");
	*ret = p;
	return 0;
}

static void part_drop(struct fs *fs, struct part *p)
{
	fd_close(&p->fd);
	unlinkat(fs->tmp, p->name, 0);
}

static int part_sync(struct part *p, struct err *e)
{
	if (FAILS("blob.put.sync") || fdatasync(p->fd) < 0)
		return err_errno(e, "syncing a blob");
	fd_close(&p->fd);
	return 0;
}

static int part_rename(struct fs *fs, struct part *p, const char *key, struct err *e)
{
	if (FAILS("blob.put.before-rename") || renameat(fs->tmp, p->name, fs->root, key) < 0)
		return err_errno(e, "naming blob %s", key);
	return 0;
}

/* True when the content is there; then it is young again. */
static bool touch(struct fs *fs, const char *key, int64_t size)
{
	struct stat st;
	bool found = false;
	_cleanup_fd_ int shard = open_shard(fs, key, NULL);
	if (shard < 0 || flock(shard, LOCK_SH) < 0)
		return false;
	if (fstatat(shard, key + 3, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && st.st_size == size)
		found = utimensat(shard, key + 3, NULL, AT_SYMLINK_NOFOLLOW) == 0;
	return found; /* closing unlocks */
}

static int sync_shard(struct fs *fs, const char *key, struct err *e)
{
	_cleanup_fd_ int shard = open_shard(fs, key, e);
	if (shard < 0)
		return shard;
	if (FAILS("blob.put.sync-dir") || fsync(shard) < 0)
		return err_errno(e, "syncing the folder of blob %s", key);
	return 0;
}

/* --- put --- */

#define PUT_MAX 64

struct put {
	const struct blob_item *item;
	struct part part; /* fd -1 and no name: nothing to rename */
	char key[BLOB_KEY_LEN + 1];
};

static int put_write(struct fs *fs, struct put *p, struct err *e)
{
	struct blob_info *info = p->item->info;
	blob_key(info->sha256, p->key);
	info->existed = touch(fs, p->key, info->size);
	if (info->existed)
		return 0;
	int r = part_open(fs, &p->part, e);
	if (r < 0)
		return r;
	if (FAILS("blob.put.write") || fd_write_all(p->part.fd, p->item->data.p, p->item->data.n) < 0)
		return err_errno(e, "writing a blob of %" PRId64 " bytes", info->size);
	/* Starts the write-out now, so that the syncs of a batch wait for the disk once, not in turn. */
	sync_file_range(p->part.fd, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

static int put_finish(struct fs *fs, struct put *puts, size_t n, struct err *e)
{
	bool synced[256] = { false };
	int r;
	for (size_t i = 0; i < n; i++)
		if (puts[i].part.fd >= 0 && (r = part_sync(&puts[i].part, e)) < 0)
			return r;
	for (size_t i = 0; i < n; i++) {
		if (puts[i].part.name[0] && (r = part_rename(fs, &puts[i].part, puts[i].key, e)) < 0)
			return r;
		puts[i].part.name[0] = 0;
	}
	/* Also for content that was there: whoever wrote it may not have come to this yet. */
	for (size_t i = 0; i < n; i++) {
		uint8_t shard = puts[i].item->info->sha256[0];
		if (!synced[shard] && (r = sync_shard(fs, puts[i].key, e)) < 0)
			return r;
		synced[shard] = true;
	}
	return 0;
}

static int fs_put(void *self, const struct blob_item *items, size_t n, struct err *e)
{
	struct put puts[PUT_MAX];
	int r = 0;
	size_t begun = 0;
	assert(n <= PUT_MAX);
	while (r == 0 && begun < n) {
		puts[begun] = (struct put){ .item = &items[begun], .part = { .fd = -1 } };
		r = put_write(self, &puts[begun++], e);
	}
	if (r == 0)
		r = put_finish(self, puts, n, e);
	for (size_t i = 0; r < 0 && i < begun; i++)
		if (puts[i].part.name[0])
			part_drop(self, &puts[i].part);
	return r;
}

static int fs_begin(void *self, void **ret_part, struct err *e)
{
	struct part p;
	int r = part_open(self, &p, e);
	if (r < 0)
		return r;
	struct part *heap = xmalloc(sizeof p);
	*heap = p;
	*ret_part = heap;
	return 0;
}

static int fs_write(void *self, void *part, const void *p, size_t n, struct err *e)
{
	if (FAILS("blob.put.write") || fd_write_all(((struct part *)part)->fd, p, n) < 0)
		return err_errno(e, "writing a blob");
	return 0;
}

static void fs_abort(void *self, void *part)
{
	part_drop(self, part);
	free(part);
}

static int fs_commit(void *self, void *part, struct blob_info *info, struct err *e)
{
	struct part *p = part;
	char key[BLOB_KEY_LEN + 1];
	int r = 0;
	blob_key(info->sha256, key);
	info->existed = touch(self, key, info->size);
	if (!info->existed) {
		r = part_sync(p, e);
		if (r == 0)
			r = part_rename(self, p, key, e);
	}
	if (info->existed || r < 0)
		part_drop(self, p);
	free(p);
	return r < 0 ? r : sync_shard(self, key, e);
}

/* --- the rest --- */

static int fs_get(void *self, const char *key, int64_t from, size_t max, struct buf *ret, struct err *e)
{
	struct fs *fs = self;
	struct stat st;
	_cleanup_fd_ int fd = openat(fs->root, key, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? err_set(e, E_NOTFOUND, "no blob %s", key) : err_errno(e, "blob %s", key);
	if (fstat(fd, &st) < 0)
		return err_errno(e, "blob %s", key);
	size_t left = from < st.st_size ? (size_t)(st.st_size - from) : 0;
	if (left > max)
		return err_set(e, E_LIMIT, "blob %s has %zu bytes left, more than %zu", key, left, max);
	char *at = buf_reserve(ret, left);
	if (!at)
		return err_set(e, E_LIMIT, "blob %s does not fit the buffer", key);
	for (size_t got = 0; got < left;) {
		ssize_t n = pread(fd, at + got, left - got, from + (int64_t)got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_errno(e, "blob %s", key) : err_set(e, E_IO, "blob %s became shorter", key);
		got += (size_t)n;
	}
	buf_commit(ret, left);
	return 0;
}

static int fs_stat(void *self, const char *key, int64_t *ret_size, struct err *e)
{
	struct fs *fs = self;
	struct stat st;
	if (fstatat(fs->root, key, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? err_set(e, E_NOTFOUND, "no blob %s", key) : err_errno(e, "blob %s", key);
	*ret_size = st.st_size;
	return 0;
}

static int fs_remove(void *self, const char *key, usec_t grace, struct err *e)
{
	struct stat st;
	_cleanup_fd_ int shard = open_shard(self, key, e);
	if (shard < 0)
		return shard;
	if (flock(shard, LOCK_EX) < 0)
		return err_errno(e, "locking the folder of blob %s", key);
	if (fstatat(shard, key + 3, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "blob %s", key);
	if (grace > 0 && age_of(&st) < grace)
		return err_set(e, E_AGAIN, "blob %s was put again", key);
	if (unlinkat(shard, key + 3, 0) < 0 && errno != ENOENT)
		return err_errno(e, "removing blob %s", key);
	return 0;
}

static int fs_link(void *self, struct arena *a, const char *key, const struct blob_link_options *o,
	struct blob_link *ret, struct err *e)
{
	*ret = (struct blob_link){ .local = true, .text = arena_str(a, str_of(key)) };
	return 0;
}

static void fs_close(void *self)
{
	struct fs *fs = self;
	fd_close(&fs->root);
	fd_close(&fs->tmp);
	free(fs);
}

/* What writers that were killed have left behind. */
static void sweep(struct fs *fs)
{
	struct stat st;
	int fd = openat(fs->tmp, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return;
	for (struct dirent *en; (en = readdir(d));)
		if (en->d_name[0] != '.' && fstatat(fs->tmp, en->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			age_of(&st) > STALE)
			unlinkat(fs->tmp, en->d_name, 0);
	closedir(d);
}

static int make_dirs(struct fs *fs, struct err *e)
{
	struct stat st;
	bool fresh = false;
	if (mkdirat(fs->root, "tmp", DIR_MODE) < 0 && errno != EEXIST)
		return err_errno(e, "the folder for temporary blobs");
	if (fstatat(fs->root, "ff", &st, 0) == 0)
		return 0;
	/* All at once and up front: a put then needs to sync one folder only. "ff" last says that all are there. */
	for (int i = 0; i < 256; i++) {
		char name[3];
		snprintf(name, sizeof name, "%02x", (unsigned)i);
		if (mkdirat(fs->root, name, DIR_MODE) == 0)
			fresh = true;
		else if (errno != EEXIST)
			return err_errno(e, "blob folder %s", name);
	}
	if (fresh && fsync(fs->root) < 0)
		return err_errno(e, "syncing the blob folder");
	return 0;
}

int blob_fs_open(const struct blob_config *cfg, const struct blob_driver **ret_driver, void **ret_self, struct err *e)
{
	static const struct blob_driver driver = { fs_close, fs_put, fs_begin, fs_write, fs_commit, fs_abort, fs_get,
		fs_stat, fs_remove, fs_link };
	struct fs fs = { -1, -1 };
	if (!cfg->dir || !cfg->dir[0])
		return err_set(e, E_INVALID, "the local blob store has no folder");
	int r = fd_mkdirs(cfg->dir, DIR_MODE, e);
	if (r < 0)
		return r;
	fs.root = open_dir(AT_FDCWD, cfg->dir);
	if (fs.root < 0)
		return err_errno(e, "%s", cfg->dir);
	r = make_dirs(&fs, e);
	if (r == 0) {
		fs.tmp = open_dir(fs.root, "tmp");
		r = fs.tmp < 0 ? err_errno(e, "the folder for temporary blobs") : 0;
	}
	if (r < 0) {
		fd_close(&fs.root);
		return r;
	}
	sweep(&fs);
	*ret_driver = &driver;
	*ret_self = xmalloc(sizeof fs);
	memcpy(*ret_self, &fs, sizeof fs);
	return 0;
}

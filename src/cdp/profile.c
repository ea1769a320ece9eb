#include "base/first.h"
#include "cdp/profile.h"
#include "cdp/browser.h"
#include "cdp/proctree.h"
#include "base/fd.h"
#include "base/scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>

int profile_mark(const char *dir, pid_t owner, const char *tag, struct err *e)
{
	char path[600], text[128];
	snprintf(path, sizeof path, "%s/owner", dir);
	int n = snprintf(text, sizeof text, "%d %s\n", (int)owner, tag);
	return fd_write_file(path, str_n(text, (size_t)n), 0600, e);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	/* Files may vanish under us; what stays is tried again. */
	remove(path);
	return 0;
}

void profile_remove(const char *dir)
{
	for (int i = 0; i < 20; i++) {
		nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
		if (access(dir, F_OK) < 0)
			return;
		clock_sleep(5 * USEC_PER_MS);
	}
}

static void sweep_one(const char *dir)
{
	char path[1200];
	struct buf text;
	int64_t owner = 0;
	struct str tag = STR(""), rest, first;
	buf_init(&text, NULL, 128 * KiB);
	snprintf(path, sizeof path, "%s/owner", dir);
	if (fd_read_file(path, 1024, &text, NULL) == 0) {
		rest = str_trim(buf_str(&text));
		if (str_split(&rest, ' ', &first) && scan_i64(first, &owner) == 0)
			tag = rest;
	}
	if (owner > 0 && owner != getpid() && kill((pid_t)owner, 0) == 0) {
		buf_release(&text);
		return; /* another live daemon's */
	}
	char name[64];
	str_copy(name, sizeof name, tag);
	if (name[0])
		proctree_kill(name, -1, 50);
	profile_remove(dir);
	buf_release(&text);
}

void profile_sweep(const char *run_dir)
{
	char path[1024];
	DIR *d = opendir(run_dir);
	for (struct dirent *de; d && (de = readdir(d));) {
		if (strncmp(de->d_name, "b-", 2) != 0)
			continue;
		snprintf(path, sizeof path, "%.700s/%.300s", run_dir, de->d_name);
		sweep_one(path);
	}
	if (d)
		closedir(d);
}

void browser_sweep(const char *run_dir)
{
	profile_sweep(run_dir);
}

#include "base/first.h"
#include "cdp/proctree.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/scan.h"

#include <dirent.h>
#include <signal.h>

#define FILE_MAX_BYTES (256 * KiB)

static bool read_proc(pid_t pid, const char *file, struct buf *out)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	buf_clear(out);
	return fd_read_file(path, FILE_MAX_BYTES, out, NULL) == 0;
}

/* The parent stands behind the last ')' of /proc/PID/stat: "… ) S 123 …". */
static pid_t parent_of(pid_t pid, struct buf *tmp)
{
	int64_t parent;
	if (!read_proc(pid, "stat", tmp))
		return 0;
	struct str s = buf_str(tmp);
	size_t at = str_rchr(s, ')');
	if (at == STR_NPOS)
		return 0;
	s = str_from(s, at + 4);
	return scan_i64(str_sub(s, 0, str_chr(s, ' ')), &parent) == 0 ? (pid_t)parent : 0;
}

static bool tagged(pid_t pid, const char *tag, struct buf *tmp)
{
	char want[128];
	int n = snprintf(want, sizeof want, PROCTREE_TAG "=%s", tag);
	if (!read_proc(pid, "environ", tmp))
		return false;
	struct str rest = buf_str(tmp), one;
	while (rest.n && str_split(&rest, '\0', &one))
		if (str_eq(one, str_n(want, (size_t)n)))
			return true;
	return false;
}

static size_t all_pids(pid_t *pids, pid_t *parents, size_t max, struct buf *tmp)
{
	size_t n = 0;
	DIR *d = opendir("/proc");
	int64_t v;
	for (struct dirent *de; d && n < max && (de = readdir(d));) {
		if (scan_i64(str_of(de->d_name), &v) < 0)
			continue;
		pids[n] = (pid_t)v;
		parents[n++] = parent_of((pid_t)v, tmp);
	}
	if (d)
		closedir(d);
	return n;
}

static bool listed(const pid_t *list, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

size_t proctree_list(const char *tag, pid_t leader, pid_t *ret, size_t max)
{
	static pid_t pids[8192], parents[8192];
	struct buf tmp;
	buf_init(&tmp, NULL, FILE_MAX_BYTES + 64 * KiB);
	size_t total = all_pids(pids, parents, ARRAY_LEN(pids), &tmp), n = 0;
	for (size_t i = 0; i < total && n < max; i++)
		if (pids[i] == leader || (pids[i] != getpid() && tagged(pids[i], tag, &tmp)))
			ret[n++] = pids[i];
	/* Descendants whose environment is hidden or rewritten; each pass goes one generation deeper. */
	for (bool grew = true; grew && n < max;) {
		grew = false;
		for (size_t i = 0; i < total && n < max; i++)
			if (parents[i] > 1 && listed(ret, n, parents[i]) && !listed(ret, n, pids[i])) {
				ret[n++] = pids[i];
				grew = true;
			}
	}
	buf_release(&tmp);
	return n;
}

static bool is_zombie(pid_t pid, struct buf *tmp)
{
	if (!read_proc(pid, "stat", tmp))
		return true;
	size_t at = str_rchr(buf_str(tmp), ')');
	return at != STR_NPOS && at + 2 < tmp->n && tmp->p[at + 2] == 'Z';
}

size_t proctree_kill(const char *tag, pid_t leader, int rounds)
{
	pid_t pids[PROCTREE_MAX];
	struct buf tmp;
	size_t left = 0;
	buf_init(&tmp, NULL, FILE_MAX_BYTES + 64 * KiB);
	for (int i = 0; i < rounds; i++) {
		size_t n = proctree_list(tag, leader, pids, ARRAY_LEN(pids));
		left = 0;
		for (size_t k = 0; k < n; k++) {
			if (is_zombie(pids[k], &tmp))
				continue;
			kill(pids[k], SIGKILL);
			left++;
		}
		if (!left)
			break;
		clock_sleep(2 * USEC_PER_MS);
	}
	buf_release(&tmp);
	return left;
}

int64_t proctree_pss(const char *tag, pid_t leader)
{
	pid_t pids[PROCTREE_MAX];
	struct buf tmp;
	int64_t total = 0;
	buf_init(&tmp, NULL, FILE_MAX_BYTES + 64 * KiB);
	size_t n = proctree_list(tag, leader, pids, ARRAY_LEN(pids));
	for (size_t i = 0; i < n; i++) {
		int64_t kb;
		if (!read_proc(pids[i], "smaps_rollup", &tmp))
			continue;
		size_t at = str_find(buf_str(&tmp), STR("\nPss:"));
		if (at == STR_NPOS)
			continue;
		struct str line = str_from(buf_str(&tmp), at + 5);
		line = str_trim(str_sub(line, 0, str_find(line, STR("kB"))));
		if (scan_i64(line, &kb) == 0)
			total += kb * 1024;
	}
	buf_release(&tmp);
	return total;
}

bool proctree_cmdline(pid_t pid, char *out, size_t cap)
{
	struct buf tmp;
	buf_init(&tmp, NULL, FILE_MAX_BYTES + 64 * KiB);
	bool good = read_proc(pid, "cmdline", &tmp) && tmp.n;
	for (size_t i = 0; good && i + 1 < tmp.n; i++)
		if (tmp.p[i] == '\0')
			tmp.p[i] = ' ';
	if (good)
		str_copy(out, cap, buf_str(&tmp));
	buf_release(&tmp);
	return good;
}

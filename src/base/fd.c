#include "base/first.h"
#include "base/fd.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

void fd_close(int *fd)
{
	if (*fd >= 0) {
		int keep = errno;
		close(*fd);
		errno = keep;
	}
	*fd = -1;
}

static int set_flag(int fd, int get, int set, int flag, bool on)
{
	int old = fcntl(fd, get);
	if (old < 0 || fcntl(fd, set, on ? old | flag : old & ~flag) < 0)
		return E_IO;
	return 0;
}

int fd_nonblock(int fd, bool on)
{
	return set_flag(fd, F_GETFL, F_SETFL, O_NONBLOCK, on);
}

int fd_cloexec(int fd, bool on)
{
	return set_flag(fd, F_GETFD, F_SETFD, FD_CLOEXEC, on);
}

int fd_write_all(int fd, const void *p, size_t n)
{
	const char *at = p;
	while (n) {
		ssize_t did = write(fd, at, n);
		if (did < 0) {
			if (errno == EINTR)
				continue;
			return E_IO;
		}
		at += did;
		n -= (size_t)did;
	}
	return 0;
}

int fd_read_all(int fd, void *p, size_t n)
{
	char *at = p;
	while (n) {
		ssize_t did = read(fd, at, n);
		if (did < 0 && errno == EINTR)
			continue;
		if (did <= 0)
			return did < 0 ? E_IO : E_GONE;
		at += did;
		n -= (size_t)did;
	}
	return 0;
}

int fd_read_file(const char *path, size_t max, struct buf *ret, struct err *e)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", path);
	size_t total = 0;
	for (;;) {
		char *at = buf_reserve(ret, 64 * KiB);
		if (!at)
			return err_set(e, E_LIMIT, "%s: too large", path);
		ssize_t got = read(fd, at, 64 * KiB);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_errno(e, "%s", path);
		if (got == 0)
			return 0;
		total += (size_t)got;
		if (total > max)
			return err_set(e, E_LIMIT, "%s: larger than %zu bytes", path, max);
		buf_commit(ret, (size_t)got);
	}
}

int fd_write_file(const char *path, struct str data, int mode, struct err *e)
{
	char tmp[4096];
	if ((size_t)snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= sizeof tmp)
		return err_set(e, E_LIMIT, "%s: path too long", path);
	_cleanup_fd_ int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "%s", tmp);
	if (fd_write_all(fd, data.p, data.n) < 0 || fchmod(fd, (mode_t)mode) < 0 || fsync(fd) < 0 ||
		rename(tmp, path) < 0) {
		int rc = err_errno(e, "%s", path);
		unlink(tmp);
		return rc;
	}
	return 0;
}

int fd_mkdirs(const char *path, int mode, struct err *e)
{
	char part[4096];
	if (strlen(path) >= sizeof part)
		return err_set(e, E_LIMIT, "%s: path too long", path);
	str_copy(part, sizeof part, str_of(path));
	for (char *p = part + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		if (mkdir(part, (mode_t)mode) < 0 && errno != EEXIST)
			return err_errno(e, "%s", part);
		*p = '/';
	}
	if (mkdir(part, (mode_t)mode) < 0 && errno != EEXIST)
		return err_errno(e, "%s", part);
	return 0;
}

int fd_send(int sock, int fd)
{
	char byte = 'F';
	struct iovec io = { .iov_base = &byte, .iov_len = 1 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u = { 0 };
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(sock, &m, MSG_NOSIGNAL) == 1 ? 0 : E_IO;
}

int fd_recv(int sock, int *ret_fd)
{
	char byte;
	struct iovec io = { .iov_base = &byte, .iov_len = 1 };
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u;
	struct msghdr m = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = u.room, .msg_controllen = sizeof u.room };
	ssize_t got = recvmsg(sock, &m, MSG_CMSG_CLOEXEC);
	if (got <= 0)
		return got == 0 ? E_GONE : E_IO;
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	if (!c || c->cmsg_type != SCM_RIGHTS)
		return E_PROTO;
	memcpy(ret_fd, CMSG_DATA(c), sizeof *ret_fd);
	return 0;
}

static int unix_address(const char *path, struct sockaddr_un *sa, struct err *e)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof sa->sun_path)
		return err_set(e, E_LIMIT, "%s: a socket path has at most %zu bytes", path, sizeof sa->sun_path - 1);
	str_copy(sa->sun_path, sizeof sa->sun_path, str_of(path));
	return 0;
}

int fd_listen_unix(const char *path, int mode, int backlog, int *ret_fd, struct err *e)
{
	struct sockaddr_un sa;
	int rc = unix_address(path, &sa, e);
	if (rc < 0)
		return rc;
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || chmod(path, (mode_t)mode) < 0 ||
		listen(fd, backlog) < 0)
		return err_errno(e, "%s", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int fd_connect_unix(const char *path, int *ret_fd, struct err *e)
{
	struct sockaddr_un sa;
	int rc = unix_address(path, &sa, e);
	if (rc < 0)
		return rc;
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof sa) < 0)
		return err_errno(e, "%s", path);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

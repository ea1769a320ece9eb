#include "base/first.h"
#include "cdp/netns.h"
#include "base/fd.h"

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define ANSWER_MS 1000
#define BACKLOG 128

static int write_file(const char *path, const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t did = write(fd, text, n);
	close(fd);
	return did == (ssize_t)n ? 0 : -1;
}

/* "1000 1000 1": the user stays who he is. snprintf is not async-signal-safe by the letter; this is. */
static int map_self(const char *path, unsigned id)
{
	char digits[12], text[32];
	size_t n = 0, k = 0;
	do
		digits[n++] = (char)('0' + id % 10);
	while (id /= 10);
	for (int twice = 0; twice < 2; twice++) {
		for (size_t i = n; i-- > 0;)
			text[k++] = digits[i];
		text[k++] = ' ';
	}
	text[k++] = '1';
	return write_file(path, text, k);
}

static int loopback_up(void)
{
	struct ifreq r;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memset(&r, 0, sizeof r);
	memcpy(r.ifr_name, "lo", 3);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	int rc = fd < 0 ? -1 : ioctl(fd, SIOCSIFFLAGS, &r);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int listener(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (bind(fd, (struct sockaddr *)&sa, sizeof sa) < 0 || listen(fd, BACKLOG) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The socket maker: one byte in, one descriptor out. */
NORETURN static void serve(int channel)
{
	char byte;
	while (read(channel, &byte, 1) == 1) {
		int fd = listener();
		if (fd < 0 || fd_send(channel, fd) < 0)
			break;
		close(fd);
	}
	_exit(0);
}

int netns_enter(int channel, uid_t to_uid, gid_t to_gid)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	if (uid == 0) {
		if (unshare(CLONE_NEWNET) < 0)
			return -1;
	} else {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
			return -1;
		/* A process that dropped root is undumpable, and its files in /proc are root's. */
		prctl(PR_SET_DUMPABLE, 1);
		write_file("/proc/self/setgroups", "deny", 4);
		if (map_self("/proc/self/uid_map", uid) < 0 || map_self("/proc/self/gid_map", gid) < 0)
			return -1;
	}
	if (loopback_up() < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		/* A copy of the crawler: nobody may look into its memory, and nothing of it may stay open. */
		dup2(channel, 3);
		close_range(4, ~0U, 0);
		close(0);
		close(1);
		close(2);
		if (uid == 0 && to_uid &&
			(setresgid(to_gid, to_gid, to_gid) < 0 || setresuid(to_uid, to_uid, to_uid) < 0))
			_exit(1);
		prctl(PR_SET_DUMPABLE, 0);
		serve(3);
	}
	return pid < 0 ? -1 : 0;
}

int netns_listen(int channel, int *ret_fd, int *ret_port, struct err *e)
{
	struct sockaddr_in sa = { 0 };
	socklen_t n = sizeof sa;
	struct pollfd p = { .fd = channel, .events = POLLIN };
	int fd = -1;
	if (send(channel, "s", 1, MSG_NOSIGNAL) != 1 || poll(&p, 1, ANSWER_MS) != 1 || fd_recv(channel, &fd) < 0)
		return err_set(e, E_UNAVAIL, "the browser's network namespace does not answer");
	if (getsockname(fd, (struct sockaddr *)&sa, &n) < 0) {
		fd_close(&fd);
		return err_errno(e, "listener");
	}
	*ret_fd = fd;
	*ret_port = ntohs(sa.sin_port);
	return 0;
}

#include "base/first.h"
#include "proc/notify.h"
#include "base/fd.h"
#include "base/scan.h"

#include <sys/socket.h>
#include <sys/un.h>

int notify_send(const char *fmt, ...)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	if (!path || !*path)
		return 0;
	size_t n = strlen(path);
	if ((path[0] != '/' && path[0] != '@') || n >= sizeof to.sun_path)
		return E_IO;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	int len = vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= sizeof text)
		return E_IO;
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return E_IO;
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	return sendto(fd, text, (size_t)len, MSG_NOSIGNAL, (struct sockaddr *)&to, size) == len ? 0 : E_IO;
}

int notify_ready(const char *status)
{
	return notify_send("READY=1\nSTATUS=%s\nMAINPID=%d", status, (int)getpid());
}

int notify_reloading(void)
{
	return notify_send("RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono());
}

int notify_stopping(void)
{
	return notify_send("STOPPING=1\nSTATUS=finishing requests");
}

usec_t notify_watchdog(void)
{
	int64_t usec, pid;
	if (scan_i64(str_of(getenv("WATCHDOG_USEC")), &usec) < 0 || usec <= 0)
		return 0;
	if (getenv("WATCHDOG_PID") && (scan_i64(str_of(getenv("WATCHDOG_PID")), &pid) < 0 || pid != getpid()))
		return 0;
	return usec / 2;
}

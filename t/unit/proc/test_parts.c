#include "base/first.h"
#include "proc/children.h"
#include "proc/notify.h"
#include "proc/shm.h"
#include "proc/user.h"
#include "../tap.h"

#include <sys/socket.h>
#include <sys/un.h>

static void check_backoff(void)
{
	is_int(children_backoff(0), 0, "no failure, no delay");
	is_int(children_backoff(1), 100 * USEC_PER_MS, "the first");
	is_int(children_backoff(4), 800 * USEC_PER_MS, "doubles");
	is_int(children_backoff(30), 10 * USEC_PER_SEC, "to a bound");
}

static void check_scoreboard(void)
{
	struct pool_counts n;
	struct scoreboard *sb = scoreboard_init(shm_map(scoreboard_size(3)), 3);
	is_int(scoreboard_take(sb), 0, "a free slot");
	for (int i = 0; i < 3; i++) {
		sb->slots[i].pid = 100 + i;
		sb->slots[i].pool = i == 2;
		sb->slots[i].state = i == 1 ? WORKER_BUSY : WORKER_IDLE;
		sb->slots[i].since = clock_mono() - 5 * USEC_PER_SEC;
	}
	is_int(scoreboard_take(sb), -1, "none left");
	is_int(scoreboard_find(sb, 102), 2, "by process");
	is_int(scoreboard_find(sb, 99), -1, "unknown");
	scoreboard_counts(sb, 0, &n);
	ok(n.workers == 2 && n.idle == 1 && n.busy == 1 && n.longest >= 5 * USEC_PER_SEC, "figures of a pool");
	is_cstr(worker_state_name(WORKER_STOPPING), "stopping");
	is_cstr(worker_state_name((enum worker_state)99), "unknown");
}

static void check_notify(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	char name[64], text[128] = "";
	unsetenv("NOTIFY_SOCKET");
	is_int(notify_send("READY=1"), 0, "nobody asked");
	snprintf(name, sizeof name, "@kryfto-test-%d", (int)getpid());
	memcpy(sa.sun_path + 1, name + 1, strlen(name) - 1);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	ok(bind(fd, (struct sockaddr *)&sa, n) == 0, "an abstract name");
	setenv("NOTIFY_SOCKET", name, 1);
	is_int(notify_send("STATUS=%d", 7), 0, "sent");
	ok(recv(fd, text, sizeof text - 1, MSG_DONTWAIT) > 0 && strcmp(text, "STATUS=7") == 0, "as it was said");
	setenv("NOTIFY_SOCKET", "relative", 1);
	is_int(notify_send("x"), E_IO, "no relative path");
	close(fd);
	setenv("WATCHDOG_USEC", "3000000", 1);
	is_int(notify_watchdog(), 1500000, "half of the watchdog's time");
	setenv("WATCHDOG_PID", "1", 1);
	is_int(notify_watchdog(), 0, "meant for another process");
	unsetenv("WATCHDOG_PID");
	setenv("WATCHDOG_USEC", "soon", 1);
	is_int(notify_watchdog(), 0, "no number");
}

static void check_users(void)
{
	uid_t uid = 1;
	gid_t gid;
	struct err e = { 0 };
	ok(user_find("root", &uid, &gid, &e) == 0 && uid == 0, "by name");
	ok(user_find("0", &uid, &gid, &e) == 0 && uid == 0, "by number");
	ok(user_find("no-such-user", &uid, &gid, &e) == E_NOTFOUND && strstr(e.words, "no-such-user"),
		"named when unknown");
	ok(group_find("root", &gid, &e) == 0 && gid == 0, "group");
	is_int(group_find("no-such-group", &gid, &e), E_NOTFOUND, "unknown group");
	if (geteuid() != 0)
		is_int(user_become("root", &e), E_DENIED, "nobody becomes root");
	else
		is_int(user_become("root", &e), 0, "already who it shall be");
}

int main(void)
{
	check_backoff();
	check_scoreboard();
	check_notify();
	check_users();
	return done_testing();
}

#include "base/first.h"
#include "base/fd.h"
#include "../tap.h"

#include <sys/socket.h>
#include <sys/stat.h>

static char dir[] = "/tmp/kryfto-fd.XXXXXX";
static struct arena a;

static const char *in_dir(const char *name)
{
	return arena_printf(&a, "%s/%s", dir, name).p;
}

static void files(void)
{
	struct err e = { 0 };
	struct buf b;
	buf_init(&b, &a, 1 * MiB);
	is_int(fd_mkdirs(in_dir("x/y/z"), 0755, &e), 0, "mkdir -p");
	is_int(fd_mkdirs(in_dir("x/y/z"), 0755, &e), 0, "again");
	is_int(fd_write_file(in_dir("x/f"), STR("hello"), 0640, &e), 0, "write");
	is_int(fd_write_file(in_dir("x/f"), STR("goodbye"), 0640, &e), 0, "replace");
	is_int(fd_read_file(in_dir("x/f"), 100, &b, &e), 0, "read");
	is_str(buf_str(&b), "goodbye", "contents");
	struct stat st;
	ok(stat(in_dir("x/f"), &st) == 0 && (st.st_mode & 0777) == 0640, "mode");
	is_int(fd_read_file(in_dir("x/f"), 3, &b, &e), E_LIMIT, "too large");
	is_int(fd_read_file(in_dir("x/none"), 3, &b, &e), E_NOTFOUND, "not there: %s", e.words);
	is_int(fd_write_file(in_dir("none/f"), STR(""), 0640, &e), E_NOTFOUND, "no such folder");
}

static void sockets(void)
{
	struct err e = { 0 };
	int server = -1, client = -1, pair[2], passed = -1;
	char long_path[200];
	memset(long_path, 'p', 199);
	long_path[0] = '/';
	long_path[199] = 0;
	is_int(fd_listen_unix(in_dir("s"), 0660, 5, &server, &e), 0, "listen");
	is_int(fd_listen_unix(in_dir("s"), 0660, 5, &passed, &e), 0, "an old socket file is no obstacle");
	fd_close(&server);
	server = passed;
	passed = -1;
	is_int(fd_connect_unix(in_dir("s"), &client, &e), 0, "connect");
	is_int(fd_listen_unix(long_path, 0660, 5, &passed, &e), E_LIMIT, "path too long: %s", e.words);
	is_int(fd_connect_unix(in_dir("nobody"), &passed, &e), E_NOTFOUND, "nobody there");
	is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0, "a pair");
	is_int(fd_send(pair[0], client), 0, "pass a descriptor");
	is_int(fd_recv(pair[1], &passed), 0, "take it");
	ok(passed >= 0 && passed != client, "it is a new number");
	fd_close(&pair[0]);
	is_int(fd_recv(pair[1], &passed), E_GONE, "the other end is closed");
	char four[4];
	is_int(fd_read_all(pair[1], four, 4), E_GONE, "an early end");
	fd_close(&pair[1]);
	fd_close(&client);
	fd_close(&server);
	fd_close(&passed);
	is_int(passed, -1, "closing marks");
}

int main(void)
{
	arena_init(&a, 0);
	ok(mkdtemp(dir) != NULL, "folder");
	files();
	sockets();
	unlink(in_dir("x/f"));
	unlink(in_dir("s"));
	rmdir(in_dir("x/y/z"));
	rmdir(in_dir("x/y"));
	rmdir(in_dir("x"));
	ok(rmdir(dir) == 0, "no temporary file stays behind");
	arena_release(&a);
	return done_testing();
}

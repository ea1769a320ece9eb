/* The responder against a web server made of raw FastCGI records (specification 1.0), as real and as rude ones send
 * them. */
#include "base/first.h"
#include "http/fcgi.h"
#include "base/clock.h"
#include "base/fd.h"
#include "../tap.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { BEGIN = 1, ABORT = 2, END = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };

static char sock[64];
static struct arena arena;

static void record(struct buf *b, int type, struct str data)
{
	const unsigned char head[8] = { 1, (unsigned char)type, 0, 1, (unsigned char)(data.n >> 8),
		(unsigned char)data.n, 0, 0 };
	buf_add(b, head, 8);
	buf_adds(b, data);
}

static void pair(struct buf *b, const char *name, struct str value)
{
	buf_addc(b, (char)strlen(name));
	if (value.n > 127) {
		const unsigned char n[4] = { 0x80 | (unsigned char)(value.n >> 24), (unsigned char)(value.n >> 16),
			(unsigned char)(value.n >> 8), (unsigned char)value.n };
		buf_add(b, n, 4);
	} else {
		buf_addc(b, (char)value.n);
	}
	buf_addz(b, name);
	buf_adds(b, value);
}

struct ask {
	const char *method, *uri;
	struct str body;
	size_t announce;  /* Content-Length when it differs from the body */
	bool keep;        /* FCGI_KEEP_CONN */
	size_t piece;     /* send in pieces of this size, with pauses; 0: at once */
	bool no_end;      /* no empty STDIN record */
};

static struct str request(const struct ask *q)
{
	struct buf *b = arena_new(&arena, struct buf), p;
	const char begin[8] = { 0, 1, (char)q->keep };
	buf_init(b, &arena, 0);
	buf_init(&p, &arena, 0);
	record(b, BEGIN, str_n(begin, 8));
	pair(&p, "REQUEST_METHOD", str_of(q->method));
	pair(&p, "REQUEST_URI", str_of(q->uri));
	if (q->body.n || q->announce) {
		pair(&p, "CONTENT_LENGTH", arena_printf(&arena, "%zu", q->announce ? q->announce : q->body.n));
		pair(&p, "CONTENT_TYPE", STR("application/json"));
	}
	record(b, PARAMS, buf_str(&p));
	record(b, PARAMS, STR(""));
	for (size_t i = 0; i < q->body.n; i += 65535)
		record(b, STDIN, str_sub(q->body, i, 65535));
	if (!q->no_end)
		record(b, STDIN, STR(""));
	return buf_str(b);
}

static int dial(void)
{
	int fd = -1;
	struct err e = { 0 };
	return fd_connect_unix(sock, &fd, &e) < 0 ? -1 : fd;
}

/* Everything of STDOUT until the end of the connection; *ret_ended: an END record came. */
static struct str response(int fd, bool *ret_ended)
{
	struct buf *out = arena_new(&arena, struct buf), raw;
	buf_init(out, &arena, 0);
	buf_init(&raw, &arena, 0);
	*ret_ended = false;
	char chunk[8192];
	for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;)
		buf_add(&raw, chunk, (size_t)n);
	const unsigned char *p = (const unsigned char *)raw.p;
	for (size_t i = 0; i + 8 <= raw.n;) {
		size_t n = (size_t)p[i + 4] << 8 | p[i + 5];
		if (p[i + 1] == STDOUT)
			buf_add(out, p + i + 8, n);
		if (p[i + 1] == END)
			*ret_ended = true;
		i += 8 + n + p[i + 6];
	}
	return buf_str(out);
}

static struct str ask(const struct ask *q)
{
	int fd = dial();
	bool ended;
	struct str all = request(q);
	size_t piece = q->piece ? q->piece : all.n;
	for (size_t i = 0; i < all.n; i += piece) {
		struct str part = str_sub(all, i, piece);
		if (send(fd, part.p, part.n, MSG_NOSIGNAL) < 0)
			break;
		if (q->piece)
			clock_sleep(200);
	}
	struct str got = response(fd, &ended);
	close(fd);
	return ended ? got : STR("");
}

/* Echoes method, path and body; "/unread" leaves the body, "/big" answers a megabyte. */
static void answer(struct req *r, struct reply *reply, int status)
{
	if (status) {
		reply_text(reply, status, "text/plain", STR("refused"));
		return;
	}
	struct buf b;
	buf_init(&b, r->arena, 0);
	buf_addf(&b, "%s %.*s ", method_name(r->method), STR_FMT(r->path));
	if (str_is(r->path, "/big"))
		for (int i = 0; i < 65536; i++)
			buf_addz(&b, "0123456789abcdef");
	if (!str_is(r->path, "/unread") && r->content_length) {
		char *p = arena_alloc(r->arena, (size_t)r->content_length);
		if (r->read(r, p, (size_t)r->content_length) < 0)
			buf_addz(&b, "(ended early)");
		else
			buf_add(&b, p, (size_t)r->content_length);
	}
	reply_text(reply, 200, "text/plain", buf_str(&b));
}

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	stop = 1;
}

static void serve(int fd)
{
	struct arena a;
	struct err e = { 0 };
	sigaction(SIGTERM, &(struct sigaction){ .sa_handler = on_term, .sa_flags = SA_RESTART }, NULL);
	sigaction(SIGHUP, &(struct sigaction){ .sa_handler = on_term, .sa_flags = SA_RESTART }, NULL);
	if (fcgi_init(&e) < 0)
		_exit(1);
	struct fcgi *f = fcgi_new(fd);
	arena_init(&a, 0);
	for (; !stop; arena_reset(&a)) {
		struct req r;
		struct reply reply;
		int status, err = fcgi_accept(f, &a, &r, &status, &e);
		if (err == E_AGAIN)
			continue;
		if (err < 0)
			_exit(2);
		reply_init(&reply, &a);
		answer(&r, &reply, status);
		fcgi_reply(f, &r, &reply);
	}
	arena_release(&a);
	fcgi_free(f);
	_exit(0);
}

static bool has(struct str s, const char *text)
{
	return str_find(s, str_of(text)) != STR_NPOS;
}

static void check_plain(void)
{
	ok(has(ask(&(struct ask){ "GET", "/a?b=c" }), "GET /a "), "a request");
	ok(has(ask(&(struct ask){ "POST", "/p", STR("{\"x\":1}") }), "POST /p {\"x\":1}"), "a body");
	ok(has(ask(&(struct ask){ "POST", "/p", STR("{\"x\":1}"), .piece = 3 }), "POST /p {\"x\":1}"),
		"in pieces of three bytes");
	ok(has(ask(&(struct ask){ "GET", "/k", .keep = true }), "GET /k "),
		"a connection to be kept is closed all the same");
	struct str head = ask(&(struct ask){ "HEAD", "/h" });
	ok(has(head, "Content-Length: 8\r\n") && str_ends(head, STR("\r\n\r\n")), "HEAD has a length and no body");
	struct str big = ask(&(struct ask){ "GET", "/big" });
	ok(big.n > MiB && str_ends(big, STR("0123456789abcdef")), "a megabyte of answer");
	char *body = arena_alloc(&arena, 300000);
	memset(body, 'b', 300000);
	struct str long_body = ask(&(struct ask){ "POST", "/p", str_n(body, 300000) });
	ok(has(long_body, "POST /p bbb") && long_body.n > 300000, "a body of many records");
	ok(has(ask(&(struct ask){ "POST", "/unread", str_n(body, 300000) }), "POST /unread "),
		"a body that nobody reads does no harm");
	ok(has(ask(&(struct ask){ "GET", "/%00" }), "Status: 400"), "a request that does not parse is answered");
}

static void check_rude(pid_t server)
{
	ok(has(ask(&(struct ask){ "POST", "/p", STR("{}"), .announce = 10 }), "(ended early)"),
		"less body than announced");
	ok(has(ask(&(struct ask){ "POST", "/p", STR("{\"x\":1}"), .announce = 2 }), "POST /p {\""),
		"more body than announced");
	int fd = dial();
	close(fd);
	ok(has(ask(&(struct ask){ "GET", "/a" }), "GET /a "), "a connection without a word");
	struct str whole = request(&(struct ask){ "GET", "/a" });
	for (size_t n = 1; n < whole.n; n += 7) {
		fd = dial();
		if (send(fd, whole.p, n, MSG_NOSIGNAL) < 0)
			break;
		close(fd);
	}
	ok(has(ask(&(struct ask){ "GET", "/a" }), "GET /a "), "requests cut off anywhere");
	fd = dial();
	if (send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL) == 18)
		shutdown(fd, SHUT_WR);
	bool ended;
	response(fd, &ended);
	close(fd);
	ok(has(ask(&(struct ask){ "GET", "/a" }), "GET /a "), "another protocol");
	fd = dial();
	struct str big = request(&(struct ask){ "GET", "/big" });
	ok(send(fd, big.p, big.n, MSG_NOSIGNAL) > 0, "a client that asks for much");
	close(fd);
	ok(has(ask(&(struct ask){ "GET", "/a" }), "GET /a "), "and goes before the answer");
	is_int(waitpid(server, NULL, WNOHANG), 0, "the responder lives");
}

static void check_signals(pid_t server)
{
	int fd = dial(), status = -1;
	bool ended;
	struct str all = request(&(struct ask){ "POST", "/p", STR("{\"x\":1}") });
	/* Half a request, then the stop, then the other half. */
	if (send(fd, all.p, all.n - 12, MSG_NOSIGNAL) < 0)
		return;
	clock_sleep(20000);
	kill(server, SIGTERM);
	clock_sleep(20000);
	ok(send(fd, all.p + all.n - 12, 12, MSG_NOSIGNAL) == 12 && has(response(fd, &ended), "POST /p {\"x\":1}"),
		"a stop in the middle of a request lets it finish");
	close(fd);
	ok(waitpid(server, &status, 0) == server && status == 0, "and then ends the loop");
}

int main(void)
{
	int fd;
	struct err e = { 0 };
	snprintf(sock, sizeof sock, "/tmp/kfcgi.%d", (int)getpid());
	arena_init(&arena, 0);
	if (fd_listen_unix(sock, 0600, 16, &fd, &e) < 0)
		return 1;
	fflush(stdout);
	pid_t server = fork();
	if (server == 0)
		serve(fd);
	check_plain();
	check_rude(server);
	check_signals(server);
	unlink(sock);
	arena_release(&arena);
	return done_testing();
}

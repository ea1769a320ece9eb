#include "base/first.h"
#include "cdp/browser.h"
#include "cdp/netns.h"
#include "cdp/profile.h"
#include "cdp/proctree.h"
#include "base/fd.h"
#include "base/enc.h"
#include "base/rng.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define START_TIMEOUT (20 * USEC_PER_SEC)
#define SANDBOX_TIMEOUT (3 * USEC_PER_SEC)
#define FLAGS_MAX 64
#define STDERR_TAIL 4096

/* Exit codes of a child that did not come to be a browser. */
enum { CHILD_NO_NETNS = 125, CHILD_NO_USER = 126, CHILD_NO_PROGRAM = 127 };

struct browser {
	struct loop *loop;
	struct cdp *cdp;
	struct loop_fd *err_io;
	int err_fd;
	int net;       /* channel to the socket maker in its namespace; -1: none */
	pid_t pid;
	char tag[33];
	char dir[512];
	char tail[STDERR_TAIL]; /* the last of what it wrote to stderr */
	size_t tail_n;
	struct browser_version version;
	usec_t started;
	bool gone, stopping;
	void (*on_gone)(void *arg);
	void *arg;
};

struct launch {
	char *argv[FLAGS_MAX];
	size_t n;
	char room[4096];
	size_t used;
	uid_t uid;
	gid_t gid;
	bool netns;
	bool drop;
};

static void flag(struct launch *la, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void flag(struct launch *la, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(la->room + la->used, sizeof la->room - la->used, fmt, ap);
	va_end(ap);
	if (n < 0 || la->used + (size_t)n + 1 > sizeof la->room || la->n + 1 >= FLAGS_MAX)
		die("browser flags do not fit");
	la->argv[la->n++] = la->room + la->used;
	la->argv[la->n] = NULL;
	la->used += (size_t)n + 1;
}

/* Debian's /usr/bin/chromium* are shell scripts that stay as the parent: killing them would not kill the browser. */
static const char *program(const char *binary, char *room, size_t cap)
{
	snprintf(room, cap, "/usr/lib/chromium/%s", binary);
	return !strchr(binary, '/') && access(room, X_OK) == 0 ? room : binary;
}

/* The launch set: why each group is there stands in docs/internals/browser.md. */
static void launch_flags(struct launch *la, const struct browser_config *cfg, const char *dir)
{
	static const char *const fixed[] = { "--headless", "--remote-debugging-pipe", "--no-startup-window",
		"--no-first-run", "--disable-background-networking", "--disable-component-update",
		"--disable-default-apps", "--disable-sync", "--disable-extensions", "--disable-breakpad",
		"--disable-crash-reporter", "--disable-domain-reliability", "--disable-field-trial-config",
		"--disable-prompt-on-repost", "--disable-gpu", "--mute-audio", "--no-pings",
		"--no-default-browser-check", "--no-service-autorun", "--password-store=basic", "--use-mock-keychain",
		"--hide-scrollbars",
		"--disable-features=MediaRouter,OptimizationHints,Translate,DialMediaRouteProvider,"
		"AutofillServerCommunication,"
		"InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater",
		"--webrtc-ip-handling-policy=disable_non_proxied_udp", "--disable-quic", "--disable-dev-shm-usage" };
	char path[256];
	flag(la, "%s", program(cfg->binary, path, sizeof path));
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		flag(la, "%s", fixed[i]);
	flag(la, "--user-data-dir=%s/profile", dir);
	flag(la, "--window-size=%d,%d", BROWSER_WIDTH, BROWSER_HEIGHT);
	/* Contexts bring proxies of their own; what has none goes to a port where nothing listens. */
	if (!cfg->direct) {
		flag(la, "--proxy-server=http://" BROWSER_PROXY_HOST ":9");
		flag(la, "--proxy-bypass-list=<-loopback>");
	}
	if (!cfg->direct && !cfg->no_resolver_wall)
		flag(la, "--host-resolver-rules=MAP " BROWSER_PROXY_HOST " 127.0.0.1 , MAP * ~NOTFOUND");
	if (cfg->no_sandbox)
		flag(la, "--no-sandbox");
	for (const char *const *x = cfg->extra; x && *x; x++)
		flag(la, "%s", *x);
}

static int who(struct launch *la, const struct browser_config *cfg, struct err *e)
{
	if (geteuid() != 0)
		return 0;
	const char *name = cfg->user && *cfg->user ? cfg->user : "nobody";
	struct passwd *pw = getpwnam(name);
	if (!pw)
		return err_set(e, E_INVALID, "no user is called %s; set KRYFTO_BROWSER_USER to one that exists", name);
	if (pw->pw_uid == 0)
		return err_set(e, E_INVALID, "browsers do not run as root; set KRYFTO_BROWSER_USER to a service user");
	la->uid = pw->pw_uid;
	la->gid = pw->pw_gid;
	la->drop = true;
	return 0;
}

static int setup_dir(struct browser *b, const struct launch *la, const struct browser_config *cfg, struct err *e)
{
	static const char *const parts[] = { "", "/profile", "/tmp", "/home", "/run" };
	int rc = fd_mkdirs(cfg->run_dir, 0755, e);
	if (rc < 0)
		return rc;
	char path[600];
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		snprintf(path, sizeof path, "%s%s", b->dir, parts[i]);
		rc = fd_mkdirs(path, 0700, e);
		if (rc == 0 && la->drop && chown(path, la->uid, la->gid) < 0)
			rc = err_errno(e, "%s", path);
		if (rc < 0)
			return rc;
	}
	return profile_mark(b->dir, getpid(), b->tag, e);
}

/* In the child, before exec: only async-signal-safe calls. */
NORETURN static void child(const struct launch *la, char **env, int in, int out, int err, int net, const char *dir)
{
	setsid();
	if (la->netns && netns_enter(net, la->uid, la->gid) < 0)
		_exit(CHILD_NO_NETNS);
	/* First out of the way of 3 and 4, then onto them. */
	in = fcntl(in, F_DUPFD, 20);
	out = fcntl(out, F_DUPFD, 20);
	err = fcntl(err, F_DUPFD, 20);
	int null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	dup2(err, 2);
	dup2(in, 3);
	dup2(out, 4);
	close_range(5, ~0U, 0);
	struct rlimit none = { 0, 0 };
	setrlimit(RLIMIT_CORE, &none);
	sigset_t empty;
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	const struct sigaction dfl = { .sa_handler = SIG_DFL };
	for (int s = 1; s < 32; s++)
		sigaction(s, &dfl, NULL);
	if (la->drop && (setgroups(0, NULL) < 0 || setresgid(la->gid, la->gid, la->gid) < 0 ||
				setresuid(la->uid, la->uid, la->uid) < 0))
		_exit(CHILD_NO_USER);
	if (chdir(dir) < 0)
		_exit(CHILD_NO_USER);
	execvpe(la->argv[0], la->argv, env);
	_exit(CHILD_NO_PROGRAM);
}

static int spawn(struct browser *b, struct launch *la, int fds[3], struct err *e)
{
	int to[2] = { -1, -1 }, from[2] = { -1, -1 }, err[2] = { -1, -1 }, net[2] = { -1, -1 };
	char home[560], tmp[560], xdg[560], tag[80], path[1100];
	snprintf(home, sizeof home, "HOME=%s/home", b->dir);
	snprintf(tmp, sizeof tmp, "TMPDIR=%s/tmp", b->dir);
	snprintf(xdg, sizeof xdg, "XDG_RUNTIME_DIR=%s/run", b->dir);
	snprintf(tag, sizeof tag, PROCTREE_TAG "=%s", b->tag);
	snprintf(path, sizeof path, "PATH=%.1000s", getenv("PATH") ? getenv("PATH") : "/usr/local/bin:/usr/bin:/bin");
	char *env[] = { home, tmp, xdg, tag, path, (char *)"LANG=C.UTF-8", (char *)"DBUS_SESSION_BUS_ADDRESS=/dev/null",
		NULL };
	if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0 ||
		(la->netns && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, net) < 0)) {
		for (int i = 0; i < 2; i++) {
			fd_close(&to[i]);
			fd_close(&from[i]);
			fd_close(&err[i]);
			fd_close(&net[i]);
		}
		return err_errno(e, "pipe");
	}
	/* Orphans of the browser come to us and not to init, so that none escapes the reaping. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	b->pid = fork();
	if (b->pid == 0)
		child(la, env, to[0], from[1], err[1], net[1], b->dir);
	fd_close(&to[0]);
	fd_close(&from[1]);
	fd_close(&err[1]);
	fd_close(&net[1]);
	b->net = net[0];
	fds[0] = from[0];
	fds[1] = to[1];
	fds[2] = err[0];
	if (b->pid > 0)
		return 0;
	for (int i = 0; i < 3; i++)
		fd_close(&fds[i]);
	fd_close(&b->net);
	return err_errno(e, "fork");
}

static void on_stderr(void *arg, int events)
{
	struct browser *b = arg;
	char text[1024];
	ssize_t n = read(b->err_fd, text, sizeof text);
	if (n <= 0) {
		if (n == 0 || (errno != EAGAIN && errno != EINTR))
			loop_fd_set(b->err_io, 0);
		return;
	}
	size_t drop = b->tail_n + (size_t)n > sizeof b->tail - 1 ? b->tail_n + (size_t)n - (sizeof b->tail - 1) : 0;
	memmove(b->tail, b->tail + drop, b->tail_n - drop);
	b->tail_n -= drop;
	memcpy(b->tail + b->tail_n, text, (size_t)n);
	b->tail_n += (size_t)n;
}

static void on_cdp_close(void *arg)
{
	struct browser *b = arg;
	b->gone = true;
	if (!b->stopping && b->on_gone)
		b->on_gone(b->arg);
}

/* What to do about a browser that never answered, from its own words. */
static int explain(const struct browser *b, struct err *e)
{
	struct str t = str_n(b->tail, b->tail_n);
	if (str_find(t, STR("No usable sandbox")) != STR_NPOS || str_find(t, STR("user namespace")) != STR_NPOS)
		return err_set(e, E_DENIED,
			"the browser has no usable sandbox: allow unprivileged user namespaces "
			"(sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile with userns), or set "
			"KRYFTO_BROWSER_SANDBOX=false");
	int status = 0;
	usec_t until = clock_mono() + USEC_PER_SEC;
	pid_t got;
	while ((got = waitpid(b->pid, &status, WNOHANG)) == 0 && clock_mono() < until)
		fiber_wait(clock_mono() + 2 * USEC_PER_MS);
	if (got == b->pid && WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_PROGRAM)
		return err_set(e, E_NOTFOUND,
			"the browser program was not found: install chromium-headless-shell or set "
			"KRYFTO_BROWSER_BINARY");
	if (got == b->pid && WIFEXITED(status) && WEXITSTATUS(status) == CHILD_NO_NETNS)
		return err_set(e, E_DENIED, "no network namespace for the browser: allow user namespaces "
			"(sysctl kernel.unprivileged_userns_clone=1), or set KRYFTO_BROWSER_NETNS=false");
	size_t nl = str_chr(t, '\n');
	return err_set(e, E_UNAVAIL, "the browser did not start: %.*s", STR_FMT(str_sub(t, 0, MIN(nl, (size_t)160))));
}

/* Windows that pages open are closed at once: nobody looks at them, and storms of them would eat the machine. The page
 * counts its own by Page.windowOpen. */
static void on_browser_event(void *arg, struct str method, const struct json *params)
{
	struct browser *b = arg;
	const struct json *t = json_get(params, "targetInfo");
	if (!str_is(method, "Target.targetCreated") || !json_str(json_get(t, "openerId"), STR("")).n)
		return;
	if (!str_is(json_str(json_get(t, "type"), STR("")), "page"))
		return;
	char text[160];
	int n = snprintf(text, sizeof text, "{\"targetId\":\"%.*s\"}",
		STR_FMT(str_sub(json_str(json_get(t, "targetId"), STR("")), 0, 64)));
	cdp_post(b->cdp, STR_NULL, "Target.closeTarget", str_n(text, (size_t)n));
}

static int greet(struct browser *b, struct err *e)
{
	struct arena a;
	const struct json *v = NULL;
	arena_init(&a, 0);
	int rc = cdp_call(b->cdp, STR_NULL, "Browser.getVersion", STR_NULL, START_TIMEOUT, &a, &v, e);
	if (rc == 0) {
		str_copy(b->version.product, sizeof b->version.product, json_str(json_get(v, "product"), STR("")));
		str_copy(b->version.user_agent, sizeof b->version.user_agent,
			json_str(json_get(v, "userAgent"), STR("")));
	} else if (rc == E_GONE || rc == E_TIMEOUT) {
		rc = explain(b, e);
	}
	cdp_listen(b->cdp, STR(""), on_browser_event, b);
	cdp_post(b->cdp, STR_NULL, "Target.setDiscoverTargets", STR("{\"discover\":true}"));
	arena_release(&a);
	return rc;
}

int browser_start(struct loop *l, const struct browser_config *cfg, void (*on_gone)(void *arg), void *arg,
	struct browser **ret, struct err *e)
{
	struct launch la = { .n = 0 };
	unsigned char raw[16];
	int fds[3] = { -1, -1, -1 };
	int rc = who(&la, cfg, e);
	if (rc < 0)
		return rc;
	struct browser *b = xcalloc(1, sizeof *b);
	*b = (struct browser){
		.loop = l, .err_fd = -1, .net = -1, .started = clock_mono(), .on_gone = on_gone, .arg = arg
	};
	rng_bytes(raw, sizeof raw);
	enc_hex(raw, sizeof raw, b->tag);
	snprintf(b->dir, sizeof b->dir, "%.400s/b-%.12s", cfg->run_dir, b->tag);
	la.netns = !cfg->no_netns && !cfg->direct;
	launch_flags(&la, cfg, b->dir);
	rc = setup_dir(b, &la, cfg, e);
	if (rc == 0)
		rc = spawn(b, &la, fds, e);
	if (rc < 0) {
		profile_remove(b->dir);
		free(b);
		return rc;
	}
	b->err_fd = fds[2];
	fd_nonblock(b->err_fd, true);
	b->err_io = loop_fd_new(l, b->err_fd, LOOP_READ, on_stderr, b);
	rc = cdp_new(l, fds[0], fds[1], on_cdp_close, b, &b->cdp, e);
	b->stopping = true; /* a death before the greeting is reported by the return value alone */
	if (rc == 0)
		rc = greet(b, e);
	if (rc < 0) {
		browser_stop(b, 0);
		return rc;
	}
	b->stopping = false;
	*ret = b;
	return 0;
}

static bool reap(struct browser *b)
{
	return b->pid <= 0 || waitpid(b->pid, NULL, WNOHANG) == b->pid || errno == ECHILD;
}

/* Orphans come to us, the subreaper, one generation after the other; a zombie still answers kill(pid, 0). */
static void reap_orphans(const pid_t *pids, size_t n)
{
	usec_t until = clock_mono() + USEC_PER_SEC;
	for (bool some = true; some && clock_mono() < until;) {
		some = false;
		for (size_t i = 0; i < n; i++) {
			waitpid(pids[i], NULL, WNOHANG);
			some |= kill(pids[i], 0) == 0;
		}
		if (some)
			clock_sleep(USEC_PER_MS);
	}
}

void browser_stop(struct browser *b, usec_t grace)
{
	if (!b)
		return;
	b->stopping = true;
	pid_t pids[PROCTREE_MAX];
	size_t n = proctree_list(b->tag, b->pid, pids, ARRAY_LEN(pids));
	if (grace && b->cdp && !b->gone)
		cdp_post(b->cdp, STR_NULL, "Browser.close", STR_NULL);
	usec_t until = clock_mono() + grace;
	bool dead = false;
	while (!(dead = reap(b)) && clock_mono() < until)
		fiber_wait(MIN(until, clock_mono() + 5 * USEC_PER_MS));
	cdp_free(b->cdp);
	kill(-b->pid, SIGKILL);
	proctree_kill(b->tag, dead ? -1 : b->pid, 50);
	for (int i = 0; !dead && i < 500; i++) {
		dead = reap(b);
		if (!dead)
			clock_sleep(2 * USEC_PER_MS);
	}
	reap_orphans(pids, n);
	loop_fd_free(b->err_io);
	fd_close(&b->err_fd);
	fd_close(&b->net);
	profile_remove(b->dir);
	free(b);
}

int browser_listen(struct browser *b, int *ret_fd, int *ret_port, struct err *e)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof sa;
	if (b->net >= 0)
		return netns_listen(b->net, ret_fd, ret_port, e);
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, n) < 0 || listen(fd, 128) < 0 ||
		getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		return err_errno(e, "listener");
	*ret_port = ntohs(sa.sin_port);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

struct cdp *browser_cdp(struct browser *b) { return b->cdp; }
pid_t browser_pid(const struct browser *b) { return b->pid; }
const char *browser_dir(const struct browser *b) { return b->dir; }
const struct browser_version *browser_version(const struct browser *b) { return &b->version; }
usec_t browser_started(const struct browser *b) { return b->started; }
bool browser_gone(const struct browser *b) { return b->gone; }

int64_t browser_pss(const struct browser *b)
{
	return proctree_pss(b->tag, b->pid);
}

/* "Seccomp:\t2" and so on in /proc/PID/status. */
static bool status_is(pid_t pid, const char *key, const char *value)
{
	char path[64], want[64];
	struct buf text;
	snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	snprintf(want, sizeof want, "\n%s:\t%s\n", key, value);
	buf_init(&text, NULL, 64 * KiB + 64 * KiB);
	bool found =
		fd_read_file(path, 64 * KiB, &text, NULL) == 0 && str_find(buf_str(&text), str_of(want)) != STR_NPOS;
	buf_release(&text);
	return found;
}

static bool own_namespace(pid_t pid, const char *name)
{
	char path[64], theirs[64] = "", ours[64] = "";
	snprintf(path, sizeof path, "/proc/%d/ns/%s", (int)pid, name);
	ssize_t n = readlink(path, theirs, sizeof theirs - 1);
	snprintf(path, sizeof path, "/proc/self/ns/%s", name);
	ssize_t m = readlink(path, ours, sizeof ours - 1);
	return n > 0 && m > 0 && strcmp(theirs, ours) != 0;
}

static int check_renderers(const struct browser *b, struct err *e)
{
	pid_t pids[PROCTREE_MAX];
	char cmd[8192];
	size_t n = proctree_list(b->tag, b->pid, pids, ARRAY_LEN(pids)), seen = 0;
	for (size_t i = 0; i < n; i++) {
		if (!proctree_cmdline(pids[i], cmd, sizeof cmd) || !strstr(cmd, "--type=renderer"))
			continue;
		seen++;
		if (!status_is(pids[i], "Seccomp", "2"))
			return err_set(e, E_DENIED, "renderer %d runs without a seccomp filter", (int)pids[i]);
		if (!own_namespace(pids[i], "pid") || !own_namespace(pids[i], "net") || !own_namespace(pids[i], "user"))
			return err_set(e, E_DENIED, "renderer %d shares our namespaces", (int)pids[i]);
	}
	return seen ? 0 : err_set(e, E_NOTFOUND, "no renderer runs");
}

/* A renderer that was just forked closes its sandbox within some milliseconds. */
int browser_check_sandbox(const struct browser *b, struct err *e)
{
	usec_t until = clock_mono() + SANDBOX_TIMEOUT;
	int rc;
	while ((rc = check_renderers(b, e)) < 0 && clock_mono() < until)
		fiber_wait(clock_mono() + 20 * USEC_PER_MS);
	return rc;
}

/*
 * Confined parse children: hostile bytes are parsed in a process that can do nothing but compute.
 *
 * A child is the program `kryfto-parse`: started by fork + exec with an empty environment (so it
 * never holds a secret of its parent), seccomp allow-list, RLIMIT_AS and RLIMIT_CPU, no new
 * privileges, no descriptor but its channel. It serves one document after another. A child that
 * crashes, runs over its time or breaks the protocol is killed; that document fails, the next one
 * is served by a fresh child. There is no way to parse inside the parent.
 *
 * Transport: one shared memory region (a sealed memfd) for request and reply, and a socket pair for
 * 16-byte wake-ups, so a round trip costs two context switches. What a child says is not believed:
 * lengths are checked, parts are copied before use, and JSON parts are well-formed JSON in UTF-8.
 *
 * Not thread safe: one `struct isolate` or `struct isolate_pool` belongs to one thread.
 */
#ifndef KRYFTO_EXTRACT_ISOLATE_H
#define KRYFTO_EXTRACT_ISOLATE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"

/* What a reply can hold. A request wants a set of them: WANT(PART_TEXT) | WANT(PART_LINKS). */
enum isolate_part {
	PART_HTML,     /* the document as the parser understood it, UTF-8 */
	PART_TEXT,     /* UTF-8 text */
	PART_MARKDOWN, /* UTF-8 text */
	PART_ARTICLE,  /* JSON object: title, byline, excerpt, siteName, lang, dir, publishedTime, content,
	                  textContent, markdown, length, coverage, … */
	PART_METADATA, /* JSON object: title, description, canonical, og, twitter, jsonLd, lang, … */
	PART_LINKS,    /* JSON array of {url, text, rel, nofollow, …}, document order */
	PART_FORMS,    /* JSON array */
	PART_EXTRACT,  /* JSON: what the extraction configuration yields, normally an object */
	PART_ISSUES,   /* JSON array: validation issues of PART_EXTRACT, schema mode only; comes with it */
	ISOLATE_PARTS
};
#define WANT(part) (1u << (part))

enum extract_mode { EXTRACT_NONE, EXTRACT_SELECTORS, EXTRACT_SCHEMA, EXTRACT_PLUGIN };

/* Slices are read until the call returns (isolate_run) or until `done` runs (isolate_pool_submit). */
struct isolate_req {
	unsigned want;          /* WANT() bits; WANT(PART_EXTRACT) needs a mode */
	bool is_text;           /* `body` is plain text: markup in it is data, not tags */
	bool utf8;              /* `body` is UTF-8 already (from JSON, say): look for no other charset */
	struct str body;        /* bytes of the document, any encoding */
	struct str charset;     /* Content-Type header, or a charset label; NULL: unknown; ignored for text (UTF-8) */
	struct str base_url;    /* absolute URL of the document; NULL: relative links stay as they are */
	struct str robots_tag;  /* X-Robots-Tag header for PART_METADATA; NULL: none */
	int status;             /* of the HTTP response, for telling error pages; 0: unknown */
	enum extract_mode mode;
	struct str spec;        /* JSON text: the map of selectors, or the JSON Schema */
	struct str plugin;      /* EXTRACT_PLUGIN: name, for messages */
	struct str source;      /* EXTRACT_PLUGIN: Lua text; see extract_config() */
	usec_t cpu;             /* CPU time for this document, 0: the configuration's */
};

struct isolate_result {
	struct str part[ISOLATE_PARTS]; /* in the arena given; NULL slice: not wanted */
	char charset[32];               /* encoding the document was read in, WHATWG name, lower case */
	usec_t cpu;                     /* CPU time the child spent on it */
};

/* Outcomes of a request (return value, words in err):
 * 0
 * E_INVALID   the extraction configuration is wrong; the words name the key ("selectors.price: …")
 * E_LIMIT     body larger than request_max, reply larger than reply_max, or the child's memory ran out
 * E_TIMEOUT   CPU or wall time of the document used up; the child was killed
 * E_INTERNAL  the child crashed or broke the protocol; it was replaced
 * E_UNAVAIL   no child could be started */

struct isolate_conf {
	const char *program;  /* path of kryfto-parse; NULL: beside the running program, else libexecdir */
	usec_t cpu;           /* CPU time a document; 0: 5 s */
	usec_t wall;          /* wall time a document; 0: 4 × cpu + 1 s (a loaded host is not the page's fault) */
	size_t memory;        /* address space of the child beyond the region; 0: 512 MiB */
	size_t request_max;   /* bytes of all slices of a request; 0: 16 MiB */
	size_t reply_max;     /* bytes of all parts of a reply; 0: 64 MiB */
	unsigned recycle;     /* documents after which a child is replaced; 0: 20 000 */
};

/* --- synchronous: one child, one request at a time (API workers) --- */

struct isolate;

/* Checks the configuration; the child starts with the first request (or isolate_warm). */
int isolate_open(const struct isolate_conf *c, struct isolate **ret, struct err *e);
/* Starts the child now, so that the first request does not pay for it. */
int isolate_warm(struct isolate *is, struct err *e);
void isolate_close(struct isolate *is); /* NULL is fine */
int isolate_run(struct isolate *is, const struct isolate_req *req, struct arena *a, struct isolate_result *ret,
	struct err *e);
/* Process id of the child, 0 when none runs; for tests and the scoreboard. */
pid_t isolate_pid(const struct isolate *is);

/* --- asynchronous: n children behind one descriptor (the crawler's loop) --- */

struct isolate_pool;

/* `rc` and `e` as isolate_run gives them; `res` is NULL unless rc is 0. Runs inside isolate_pool_run()
 * or isolate_pool_close() (then E_CANCELLED). It may submit again. */
typedef void isolate_done_fn(void *ctx, int rc, const struct isolate_result *res, const struct err *e);

int isolate_pool_open(const struct isolate_conf *c, unsigned n, struct isolate_pool **ret, struct err *e);
void isolate_pool_close(struct isolate_pool *p);
/* An epoll descriptor: readable when isolate_pool_run() has something to do. It never changes. */
int isolate_pool_fd(const struct isolate_pool *p);
/* Requests are served in order of submission. `*req` itself is copied, its slices are not; results go
 * into `a`. Returns 0 or E_LIMIT (request too large, or 10 000 waiting); then `done` does not run. */
int isolate_pool_submit(struct isolate_pool *p, const struct isolate_req *req, struct arena *a, isolate_done_fn *done,
	void *ctx, struct err *e);
/* Forgets a request that was submitted with this `ctx`; its child is killed if at work on it. `done`
 * does not run. False when there is none such. */
bool isolate_pool_cancel(struct isolate_pool *p, void *ctx);
/* Collects results, enforces deadlines, feeds waiting requests. */
void isolate_pool_run(struct isolate_pool *p);
/* Monotonic time by which isolate_pool_run() must be called even if nothing is readable; 0: none. */
usec_t isolate_pool_deadline(const struct isolate_pool *p);
/* Requests waiting and at work. */
size_t isolate_pool_pending(const struct isolate_pool *p);

#endif

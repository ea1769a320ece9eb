/* Crawls and their frontier: pace by host, the cap, fences, ends, cancels. */
#include "fixture.h"
#include "store/frontier.h"

static struct db *api;
static const struct audit who = { .project = STR_INIT("p"), .role = STR_INIT("developer") };

static struct crawl_key key(const char *url)
{
	return crawl_key(str_of(url));
}

static void begin(const char *seed, int32_t max_pages, char id[UUID_LEN + 1])
{
	const struct crawl_new n = { .project = STR("p"), .family = FAMILY_COLLECT, .seed = str_of(seed),
		.seed_url = str_of(seed), .host = STR("a.example"), .key = key(seed), .request = STR("{}"),
		.max_pages = max_pages };
	good(crawl_create(api, &n, &who, id, &err), "crawl %s", seed);
}

static size_t claim(usec_t lease, struct visit_claimed **ret, usec_t *ret_due)
{
	size_t n = 0;
	frontier_claim_send(db, STR("w"), 10, lease, NULL);
	db_sync(db, NULL);
	good(frontier_claim_recv(db, &arena, ret, &n, ret_due, &err), "claim");
	return n;
}

static size_t end(const struct visit_claimed *v, enum visit_kind kind, usec_t delay, const struct visit_link *links,
		  size_t n)
{
	struct visit_lease *held;
	size_t held_n = 99;
	struct visit_outcome o = { .lease = v->lease, .kind = kind, .delay = delay, .status = kind < 2 ? 200 : 0,
		.url = v->url, .metadata = STR("{}"), .reason = kind ? STR("why") : STR_NULL };
	memcpy(o.crawl, v->crawl, sizeof o.crawl);
	good(frontier_ack(db, &arena, &o, 1, links, n, &held, &held_n, &err), "ack");
	return held_n;
}

static struct visit_link link_to(const struct visit_claimed *from, const char *url, const char *reason)
{
	return (struct visit_link){ .from = from->lease, .key = key(url), .url = str_of(url), .host = STR("a.example"),
		.reason = reason ? str_of(reason) : STR_NULL };
}

static struct crawl now(const char *id)
{
	struct crawl c = { 0 };
	good(crawl_get(api, &arena, str_of(id), &c, &err), "look");
	return c;
}

static void whole(void)
{
	char id[UUID_LEN + 1];
	struct visit_claimed *v, *w;
	usec_t due;
	begin("http://a.example/", 3, id);
	is_int(now(id).state, CRAWL_QUEUED, "queued");
	is_int(now(id).queued, 1, "one URL waits");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "which is claimed");
	is_str(v->host, "a.example", "with its host");
	is_int(claim(USEC_PER_SEC * 60, &w, &due), 0, "once");
	is_int(now(id).state, CRAWL_RUNNING, "running");
	is_int(now(id).running, 1, "one");
	const struct visit_link links[] = { link_to(v, "http://a.example/1", NULL),
		link_to(v, "http://a.example/1", NULL), link_to(v, "http://a.example/", NULL),
		link_to(v, "http://a.example/p", "robots"), link_to(v, "http://a.example/2", NULL),
		link_to(v, "http://a.example/3", NULL) };
	is_int(end(v, VISIT_SUCCEEDED, 0, links, ARRAY_LEN(links)), 1, "acknowledged");
	is_int(end(v, VISIT_SUCCEEDED, 0, links, ARRAY_LEN(links)), 0, "but not twice");
	is_int(now(id).queued, 2, "two links under the cap");
	is_int(now(id).skipped, 2, "one over it and one disallowed");
	is_int(ask("SELECT count(*) FROM kryfto.crawl_url WHERE reason = 'cap' AND url LIKE '%/3'"), 1,
		"by order of discovery");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "one a host at a time");
	is_int(v->depth, 1, "one deeper");
	is_int(end(v, VISIT_FAILED, 0, NULL, 0), 1, "a failure");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "the last one");
	is_int(end(v, VISIT_RETRY, USEC_PER_SEC * 60, NULL, 0), 1, "is to be tried again");
	is_int(claim(USEC_PER_SEC * 60, &w, &due), 0, "not before its time");
	ok(due > USEC_PER_SEC * 50 && due <= USEC_PER_SEC * 60, "which is told");
	run_sql("UPDATE kryfto.crawl_host SET next_at = now()");
	is_int(claim(0, &v, &due), 1, "then it is");
	is_int(v->attempt, 2, "for the second time");
	int64_t back = 0, failed = 0;
	good(frontier_reap(db, &back, &failed, &err), "its lease runs out");
	is_int(back, 1, "so it is given back");
	is_int(end(v, VISIT_SUCCEEDED, 0, NULL, 0), 0, "and the late worker changes nothing");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "a third time");
	is_int(end(v, VISIT_SUCCEEDED, 0, NULL, 0), 1, "it works");
	struct crawl c = now(id);
	is_int(c.state, CRAWL_SUCCEEDED, "nothing pending: the end");
	is_int(c.succeeded, 2, "two");
	is_int(c.failed, 1, "and one");
	is_int(c.pages, 3, "three replies");
	is_int(ask("SELECT count(*) FROM kryfto.audit_log WHERE action = 'crawl.update.succeeded'"), 1, "audited once");
}

/* A skipped URL gives its place back; a URL that was too deep comes in on a shorter way. */
static void places(void)
{
	char id[UUID_LEN + 1];
	struct visit_claimed *v;
	usec_t due;
	begin("http://a.example/r", 1, id);
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "a redirecting seed");
	struct visit_link to[] = { link_to(v, "http://a.example/deep", "depth"),
		link_to(v, "http://a.example/target", NULL) };
	to[1].hops = 1;
	is_int(end(v, VISIT_SKIPPED, 0, to, 2), 1, "makes room");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "for its target");
	is_int(v->depth, 0, "which is as deep");
	is_int(v->hops, 1, "and one hop away");
	struct visit_link deep = link_to(v, "http://a.example/deep", NULL);
	is_int(end(v, VISIT_SKIPPED, 0, &deep, 1), 1, "a shorter way");
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "lets it in");
	is_str(v->url, "http://a.example/deep", "this one");
	for (int i = 0; i < CRAWL_ATTEMPTS_MAX - 1; i++) {
		run_sql("UPDATE kryfto.crawl_lease SET expires_at = now() - interval '1 s'");
		int64_t back = 0, failed = 0;
		good(frontier_reap(db, &back, &failed, &err), "lost");
		is_int(back, 1, "back in line");
		is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "claimed");
	}
	run_sql("UPDATE kryfto.crawl_lease SET expires_at = now() - interval '1 s'");
	int64_t back = 0, failed = 0;
	good(frontier_reap(db, &back, &failed, &err), "lost for good");
	is_int(failed, 1, "a URL that kills crawlers fails");
	is_int(now(id).state, CRAWL_FAILED, "and with it the crawl");
	is_str(now(id).error_message, "No page could be fetched: CRAWLER_LOST", "which says why");
}

static void cancel(void)
{
	char id[UUID_LEN + 1];
	struct visit_claimed *v;
	usec_t due;
	enum crawl_state state;
	begin("http://a.example/c", 5, id);
	is_int(claim(USEC_PER_SEC * 60, &v, &due), 1, "claimed");
	is_int(crawl_cancel(api, str_of(id), STR("other"), &who, &state, &err), E_NOTFOUND, "not by another project");
	good(crawl_cancel(api, str_of(id), STR("p"), &who, &state, &err), "cancelled");
	is_int(state, CRAWL_CANCELLED, "at once");
	struct visit_link l = link_to(v, "http://a.example/d", NULL);
	is_int(end(v, VISIT_SUCCEEDED, 0, &l, 1), 0, "what runs comes to nothing");
	is_int(ask("SELECT count(*) FROM kryfto.crawl_ready"), 0, "nothing waits");
	is_int(ask("SELECT sum(pending + inflight) FROM kryfto.crawl_host"), 0, "and the host is free");
	is_int(ask("SELECT count(*) FROM kryfto.audit_log WHERE action = 'crawl.cancel'"), 1, "audited");
	int64_t all, live;
	good(crawl_totals(api, STR("p"), &all, &live, &err), "totals");
	is_int(all, 3, "three crawls");
	is_int(live, 0, "none lives");
	struct crawl *at;
	size_t n;
	good(crawl_list(api, &arena, STR("p"), 0, 2, &at, &n, &err), "list");
	is_int(n, 2, "a page of it");
	is_str(str_of(at[0].id), id, "newest first");
}

int main(void)
{
	fixture_open("kryfto_crawler");
	api = fixture_connect("kryfto_api");
	whole();
	places();
	cancel();
	db_free(api);
	return fixture_close();
}

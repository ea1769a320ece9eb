-- Crawls: the frontier is rows. `crawl_url` remembers every URL that a crawl has seen, under a 128-bit hash of its
-- canonical form (k1, k2), with what became of it; `crawl_ready` -> `crawl_lease` are those that wait and run; and
-- `crawl_host` paces the fetches to a host for all crawls and all crawlers together.

CREATE TABLE crawl (
	id            uuid PRIMARY KEY, -- version 7: in order of creation
	created_at    timestamptz NOT NULL DEFAULT now(),
	updated_at    timestamptz NOT NULL DEFAULT now(),
	started_at    timestamptz,
	finished_at   timestamptz,
	max_pages     integer NOT NULL CHECK (max_pages > 0),
	state         text NOT NULL DEFAULT 'queued'
	              CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
	project_id    text NOT NULL,
	family        text NOT NULL,
	seed          text NOT NULL CHECK (length(seed) <= 8192),
	request       json NOT NULL,
	request_id    text CHECK (length(request_id) <= 128),
	error_message text
) WITH (fillfactor = 70);
CREATE INDEX crawl_project ON crawl (project_id, id);

-- Counters of a crawl, exact: every acknowledgement holds this row, so the cap and the end are decided here.
-- A crawl has ended when admitted = succeeded + failed.
CREATE TABLE crawl_count (
	crawl_id  uuid PRIMARY KEY,
	admitted  bigint NOT NULL DEFAULT 0, -- places of the cap taken
	succeeded bigint NOT NULL DEFAULT 0,
	failed    bigint NOT NULL DEFAULT 0,
	pages     bigint NOT NULL DEFAULT 0, -- replies of any status
	skipped   bigint NOT NULL DEFAULT 0,
	seen      bigint NOT NULL DEFAULT 0  -- URLs known, the last one's place in the order of discovery
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);

CREATE TABLE crawl_url (
	crawl_id uuid NOT NULL,
	k1       bigint NOT NULL,
	k2       bigint NOT NULL,
	seq      bigint NOT NULL, -- order of discovery, from 1
	depth    smallint NOT NULL,
	state    smallint NOT NULL, -- 0 waits or runs, 1 succeeded, 2 failed, 3 skipped
	reason   text,              -- why it failed or was skipped
	url      text NOT NULL,
	PRIMARY KEY (crawl_id, k1, k2)
) WITH (fillfactor = 85);

CREATE SEQUENCE crawl_ready_id AS bigint CACHE 1;
CREATE TABLE crawl_host (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	next_at      timestamptz NOT NULL DEFAULT now(), -- no fetch begins before
	pending      integer NOT NULL DEFAULT 0,         -- rows in crawl_ready
	inflight     integer NOT NULL DEFAULT 0,         -- rows in crawl_lease
	max_inflight integer NOT NULL DEFAULT 1,
	host         text NOT NULL UNIQUE CHECK (length(host) <= 512) -- host[:port]
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
CREATE INDEX crawl_host_due ON crawl_host (next_at) WHERE pending > 0;

CREATE TABLE crawl_ready (
	id       bigint NOT NULL,
	host_id  bigint NOT NULL,
	crawl_id uuid NOT NULL,
	k1       bigint NOT NULL,
	k2       bigint NOT NULL,
	prio     smallint NOT NULL,
	depth    smallint NOT NULL,
	hops     smallint NOT NULL, -- redirects on the way here
	attempt  smallint NOT NULL,
	url      text NOT NULL,
	PRIMARY KEY (host_id, prio, id) -- the order of claims
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
CREATE INDEX crawl_ready_crawl ON crawl_ready (crawl_id); -- for cancels

CREATE TABLE crawl_lease (
	id         bigint PRIMARY KEY,
	lease_no   bigint NOT NULL,
	host_id    bigint NOT NULL,
	crawl_id   uuid NOT NULL,
	k1         bigint NOT NULL,
	k2         bigint NOT NULL,
	expires_at timestamptz NOT NULL,
	prio       smallint NOT NULL,
	depth      smallint NOT NULL,
	hops       smallint NOT NULL,
	attempt    smallint NOT NULL,
	worker     text NOT NULL,
	url        text NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, vacuum_truncate = off);
CREATE INDEX crawl_lease_crawl ON crawl_lease (crawl_id);

CREATE TABLE crawl_page (
	id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	crawl_id     uuid NOT NULL,
	k1           bigint NOT NULL,
	k2           bigint NOT NULL,
	fetched_at   timestamptz NOT NULL DEFAULT now(),
	byte_size    bigint NOT NULL,
	elapsed_us   bigint NOT NULL,
	status       smallint NOT NULL,
	depth        smallint NOT NULL,
	html_sha256  bytea REFERENCES blob,
	url          text NOT NULL,
	content_type text,
	title        text,
	metadata     json,
	extracted    json,
	UNIQUE (crawl_id, k1, k2)
);
CREATE INDEX crawl_page_list ON crawl_page (crawl_id, id);
CREATE INDEX crawl_page_html ON crawl_page (html_sha256);

GRANT SELECT, INSERT ON crawl, crawl_count, crawl_url TO kryfto_api;
GRANT UPDATE (state, updated_at, finished_at) ON crawl TO kryfto_api;
GRANT SELECT, INSERT, UPDATE ON crawl_host TO kryfto_api;
GRANT SELECT, INSERT, DELETE ON crawl_ready TO kryfto_api;
GRANT SELECT, DELETE ON crawl_lease TO kryfto_api;
GRANT SELECT ON crawl_page TO kryfto_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON crawl, crawl_count, crawl_url, crawl_host, crawl_ready, crawl_lease, crawl_page
	TO kryfto_crawler;
GRANT USAGE ON SEQUENCE crawl_ready_id TO kryfto_api, kryfto_crawler;
GRANT SELECT ON crawl, crawl_count, crawl_url, crawl_host, crawl_ready, crawl_lease, crawl_page TO kryfto_ops;

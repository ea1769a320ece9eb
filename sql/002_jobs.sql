-- Jobs and their queue. The shape is `ready` -> `lease` (docs/internals/queue.md): the hot tables are small, a claim
-- deletes here and inserts there, and only the job's own row is updated, always in place (no index names a column
-- that changes, so updates stay HOT).

-- request and result are json, not jsonb: they are stored and handed out far more often than looked into, and the
-- caller's order of keys survives.
CREATE TABLE job (
	id             uuid PRIMARY KEY, -- version 7: in order of creation
	created_at     timestamptz NOT NULL DEFAULT now(),
	updated_at     timestamptz NOT NULL DEFAULT now(),
	started_at     timestamptz,
	finished_at    timestamptz,
	expires_at     timestamptz,
	elapsed_us     bigint,
	timeout_ms     integer NOT NULL CHECK (timeout_ms > 0),
	attempts       integer NOT NULL DEFAULT 0,
	max_attempts   integer NOT NULL CHECK (max_attempts BETWEEN 1 AND 20),
	queue          smallint NOT NULL, -- 0 http, 1 browser
	priority       smallint NOT NULL DEFAULT 0,
	state          text NOT NULL DEFAULT 'queued'
	               CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'expired')),
	project_id     text NOT NULL,
	family         text NOT NULL,
	url            text NOT NULL CHECK (length(url) <= 8192),
	request        json NOT NULL,
	request_id     text CHECK (length(request_id) <= 128),
	host           text,
	error_code     text,
	error_message  text,
	result_summary json
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 2,
	autovacuum_vacuum_cost_limit = 2000);
CREATE INDEX job_project ON job (project_id, id);

CREATE SEQUENCE ready_id AS bigint CACHE 1;
CREATE TABLE ready (
	id         bigint NOT NULL DEFAULT nextval('ready_id'),
	job_id     uuid NOT NULL,
	expires_at timestamptz,
	queue      smallint NOT NULL,
	priority   smallint NOT NULL,
	PRIMARY KEY (queue, priority, id) -- the order of claims; there is no other index
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_limit = 2000,
	autovacuum_vacuum_cost_delay = 2, vacuum_truncate = off);

-- Jobs between two attempts. Claims move what is due into `ready`, so that `ready` never holds rows to step over.
CREATE TABLE delayed (
	run_at     timestamptz NOT NULL,
	job_id     uuid NOT NULL,
	expires_at timestamptz,
	queue      smallint NOT NULL,
	priority   smallint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_limit = 2000,
	autovacuum_vacuum_cost_delay = 2, vacuum_truncate = off);
CREATE INDEX delayed_run_at ON delayed (run_at);

CREATE SEQUENCE lease_no AS bigint CACHE 1;
CREATE TABLE lease (
	job_id      uuid PRIMARY KEY,
	lease_no    bigint NOT NULL,
	claimed_at  timestamptz NOT NULL,
	expires_at  timestamptz NOT NULL, -- moved by heartbeats
	deadline_at timestamptz NOT NULL, -- which they cannot pass
	attempt     integer NOT NULL,
	queue       smallint NOT NULL,
	worker      text NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000,
	autovacuum_vacuum_cost_limit = 2000, autovacuum_vacuum_cost_delay = 2, vacuum_truncate = off);

-- Jobs that used up their attempts.
CREATE TABLE dead_letter (
	job_id     uuid PRIMARY KEY,
	died_at    timestamptz NOT NULL DEFAULT now(),
	attempts   integer NOT NULL,
	project_id text NOT NULL,
	error_code text NOT NULL
);

-- Worker processes: the row is the heartbeat, and `idle` the wish to be notified.
CREATE TABLE worker (
	id         text PRIMARY KEY CHECK (length(id) <= 128),
	started_at timestamptz NOT NULL DEFAULT now(),
	beat_at    timestamptz NOT NULL DEFAULT now(),
	pid        integer NOT NULL,
	slots      integer NOT NULL,
	idle       boolean NOT NULL DEFAULT false,
	kind       text NOT NULL,
	host       text NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_threshold = 200, vacuum_truncate = off);

CREATE TABLE idempotency (
	project_id  text NOT NULL,
	route       text NOT NULL CHECK (length(route) <= 64),
	key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
	body_sha256 bytea NOT NULL CHECK (length(body_sha256) = 32),
	resource_id uuid NOT NULL,
	response    json, -- for routes whose answer cannot be made anew from the resource
	created_at  timestamptz NOT NULL DEFAULT now(),
	expires_at  timestamptz NOT NULL,
	PRIMARY KEY (project_id, route, key)
);

CREATE SEQUENCE job_log_id AS bigint CACHE 1;
CREATE TABLE job_log (
	id         bigint NOT NULL DEFAULT nextval('job_log_id'),
	created_at timestamptz NOT NULL DEFAULT now(),
	job_id     uuid NOT NULL,
	level      text NOT NULL CHECK (level IN ('trace', 'debug', 'info', 'warn', 'error', 'fatal')),
	message    text NOT NULL,
	meta       json NOT NULL DEFAULT '{}',
	PRIMARY KEY (job_id, id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE job_log_default PARTITION OF job_log DEFAULT;

GRANT SELECT, INSERT ON job TO kryfto_api;
GRANT UPDATE (state, updated_at, finished_at) ON job TO kryfto_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON job TO kryfto_crawler;
GRANT SELECT ON job TO kryfto_ops;
GRANT UPDATE (state, updated_at, started_at, finished_at, attempts, error_code, error_message) ON job TO kryfto_ops;

GRANT SELECT, INSERT ON ready TO kryfto_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON ready TO kryfto_crawler;
GRANT SELECT, INSERT ON ready TO kryfto_ops;
GRANT USAGE ON SEQUENCE ready_id TO kryfto_api, kryfto_crawler, kryfto_ops;

GRANT SELECT ON delayed TO kryfto_api, kryfto_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON delayed TO kryfto_crawler;

GRANT SELECT, DELETE ON lease TO kryfto_api, kryfto_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON lease TO kryfto_crawler;
GRANT USAGE ON SEQUENCE lease_no TO kryfto_crawler;

GRANT SELECT ON dead_letter TO kryfto_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letter TO kryfto_crawler;
GRANT SELECT, DELETE ON dead_letter TO kryfto_ops;

GRANT SELECT, UPDATE (idle) ON worker TO kryfto_api, kryfto_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker TO kryfto_crawler;

GRANT SELECT, INSERT, UPDATE ON idempotency TO kryfto_api;
GRANT SELECT, DELETE ON idempotency TO kryfto_crawler;
GRANT SELECT ON idempotency TO kryfto_ops;

GRANT SELECT ON job_log TO kryfto_api, kryfto_ops;
GRANT SELECT, INSERT ON job_log TO kryfto_crawler;
GRANT USAGE ON SEQUENCE job_log_id TO kryfto_crawler;

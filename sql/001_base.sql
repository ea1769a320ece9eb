-- Roles, projects, tokens, audit, rate limits.
--
-- The three roles hold rights and cannot log in; login users are made members (GRANT kryfto_api TO app). Each daemon
-- becomes its role at connection, so one login may serve all and none of them has more than it needs.
DO $$
DECLARE
	r text;
BEGIN
	FOREACH r IN ARRAY ARRAY['kryfto_api', 'kryfto_crawler', 'kryfto_ops'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
			BEGIN
				EXECUTE format('CREATE ROLE %I NOLOGIN', r);
			EXCEPTION WHEN duplicate_object OR unique_violation THEN
				NULL; -- another database of this cluster was migrated at the same moment
			END;
		END IF;
		IF NOT pg_has_role(current_user, r, 'MEMBER') THEN
			EXECUTE format('GRANT %I TO %I', r, current_user);
		END IF;
	END LOOP;
END $$;

GRANT USAGE ON SCHEMA kryfto TO kryfto_api, kryfto_crawler, kryfto_ops;
GRANT SELECT ON schema_migration TO kryfto_api, kryfto_crawler, kryfto_ops;

CREATE TABLE project (
	id         text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 255),
	name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON project TO kryfto_api;
GRANT SELECT ON project TO kryfto_crawler, kryfto_ops;

-- Only the SHA-256 of a token is kept. last_used_at is set at most once a minute.
CREATE TABLE api_token (
	id           uuid PRIMARY KEY,
	sha256       bytea NOT NULL UNIQUE CHECK (length(sha256) = 32),
	project_id   text NOT NULL REFERENCES project,
	family       text NOT NULL CHECK (family IN ('collect', 'crawls', 'scrape', 'audit', 'workbench')),
	role         text NOT NULL CHECK (role IN ('readonly', 'developer', 'admin')),
	name         text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	prefix       text NOT NULL DEFAULT '' CHECK (length(prefix) <= 32),
	last4        text NOT NULL DEFAULT '' CHECK (length(last4) <= 8),
	instance     boolean NOT NULL DEFAULT false,
	created_at   timestamptz NOT NULL DEFAULT now(),
	expires_at   timestamptz,
	revoked_at   timestamptz,
	last_used_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX api_token_project ON api_token (project_id, created_at);
GRANT SELECT, INSERT, UPDATE ON api_token TO kryfto_api;
-- Upkeep removes dead tokens; nobody but the API reads the hashes.
GRANT DELETE, SELECT (id, project_id, revoked_at, expires_at) ON api_token TO kryfto_crawler;
GRANT SELECT (id, project_id, family, role, name, prefix, last4, instance, created_at, expires_at, revoked_at,
	last_used_at) ON api_token TO kryfto_ops;

-- Append only: no role may update or delete; whole months are dropped by drop_partitions().
CREATE SEQUENCE audit_log_id AS bigint CACHE 1;
CREATE TABLE audit_log (
	id            bigint NOT NULL DEFAULT nextval('audit_log_id'),
	created_at    timestamptz NOT NULL DEFAULT now(),
	token_id      uuid,
	project_id    text NOT NULL,
	actor_role    text NOT NULL,
	action        text NOT NULL CHECK (length(action) <= 64),
	resource_type text NOT NULL CHECK (length(resource_type) <= 64),
	resource_id   text NOT NULL CHECK (length(resource_id) <= 255),
	request_id    text CHECK (length(request_id) <= 128),
	ip_address    text CHECK (length(ip_address) <= 64),
	details       json NOT NULL DEFAULT '{}',
	PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE INDEX audit_log_project ON audit_log (project_id, id);
GRANT INSERT, SELECT ON audit_log TO kryfto_api;
GRANT INSERT ON audit_log TO kryfto_crawler;
GRANT INSERT, SELECT ON audit_log TO kryfto_ops;
GRANT USAGE ON SEQUENCE audit_log_id TO kryfto_api, kryfto_crawler, kryfto_ops;

CREATE TABLE rate_limit_config (
	role       text PRIMARY KEY CHECK (role IN ('readonly', 'developer', 'admin')),
	rpm        integer NOT NULL CHECK (rpm BETWEEN 1 AND 1000000),
	updated_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO rate_limit_config (role, rpm) VALUES ('admin', 500), ('developer', 120), ('readonly', 60);
GRANT SELECT, UPDATE ON rate_limit_config TO kryfto_api;
GRANT SELECT ON rate_limit_config TO kryfto_ops;

CREATE TABLE recipe (
	project_id text NOT NULL REFERENCES project,
	id         text NOT NULL CHECK (length(id) BETWEEN 1 AND 128),
	name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
	version    text NOT NULL CHECK (length(version) BETWEEN 1 AND 64),
	definition json NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (project_id, id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON recipe TO kryfto_api;
GRANT SELECT ON recipe TO kryfto_crawler, kryfto_ops;

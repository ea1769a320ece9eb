-- Artifacts over content-addressed blobs. No count of references is kept (three artifacts of nearly every job share
-- the blob "[]", whose row would be the hottest of all): upkeep looks for blobs that nothing points at. The foreign
-- key makes sure that it cannot take one that a job is just about to use.
CREATE TABLE blob (
	sha256     bytea PRIMARY KEY CHECK (length(sha256) = 32),
	created_at timestamptz NOT NULL DEFAULT now(),
	byte_size  bigint NOT NULL CHECK (byte_size >= 0)
);

CREATE TABLE artifact (
	id           uuid PRIMARY KEY,
	job_id       uuid NOT NULL,
	created_at   timestamptz NOT NULL DEFAULT now(),
	byte_size    bigint NOT NULL,
	ordinal      smallint NOT NULL, -- order of creation within the job
	sha256       bytea NOT NULL REFERENCES blob,
	project_id   text NOT NULL,
	type         text NOT NULL CHECK (length(type) <= 64),
	file_name    text NOT NULL CHECK (length(file_name) <= 255),
	content_type text NOT NULL CHECK (length(content_type) <= 128)
);
CREATE UNIQUE INDEX artifact_job ON artifact (job_id, ordinal);
CREATE INDEX artifact_sha256 ON artifact (sha256);

CREATE TABLE download_token (
	sha256      bytea PRIMARY KEY CHECK (length(sha256) = 32),
	artifact_id uuid NOT NULL,
	expires_at  timestamptz NOT NULL
);

GRANT SELECT ON blob, artifact TO kryfto_api, kryfto_ops;
GRANT SELECT, INSERT, UPDATE, DELETE ON blob, artifact TO kryfto_crawler;
GRANT SELECT, INSERT ON download_token TO kryfto_api;
GRANT SELECT, DELETE ON download_token TO kryfto_crawler;

-- Views for a person with psql. `SET search_path = ops` and look around with \dv+ ops.*
CREATE SCHEMA ops;
GRANT USAGE ON SCHEMA ops TO kryfto_ops;

CREATE VIEW ops.queue AS
SELECT q.name AS queue,
	(SELECT count(*) FROM kryfto.ready r WHERE r.queue = q.id) AS ready,
	(SELECT now() - min(j.updated_at) FROM kryfto.ready r JOIN kryfto.job j ON j.id = r.job_id
		WHERE r.queue = q.id AND j.state = 'queued') AS oldest_ready,
	(SELECT count(*) FROM kryfto.delayed d WHERE d.queue = q.id) AS delayed,
	(SELECT min(d.run_at) - now() FROM kryfto.delayed d WHERE d.queue = q.id) AS next_retry_in,
	(SELECT count(*) FROM kryfto.lease l WHERE l.queue = q.id) AS running,
	(SELECT now() - min(l.claimed_at) FROM kryfto.lease l WHERE l.queue = q.id) AS oldest_lease
FROM (VALUES (0, 'http'), (1, 'browser')) AS q (id, name);
COMMENT ON VIEW ops.queue IS 'Depth and age of each queue: ready, waiting for a retry, running';

CREATE VIEW ops.running AS
SELECT l.job_id, j.project_id, l.worker, l.attempt, j.max_attempts, now() - l.claimed_at AS running_for,
	l.expires_at - now() AS lease_left, l.deadline_at - now() AS time_left, l.lease_no, j.url
FROM kryfto.lease l JOIN kryfto.job j ON j.id = l.job_id
ORDER BY l.claimed_at;
COMMENT ON VIEW ops.running IS 'Running jobs, oldest first; a negative lease_left waits for the reaper';

CREATE VIEW ops.failures AS
SELECT error_code, count(*) AS jobs, count(DISTINCT host) AS hosts, count(DISTINCT project_id) AS projects,
	max(finished_at) AS last_at, (array_agg(error_message ORDER BY finished_at DESC))[1] AS last_message,
	(array_agg(id ORDER BY finished_at DESC))[1] AS last_job
FROM kryfto.job
WHERE state = 'failed' AND finished_at > now() - interval '24 hours'
GROUP BY error_code
ORDER BY jobs DESC;
COMMENT ON VIEW ops.failures IS 'Failures of the last 24 hours by cause';

CREATE VIEW ops.slow_hosts AS
SELECT host, count(*) AS jobs,
	round((avg(elapsed_us) / 1000.0)::numeric, 1) AS mean_ms,
	round((percentile_cont(0.5) WITHIN GROUP (ORDER BY elapsed_us) / 1000.0)::numeric, 1) AS p50_ms,
	round((percentile_cont(0.95) WITHIN GROUP (ORDER BY elapsed_us) / 1000.0)::numeric, 1) AS p95_ms,
	count(*) FILTER (WHERE state = 'failed') AS failed
FROM kryfto.job
WHERE host IS NOT NULL AND elapsed_us IS NOT NULL AND finished_at > now() - interval '24 hours'
GROUP BY host
ORDER BY p95_ms DESC;
COMMENT ON VIEW ops.slow_hosts IS 'Hosts of the last 24 hours, slowest 95th percentile of the last attempt first';

CREATE VIEW ops.workers AS
SELECT w.id, w.kind, w.host, w.pid, w.slots, count(l.job_id) AS running, w.idle, now() - w.beat_at AS silent_for,
	now() - w.started_at AS up_for
FROM kryfto.worker w LEFT JOIN kryfto.lease l ON l.worker = w.id
GROUP BY w.id
ORDER BY w.started_at;
COMMENT ON VIEW ops.workers IS 'Worker processes and how long they have been silent';

CREATE VIEW ops.dead_letters AS
SELECT d.died_at, d.job_id, d.project_id, d.attempts, d.error_code, j.error_message, j.url
FROM kryfto.dead_letter d LEFT JOIN kryfto.job j ON j.id = d.job_id
ORDER BY d.died_at DESC;
COMMENT ON VIEW ops.dead_letters IS 'Jobs that used up their attempts; kryftoctl jobs requeue ID puts one back';

CREATE VIEW ops.hot_tables AS
SELECT relname AS name, n_live_tup AS live, n_dead_tup AS dead, n_tup_upd AS updates, n_tup_hot_upd AS hot_updates,
	pg_size_pretty(pg_total_relation_size(relid)) AS size, last_autovacuum, autovacuum_count
FROM pg_stat_user_tables
WHERE schemaname = 'kryfto' AND relname IN ('job', 'ready', 'delayed', 'lease', 'worker', 'idempotency', 'artifact')
ORDER BY n_dead_tup DESC;
COMMENT ON VIEW ops.hot_tables IS 'Bloat watch over the tables that live by update and delete';

CREATE VIEW ops.horizon AS
SELECT pid, application_name, state, age(backend_xmin) AS xmin_age, now() - xact_start AS transaction_for, left(query, 80) AS query
FROM pg_stat_activity
WHERE backend_xmin IS NOT NULL AND datname = current_database() AND pid <> pg_backend_pid()
ORDER BY xmin_age DESC;
COMMENT ON VIEW ops.horizon IS 'Who keeps vacuum from cleaning: the oldest snapshot first. The first thing to look at when claims slow down';

GRANT SELECT ON ALL TABLES IN SCHEMA ops TO kryfto_ops;

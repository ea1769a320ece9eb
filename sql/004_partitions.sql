-- Partitions ahead of time and their end. Both functions run with the owner's rights, for daemons must not make or
-- drop tables; both give up quickly on a lock, for they are called again soon.

CREATE FUNCTION make_partition(parent text, suffix text, low timestamptz, high timestamptz) RETURNS boolean
LANGUAGE plpgsql SET search_path = kryfto, pg_temp AS $$
DECLARE
	part text := parent || '_' || suffix;
	spilled boolean;
BEGIN
	IF to_regclass(part) IS NOT NULL THEN
		RETURN false;
	END IF;
	-- Rows that came while no partition was there wait in the default one and move along.
	EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE created_at >= $1 AND created_at < $2)', parent || '_default')
		INTO spilled USING low, high;
	IF NOT spilled THEN
		EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, parent, low, high);
		RETURN true;
	END IF;
	EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent);
	EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', part, parent);
	EXECUTE format('WITH m AS (DELETE FROM %I WHERE created_at >= $1 AND created_at < $2 RETURNING *)
		INSERT INTO %I SELECT * FROM m', parent || '_default', part) USING low, high;
	EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, low, high);
	RETURN true;
END $$;

-- Days of job_log for the coming week, months of audit_log for the coming quarter. Returns how many were made.
CREATE FUNCTION ensure_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kryfto, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE
	made integer := 0;
	t timestamptz;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('kryfto.partitions', 0));
	FOR i IN 0..7 LOOP
		t := date_trunc('day', now()) + make_interval(days => i);
		IF make_partition('job_log', to_char(t, '"p"YYYYMMDD'), t, t + interval '1 day') THEN
			made := made + 1;
		END IF;
	END LOOP;
	FOR i IN 0..3 LOOP
		t := date_trunc('month', now()) + make_interval(months => i);
		IF make_partition('audit_log', to_char(t, '"p"YYYYMM'), t, t + interval '1 month') THEN
			made := made + 1;
		END IF;
	END LOOP;
	RETURN made;
END $$;

-- Drops the partitions of a log that end before `before`. Returns how many.
CREATE FUNCTION drop_partitions(parent text, before timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = kryfto, pg_temp SET lock_timeout = '2s' SET timezone = 'UTC' AS $$
DECLARE
	dropped integer := 0;
	part record;
BEGIN
	IF parent NOT IN ('job_log', 'audit_log') THEN
		RAISE EXCEPTION 'no such log: %', parent USING ERRCODE = 'invalid_parameter_value';
	END IF;
	PERFORM pg_advisory_xact_lock(hashtextextended('kryfto.partitions', 0));
	FOR part IN
		SELECT c.relname, (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz AS high
		FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		WHERE i.inhparent = to_regclass(parent) AND c.relname <> parent || '_default'
	LOOP
		IF part.high <= before THEN
			EXECUTE format('DROP TABLE %I', part.relname);
			dropped := dropped + 1;
		END IF;
	END LOOP;
	RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION make_partition(text, text, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION ensure_partitions() FROM PUBLIC;
REVOKE ALL ON FUNCTION drop_partitions(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions() TO kryfto_crawler, kryfto_ops;
GRANT EXECUTE ON FUNCTION drop_partitions(text, timestamptz) TO kryfto_crawler, kryfto_ops;

SELECT ensure_partitions();

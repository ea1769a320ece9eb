#!/usr/bin/perl
# Migrations: once each, at the same time, refused when changed; the rights of the roles; the committed schema; every
# statement against it; the ops views.
use strict;
use warnings;
use Test::More;
use Cwd qw(abs_path);
use File::Temp ();
use Kryfto::Postgres;

my $top = abs_path($ENV{srcdir} // '.');
my $build = abs_path($ENV{builddir} // '.');
my $ctl = "$build/src/cmd/kryftoctl";
plan skip_all => 'kryftoctl is not built' if !-x $ctl;
my $pg = Kryfto::Postgres->start;
my $tmp = File::Temp->newdir;

sub slurp { open my $f, '<', $_[0] or return ''; local $/; return scalar <$f> }

# (exit status, stdout, stderr)
sub ctl {
	my ($uri, @args) = @_;
	my $pid = fork // die;
	if (!$pid) {
		$ENV{KRYFTO_PGURI} = $uri;
		open STDOUT, '>', "$tmp/out";
		open STDERR, '>', "$tmp/err";
		{ exec $ctl, @args }
		POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return ($? >> 8, slurp("$tmp/out"), slurp("$tmp/err"));
}

my $uri = $pg->create('kryfto');
my ($rc, $out, $err) = ctl($uri, 'check-sql');
is($rc, 1, 'without a schema no statement fits');
($rc, $out) = ctl($uri, 'migrate', '--status');
is($rc, 1, 'status tells what is missing');
like($out, qr/^001_base\s+-$/m, 'and names it');
($rc, $out, $err) = ctl($uri, 'migrate');
is($rc, 0, 'migrate') or diag $err;
my $count = () = glob "$top/sql/[0-9]*.sql";
like($out, qr/^$count of $count migrations applied now/, 'all of them');
($rc, $out) = ctl($uri, 'migrate');
is($rc, 0, 'migrate again');
like($out, qr/^0 of $count /, 'does nothing');
is((ctl($uri, 'migrate', '--status'))[0], 0, 'nothing is missing');

($rc, $out, $err) = ctl($uri, 'check-sql');
is($rc, 0, 'every statement fits the migrated schema') or diag $err;
like($out, qr/^\d\d+ statements fit/, 'and there are many');

subtest 'eight runs at the same moment' => sub {
	my $many = $pg->create('many');
	my @pids = map {
		my $pid = fork // die;
		if (!$pid) {
			$ENV{KRYFTO_PGURI} = $many;
			open STDOUT, '>', "$tmp/run-$_";
			open STDERR, '>&', \*STDOUT;
			{ exec $ctl, 'migrate' }
			POSIX::_exit(127);
		}
		$pid
	} 1 .. 8;
	my $failed = 0;
	for (@pids) { waitpid $_, 0; $failed++ if $? }
	is($failed, 0, 'none fails') or diag map { slurp("$tmp/run-$_") } 1 .. 8;
	is((grep { slurp("$tmp/run-$_") =~ /^$count of/ } 1 .. 8), 1, 'one applies them');
	is($pg->value('many', 'SELECT count(*) FROM kryfto.schema_migration'), $count, 'each once');
};

subtest 'a history that is not ours' => sub {
	$pg->sql('many', q{UPDATE kryfto.schema_migration SET sha256 = sha256('x') WHERE version = 2});
	($rc, $out, $err) = ctl("$uri" =~ s/kryfto\?/many?/r, 'migrate');
	is($rc, 4, 'a migration that was changed stops everything');
	like($err, qr/002_jobs was changed after it had been applied/, 'by name');
	$pg->sql('many', 'DELETE FROM kryfto.schema_migration WHERE version = 2');
	$pg->sql('many', q{INSERT INTO kryfto.schema_migration VALUES (999, '999_future', sha256('x'), now(), 1)});
	($rc, $out, $err) = ctl("$uri" =~ s/kryfto\?/many?/r, 'migrate');
	is($rc, 4, 'a database newer than the program, too');
	like($err, qr/999/, 'by number');
};

subtest 'a migration that fails leaves nothing' => sub {
	my $broken = $pg->create('broken');
	$pg->sql('broken', 'CREATE SCHEMA kryfto; CREATE TABLE kryfto.lease (x int)');
	($rc, $out, $err) = ctl($broken, 'migrate');
	isnt($rc, 0, 'it is refused');
	like($err, qr/migration 002_jobs: .*lease.*already exists/, 'the words say where');
	is($pg->value('broken', 'SELECT max(version) FROM kryfto.schema_migration'), 1, 'what went before it stays');
	is($pg->value('broken', q{SELECT to_regclass('kryfto.job')}) // '', '', 'nothing of it does');
	$pg->sql('broken', 'DROP TABLE kryfto.lease');
	is((ctl($broken, 'migrate'))[0], 0, 'and it can be run again');
};

subtest 'an owner who is no superuser' => sub {
	$pg->sql('postgres', 'CREATE ROLE plain LOGIN CREATEROLE; CREATE DATABASE plain OWNER plain');
	($rc, $out, $err) = ctl($pg->uri('plain', 'plain'), 'migrate');
	# The roles exist by now; whoever made them must let others have them.
	if ($rc) {
		like($err, qr/kryfto_/, 'is told which role is missing');
	} else {
		pass('migrates');
	}
	is((ctl($pg->uri('plain', 'plain'), 'migrate', '--status'))[0], 0, 'all applied') if !$rc;
	is((ctl($pg->uri('plain', 'plain'), 'check-sql'))[0], 0, 'statements fit') if !$rc;
};

# --- the roles ---
sub may {
	my ($role, $sql, $name) = @_;
	my ($o, $e) = $pg->psql('kryfto', "SET search_path = kryfto; SET ROLE $role; BEGIN; $sql; ROLLBACK");
	ok($? == 0, "$role may $name") or diag $e;
}
sub may_not {
	my ($role, $sql, $name) = @_;
	my ($o, $e) = $pg->psql('kryfto', "SET search_path = kryfto; SET ROLE $role; BEGIN; $sql; ROLLBACK");
	ok($? != 0 && $e =~ /permission denied|must be owner/, "$role may not $name") or diag $e;
}
may_not($_, 'UPDATE audit_log SET action = action', 'change the audit trail') for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, 'DELETE FROM audit_log', 'delete from the audit trail') for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, 'CREATE TABLE t (x int)', 'make tables') for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, 'TRUNCATE job', 'truncate') for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, q{INSERT INTO schema_migration VALUES (7, 'x', sha256('x'), now(), 1)}, 'fake a migration')
	for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, q{SELECT make_partition('job', 'x', now(), now())}, 'call the helpers of the upkeep functions')
	for qw(kryfto_api kryfto_crawler kryfto_ops);
may_not($_, 'SELECT sha256 FROM api_token', 'read the hashes of tokens') for qw(kryfto_crawler kryfto_ops);
may_not('kryfto_crawler', 'UPDATE api_token SET revoked_at = NULL', 'revive a token');
may_not('kryfto_crawler', q{INSERT INTO job (id, queue, timeout_ms, max_attempts, project_id, family, url, request) VALUES
	(gen_random_uuid(), 0, 1, 1, 'x', 'collect', 'x', '{}'); UPDATE project SET name = 'x'}, 'change projects');
may_not('kryfto_api', 'DELETE FROM job', 'delete jobs');
may_not('kryfto_api', q{UPDATE job SET request = '{}'}, 'change what a job asks for');
may_not('kryfto_api', q{UPDATE job SET result_summary = '{}'}, 'make up results');
may_not('kryfto_api', 'UPDATE lease SET expires_at = now()', 'touch leases');
may_not('kryfto_api', 'SELECT drop_partitions($$audit_log$$, now())', 'drop the audit trail');
may_not('kryfto_api', 'SELECT * FROM ops.queue', 'look at the operators\' views');
may('kryfto_crawler', 'SELECT drop_partitions($$job_log$$, now() - interval $$100 years$$)', 'drop old logs');
may('kryfto_ops', "SELECT * FROM ops.$_", "read ops.$_")
	for map { $_->[0] } $pg->sql('kryfto', q{SELECT viewname FROM pg_views WHERE schemaname = 'ops' ORDER BY 1});
{
	my ($o, $e) = $pg->psql('kryfto', 'SET ROLE kryfto_crawler; SELECT kryfto.drop_partitions($$job$$, now())');
	like($e, qr/no such log/, 'drop_partitions() takes the logs only');
}

# --- the ops views show what there is ---
$pg->sql('kryfto', <<'END');
SET search_path = kryfto;
INSERT INTO job (id, queue, timeout_ms, max_attempts, project_id, family, url, request, state, host, elapsed_us, finished_at, error_code, error_message)
	SELECT gen_random_uuid(), 0, 60000, 3, 'p', 'collect', 'https://slow.example/', '{}', CASE WHEN i % 2 = 0 THEN 'failed' ELSE 'succeeded' END,
	CASE WHEN i < 10 THEN 'slow.example' ELSE 'fast.example' END, CASE WHEN i < 10 THEN 2000000 ELSE 1000 END, now(),
	CASE WHEN i % 2 = 0 THEN 'FETCH_TIMEOUT' END, CASE WHEN i % 2 = 0 THEN 'too slow' END FROM generate_series(1, 20) i;
INSERT INTO job (id, queue, timeout_ms, max_attempts, project_id, family, url, request)
	VALUES ('550e8400-e29b-41d4-a716-446655440000', 0, 60000, 3, 'p', 'collect', 'https://run.example/', '{}');
UPDATE job SET state = 'running' WHERE id = '550e8400-e29b-41d4-a716-446655440000';
INSERT INTO worker (id, pid, slots, kind, host) VALUES ('w', 1, 4, 'crawler', 'h');
INSERT INTO lease VALUES ('550e8400-e29b-41d4-a716-446655440000', 1, now() - interval '5 s', now() + interval '40 s', now() + interval '90 s', 1, 0, 'w');
END
is_deeply([ $pg->sql('kryfto', 'SELECT queue, ready, delayed, running FROM ops.queue ORDER BY 1') ],
	[ [qw(browser 0 0 0)], [qw(http 0 0 1)] ], 'ops.queue');
is_deeply([ $pg->sql('kryfto', 'SELECT worker, url, running_for > interval $$4 s$$, lease_left > interval $$30 s$$ FROM ops.running') ],
	[ [ 'w', 'https://run.example/', 't', 't' ] ], 'ops.running');
is_deeply([ $pg->sql('kryfto', 'SELECT error_code, jobs, hosts, last_message FROM ops.failures') ],
	[ [ 'FETCH_TIMEOUT', 10, 2, 'too slow' ] ], 'ops.failures');
is_deeply([ $pg->sql('kryfto', 'SELECT host, jobs, p50_ms FROM ops.slow_hosts') ],
	[ [ 'slow.example', 9, '2000.0' ], [ 'fast.example', 11, '1.0' ] ], 'ops.slow_hosts');
is_deeply([ $pg->sql('kryfto', 'SELECT id, slots, running, idle FROM ops.workers') ], [ [ 'w', 4, 1, 'f' ] ], 'ops.workers');

# --- the committed schema ---
SKIP: {
	local $ENV{PATH} = "$pg->{bin}:$ENV{PATH}";
	my $clean = $pg->create('clean');
	is((ctl($clean, 'migrate'))[0], 0, 'a fresh database');
	my $now = qx(sh $top/sql/dump.sh "$clean" 2>&1);
	my $committed = slurp("$top/sql/schema.sql");
	my ($major) = qx(pg_dump --version) =~ /(\d+)/;
	skip "sql/schema.sql is written by version 15, here is $major", 1 if $major != 15;
	if ($ENV{KRYFTO_WRITE_SCHEMA}) {
		open my $f, '>', "$top/sql/schema.sql" or die $!;
		print $f $now;
		close $f;
		$committed = $now;
	}
	ok($now eq $committed, 'sql/schema.sql is what the migrations make') or do {
		open my $f, '>', "$tmp/schema.sql";
		print $f $now;
		close $f;
		diag scalar qx(diff -u $top/sql/schema.sql $tmp/schema.sql | head -40);
		diag 'run: make schema';
	};
}
done_testing;

#!/usr/bin/perl
# kryftoctl: commands, their output and exit statuses, wrong usage, and a database that is away.
use strict;
use warnings;
use Test::More;
use Cwd qw(abs_path);
use File::Temp ();
use JSON::PP qw(decode_json);
use Kryfto::Postgres;

my $build = abs_path($ENV{builddir} // '.');
my $ctl = "$build/src/cmd/kryftoctl";
plan skip_all => 'kryftoctl is not built' if !-x $ctl;
delete @ENV{ grep { /^(?:KRYFTO|POSTGRES)_/ } keys %ENV };
my $tmp = File::Temp->newdir;
my $pg = Kryfto::Postgres->start;
my $uri = $pg->create('kryfto');

sub slurp { open my $f, '<', $_[0] or return ''; local $/; return scalar <$f> }

# (exit status, stdout, stderr)
sub ctl {
	my @args = @_;
	my $pid = fork // die;
	if (!$pid) {
		$ENV{KRYFTO_PGURI} //= $uri;
		open STDOUT, '>', "$tmp/out";
		open STDERR, '>', "$tmp/err";
		{ exec $ctl, @args }
		POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return ($? >> 8, slurp("$tmp/out"), slurp("$tmp/err"));
}

my ($rc, $out, $err);

subtest 'help and wrong usage' => sub {
	($rc, $out, $err) = ctl('--help');
	is($rc, 0, '--help');
	my @commands = $out =~ /^  ([a-z-]+(?: [a-z-]+)?)  +\S/mg;
	cmp_ok(scalar @commands, '>', 10, 'lists the commands');
	for my $c (@commands) {
		($rc, $out, $err) = ctl(split(/ /, $c), '--help');
		ok($rc == 0 && $out =~ /^usage: kryftoctl \Q$c\E/ && $out =~ /Exit status:/, "$c --help");
		next if $c eq 'check-sql';
		($rc, $out, $err) = ctl(split(/ /, $c), '--no-such-option');
		is($rc, 2, "$c --no-such-option");
	}
	($rc, $out, $err) = ctl();
	is($rc, 2, 'no command');
	like($err, qr/^usage:/, 'shows the usage');
	($rc, $out, $err) = ctl('frobnicate');
	is($rc, 2, 'an unknown command');
	like($err, qr/no such command: frobnicate/, 'is named');
	($rc, $out) = ctl('--version');
	like($out, qr/^kryftoctl \d+\.\d+\.\d+$/, '--version');
	($rc, $out, $err) = ctl('--api-workers=0', 'config');
	is($rc, 2, 'a bad setting');
	like($err, qr/api_workers.*"0".*1 to 512/, 'is named with its value and range');
};

subtest 'the database is away' => sub {
	local $ENV{KRYFTO_PGURI} = "postgresql:///x?host=$tmp";
	for (['migrate'], ['check-sql'], ['token', 'list'], ['jobs', 'list'], ['queue', 'depth']) {
		($rc, $out, $err) = ctl(@$_);
		is($rc, 5, "@$_");
		like($err, qr/^kryftoctl: cannot connect to the database: /, 'says so');
	}
};

is((ctl('migrate'))[0], 0, 'migrate');

subtest 'tokens' => sub {
	($rc, $out, $err) = ctl(qw(token create --name ci --role admin));
	is($rc, 0, 'create');
	like($out, qr/^kryfto_[0-9a-f]{48}\n\z/, 'the token alone on standard output');
	like($err, qr/token id [0-9a-f-]{36}/, 'its id on standard error');
	chomp(my $token = $out);
	is($pg->value('kryfto', "SELECT count(*) FROM kryfto.api_token WHERE sha256 = sha256('$token') AND last4 = right('$token', 4)"), 1,
		'stored as its hash');
	is($pg->value('kryfto', "SELECT count(*) FROM kryfto.api_token t WHERE t::text LIKE '%' || substr('$token', 9, 20) || '%'"), 0,
		'and not otherwise');
	($rc, $out) = ctl(qw(token create --json --name robot --project other --family scrape --expires 30d));
	my $made = decode_json($out);
	like($made->{token}, qr/^sk_live_[0-9a-f]{48}$/, 'a token of another family');
	($rc, $out) = ctl(qw(token list --json));
	my $list = decode_json($out);
	is(scalar @$list, 2, 'both are listed');
	is($list->[0]{id}, $made->{tokenId}, 'newest first');
	is_deeply([ @{ $list->[0] }{qw(name projectId role family status)} ], [qw(robot other developer scrape active)], 'what it is');
	unlike($out, qr/$made->{token}/, 'not the token itself');
	($rc, $out) = ctl(qw(token list --project other));
	like($out, qr/\bother\b/, 'as a table');
	unlike($out, qr/\bci\b/, 'of one project');
	($rc, $out) = ctl('token', 'revoke', $made->{tokenId});
	is($rc, 0, 'revoke');
	is((ctl('token', 'revoke', $made->{tokenId}))[0], 3, 'only once');
	is((ctl('token', 'revoke', 'nonsense'))[0], 3, 'no such token');
	is((ctl('token', 'revoke'))[0], 2, 'an id is needed');
	($rc, $out) = ctl(qw(token list --json --project other));
	is(decode_json($out)->[0]{status}, 'revoked', 'status');
	is((ctl(qw(token create)))[0], 2, 'a name is needed');
	is((ctl(qw(token create --name x --role king)))[0], 2, 'a role of the three');
	is((ctl(qw(token create --name x --family king)))[0], 2, 'a family of the five');
	is((ctl(qw(token create --name x --expires tomorrow)))[0], 2, 'a time');
	is((ctl(qw(token create --name x --instance)))[0], 2, 'instance tokens are admins');
	isnt((ctl('token', 'create', '--name', 'x' x 256))[0], 0, 'a name of 256 characters');
	is((ctl(qw(token list --limit 0)))[0], 2, 'a limit from 1');
	is($pg->value('kryfto', q{SELECT count(*) FROM kryfto.audit_log WHERE actor_role = 'system' AND action LIKE 'admin.token.%'}), 3,
		'two made, one revoked: audited');
};

subtest 'bootstrap' => sub {
	is((ctl(qw(token bootstrap)))[0], 2, 'needs a token in the settings');
	local $ENV{KRYFTO_BOOTSTRAP_ADMIN_TOKEN} = 'a bootstrap token';
	is_deeply([ (ctl(qw(token bootstrap)))[0, 1] ], [ 0, "created\n" ], 'created');
	is_deeply([ (ctl(qw(token bootstrap)))[0, 1] ], [ 0, "present\n" ], 'present');
	$pg->sql('kryfto', q{UPDATE kryfto.api_token SET revoked_at = now() WHERE name = 'bootstrap'});
	is_deeply([ (ctl(qw(token bootstrap)))[0, 1] ], [ 4, "revoked\n" ], 'revoked, and stays so');
};

subtest 'jobs and queue' => sub {
	$pg->sql('kryfto', q{WITH j AS (INSERT INTO kryfto.job (id, queue, timeout_ms, max_attempts, project_id, family, url, request)
		SELECT ('0190000' || i || '-0000-7000-8000-000000000000')::uuid, 0, 60000, 3, 'default', 'collect', 'https://e.example/' || i,
		'{"url": "x"}' FROM generate_series(1, 4) i RETURNING id) INSERT INTO kryfto.ready (job_id, queue, priority) SELECT id, 0, 0 FROM j});
	my $id = '01900001-0000-7000-8000-000000000000';
	($rc, $out) = ctl(qw(jobs list --json));
	my $list = decode_json($out);
	is_deeply([ map { $_->{url} } @$list ], [ map { "https://e.example/$_" } 4, 3, 2, 1 ], 'newest first');
	($rc, $out) = ctl(qw(jobs list --limit 1 --before), $list->[1]{id});
	like($out, qr{https://e.example/2$}m, 'a page');
	($rc, $out) = ctl(qw(queue depth --json));
	is_deeply(decode_json($out)->{http}{ready}, 4, 'depth');
	($rc, $out) = ctl(qw(jobs cancel), $id);
	is_deeply([ $rc, $out ], [ 0, "$id cancelled\n" ], 'cancel');
	is((ctl(qw(jobs cancel), $id))[0], 0, 'cancelled already: nothing to complain about');
	($rc, $out) = ctl(qw(jobs list --state cancelled --json));
	is(scalar @{ decode_json($out) }, 1, 'by state');
	($rc, $out) = ctl(qw(jobs requeue), $id);
	is($rc, 0, 'requeue');
	is((ctl(qw(jobs requeue), $id))[0], 4, 'a queued job is not');
	$pg->sql('kryfto', qq{UPDATE kryfto.job SET state = 'succeeded', result_summary = '{"artifactCount": 2}' WHERE id = '$id'});
	$pg->sql('kryfto', qq{INSERT INTO kryfto.job_log (job_id, level, message) VALUES ('$id', 'info', 'Job started')});
	is((ctl(qw(jobs cancel), $id))[0], 4, 'nor is a succeeded one cancelled');
	($rc, $out) = ctl(qw(jobs show), $id);
	my $job = decode_json($out);
	is($job->{state}, 'succeeded', 'show: state');
	is_deeply($job->{request}, { url => 'x' }, 'request');
	is_deeply($job->{resultSummary}, { artifactCount => 2 }, 'result');
	is($job->{log}[0]{message}, 'Job started', 'log');
	is((ctl(qw(jobs show 01900009-0000-7000-8000-000000000000)))[0], 3, 'no such job');
	is((ctl(qw(jobs list --state odd)))[0], 2, 'no such state');
	$pg->sql('kryfto', q{INSERT INTO kryfto.lease SELECT id, 1, now() - interval '90 s', now() + interval '30 s', now(), 1, 0, 'w1' FROM kryfto.job
		WHERE url LIKE '%/4'});
	($rc, $out) = ctl(qw(queue leases));
	like($out, qr{^01900004-\S+  1    1m 30s  \S+s +w1 +default  https://e.example/4$}m, 'leases');
	($rc, $out) = ctl(qw(queue leases --json));
	is(decode_json($out)->[0]{worker}, 'w1', 'as JSON');
};

subtest 'config' => sub {
	local $ENV{KRYFTO_BOOTSTRAP_ADMIN_TOKEN} = 'very secret';
	local $ENV{KRYFTO_PGURI} = 'postgresql://u:hushhush@h/d';
	($rc, $out) = ctl(qw(config));
	is($rc, 0, 'config');
	unlike($out, qr/very secret|hushhush/, 'no secret');
	like($out, qr/api_workers = 8/, 'a setting');
	($rc, $out) = ctl(qw(config --describe));
	like($out, qr/KRYFTO_API_WORKERS/, 'described');
};
done_testing;

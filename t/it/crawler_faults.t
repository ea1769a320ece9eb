#!/usr/bin/perl
# What is accepted ends, once: 200 jobs while the crawler is killed, while one of two crawlers is killed again and
# again, and while Postgres goes away, by a crash and in good order.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Kryfto::Proc qw(wait_for slurp_log rss_of);
use Kryfto::Site;
use Kryfto::Stack;

plan skip_all => 'kryfto-crawler is not built' if !Kryfto::Stack::has_program('kryfto-crawler');

my $site = Kryfto::Site->start(robots => '404');
my $s = Kryfto::Stack->start(api => 0, nginx => 0, memcached => 0, crawler => 0, env => { KRYFTO_ALLOWED_HOSTS => '127.0.0.1',
	KRYFTO_CRAWLER_PER_HOST => 16, KRYFTO_LEASE => '2s', KRYFTO_JOB_MAX_ATTEMPTS => 20 });
my $round = 0;

# 200 jobs as the API makes them.
sub add {
	my ($n) = @_;
	$round++;
	my $request = q('{"options":{"respectRobotsTxt":true,"timeoutMs":20000},"extract":{"mode":"selectors","selectors":{"title":"title"}}}');
	$s->sql("WITH j AS (INSERT INTO kryfto.job (id, timeout_ms, max_attempts, queue, state, project_id, family, url, request) "
		. "SELECT gen_random_uuid(), 20000, 20, 0, 'queued', 'default', 'collect', '" . $site->url("/slow/60/r$round-") . "' || i, $request "
		. "FROM generate_series(1, $n) i RETURNING id) INSERT INTO kryfto.ready (job_id, queue, priority) SELECT id, 0, 0 FROM j");
}

sub like_round { return "url LIKE '%/r$round-%'" }
sub done { return $s->value("SELECT count(*) FROM kryfto.job WHERE state IN ('succeeded', 'failed') AND " . like_round()) // 0 }

sub all_once {
	my ($name, $n) = @_;
	my $began = time;
	eval { wait_for("end of $n jobs", sub { (eval { done() } // 0) >= $n }, 90) };
	is(done(), $n, "$name: all jobs ended") or diag join "\n", map { "@$_" } $s->sql('SELECT state, attempts, count(*) FROM kryfto.job WHERE '
		. like_round() . ' GROUP BY 1, 2');
	is($s->value("SELECT count(*) FROM kryfto.job WHERE state <> 'succeeded' AND " . like_round()), 0, 'well')
		or diag join "\n", map { "@$_" } $s->sql("SELECT error_code, error_message, attempts FROM kryfto.job WHERE state <> 'succeeded' AND "
		. like_round() . ' LIMIT 5');
	is($s->value("SELECT count(*) FROM (SELECT resource_id FROM kryfto.audit_log a JOIN kryfto.job j ON j.id::text = a.resource_id "
		. "WHERE action LIKE 'job.update.%' AND " . like_round() . " GROUP BY 1 HAVING count(*) <> 1) x"), 0, 'none twice');
	is($s->value("SELECT count(*) FROM (SELECT j.id FROM kryfto.job j LEFT JOIN kryfto.artifact a ON a.job_id = j.id WHERE "
		. like_round() . " GROUP BY 1 HAVING count(*) <> 5) x"), 0, 'each with its five artifacts');
	is($s->value("SELECT count(*) FROM kryfto.job WHERE result_summary->>'title' <> 'Page slow' AND " . like_round()), 0, 'and its data');
	is($s->value('SELECT (SELECT count(*) FROM kryfto.ready) + (SELECT count(*) FROM kryfto.delayed) + (SELECT count(*) FROM kryfto.lease)'), 0,
		'nothing is left in the queue');
	diag sprintf '%s: %d fetches for %d jobs', $name, scalar(grep { $_->[1] =~ m{/r$round-} } $site->requests), $n;
}

# Blobs of all artifacts are there, whole.
sub blobs_are_whole {
	my $bad = 0;
	for ($s->sql("SELECT DISTINCT encode(sha256, 'hex'), byte_size FROM kryfto.artifact")) {
		my $path = "$s->{dir}/artifacts/" . substr($_->[0], 0, 2) . "/$_->[0]";
		$bad++ if !-e $path || -s $path != $_->[1];
	}
	is($bad, 0, 'every artifact has its bytes');
}

$s->start_crawler;
add(200);
all_once('undisturbed', 200);

add(200);
wait_for('a good part', sub { done() >= 30 }, 30);
$s->{crawler}->stop('KILL');
cmp_ok($s->value('SELECT count(*) FROM kryfto.lease'), '>', 0, 'killed in the middle: leases are left');
$s->start_crawler;
all_once('kill -9 of the crawler', 200);

add(200);
wait_for('a good part', sub { done() >= 30 }, 30);
$s->pg->stop('immediate');
my $pid = $s->{crawler}{pid};
# Fetches that were under way end meanwhile, and wait.
my $seen = scalar $site->requests;
eval { wait_for('the crawler to go on', sub { scalar($site->requests) > $seen }, 1) };
$s->pg->up;
all_once('crash of Postgres', 200);

add(200);
wait_for('a good part', sub { done() >= 30 }, 30);
$s->pg->stop('fast');
$s->pg->up;
all_once('restart of Postgres', 200);
ok($s->{crawler}->running && $s->{crawler}{pid} == $pid, 'the crawler is the same process');
ok(wait_for('its heartbeat', sub { $s->value("SELECT count(*) FROM kryfto.worker WHERE pid = $pid AND beat_at > now() - interval '2 s'") }),
	'and its heartbeat is back');

# Two of them; one or the other dies again and again.
$s->start_crawler('crawler2');
add(300);
for my $i (1 .. 6) {
	wait_for('some more', sub { done() >= $i * 30 }, 30);
	my $which = $i % 2 ? 'crawler' : 'crawler2';
	$s->{$which}->stop('KILL');
	$s->start_crawler($which);
}
all_once('two crawlers, six kills', 300);
blobs_are_whole();

# Faults of the disk and of single steps: tried again, nothing half.
$_->stop('TERM') for @$s{qw(crawler crawler2)};
if (system('sh', '-c', 'grep -q "define ENABLE_FAULT_POINTS 1" ' . Kryfto::Stack::builddir() . '/config.h') == 0) {
	for my $fault ('blob.put.sync=error@3', 'store.send=error@40', 'blob.put.before-rename=kill@2') {
		$s->start_crawler('crawler', KRYFTO_FAULT => $fault);
		add(60);
		if ($fault =~ /kill/) {
			ok(defined $s->{crawler}->wait(30), "$fault: it died");
			$s->start_crawler;
		}
		all_once($fault, 60);
		$s->{crawler}->stop('TERM');
	}
	blobs_are_whole();
}
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

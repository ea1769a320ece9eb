#!/usr/bin/perl
# Jobs over HTTP, from the queue to their artifacts: pages, redirects, robots, walls, limits, retries, time, cancel.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Kryfto::Proc qw(wait_for slurp_log);
use Kryfto::Site;
use Kryfto::Stack;

plan skip_all => 'kryfto-api and kryfto-crawler are not built' if !Kryfto::Stack::has_program('kryfto-api') || !Kryfto::Stack::has_program('kryfto-crawler');

my $site = Kryfto::Site->start(robots => "User-agent: *\nDisallow: /private\n");
my $down = Kryfto::Site->start(robots => '503');
my $inside = Kryfto::Site->start(addr => '127.0.0.3');
my $s = Kryfto::Stack->start(env => { KRYFTO_ALLOWED_HOSTS => '127.0.0.1', KRYFTO_FETCH_BODY_MAX => '1M', KRYFTO_FETCH_REDIRECTS_MAX => 5 });
my $c = $s->client;
my @ALL = (selectors => { title => 'title', h => 'h1', items => 'all:li.item' });

# Runs a job to its end; its row beside the API's answer.
sub run_job {
	my ($path, %more) = @_;
	my $job = $s->job({ url => $path =~ /^http/ ? $path : $site->url($path), %more }, 40);
	return $job;
}

sub artifacts {
	my ($job) = @_;
	return $c->get("/v1/jobs/$job->{id}/artifacts")->{json}{items};
}

sub text_of {
	my ($job, $name) = @_;
	my ($a) = grep { $_->{fileName} eq $name } @{ artifacts($job) };
	return $a ? $c->get("/v1/artifacts/$a->{id}")->{body} : undef;
}

my $job = run_job('/page/7', extract => { mode => 'selectors', @ALL });
is($job->{state}, 'succeeded', 'a page') or diag explain $job;
my $sum = $job->{resultSummary};
is_deeply($sum->{extracted}, { title => 'Page 7', h => 'Heading 7', items => [qw(one two three)] }, 'extracted');
is($sum->{title}, 'Page 7', 'spread beside');
is($sum->{httpStatus}, 200, 'the status');
is($sum->{finalUrl}, $site->url('/page/7'), 'where it ended');
ok(!$sum->{usedBrowser}, 'no browser');
my $list = artifacts($job);
is_deeply([ map { $_->{fileName} } reverse @$list ], [qw(final.html console-logs.json network-errors.json timings.json extracted.json)],
	'artifacts in order');
is_deeply([ map { $_->{id} } reverse @$list ], $sum->{artifacts}, 'as the summary lists them');
is($sum->{artifactCount}, 5, 'and counts them');
like(text_of($job, 'final.html'), qr/<h1>Heading 7/, 'the page');
is(text_of($job, 'console-logs.json'), '[]', 'no console');
like(text_of($job, 'timings.json'), qr/\A\[\n  \{\n    "step": "/, 'timings, indented by two');
like(text_of($job, 'extracted.json'), qr/"title": "Page 7"/, 'what was extracted');
my @logs = $s->sql("SELECT level, message, meta::text FROM kryfto.job_log WHERE job_id = '$job->{id}' ORDER BY id");
is_deeply([ map { $_->[1] } @logs ], ['Job started', 'Fetch stage completed', 'Job completed'], 'log lines');
like($logs[1][2], qr/"status": ?200/, 'with their fields');
is($s->value("SELECT count(*) FROM kryfto.audit_log WHERE resource_id = '$job->{id}' AND action = 'job.update.succeeded'"), 1, 'audited');

$job = run_job('/page/8');
is($job->{state}, 'succeeded', 'without extraction');
is($job->{resultSummary}{artifactCount}, 4, 'four artifacts');
ok(exists $job->{resultSummary}{extracted} && !defined $job->{resultSummary}{extracted}, 'extracted is null');

$job = run_job('/redirect/3', extract => { @ALL });
is($job->{resultSummary}{title}, 'Page 1', 'redirects are followed');
is($job->{resultSummary}{finalUrl}, $site->url('/page/1'), 'to the end');
is(run_job('/cookie')->{state}, 'succeeded', 'a cookie wall');
for ([ 'utf-8', 'charset in the header' ], [ 'windows-1252', 'another one' ], [ 'meta', 'in a meta tag' ], [ 'none', 'guessed' ]) {
	is(run_job("/charset/$_->[0]", extract => { @ALL })->{resultSummary}{title}, "Gr\x{fc}\x{df}e", $_->[1]);
}
$job = run_job('/gzip', extract => { @ALL });
is($job->{resultSummary}{title}, 'Page gzip', 'compressed');
$job = run_job('/text', extract => { selectors => { b => 'b', all => 'body' } });
is($job->{resultSummary}{extracted}{b}, undef, 'plain text has no elements');
like(text_of($job, 'final.html'), qr/plain &lt;b&gt;text&lt;\/b&gt; &amp; more/, 'and is kept as a page');
is(run_job('/json')->{state}, 'succeeded', 'JSON');
$job = run_job('/pdf');
is($job->{state}, 'succeeded', 'a PDF');
is(artifacts($job)->[-1]{contentType}, 'application/pdf', 'is kept as what it is');
is(run_job('/pdf', extract => { @ALL })->{errorMessage}, 'Nothing can be extracted from application/pdf', 'and not taken for a page');
is(run_job('/empty')->{state}, 'succeeded', 'an empty page');
is(run_job('/xml', extract => { @ALL })->{resultSummary}{title}, 'xml', 'XML');

# Failures: [path, words, attempts]. What cannot change is not tried again.
for my $f ([ '/private/page/1', qr/^ROBOTS_TXT_DENIED/, 1 ], [ '/status/404', qr/^HTTP 404/, 1 ], [ '/status/403', qr/^HTTP 403/, 1 ],
	[ '/status/500', qr/^HTTP 500/, 3 ], [ '/status/429', qr/^HTTP 429/, 3 ], [ '/big/1100000', qr/BODY_TOO_LARGE/, 1 ],
	[ '/bomb', qr/BODY_TOO_LARGE/, 1 ], [ '/endless', qr/BODY_TOO_LARGE/, 1 ], [ '/loop', qr/TOO_MANY_REDIRECTS/, 1 ],
	[ '/nothing', qr/FETCH_FAILED/, 3 ], [ '/short', qr/FETCH_FAILED/, 3 ], [ '/junk', qr/FETCH_FAILED/, 3 ],
	[ '/to/http://127.0.0.3:' . $inside->{port} . '/page/1', qr/^SSRF_BLOCKED/, 1 ], [ '/to/file:///etc/passwd', qr/^SSRF_BLOCKED/, 1 ],
	[ '/to/http://169.254.169.254/', qr/^SSRF_BLOCKED/, 1 ], [ $down->url('/page/1'), qr/^ROBOTS_TXT_UNREACHABLE/, 3 ]) {
	my $j = run_job($f->[0]);
	is($j->{state}, 'failed', "$f->[0] fails") or diag explain $j;
	like($j->{errorMessage}, $f->[1], 'and says why');
	is($j->{attempts}, $f->[2], "after $f->[2] attempt(s)");
}
is(scalar($inside->requests), 0, 'nobody came to the inner server');
is($site->count('/private/page/1'), 0, 'the disallowed page was never asked for');
is(run_job('/private/page/1', options => { respectRobotsTxt => JSON::PP::false })->{state}, 'succeeded', 'unless the job says so');
$job = run_job('/status/404');
is($job->{resultSummary}{httpStatus}, 404, 'a failed page has its status');
like(text_of($job, 'final.html'), qr/status-404/, 'and is kept as evidence');
is($s->value("SELECT error_code FROM kryfto.job WHERE id = '$job->{id}'"), 'HTTP_404', 'under a code of its own');
is(run_job('/page/1', extract => { selectors => { x => 'p[' } })->{state}, 'failed', 'a bad selector fails');

# Trying again.
$job = run_job('/flaky/a/2/503', extract => { @ALL });
is($job->{state}, 'succeeded', 'good at the third try') or diag explain $job;
is($job->{attempts}, 3, 'that one');
$job = run_job('/retry-after/503/1', options => { timeoutMs => 5000 });
my @t = map { $_->[0] } grep { $_->[1] eq '/retry-after/503/1' } $site->requests;
is(scalar(@t), 3, 'three tries');
ok($t[1] - $t[0] >= 0.95 && $t[2] - $t[1] >= 0.95, 'Retry-After is kept');
is($s->value("SELECT count(*) FROM kryfto.dead_letter WHERE job_id = '$job->{id}'"), 1, 'a dead letter');

# Time is of the whole job.
my $began = time;
my $r = $c->post('/v1/jobs', { url => $site->url('/hang'), options => { timeoutMs => 1000 } });
my $id = $r->{json}{jobId};
my %states;
wait_for('the end', sub { my $j = $c->get("/v1/jobs/$id")->{json}; $states{ $j->{state} }++; $j->{state} eq 'failed' }, 20);
like($c->get("/v1/jobs/$id")->{json}{errorMessage}, qr/timeout|TIMEOUT/i, 'a page that never comes');
cmp_ok(time - $began, '<', 12, 'three times a second and the pauses between');
is_deeply([ sort grep { !/queued|running/ } keys %states ], ['failed'], 'between attempts it is queued, not failed');
is(run_job('/slow/300', extract => { @ALL })->{resultSummary}{title}, 'Page slow', 'a slow page');

is((my $untrusted = run_job($s->tls_url . '/v1/healthz'))->{state}, 'failed', 'a certificate nobody vouches for');
like($untrusted->{errorMessage}, qr/^TLS_FAILED/, 'and says so');

# Cancel takes effect at once.
for my $path ('/hang/1', '/drip/1') {
	$id = $c->post('/v1/jobs', { url => $site->url($path) })->{json}{jobId};
	wait_for('its start', sub { $site->count($path) });
	my $log = length slurp_log("$s->{dir}/log/crawler.log");
	$r = $c->post("/v1/jobs/$id/cancel");
	is($r->{status}, 202, "cancel $path");
	my $at = time;
	wait_for('the crawler to let go', sub { substr(slurp_log("$s->{dir}/log/crawler.log"), $log) =~ /job abandoned/ }, 3);
	cmp_ok(time - $at, '<', 1, 'within a second');
	is($c->get("/v1/jobs/$id")->{json}{state}, 'cancelled', 'cancelled it stays');
}

# A host that hangs does not hold up the others.
my @slow = map { $c->post('/v1/jobs', { url => $site->url("/hang/s$_"), options => { timeoutMs => 30000 } })->{json}{jobId} } 1 .. 30;
$began = time;
is(run_job($down->url('/page/1'), options => { respectRobotsTxt => JSON::PP::false })->{state}, 'succeeded', 'a job at another host');
cmp_ok(time - $began, '<', 8, 'is not held up');

# Drain: what runs goes back at once and is not counted.
my $pid = $s->{crawler}{pid};
$began = time;
kill 'TERM', $pid;
is($s->{crawler}->wait(15), 0, 'SIGTERM ends it in good order');
cmp_ok(time - $began, '<', 5, 'at once');
is($s->value("SELECT count(*) FROM kryfto.lease"), 0, 'no lease is left');
is($s->value("SELECT count(*) FROM kryfto.worker"), 0, 'nor its row');
is($s->value("SELECT count(*) FROM kryfto.job WHERE id = ANY ('{" . join(',', @slow) . "}') AND state = 'queued' AND attempts = 0"), 30,
	'all jobs are queued again, as if never claimed');
$c->post("/v1/jobs/$_/cancel") for @slow;

# HUP and USR1. Our own nginx is the TLS site now; its certificate is trusted by this crawler only.
(my $tls = $s->tls_url) =~ s{/$}{};
$s->start_crawler('crawler', KRYFTO_CA_FILE => "$s->{dir}/tls.crt", KRYFTO_LOG_FILE => "$s->{dir}/log/crawler-own.log");
wait_for('the crawler', sub { slurp_log("$s->{dir}/log/crawler-own.log") =~ /crawler started/ });
rename "$s->{dir}/log/crawler-own.log", "$s->{dir}/log/crawler-old.log";
kill 'USR1', $s->{crawler}{pid};
wait_for('a log file', sub { -e "$s->{dir}/log/crawler-own.log" });
kill 'HUP', $s->{crawler}{pid};
wait_for('a new log', sub { slurp_log("$s->{dir}/log/crawler-own.log") =~ /settings reloaded/ });
pass('USR1 opens the log anew, HUP reads the settings');
is(run_job('/page/9')->{state}, 'succeeded', 'and it works on');
is(run_job("$tls/v1/healthz")->{state}, 'succeeded', 'a page over TLS');
like(slurp_log("$s->{dir}/log/access.log"), qr{/v1/healthz[^\n]*HTTP/2}, 'and HTTP/2') if -s "$s->{dir}/log/access.log";
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# Jobs in a real browser, through the whole product: steps, evidence, walls, cancel, and kills of every kind.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time sleep);
use Kryfto::Proc qw(wait_for slurp_log children_of);
use Kryfto::Site;
use Kryfto::Stack;

plan skip_all => 'no Chromium here' if !-x '/usr/lib/chromium/chromium-headless-shell';
plan skip_all => 'kryfto-egress or kryfto-crawler is not built' if !Kryfto::Stack::has_program('kryfto-egress') || !Kryfto::Stack::has_program('kryfto-crawler');

my $site = Kryfto::Site->start(robots => "User-agent: *\nDisallow: /private\n");
my $inside = Kryfto::Site->start(addr => '127.0.0.3');
my $s = Kryfto::Stack->start(browser => 1, env => { KRYFTO_ALLOWED_HOSTS => '127.0.0.1', KRYFTO_BROWSER_CONCURRENCY => 2, KRYFTO_LEASE => '3s' });
my $c = $s->client;
my $web = $s->site({
	'/spa.html' => '<!doctype html><title>App</title><div id=root></div><script>setTimeout(()=>{root.innerHTML="<h1>Rendered</h1><p class=v>42</p>"},200)</script>',
	'/login.html' => '<!doctype html><title>Login</title><form action=/done.html><input name=u><input name=p type=password><button>Go</button></form>'
		. '<script>document.forms[0].p.oninput=e=>console.log("typed "+e.target.value)</script>',
	'/done.html' => '<!doctype html><title>Done</title><p id=q></p><script>q.textContent=location.search;console.error("oops")</script>',
	'/list.html' => '<!doctype html><ul id=l></ul><a id=n href="#">next</a><script>let n=0;const show=()=>{l.innerHTML="<li>item "+(++n)+"</li>";'
		. 'if(n>2)document.getElementById("n").remove()};show();document.getElementById("n").onclick=e=>{e.preventDefault();show()}</script>',
	'/redirect.html' => '<!doctype html><script>location="http://127.0.0.3:' . ($inside->host =~ /:(\d+)/)[0] . '/page/1"</script>',
});
sub url { return "http://$web$_[0]" }
sub artifacts { return $c->get("/v1/jobs/$_[0]{id}/artifacts")->{json}{items} }
sub text_of {
	my ($job, $name) = @_;
	my ($a) = grep { $_->{fileName} eq $name } @{ artifacts($job) };
	return $a ? $c->get("/v1/artifacts/$a->{id}")->{body} : undef;
}

my $job = $s->job({ url => url('/spa.html'), options => { requiresBrowser => JSON::PP::true }, steps => [{ type => 'waitForNetworkIdle', args => { timeoutMs => 15000 } }],
	extract => { mode => 'selectors', selectors => { title => 'title', h => 'h1', v => '.v' } } }, 60);
is($job->{state}, 'succeeded', "the specification's own example, on a page that renders itself") or diag explain $job;
is_deeply($job->{resultSummary}{extracted}, { title => 'App', h => 'Rendered', v => '42' }, 'sees what a person sees');
ok($job->{resultSummary}{usedBrowser}, 'in a browser');
is($job->{resultSummary}{httpStatus}, 200, 'with the status');
is_deeply([ map { $_->{fileName} } reverse @{ artifacts($job) } ], [qw(final.html console-logs.json network-errors.json timings.json trace.har extracted.json)],
	'artifacts in the order of the contract');
my $har = JSON::PP::decode_json(text_of($job, 'trace.har'));
is($har->{log}{version}, '1.2', 'HAR 1.2');
is($har->{log}{entries}[0]{response}{status}, 200, 'with its entries');
my ($agent) = grep { lc $_->{name} eq "user-agent" } @{ $har->{log}{entries}[0]{request}{headers} };
like($agent->{value}, qr{Chrome/\d+.*KryftoBot/}, "an honest user agent");

$job = $s->job({ url => url('/login.html'), steps => [
	{ type => 'setCookies', args => { cookies => [{ name => 'seen', value => 'secretcookie' }] } },
	{ type => 'type', args => { selector => '[name=u]', text => 'ann' } },
	{ type => 'type', args => { selector => '[name=p]', text => 'hunter2secret', secret => JSON::PP::true } },
	{ type => 'click', args => { selector => 'button' } },
	{ type => 'waitForSelector', args => { selector => '#q' } },
	{ type => 'screenshot', args => { name => '../after' } },
	{ type => 'exportCookies', args => {} },
	{ type => 'extract', args => { selectors => { t => 'title', q => '#q' } } } ] }, 60);
is($job->{state}, 'succeeded', 'a form') or diag explain $job;
is($job->{resultSummary}{t}, 'Done', 'was sent');
is_deeply([ map { $_->{fileName} } reverse @{ artifacts($job) } ],
	[qw(final.html console-logs.json network-errors.json timings.json trace.har extracted.json cookies.json _._after.png)], 'all that was asked for');
like(text_of($job, 'console-logs.json'), qr/typed \*\*\*.*oops/s, 'the console, with the secret masked');
unlike(text_of($job, 'trace.har'), qr/hunter2secret/, 'and none in the HAR');
my $shot = text_of($job, '_._after.png');
like($shot, qr/\A\x89PNG/, 'a picture');
unlike(join("\n", map { "@$_" } $s->sql("SELECT message, meta::text FROM kryfto.job_log WHERE job_id = '$job->{id}'")), qr/hunter2secret|secretcookie/, 'no secret in the log');

$job = $s->job({ url => url('/list.html'), steps => [{ type => 'paginate', args => { nextSelector => '#n', maxPages => 5 } }],
	extract => { selectors => { item => 'li' } } }, 60);
is_deeply([ map { $_->{data}{item} } @{ $job->{resultSummary}{extracted}{pages} } ], ['item 1', 'item 2', 'item 3'], 'each page of a pagination') or diag explain $job;

$job = $s->job({ url => url("/spa.html"), extract => { selectors => { h => "h1" } } }, 60);
is($job->{resultSummary}{h}, "Rendered", "a page that is only a shell goes to a browser by itself") or diag explain $job;
$job = $s->job({ url => url("/spa.html"), options => { requiresBrowser => JSON::PP::false }, extract => { selectors => { h => "h1" } } }, 60);
ok(!$job->{resultSummary}{usedBrowser}, "but not against the caller's word");
$job = $s->job({ url => $site->url("/page/3"), extract => { selectors => { h => "h1" } } }, 60);
ok(!$job->{resultSummary}{usedBrowser}, "and an ordinary page does not");

# --- walls ---
my $no = $c->post("/v1/jobs", { url => url("/spa.html"), steps => [{ type => "goto", args => { url => "file:///etc/hostname" } }] });
is($no->{status}, 400, "a goto to a file is refused at the door");
$job = $s->job({ url => url('/redirect.html'), options => { requiresBrowser => JSON::PP::true } }, 60);
is(scalar $inside->requests, 0, 'a script does not lead inside');
$job = $s->job({ url => $site->url('/private/x'), options => { requiresBrowser => JSON::PP::true } }, 60);
like($job->{errorMessage} // '', qr/ROBOTS_TXT_DENIED/, 'robots.txt holds in the browser too');
$job = $s->job({ url => $site->url('/status/404'), options => { requiresBrowser => JSON::PP::true } }, 60);
is($job->{resultSummary}{httpStatus}, 404, 'a 404 is told') or diag explain $job;

# --- failure leaves evidence; cancel is quick ---
$job = $s->job({ url => url('/spa.html'), options => { timeoutMs => 4000 }, steps => [{ type => 'waitForSelector', args => { selector => '#never' } }] }, 90);
is($job->{state}, 'failed', 'an element that never comes');
ok((grep { $_->{fileName} eq 'failure.png' } @{ artifacts($job) }), 'a picture of the failure is kept');
ok((grep { $_->{fileName} eq 'final.html' } @{ artifacts($job) }), 'and the page');
my $r = $c->post('/v1/jobs', { url => url('/spa.html'), steps => [{ type => 'wait', args => { ms => 60000 } }] });
my $id = $r->{json}{jobId};
wait_for('the job to run', sub { $c->get("/v1/jobs/$id")->{json}{state} eq 'running' });
$r = $c->post("/v1/jobs/$id/cancel");
is($r->{status}, 202, 'cancel');
is($c->get("/v1/jobs/$id")->{json}{state}, 'cancelled', 'at once');

# --- kills ---
sub browsers { return grep { (slurp_log("/proc/$_/cmdline") // '') =~ /remote-debugging-pipe/ && slurp_log("/proc/$_/cmdline") !~ /--type=/ } children_of($s->{crawler}{pid}) }
my @ids = map { $c->post('/v1/jobs', { url => $site->url("/slow/30?$_"), options => { requiresBrowser => JSON::PP::true }, extract => { selectors => { t => 'title' } } })->{json}{jobId} } 1 .. 12;
for (1 .. 3) {
	wait_for('a browser', sub { (browsers())[0] });
	select undef, undef, undef, 0.4;
	kill 'KILL', (browsers())[0] // next;
}
wait_for('all jobs to end', sub { $s->value("SELECT count(*) FROM kryfto.job WHERE state IN ('queued', 'running')") == 0 }, 90);
is($s->value("SELECT count(*) FROM kryfto.job WHERE state = 'succeeded' AND id IN (" . join(',', map { "'$_'" } @ids) . ')'), 12, 'jobs outlive their browsers');
is($s->value("SELECT count(*) FROM kryfto.audit_log WHERE action = 'job.update.succeeded' AND resource_id IN (" . join(',', map { "'$_'" } @ids) . ')'), 12, 'each ended once');
$s->{crawler}->stop('TERM');
is(scalar(grep { -d } glob "$s->{run}/browsers/b-*"), 0, 'no profile is left behind');
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# Crawls of a site whose truth is known: every page once, nothing disallowed, a reason for all that was left alone, the
# pace kept, and the same when crawlers are killed.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Kryfto::Proc qw(wait_for);
use Kryfto::Site;
use Kryfto::Stack;

plan skip_all => 'kryfto-api and kryfto-crawler are not built' if !Kryfto::Stack::has_program('kryfto-api') || !Kryfto::Stack::has_program('kryfto-crawler');

my $site = Kryfto::Site->start(robots => "User-agent: *\nDisallow: /private\n");
my $s = Kryfto::Stack->start(env => { KRYFTO_ALLOWED_HOSTS => '127.0.0.1', KRYFTO_POLL => '200ms' });
my $c = $s->client;

sub begin {
	my ($path, $rules, %more) = @_;
	my $r = $c->post('/v1/crawl', { seed => $path =~ /^http/ ? $path : $site->url($path), rules => { politenessDelayMs => 0, %{ $rules // {} } }, %more });
	is($r->{status}, 202, "crawl $path") or diag $r->{body};
	is($r->{json}{state}, 'queued', 'is queued');
	return $r->{json}{crawlId};
}

sub end_of {
	my ($id, $seconds) = @_;
	my $crawl;
	wait_for("end of crawl $id", sub { $crawl = $c->get("/v1/crawl/$id")->{json}; $crawl->{state} !~ /queued|running/ }, $seconds // 60);
	return $crawl;
}

sub urls { my ($id, $where) = @_; return map { $_->[0] } $s->sql("SELECT url FROM kryfto.crawl_url WHERE crawl_id = '$id' AND $where ORDER BY seq") }
sub reason { my ($id, $url) = @_; return $s->value("SELECT coalesce(reason, '-') FROM kryfto.crawl_url WHERE crawl_id = '$id' AND url = '$url'") }

sub idle {
	my ($what) = @_;
	is($s->value('SELECT count(*) FROM kryfto.crawl_lease') . $s->value('SELECT count(*) FROM kryfto.crawl_ready')
		. $s->value('SELECT coalesce(sum(pending + inflight), 0) FROM kryfto.crawl_host'), '000', "$what: nothing waits, nothing runs, the hosts know it");
}

# A whole site.
my $id = begin('/tree/100/0', { maxDepth => 5, maxPages => 500 });
my $crawl = end_of($id);
is($crawl->{state}, 'succeeded', 'it ends well') or diag explain $crawl;
is_deeply([ @{ $crawl->{stats} }{qw(queued running succeeded failed)} ], [ 0, 0, 100, 1 ], '100 pages and one that is missing') or diag explain $crawl->{stats};
is(scalar(grep { $site->count("/tree/100/$_") != 1 } 0 .. 99), 0, 'each was fetched once');
is($site->count('/private/page/1'), 0, 'what robots.txt disallows was not');
my %why = ('/private/page/1' => 'robots', '/pdf' => 'type: application/pdf', '/loop' => 'redirect', '/to//tree/100/2' => 'redirect', '/status/404' => 'HTTP_404');
is(reason($id, $site->url($_)), $why{$_}, "$_: $why{$_}") for sort keys %why;
is(reason($id, 'http://other.example/'), 'domain', 'another host: domain');
is($s->value("SELECT count(*) FROM kryfto.crawl_url WHERE crawl_id = '$id' AND state > 1 AND reason IS NULL"), 0, 'every URL without a page has a reason');
is($s->value("SELECT count(*) FROM kryfto.crawl_page WHERE crawl_id = '$id'"), 101, 'replies are kept, the 404 too');
is($s->value("SELECT title FROM kryfto.crawl_page WHERE crawl_id = '$id' AND url = '" . $site->url('/tree/100/7') . "'"), 'Tree 7', 'with their titles');
is($s->value("SELECT count(*) FROM kryfto.crawl_page p JOIN kryfto.blob b ON b.sha256 = p.html_sha256 WHERE crawl_id = '$id'"), 100, 'and their HTML');
is_deeply([ map { $_->[0] } $s->sql("SELECT action FROM kryfto.audit_log WHERE resource_id = '$id' ORDER BY id") ], [ 'crawl.create', 'crawl.update.succeeded' ], 'audited');
like($crawl->{createdAt}, qr/^\d{4}-.*Z$/, 'times');
idle('the end');

# Limits and rules.
$id = begin('/tree/200/0', { maxDepth => 5, maxPages => 10 });
$crawl = end_of($id);
is($crawl->{stats}{succeeded} + $crawl->{stats}{failed}, 10, 'maxPages is exact');
cmp_ok(scalar(grep { $site->count("/tree/200/$_") } 0 .. 199), '<=', 10, 'also for the site');
ok(scalar(urls($id, "reason = 'cap'")), 'the others are known as such');
$id = begin('/tree/210/0', { maxDepth => 1, maxPages => 500 });
is(end_of($id)->{stats}{succeeded}, 5, 'maxDepth 1 is the seed and its links');
ok(scalar(urls($id, "reason = 'depth'")) >= 16, 'deeper ones are known');
is(end_of(begin('/tree/220/0', { maxDepth => 0 }))->{stats}{succeeded}, 1, 'maxDepth 0 is the seed');
$id = begin('/tree/230/0', { maxDepth => 2, maxPages => 500, denyPatterns => ['**/tree/230/1*'] });
is(end_of($id)->{stats}{succeeded}, 1 + 3 + 2, 'deny patterns: 1 and 10 to 19 are left alone') or diag join ' ', urls($id, 'state = 1');
$id = begin('/tree/240/0', { maxDepth => 2, allowPatterns => ['**/nothing/**'] });
$crawl = end_of($id);
is($crawl->{state}, 'failed', 'the seed is subject to the patterns, too');
like($crawl->{errorMessage}, qr/pattern/, 'and the words say so');
is($site->count('/tree/240/0'), 0, 'it was not fetched');
$id = begin('/redirect/3', { maxDepth => 0, maxPages => 1 });
is(end_of($id)->{stats}{succeeded}, 1, 'a redirecting seed');
is((urls($id, 'state = 1'))[0], $site->url('/page/1'), 'gives the page at its end');

# Extraction is applied to each page.
$id = begin('/tree/3/0', { maxDepth => 1 }, extract => { mode => 'selectors', selectors => { h => 'h1' } });
end_of($id);
is_deeply([ map { $_->[0] } $s->sql("SELECT extracted->>'h' FROM kryfto.crawl_page WHERE crawl_id = '$id' AND status = 200 ORDER BY depth, url") ],
	[ 'Node 0', 'Node 1', 'Node 2' ], 'extracted');

# Failures.
$crawl = end_of(begin('/status/404'));
is($crawl->{state}, 'failed', 'a seed that is missing');
is($crawl->{errorMessage}, 'No page could be fetched: HTTP_404', 'with the reason');
is(end_of(begin('/private/page/9'))->{errorMessage}, 'No page could be fetched: robots', 'a disallowed seed');
is(end_of(begin('/flaky/crawl/1/503', { maxDepth => 0 }))->{state}, 'succeeded', 'a 503 is tried again');
is($site->count('/flaky/crawl/1/503'), 2, 'once more');
is(end_of(begin('/retry-after/429/1', { maxDepth => 0 }))->{state}, 'failed', 'a 429 that stays');
my @t = map { $_->[0] } grep { $_->[1] eq '/retry-after/429/1' } $site->requests;
is(scalar(@t), 3, 'is tried three times');
ok($t[1] - $t[0] > 0.95 && $t[2] - $t[1] > 0.95, 'as Retry-After says');
$site->stop;
$site = Kryfto::Site->start(robots => "User-agent: *\nDisallow: /private\nCrawl-delay: 1\n");

# The pace: of robots.txt, then of the crawl. One at a time to a host, whatever crawl it is for.
my @both = map { begin("/tree/2$_/0", { maxDepth => 1, maxPages => 2 }) } 1, 2;
end_of($_) for @both;
@t = map { $_->[0] } grep { $_->[1] =~ /tree/ } $site->requests;
is(scalar(@t), 4, 'two crawls, two pages each');
is(scalar(grep { $t[$_] - $t[ $_ - 1 ] < 0.95 } 1 .. $#t), 0, 'Crawl-delay holds for both together');
$site->stop;
$site = Kryfto::Site->start;
end_of(begin('/tree/6/0', { maxDepth => 2, politenessDelayMs => 300 }));
@t = map { $_->[0] } grep { $_->[1] =~ m{^/tree} } $site->requests;
is(scalar(@t), 6, 'six pages');
is(scalar(grep { $t[$_] - $t[ $_ - 1 ] < 0.29 } 1 .. $#t), 0, 'politenessDelayMs apart');

# Cancel.
$id = begin('/tree/300/0', { maxDepth => 5, maxPages => 500, politenessDelayMs => 100 });
wait_for('some pages', sub { $c->get("/v1/crawl/$id")->{json}{stats}{succeeded} > 2 });
my $live = $c->get("/v1/crawl/$id")->{json};
is($live->{state}, 'running', 'running');
ok($live->{stats}{queued} > 0 && $live->{stats}{running} <= 1, 'live counts are numbers') or diag explain $live;
my $r = $c->post("/v1/crawl/$id/cancel");
is("$r->{status} $r->{json}{state}", '202 cancelled', 'cancelled');
is($c->post("/v1/crawl/$id/cancel")->{json}{state}, 'cancelled', 'and so it stays');
wait_for('an empty frontier', sub { $s->value("SELECT (SELECT count(*) FROM kryfto.crawl_ready) + (SELECT count(*) FROM kryfto.crawl_lease)") == 0 });
idle('after a cancel');

# Crawlers die; the truth stays.
$s->start_crawler('second');
$id = begin('/tree/400/0', { maxDepth => 5, maxPages => 500 });
for my $who (qw(crawler second crawler second)) {
	my $n = $c->get("/v1/crawl/$id")->{json}{stats}{succeeded};
	wait_for('progress', sub { my $j = $c->get("/v1/crawl/$id")->{json}; $j->{stats}{succeeded} >= $n + 15 || $j->{state} !~ /queued|running/ }, 30);
	kill 'KILL', $s->{$who}{pid};
	$s->{$who}->wait(10);
	$s->start_crawler($who);
}
$crawl = end_of($id, 120);
is($crawl->{state}, 'succeeded', 'four crawlers killed');
is($crawl->{stats}{succeeded}, 404, "nothing is lost: 400 and four from /private/page/1 on, which this site allows") or diag explain $crawl->{stats};
is($s->value("SELECT count(*) FROM kryfto.crawl_page WHERE crawl_id = '$id' AND url LIKE '%/tree/400/%'"), 400, 'no page is there twice');
my $fetches = grep { $_->[1] =~ m{^/tree/400/\d+$} } $site->requests;
cmp_ok($fetches, '<=', 404, "at most what was in flight is fetched again ($fetches)");
wait_for('the hosts', sub { $s->value('SELECT coalesce(sum(pending + inflight), 0) FROM kryfto.crawl_host') == 0 }, 15);
idle('after the kills');

# Drain gives back what runs, uncounted.
$id = begin('/hang', { maxDepth => 0 });
wait_for('its fetch', sub { $site->count('/hang') });
kill 'TERM', $s->{$_}{pid} for qw(crawler second);
is($s->{$_}->wait(15), 0, "$_ drains") for qw(crawler second);
is($s->value("SELECT attempt FROM kryfto.crawl_ready WHERE crawl_id = '$id'"), 0, 'the URL is back in line');
$c->post("/v1/crawl/$id/cancel");

# The contract.
$r = $c->get('/v1/admin/crawls?limit=2&page=2');
is($r->{status}, 200, 'the list');
is(scalar(@{ $r->{json}{items} }), 2, 'by pages');
is($r->{json}{offset}, 2, 'at their place');
is_deeply([ sort keys %{ $r->{json}{items}[0] } ], [qw(createdAt errorMessage id seed state stats updatedAt)], 'members');
is($c->get('/v1/admin/stats')->{json}{crawls}{running}, 0, 'counted in the stats');
for my $bad ([ {}, 'seed' ], [ { seed => 'x' }, 'seed' ], [ { seed => $site->url('/'), rules => { maxDepth => 6 } }, 'rules' ],
	[ { seed => $site->url('/'), rules => { maxPages => 501 } }, 'rules' ], [ { seed => $site->url('/'), rules => { politenessDelayMs => 30001 } }, 'rules' ],
	[ { seed => $site->url('/'), rules => { allowPatterns => ['{1..9999}'] } }, 'rules' ]) {
	$r = $c->post('/v1/crawl', $bad->[0]);
	is($r->{status}, 400, "bad $bad->[1]") or diag $r->{body};
	ok($r->{json}{error}{details}{fieldErrors}{ $bad->[1] }, 'is named') or diag $r->{body};
}
is($c->post('/v1/crawl', { seed => 'http://169.254.169.254/' })->{status}, 403, 'an address that is not public');
is($c->post('/v1/crawl', { seed => $site->url('/'), recipeId => 'none' })->{status}, 404, 'an unknown recipe');
is($c->get('/v1/crawl/00000000-0000-7000-8000-000000000000')->{status}, 404, 'an unknown crawl');
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# The things behind the API go away and come back: Postgres (503 in the envelope, no worker ends, served again
# within two seconds), memcached (served on, readyz says degraded).
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Kryfto::Proc qw(wait_for children_of);
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0);
my $c = $s->client;
my $master = $s->{api}{pid};
my $id = $c->post('/v1/jobs', { url => 'http://127.0.0.1/' })->{json}{jobId};
ok($id, 'a job');
wait_for('workers', sub { children_of($master) >= 5 });
my $before = join ' ', sort { $a <=> $b } children_of($master);

for my $how ('immediate', 'fast') {
	$s->pg->stop($how);
	my $r = $c->get("/v1/jobs/$id");
	is("$r->{status} " . ($r->{json}{error}{code} // ''), '503 SERVICE_UNAVAILABLE', "Postgres gone ($how): 503 in the envelope") or diag $r->{body};
	ok($r->{headers}{'retry-after'}, 'with Retry-After');
	is($c->post('/v1/jobs', { url => 'http://127.0.0.1/' })->{status}, 503, 'creating a job: 503');
	is($c->get('/v1/readyz')->{status}, 503, 'readyz: 503');
	is($c->get('/v1/healthz')->{status}, 200, 'healthz: the process is alive');
	is(join(' ', sort { $a <=> $b } children_of($master)), $before, 'no worker ended');
	$s->pg->up;
	my $began = time;
	my %seen;
	wait_for('service', sub { $r = $c->get("/v1/jobs/$id"); $seen{ $r->{status} }++; $r->{status} == 200 }, 5);
	my $took = time - $began;
	cmp_ok($took, '<', 2, sprintf 'served again %.2f s after Postgres was back', $took);
	is(join(' ', grep { !/^(?:200|503)$/ } keys %seen), '', 'nothing but 503 in between') or diag explain \%seen;
	# Every worker, not only the one that was asked.
	my $bad = grep { $c->get("/v1/jobs/$id")->{status} != 200 } 1 .. 60;
	cmp_ok($bad, '<=', 10, "and by the others ($bad of 60 found a stale connection)");
	wait_for('all of them', sub { !grep { $c->get("/v1/jobs/$id")->{status} != 200 } 1 .. 30 }, 5);
}

$s->{memcached}->stop('KILL');
my $r = $c->get("/v1/jobs/$id");
is($r->{status}, 200, 'memcached gone: served');
ok(defined $r->{headers}{'x-ratelimit-limit'}, 'with the rate-limit headers');
$r = wait_for('degraded', sub { my $now = $c->get('/v1/readyz'); $now->{body} =~ /degraded|memcached/ ? $now : 0 }, 10);
is($r->{status}, 200, 'readyz is 200 and says degraded') or diag $r->{body};
my $began = time;
my $bad = grep { $c->get("/v1/jobs/$id")->{status} != 200 } 1 .. 100;
is($bad, 0, 'a hundred requests without it');
cmp_ok(time - $began, '<', 5, 'without waiting for it');
$s->start_memcached;
wait_for('recovery', sub { $c->get('/v1/readyz')->{body} !~ /degraded/ }, 15);
pass('recovered');
is(join(' ', sort { $a <=> $b } children_of($master)), $before, 'still the same workers');
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# kryfto-api under load: HUP drops no request, kill -9 of a worker costs at most the request it held, TERM drains.
use strict;
use warnings;
use Test::More;
use Time::HiRes qw(time);
use Kryfto::Client;
use Kryfto::Proc qw(wait_for children_of slurp_log);
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0);
my $master = $s->{api}{pid};
my $id = $s->client->post('/v1/jobs', { url => 'http://127.0.0.1/' })->{json}{jobId};
ok($id, 'a job to ask for');

# Clients that ask without pause; each prints the statuses it saw when the stop file appears.
# Extraction needs its parse child.
my $parse = Kryfto::Stack::has_program('kryfto-parse');
my $stop = "$s->{dir}/stop";
sub load {
	my ($clients) = @_;
	unlink $stop;
	my @out;
	for my $n (1 .. $clients) {
		my $pid = open(my $fh, '-|') // die "fork: $!";
		if (!$pid) {
			my %seen;
			my $c = $s->client;
			while (!-e $stop) {
				my $r = $n % 2 || !$parse ? $c->get("/v1/jobs/$id") : $c->post('/v1/extract', { mode => 'selectors', html => '<h1>x</h1>', selectors => { h => 'h1' } });
				$seen{ $r->{status} }++;
				$seen{"0 $r->{error}"}++ if !$r->{status};
			}
			print "$_ $seen{$_}\n" for sort keys %seen;
			close STDOUT;
			POSIX::_exit(0);
		}
		push @out, $fh;
	}
	return @out;
}
sub unload {
	open my $f, '>', $stop;
	close $f;
	my %all;
	for my $fh (@_) {
		while (<$fh>) {
			$all{$1} += $2 if /^(.*) (\d+)$/;
		}
		close $fh;
	}
	return \%all;
}
sub requests { my $n = () = slurp_log("$s->{dir}/log/access.log") =~ /\n/g; return $n }

my @load = load(6);
wait_for('load', sub { requests() > 100 });
for my $turn (1 .. 3) {
	my %old = map { $_ => 1 } children_of($master);
	my $seen = requests();
	$s->{api}->signal('HUP');
	wait_for("new workers, turn $turn", sub { my @now = children_of($master); @now >= 5 && !grep { $old{$_} } @now });
	wait_for('more load', sub { requests() > $seen + 100 });
	pass("turn $turn: every worker was replaced");
}
my $seen = unload(@load);
is(join(' ', sort keys %$seen), '200', 'three reloads under load dropped no request: ' . ($seen->{200} // 0) . ' answers') or diag explain $seen;
ok($s->{api}->running && $s->{api}{pid} == $master, 'the master is the same');

# kill -9 of one worker after another.
@load = load(6);
my $killed = 0;
my $until = time + 2;
while (time < $until) {
	my @kids = children_of($master);
	next if !@kids;
	kill 'KILL', $kids[rand @kids];
	$killed++;
	my $now = requests();
	wait_for('requests after a kill', sub { requests() > $now + 50 });
}
$seen = unload(@load);
my $good = delete $seen->{200};
my $bad = 0;
$bad += $_ for values %$seen;
cmp_ok($bad, '<=', $killed, "$killed workers killed: $good answers, $bad failed") or diag explain $seen;
is(join(' ', grep { !/^(?:502|503|504)$/ } keys %$seen), '', 'and those in the envelope of a gateway');
wait_for('all workers', sub { children_of($master) >= 5 });
is($s->client->get('/v1/readyz')->{status}, 200, 'ready again');

# A drain: what was accepted is answered, then the master ends with 0.
@load = load(4);
my $begin = requests();
wait_for('load', sub { requests() > $begin + 50 });
unload(@load);
is($s->{api}->stop('TERM'), 0, 'TERM ends it with status 0');
my $r = $s->client->get('/v1/healthz');
is("$r->{status} " . ($r->{json}{error}{code} // ''), '502 UPSTREAM_ERROR', 'nginx says so in the envelope');
$s->start_api;
wait_for('service', sub { $s->client->get('/v1/healthz')->{status} == 200 });
pass('served again after a start');
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# The whole stack under kill -9, all at once: 200 jobs are sent through nginx while API workers, the API's master, the
# crawler, memcached and Postgres are killed and come back. Every accepted job ends, none twice, none lost.
use strict;
use warnings;
use Test::More;
use Kryfto::Proc qw(wait_for children_of);
use Kryfto::Site;
use Kryfto::Stack;

plan skip_all => 'the programs are not built' if grep { !Kryfto::Stack::has_program($_) } qw(kryfto-api kryfto-crawler kryfto-parse);

my $jobs = 200;
my $site = Kryfto::Site->start(robots => '404');
my $s = Kryfto::Stack->start(env => { KRYFTO_ALLOWED_HOSTS => '127.0.0.1', KRYFTO_LEASE => '2s', KRYFTO_JOB_MAX_ATTEMPTS => 20, KRYFTO_CRAWLER_PER_HOST => 8 });

# Four clients send the jobs. Like any careful client they use an idempotency key and ask again until they are answered.
my $start = "$s->{dir}/start";
my @clients;
for my $n (0 .. 3) {
	my $pid = open(my $fh, '-|') // die "fork: $!";
	if (!$pid) {
		my $c = $s->client(timeout => 5);
		for my $i (grep { $_ % 4 == $n } 0 .. $jobs - 1) {
			my $r;
			eval {
				wait_for("answer for job $i", sub {
					$r = $c->post('/v1/jobs', { url => $site->url("/slow/50/j$i"), extract => { mode => 'selectors', selectors => { title => 'title' } } },
						{ 'idempotency-key' => "kills-$i" });
					return $r->{status} == 202 || ($r->{status} && $r->{status} < 500);
				}, 60);
			};
			print "$i ", $r->{status} // 0, ' ', $r->{json}{jobId} // '', "\n";
		}
		close STDOUT;
		POSIX::_exit(0);
	}
	push @clients, $fh;
}

sub finished { return eval { $s->value("SELECT count(*) FROM kryfto.job WHERE state IN ('succeeded', 'failed', 'cancelled', 'expired')") } // 0 }
sub progress { my ($n) = @_; return eval { wait_for("$n jobs", sub { finished() >= $n }, 60) } }

my @done;
sub chaos {
	my ($at, $what, $do) = @_;
	progress($at) or diag "no progress to $at jobs before: $what";
	$do->();
	push @done, $what;
}
my $kill_worker = sub { my @w = children_of($s->{api}{pid}); kill 'KILL', $w[rand @w] if @w };
chaos(5, 'an API worker', $kill_worker);
chaos(15, 'the crawler', sub { $s->{crawler}->stop('KILL'); $s->start_crawler });
chaos(30, 'memcached', sub { $s->{memcached}->stop('KILL') });
chaos(45, 'another API worker', $kill_worker);
chaos(60, 'Postgres, as in a crash', sub { $s->pg->stop('immediate'); $s->pg->up });
chaos(80, 'a parse child', sub { my ($p) = grep { (Kryfto::Proc::slurp_log("/proc/$_/comm")) =~ /parse/ } children_of($s->{crawler}{pid}); kill 'KILL', $p if $p });
chaos(95, 'memcached back', sub { $s->start_memcached });
chaos(110, 'the crawler again', sub { $s->{crawler}->stop('KILL'); $s->start_crawler });
chaos(130, "the API's master and its workers", sub { my @w = children_of($s->{api}{pid}); $s->{api}->stop('KILL'); kill 'KILL', @w; $s->start_api });
chaos(150, 'Postgres, in good order', sub { $s->pg->stop('fast'); $s->pg->up });
chaos(165, 'crawler and Postgres together', sub { $s->{crawler}->stop('KILL'); $s->pg->stop('immediate'); $s->pg->up; $s->start_crawler });
is(scalar @done, 11, 'killed: ' . join '; ', @done);

my (%id, %odd);
for my $fh (@clients) {
	while (<$fh>) {
		my ($i, $status, $job) = /^(\d+) (\d+) ?(\S*)/;
		$status == 202 ? ($id{$i} = $job) : ($odd{$i} = $status);
	}
	close $fh;
}
is(scalar keys %id, $jobs, 'every job was accepted in the end') or diag explain \%odd;
my %unique = map { $_ => 1 } values %id;
is(scalar keys %unique, $jobs, 'each under an id of its own');

progress($jobs);
is(finished(), $jobs, 'all have ended') or diag join "\n", map { "@$_" } $s->sql('SELECT state, attempts, count(*) FROM kryfto.job GROUP BY 1, 2');
is($s->value('SELECT count(*) FROM kryfto.job'), $jobs, 'there is no job that nobody was told of');
is($s->value("SELECT count(*) FROM kryfto.job WHERE state <> 'succeeded'"), 0, 'all succeeded')
	or diag join "\n", map { "@$_" } $s->sql("SELECT state, error_code, error_message, attempts FROM kryfto.job WHERE state <> 'succeeded' LIMIT 5");
my @lost = grep { !$s->value("SELECT 1 FROM kryfto.job WHERE id = '$_'") } values %id;
is("@lost", '', 'no accepted job is lost');
is($s->value("SELECT count(*) FROM (SELECT resource_id FROM kryfto.audit_log WHERE action LIKE 'job.update.%' GROUP BY 1 HAVING count(*) <> 1) x"), 0, 'none ended twice');
is($s->value("SELECT count(*) FROM (SELECT resource_id FROM kryfto.audit_log WHERE action = 'job.create' GROUP BY 1 HAVING count(*) <> 1) x"), 0, 'none was created twice');
is($s->value('SELECT count(DISTINCT n) FROM (SELECT count(*) AS n FROM kryfto.artifact GROUP BY job_id) x'), 1, 'all have the same artifacts');
is($s->value('SELECT count(*) FROM kryfto.artifact WHERE job_id NOT IN (SELECT id FROM kryfto.job)'), 0, 'no artifact is an orphan');
is($s->value("SELECT count(*) FROM kryfto.job WHERE result_summary->>'title' <> 'Page slow'"), 0, 'with their data');
is($s->value('SELECT (SELECT count(*) FROM kryfto.ready) + (SELECT count(*) FROM kryfto.delayed) + (SELECT count(*) FROM kryfto.lease)'), 0, 'the queue is empty');
wait_for('readiness', sub { $s->client->get('/v1/readyz')->{status} == 200 });
my $any = $s->client->get("/v1/jobs/$id{0}/artifacts");
is($any->{status}, 200, 'and the API serves them');
my $fetches = grep { $_->[1] =~ m{/slow/50/j} } $site->requests;
diag "$fetches fetches for $jobs jobs";
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing();

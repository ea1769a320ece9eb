#!/usr/bin/perl
# The server is killed again and again under creators and workers: whatever was acknowledged is there, every job ends,
# none ends twice, none is lost; clients come back by themselves.
use strict;
use warnings;
use Test::More;
use Cwd qw(abs_path);
use File::Temp ();
use Time::HiRes qw(time);
use Kryfto::Postgres;
use Kryfto::Proc qw(wait_for);

my $build = abs_path($ENV{builddir} // '.');
my ($ctl, $load) = ("$build/src/cmd/kryftoctl", "$build/t/unit/store/crash_load");
plan skip_all => 'not built' if !-x $ctl || !-x $load;
my $pg = Kryfto::Postgres->start(sync => 1);
my $tmp = File::Temp->newdir;
$ENV{KRYFTO_PGURI} = $pg->create('kryfto');
is(system("$ctl migrate >/dev/null"), 0, 'migrated');

my $jobs = 150;
my $pid = fork // die;
if (!$pid) {
	{ exec $load, "$tmp/acks", $jobs }
	POSIX::_exit(127);
}

# Lines that the load has written so far.
sub acks { open my $f, '<', "$tmp/acks" or return (); my @l = <$f>; return @l }
sub acked { my @l = acks(); return scalar @l }

my $crashes = 0;
for my $share (0.1, 0.35, 0.6) {
	wait_for('progress', sub { acked() >= 4 * $jobs * $share }, 60);
	$pg->stop($share == 0.35 ? 'fast' : 'immediate');
	$pg->up;
	$crashes++;
	my $before = acked();
	my $back = time;
	wait_for('progress after the restart', sub { acked() > $before }, 10);
	$back = time - $back;
	cmp_ok($back, '<', 2, sprintf 'working again %.2f s after the server', $back);
}
waitpid $pid, 0;
is($?, 0, 'every job ended');
is($crashes, 3, 'in spite of three restarts');

my (%made, %done);
for (acks()) {
	my ($what, $id) = split;
	$what eq 'made' ? $made{$id}++ : $done{$id}++;
}
is(scalar keys %made, 2 * $jobs, 'each creation was acknowledged, with a job of its own');
is((grep { $_ > 1 } values %done), 0, 'no job was acknowledged twice');
my %state = map { @$_ } $pg->sql('kryfto', 'SELECT id, state FROM kryfto.job');
is((grep { !$state{$_} } keys %made), 0, 'every acknowledged job is there');
is(scalar keys %state, 2 * $jobs, 'and no other');
is((grep { $_ ne 'succeeded' } values %state), 0, 'all of them succeeded');
is($pg->value('kryfto', q{SELECT count(*) FROM kryfto.audit_log WHERE action = 'job.update.succeeded'}), 2 * $jobs, 'each once');
is($pg->value('kryfto', 'SELECT count(*) FROM kryfto.lease'), 0, 'no lease is left');
is($pg->value('kryfto', 'SELECT count(*) FROM kryfto.ready') + $pg->value('kryfto', 'SELECT count(*) FROM kryfto.delayed'), 0,
	'nothing is queued');
done_testing;

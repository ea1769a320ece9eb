#!/usr/bin/perl
# The store's programs, each on a database of its own in one private Postgres.
use strict;
use warnings;
use Test::More;
use Cwd qw(abs_path);
use Kryfto::Postgres;

my $build = abs_path($ENV{builddir} // '.');
my $ctl = "$build/src/cmd/kryftoctl";
my @programs = sort grep { -x && !/\./ } glob "$build/t/unit/store/db_*";
plan skip_all => 'not built' if !-x $ctl || !@programs;
my $pg = Kryfto::Postgres->start;

for my $program (@programs) {
	my ($name) = $program =~ m{/db_(\w+)$};
	local $ENV{KRYFTO_PGURI} = local $ENV{KRYFTO_TEST_PGURI} = $pg->create("store_$name");
	is(system("$ctl migrate >/dev/null"), 0, "$name: migrated");
	subtest $name => sub {
		my @lines = `$program`;
		my $status = $?;
		my $n = 0;
		for (@lines) {
			if (/^(not )?ok \d+ - (.*)/) {
				ok(!$1, $2);
				$n++;
			} elsif (/^1\.\.(\d+)$/) {
				is($n, $1, 'the whole plan ran');
			} else {
				chomp;
				diag $_;
			}
		}
		ok($n > 0 && $status == 0, "exit status $status");
	};
}
done_testing;

#!/usr/bin/perl
# The committed corpora through every fuzz target, each file also in a few changed forms.
use strict;
use warnings;
use Test::More;

my $src = $ENV{srcdir} // '.';
my $build = $ENV{builddir} // '.';
my @targets = map { m{fuzz_(\w+)\.c$} ? $1 : () } glob "$src/t/fuzz/fuzz_*.c";
plan skip_all => 'built with --enable-fuzzers' if grep { -x "$build/t/fuzz/fuzz_$_" } @targets;
ok(@targets > 0, 'there are targets');
for my $name (@targets) {
	my $program = "$build/t/fuzz/replay_$name";
	my @files = sort grep { -f } glob "$src/t/fuzz/corpus/$name/*";
	ok(@files > 0, "$name has a corpus") or next;
	ok(-x $program, "$name is built") or next;
	my $pid = open my $out, '-|';
	die "fork: $!" if !defined $pid;
	if (!$pid) {
		open STDERR, '>&', \*STDOUT;
		exec $program, '--mutate', $ENV{FUZZ_MUTATE} // 5, @files;
		die "exec $program: $!";
	}
	my $words = do { local $/; <$out> };
	my $good = close $out;
	ok($good, "$name: " . ($words =~ /(\d+ files.*)/ ? $1 : 'ended early')) or diag $words;
}
done_testing();

#!/usr/bin/perl
# Files that are generated and committed are what the programs would write now. `make generated` renews them.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir builddir slurp scratch);

# [file, program, arguments ...]
my @generated = (
	['docs/kryfto.conf.5', 'kryftoctl', 'config', '--man'],
	['nginx/routes.conf', 'kryftoctl', 'nginx-conf'],
	['docs/openapi.yaml', 'kryftoctl', 'openapi'],
	['docs/openapi.json', 'kryftoctl', 'openapi', '--json'],
	['docs/reference.md', 'kryftoctl', 'reference'],
);

# Settings of the caller must not show.
delete @ENV{ grep { /^(?:KRYFTO|POSTGRES|REDIS|S3)_/ } keys %ENV };

sub current {
	my ($path, @cmd) = @_;
	open my $in, '-|', @cmd or return "cannot run $cmd[0]";
	local $/;
	my $now = <$in> // '';
	close $in or return "$cmd[0] failed";
	my $was = slurp($path);
	return '' if $was eq $now;
	my @was = split /\n/, $was;
	my @now = split /\n/, $now;
	my $n = 0;
	$n++ while $n < @was && $n < @now && $was[$n] eq $now[$n];
	return sprintf "differs from line %d: has '%s', should have '%s'; run make generated", $n + 1, $was[$n] // '', $now[$n] // '';
}

for (@generated) {
	my ($file, $program, @args) = @$_;
	my $at = builddir() . "/src/cmd/$program";
	SKIP: {
		skip "$program is not built here", 1 if !-x $at;
		is(current(srcdir() . "/$file", $at, @args), '', "$file is current");
	}
}

# The lint itself.
my $dir = scratch(a => "one\ntwo\n");
is(current("$dir/a", 'printf', 'one\ntwo\n'), '', 'a current file passes');
like(current("$dir/a", 'printf', 'one\nthree\n'), qr/from line 2: has 'two', should have 'three'/, 'found: drift');
like(current("$dir/a", 'printf', 'one\ntwo\nmore\n'), qr/from line 3/, 'found: a line too few');
like(current("$dir/a", 'false'), qr/false failed/, 'found: a generator that fails');
done_testing();

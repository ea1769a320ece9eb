#!/usr/bin/perl
# What must not stand in any committed file: paths of the machine it was written on, hosts of package
# registries, names of other languages' interpreters, killing by name, waiting by sleeping.
use strict;
use warnings;
use Cwd ();
use Test::More;
use Kryfto::Tree qw(srcdir builddir files slurp scratch);

# [name, pattern, files it applies to]
sub rules {
	my ($top, $build) = @_;
	my @roots = map { quotemeta } grep { m{^/[^/]+/.} } Cwd::abs_path($top), Cwd::abs_path($build);
	my $roots = join '|', @roots, 'nowhere/at/all';
	return (
		['path of the machine', qr{(?:$roots)(?![\w-])|(?<![\w.\$\}/])/(?:home|root|Users)/\w}, qr{.}],
		['host of a package registry', qr{\bregistry\.[a-z]+\.[a-z]+\b|\b(?:deb|security|ftp)\.debian\.org\b|\bpypi\.org\b|\bproxy\.golang\.org\b}, qr{.}],
		['python', qr{\bpython[23]?\b}i, qr{^(?:src|t|contrib|\.ci|sql|nginx)/(?!lint/tidy)}],
		['kill by name', qr{(?<!\w)(?:pkill|killall)(?!\w)}, qr{^(?:t|contrib|\.ci)/(?!lint/tidy)}],
		['sleep in a test', qr{(?<![\w.'"-])(?:u|nano)?sleep\b\s*[\(\d]}, qr{^t/(?!lint/|lib/|unit/proc/).*\.(?:t|c|pm)$}],
		['merge marker', qr{^(?:<{7}|={7}|>{7})(?:\s|$)}, qr{.}],
		['work left undone', qr{\b(?:TODO|FIXME|XXX)\b(?!X)}, qr{^(?:src|nginx|sql|contrib|docs)/}],
	);
}

sub check {
	my ($top, $build) = @_;
	my @bad;
	my @rules = rules($top, $build);
	for my $file (files(undef, $top)) {
		next if $file =~ m{^t/lint/tidy\.t$|\.(?:png|jpg|gif|gz|woff2?|ico)$|/corpus/|/fixtures?/};
		my $text = slurp("$top/$file");
		next if $text =~ /\0/;
		my @mine = grep { $file =~ $_->[2] } @rules;
		my $n = 0;
		for my $line (split /\n/, $text) {
			$n++;
			for (@mine) {
				push @bad, "$file:$n: $_->[0]: $line" if $line =~ $_->[1] && $line !~ /lint: allow/;
			}
		}
	}
	return @bad;
}

my @bad = check(srcdir(), builddir());
ok(!@bad, 'no machine path, registry host, kill by name, sleep or marker') or diag join "\n", @bad;

# The lint itself.
sub finds {
	my ($name, $file, $line) = @_;
	my $dir = scratch($file => "$line\n");
	my @found = check("$dir", "$dir");
	is(scalar(grep { index($_, "$file:1: $name:") == 0 } @found), 1, "found: $name") or diag join "\n", @found;
}
finds('path of the machine', 'docs/a.md', 'see ' . '/ho' . 'me/ann/x');
finds('host of a package registry', 'contrib/a/package-lock.json', '"resolved": "https://registry.' . 'npmjs.org/x"');
finds('python', 't/it/a.t', 'exec "python3"');
finds('kill by name', 'contrib/x', 'pk' . 'ill -f nginx');
finds('sleep in a test', 't/it/a.t', 'sle' . 'ep 2;');
finds('merge marker', 'src/a.c', '<<<<<' . '<< HEAD');
finds('work left undone', 'src/a.c', '/* TO' . 'DO later */');
my $dir = scratch('docs/a.md' => "in a folder\n");
my $top = "$dir";
is(scalar(grep { /path of the machine/ } check($top, $top)), 0, 'a clean file passes');
open my $out, '>', "$dir/docs/b.md" or die $!;
print $out "built in $top/build\n";
close $out;
is(scalar(grep { /path of the machine/ } check($top, $top)), 1, 'found: the checkout\'s own path');
done_testing();

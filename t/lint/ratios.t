#!/usr/bin/perl
# How much is commented and how much is tested, as a report; a folder with code and no test fails.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp strip_c);

my $top = srcdir();
my (%code, %comment, %body, %test);
sub count {
	my ($text) = @_;
	my $code = grep { /\S/ } split /\n/, strip_c($text);
	my @with = split /\n/, $text, -1;
	my @without = split /\n/, strip_c($text, keep => 1), -1;
	# A line counts as commented when a comment stands on it, alone or behind code.
	my $comment = grep { $with[$_] =~ /\S/ && $with[$_] ne ($without[$_] // "") } 0 .. $#with;
	return ($code, $comment);
}
for my $file (files(qr{^src/.*\.[ch]$})) {
	my ($folder) = $file =~ m{^src/(\w+)/} or next;
	my ($code, $comment) = count(slurp("$top/$file"));
	$code{$folder} += $code;
	$comment{$folder} += $comment;
	$body{$folder} += $code if $file =~ /\.c$/;
}
for my $file (files(qr{^t/unit/.*\.[ch]$})) {
	my ($folder) = $file =~ m{^t/unit/(\w+)/} or next;
	$test{$folder} += (count(slurp("$top/$file")))[0];
}
my $perl = 0;
$perl += grep { /\S/ && !/^\s*#/ } split /\n/, slurp("$top/$_") for files(qr{^t/(?:it|lint|lib)/.*\.(?:t|pm)$});

my ($code, $comment, $test) = (0, 0, 0);
note sprintf '%-8s %7s %9s %6s', 'folder', 'code', 'comments', 'tests';
for (sort keys %code) {
	note sprintf '%-8s %7d %9.2f %6.2f', $_, $code{$_}, $comment{$_} / $code{$_}, ($test{$_} // 0) / $code{$_};
	$code += $code{$_};
	$comment += $comment{$_};
	$test += $test{$_} // 0;
}
note sprintf 'all: %d lines of C, comments %.2f (aim .15-.25), tests %.2f of it in C and %.2f in Perl (aim .70)',
	$code, $comment / $code, $test / $code, $perl / $code;
ok($comment / $code > .08, 'the tree is commented');

# Folders whose programs are only exercised whole, by t/it.
my %whole = map { $_ => 1 } qw(cmd);
my @bare = grep { ($body{$_} // 0) > 200 && !$test{$_} && !$whole{$_} } sort keys %code;
is("@bare", '', 'every folder with code has unit tests');
done_testing();

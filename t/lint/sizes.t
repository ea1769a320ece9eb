#!/usr/bin/perl
# Files and functions stay small. What must be longer stands in sizes.exceptions with its length, and
# that list only shrinks: an entry that is no longer needed, or is larger than needed, fails too.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp functions scratch);

my %cap = (c => 800, h => 300, function => 100, line => 120);

sub check {
	my ($top, $exceptions) = @_;
	my (%allowed, %used, @bad, @lengths);
	for (split /\n/, $exceptions) {
		next if /^\s*(?:#|$)/;
		my ($what, $n, $why) = /^(\S+)\s+(\d+)\s+(\S.*)$/ or do { push @bad, "sizes.exceptions: needs 'what length reason': $_"; next };
		$allowed{$what} = $n;
	}
	my $judge = sub {
		my ($what, $n, $max, $unit) = @_;
		return if $n <= $max;
		if (!defined $allowed{$what}) {
			push @bad, "$what: $n $unit, at most $max";
		} elsif ($n > $allowed{$what}) {
			push @bad, "$what: $n $unit, its exception allows $allowed{$what}";
		} else {
			push @bad, "$what: $n $unit: lower its exception from $allowed{$what}" if $n < $allowed{$what};
			$used{$what} = 1;
		}
	};
	for my $file (files(qr{^(?:src|t|contrib)/.*\.[ch]$}, $top)) {
		my $text = slurp("$top/$file");
		my $lines = $text =~ tr/\n//;
		my ($kind) = $file =~ /\.([ch])$/;
		$judge->($file, $lines, $cap{$kind}, 'lines');
		my $n = 0;
		for (split /\n/, $text) {
			$n++;
			my $width = 0;
			$width += $_ eq "\t" ? 8 - $width % 8 : 1 for split //, $_ =~ s/[\x80-\xbf]//gr;
			push @bad, "$file:$n: $width columns, at most $cap{line} (contrib/format wraps it)" if $width > $cap{line};
			push @bad, "$file:$n: blanks at the end" if /[ \t\r]$/;
			push @bad, "$file:$n: indented with blanks" if /^ {8}/ || /^ {1,7}[^ *\t]/ && $kind eq 'c' && /[;{]$/;
		}
		next if $kind ne 'c';
		for my $f (functions($text)) {
			push @lengths, $f->{length};
			$judge->("$file:$f->{name}", $f->{length}, $cap{function}, 'lines');
		}
	}
	for my $what (sort keys %allowed) {
		push @bad, "sizes.exceptions: $what needs no exception any more" if !$used{$what} && !grep { index($_, "$what:") == 0 } @bad;
	}
	return (\@bad, [sort { $a <=> $b } @lengths]);
}

my ($bad, $lengths) = check(srcdir(), slurp(srcdir() . '/t/lint/sizes.exceptions'));
ok(!@$bad, 'files, functions and lines stay within their caps') or diag join "\n", @$bad;
note sprintf 'functions: %d, median %d lines, p90 %d', scalar @$lengths, $lengths->[@$lengths / 2], $lengths->[@$lengths * .9] if @$lengths;

# The lint itself.
my $long = "int f(void)\n{\n" . ("\tf();\n" x 101) . "}\n";
sub finds {
	my ($name, $like, $exceptions, %files) = @_;
	my $dir = scratch(%files);
	my ($found) = check("$dir", $exceptions);
	is(scalar(grep { $_ =~ $like } @$found), 1, "found: $name") or diag join "\n", @$found;
}
finds('a long function', qr{^src/a/x\.c:f: 101 lines, at most 100}, '', 'src/a/x.c' => $long);
finds('a long file', qr{^src/a/x\.c: 801 lines}, '', 'src/a/x.c' => "int a;\n" x 801);
finds('a long header', qr{^src/a/x\.h: 301 lines}, '', 'src/a/x.h' => "int a;\n" x 301);
finds('a wide line', qr{121 columns}, '', 'src/a/x.c' => ('a' x 121) . "\n");
finds('a growing exception', qr{its exception allows 100}, "src/a/x.c:f 100 why\n", 'src/a/x.c' => $long);
finds('a loose exception', qr{lower its exception}, "src/a/x.c:f 120 why\n", 'src/a/x.c' => $long);
finds('a stale exception', qr{needs no exception}, "src/a/x.c:g 120 why\n", 'src/a/x.c' => "int f(void)\n{\n}\n");
finds('an exception without a reason', qr{needs 'what length reason'}, "src/a/x.c:g 120\n", 'src/a/x.c' => "int a;\n");
finds('trailing blanks', qr{blanks at the end}, '', 'src/a/x.c' => "int a; \n");
finds('blanks for tabs', qr{indented with blanks}, '', 'src/a/x.c' => "int f(void)\n{\n    return 0;\n}\n");
my $dir = scratch('src/a/x.c' => $long);
is(scalar @{ (check("$dir", "src/a/x.c:f 101 a table of cases\n"))[0] }, 0, 'an exact exception passes');
done_testing();

#!/usr/bin/perl
# The IDNA tables are what their generator prints, on a Perl that knows the same Unicode.
use strict;
use warnings;
use Test::More;
use Unicode::UCD ();
use Kryfto::Tree qw(srcdir slurp);

my $top = srcdir();
my $have = slurp("$top/src/url/idna_tables.inc");
my ($unicode) = $have =~ /from Unicode ([\d.]+)/ or die 'the tables name no Unicode version';
plan skip_all => "this Perl knows Unicode " . Unicode::UCD::UnicodeVersion() . ", the tables are of $unicode"
	if $unicode ne Unicode::UCD::UnicodeVersion();
open my $gen, '-|', $^X, "$top/contrib/gen/idna-tables" or die "contrib/gen/idna-tables: $!";
my $want = do { local $/; <$gen> };
ok(close $gen, 'the generator runs');
ok($have eq $want, 'src/url/idna_tables.inc is current') or diag('run contrib/gen/idna-tables > src/url/idna_tables.inc');
done_testing();

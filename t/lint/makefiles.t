#!/usr/bin/perl
# The lists of sources are complete and sound: every file is listed once, every listed file exists, nothing is
# assigned twice (merges of such lists go wrong silently).
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp scratch);

# Sources that are in no list: compiled by hand, or generated.
my $unlisted = qr{^contrib/bench/};

sub check {
	my ($top) = @_;
	my (@bad, %listed, %assigned, %programs, %names);
	my %have = map { $_ => 1 } files(undef, $top);
	for my $mk (files(qr{(?:^|/)(?:local|\w+)\.mk$|^Makefile\.am$}, $top)) {
		my $text = slurp("$top/$mk");
		push @bad, "$mk: does not end in a newline" if length $text && $text !~ /\n\z/;
		$text =~ s/\\\n/ /g;
		my $conditional = 0;
		for (split /\n/, $text) {
			s/#.*//;
			$conditional++ if /^if\s/;
			$conditional-- if /^endif/;
			next if /^\t/ || !/^(\w+)\s*(\+?=)\s*(.*)/;
			my ($name, $how, $value) = ($1, $2, $3);
			push @bad, "$mk: two assignments in one line: $name" if $value =~ /\w+_(?:SOURCES|LDADD)\s*\+?=/;
			push @bad, "$mk: $name is assigned twice (first in $assigned{$name})" if $how eq '=' && !$conditional && $assigned{$name};
			$assigned{$name} //= $mk if $how eq '=';
			if ($name =~ /_SOURCES$/) {
				for my $file (grep { m{\.(?:c|h|def)$} } split ' ', $value) {
					push @bad, "$mk: lists $file twice in $name" if $listed{$file}{$name}++;
					push @bad, "$mk: lists $file, which does not exist" if !$have{$file} && $name !~ /^nodist_/;
				}
			}
			if ($name =~ /_PROGRAMS$/) {
				# Installed programs share a folder, whatever folder they are built in.
				push @bad, "$mk: $_ is listed twice" for grep { $programs{$_}++ || (/kryfto/ && $names{s{.*/}{}r}++) } grep { !/\$/ } split ' ', $value;
			}
		}
	}
	for my $file (sort keys %have) {
		next if $file !~ m{^(?:src|t/unit|contrib)/.*\.c$} || $file =~ $unlisted;
		push @bad, "$file is in no list of sources" if !$listed{$file};
	}
	for (sort keys %programs) {
		(my $name = $_) =~ s/\W/_/g;
		push @bad, "$_ has no sources" if !$assigned{"${name}_SOURCES"} && !-e "$top/$_.c";
	}
	return @bad;
}

my @bad = check(srcdir());
ok(!@bad, 'sources are listed, once') or diag join "\n", @bad;

# The lint itself.
my %good = ('src/a/local.mk' => "noinst_LIBRARIES += src/a/liba.a\nsrc_a_liba_a_SOURCES = \\\n\tsrc/a/x.c \\\n\tsrc/a/x.h\nA_LIBS = src/a/liba.a\n",
	'src/a/x.c' => '', 'src/a/x.h' => '', 't/unit/a.mk' => "check_PROGRAMS += t/unit/a/test_x\nt_unit_a_test_x_SOURCES = t/unit/a/test_x.c\n", 't/unit/a/test_x.c' => '');
my $clean = scratch(%good);
is(join("\n", check("$clean")), '', 'a clean tree passes');
sub finds {
	my ($name, $like, %change) = @_;
	my $dir = scratch(%good, %change);
	my @found = check("$dir");
	ok((grep { $_ =~ $like } @found), "found: $name") or diag join "\n", @found;
}
finds('a source in no list', qr{src/a/y\.c is in no list}, 'src/a/y.c' => '');
finds('a listed file that is gone', qr{lists t/unit/a/test_y\.c, which}, 't/unit/a.mk' => "$good{'t/unit/a.mk'}t_unit_a_test_y_SOURCES = t/unit/a/test_y.c\n");
finds('a list that a merge doubled', qr{assigned twice}, 't/unit/a.mk' => "$good{'t/unit/a.mk'}t_unit_a_test_x_SOURCES = t/unit/a/test_x.c\n");
finds('lines that a merge joined', qr{two assignments}, 't/unit/a.mk' => "X_LDADD = -lmt_unit_a_test_x_SOURCES = t/unit/a/test_x.c\n");
finds('no newline at the end', qr{end in a newline}, 't/unit/a.mk' => $good{'t/unit/a.mk'} =~ s/\n\z//r);
finds('a test listed twice', qr{test_x is listed twice}, 't/unit/a.mk' => "check_PROGRAMS += t/unit/a/test_x\n$good{'t/unit/a.mk'}");
finds("one program in two folders", qr{kryfto-x is listed twice}, "src/a/local.mk" => "$good{'src/a/local.mk'}sbin_PROGRAMS += kryfto-x src/cmd/kryfto-x\nkryfto_x_SOURCES = src/a/x.c\nsrc_cmd_kryfto_x_SOURCES = src/a/x.c\n");
finds('a program without sources', qr{test_z has no sources}, 't/unit/a.mk' => "check_PROGRAMS += t/unit/a/test_z\n$good{'t/unit/a.mk'}");
done_testing();

#!/usr/bin/perl
# src/LAYERS holds: each folder includes only the folders it names and the external headers it names.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp strip_c scratch);

# Headers of libc, POSIX and Linux, which any folder may use.
my $system = qr{^(?:(?:assert|complex|ctype|dirent|dlfcn|endian|err|errno|fcntl|fenv|float|fnmatch|ftw|getopt|glob|grp|iconv|inttypes
	|langinfo|limits|locale|malloc|math|netdb|nl_types|poll|pthread|pwd|regex|sched|search|semaphore|setjmp|signal|spawn
	|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syscall|sysexits|syslog
	|termios|threads|time|uchar|ucontext|unistd|utime|wchar|wctype|config)\.h|(?:arpa|linux|net|netinet|sys|asm)/.+|(?:sanitizer)/.+)$}x;

sub parse_layers {
	my ($text) = @_;
	my (%layer, @order, @wrong);
	for (split /\n/, $text) {
		s/#.*//;
		next if !/\S/;
		my ($folder, $may, $external) = /^(\w+):\s*([^!]*?)\s*(?:!\s*(.*?)\s*)?$/ or do { push @wrong, "LAYERS: cannot read: $_"; next };
		my @may = split ' ', $may;
		for my $m (@may) {
			push @wrong, "LAYERS: $folder may use $m, which does not stand before it" if $m ne '*' && !$layer{$m};
		}
		my %external;
		for my $e (split ' ', $external // '') {
			my ($header, $in) = split /\@/, $e;
			$external{$header} = { map { $_ => 1 } split /,/, $in // '' };
		}
		$layer{$folder} = { may => { map { $_ => 1 } @may, $folder }, external => \%external };
		push @order, $folder;
	}
	return (\%layer, \@order, \@wrong);
}

sub check {
	my ($top) = @_;
	my ($layer, $order, $wrong) = parse_layers(slurp("$top/src/LAYERS"));
	my @bad = @$wrong;
	my %owner;
	for my $f (@$order) {
		push @{ $owner{$_} }, $f for keys %{ $layer->{$f}{external} };
	}
	for my $file (files(qr{^src/.*\.[ch]$}, $top)) {
		my ($folder, $rest) = $file =~ m{^src/(\w+)/(.+)$} or do { push @bad, "$file: stands in no folder"; next };
		my $l = $layer->{$folder} or do { push @bad, "$file: src/$folder is not in LAYERS"; next };
		my $all = $l->{may}{'*'};
		my $code = strip_c(slurp("$top/$file"), keep => 1);
		my $n = 0;
		for my $line (split /\n/, $code) {
			$n++;
			my ($quote, $what) = $line =~ /^\s*#\s*include\s*([<"])([^>"]+)/ or next;
			if ($quote eq '"') {
				my ($to) = $what =~ m{^(\w+)/};
				if (!defined $to || !$layer->{$to}) {
					push @bad, "$file:$n: \"$what\" is not named from src/";
				} elsif (!$all && !$l->{may}{$to}) {
					push @bad, "$file:$n: $folder may not include $to ($what)";
				} elsif (!-e "$top/src/$what") {
					push @bad, "$file:$n: no such header: $what";
				}
				next;
			}
			next if $what =~ $system;
			my ($key) = grep { $_ eq $what || (m{/$} && index($what, $_) == 0) } keys %owner;
			if (!defined $key) {
				push @bad, "$file:$n: <$what> belongs to no folder in LAYERS";
			} elsif (!$l->{external}{$key}) {
				push @bad, "$file:$n: <$what> belongs to @{ $owner{$key} }, not to $folder";
			} elsif ($file =~ /\.h$/) {
				push @bad, "$file:$n: <$what> in a header: third-party types stay in .c files";
			} elsif (%{ $l->{external}{$key} } && !$l->{external}{$key}{$rest}) {
				push @bad, "$file:$n: <$what> only in " . join(' ', sort keys %{ $l->{external}{$key} });
			}
		}
		if ($file =~ /\.c$/) {
			my ($first) = $code =~ /^\s*#\s*include\s*([<"][^>"]+)/m;
			push @bad, "$file: the first include is not \"base/first.h\"" if ($first // '') ne '"base/first.h';
		}
	}
	for my $folder (@$order) {
		push @bad, "src/$folder has no local.mk" if !-e "$top/src/$folder/local.mk";
	}
	return @bad;
}

my @bad = check(srcdir());
ok(!@bad, 'includes follow src/LAYERS') or diag join "\n", @bad;

# The lint itself, on trees that break one rule each.
my $layers = "base:\njson: base ! jansson.h\nstore: base json ! libpq-fe.h\@db.c\n";
my %good = ('src/LAYERS' => $layers, 'src/base/local.mk' => '', 'src/json/local.mk' => '', 'src/store/local.mk' => '',
	'src/base/first.h' => '', 'src/base/a.c' => "#include \"base/first.h\"\n#include <sys/stat.h>\n",
	'src/json/v.c' => "#include \"base/first.h\"\n#include <jansson.h>\n", 'src/json/v.h' => "#include \"base/first.h\"\n",
	'src/store/db.c' => "#include \"base/first.h\"\n#include \"json/v.h\"\n#include <libpq-fe.h>\n");
sub fails {
	my ($name, $like, %change) = @_;
	my $dir = scratch(%good, %change);
	my @found = check("$dir");
	ok(@found == 1 && $found[0] =~ $like, "found: $name") or diag @found ? join "\n", @found : 'nothing found';
}
my $clean = scratch(%good);
is(join("\n", check("$clean")), '', 'a clean tree passes');
my $first = "#include \"base/first.h\"\n";
fails('upward include', qr/base may not include json/, 'src/base/a.c' => "$first#include \"json/v.h\"\n");
fails('foreign library', qr/belongs to json, not to base/, 'src/base/a.c' => "$first#include <jansson.h>\n");
fails('unknown library', qr/belongs to no folder/, 'src/base/a.c' => "$first#include <zip.h>\n");
fails('library in the wrong file', qr/only in db\.c/, 'src/store/q.c' => "$first#include <libpq-fe.h>\n");
fails('library in a header', qr/third-party/, 'src/json/v.h' => "#include <jansson.h>\n");
fails('no first.h', qr/first include/, 'src/base/b.c' => "#include <stdio.h>\n");
fails('relative include', qr/not named from src/, 'src/base/a.c' => "$first#include \"first.h\"\n");
fails('folder not in LAYERS', qr/not in LAYERS/, 'src/odd/a.c' => $first);
fails('use before definition', qr/does not stand before/, 'src/LAYERS' => "base: json\n$layers" =~ s/\nbase:\n/\n/r);
done_testing();

# The source tree as the lints see it: which files there are, their text without comments, their functions.
package Kryfto::Tree;
use strict;
use warnings;
use Exporter 'import';
use File::Find ();
use File::Temp ();

our @EXPORT_OK = qw(srcdir builddir files slurp strip_c strings_of functions make_vars scratch);

sub srcdir { $ENV{srcdir} // '.' }
sub builddir { $ENV{builddir} // '.' }

# Paths (relative to $top) of everything that belongs to the project: what git tracks or would track,
# or every file where there is no git. `like` filters.
sub files {
	my ($like, $top) = @_;
	$top //= srcdir();
	my @all;
	if (-e "$top/.git") {
		open my $git, '-|', 'git', '-c', 'safe.directory=*', '-C', $top, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'
			or die "git: $!";
		local $/ = "\0";
		chomp(@all = <$git>);
	}
	if (!@all) {
		File::Find::find({ no_chdir => 1, wanted => sub {
			if (-d && m{/(?:\.git|\.deps|node_modules|autom4te\.cache|var|build[^/]*)$}) {
				$File::Find::prune = 1;
				return;
			}
			push @all, substr $_, length("$top/") if -f;
		} }, $top);
	}
	my %seen;
	return sort grep { !$seen{$_}++ && -f "$top/$_" && (!defined $like || $_ =~ $like) } @all;
}

sub slurp {
	my ($path) = @_;
	open my $in, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar(<$in>) // '';
}

# C text with comments blanked (line structure kept) and, unless `keep`, the insides of string and
# character literals blanked too.
sub strip_c {
	my ($text, %o) = @_;
	my $out = '';
	while ($text =~ m{
			\G(?: (?<comment> /\*.*?\*/ | //[^\n]* )
			| (?<string> " (?: [^"\\\n] | \\. )* " )
			| (?<char> ' (?: [^'\\\n] | \\. )* ' )
			| (?<plain> [^"'/]+ | . ) )
		}gsx) {
		if (defined $+{comment}) {
			(my $blank = $+{comment}) =~ s/[^\n]/ /g;
			$out .= $blank;
		} elsif (defined $+{string}) {
			$out .= $o{keep} ? $+{string} : '"' . (' ' x (length($+{string}) - 2)) . '"';
		} elsif (defined $+{char}) {
			$out .= $o{keep} ? $+{char} : "'" . (' ' x (length($+{char}) - 2)) . "'";
		} else {
			$out .= $+{plain};
		}
	}
	return $out;
}

# [line, text] of each string literal, adjacent literals joined as the compiler joins them.
sub strings_of {
	my ($text) = @_;
	my $code = strip_c($text, keep => 1);
	$code =~ s/^[ \t]*#[ \t]*include[^\n]*//mg;
	my @out;
	while ($code =~ m{
			' (?: [^'\\\n] | \\. )* '
			| (?<run> " (?: [^"\\\n] | \\. )* " (?: \s* (?:PRI\w+\s*)? " (?: [^"\\\n] | \\. )* " )* )
		}gsx) {
		next if !defined $+{run};
		my $run = $+{run};
		my $line = 1 + (substr($code, 0, $-[0]) =~ tr/\n//);
		my $joined = join '', $run =~ m{"((?:[^"\\\n]|\\.)*)"}gs;
		push @out, [$line, $joined];
	}
	return @out;
}

# {name, line, length, body} of each function of a file in the house style: the opening and the
# closing brace stand alone in column 0.
sub functions {
	my ($text) = @_;
	my @lines = split /\n/, strip_c($text), -1;
	my (@out, $open, $name);
	for my $i (0 .. $#lines) {
		if (!defined $open && $lines[$i] =~ /^\{\s*$/) {
			my $head = '';
			for (my $j = $i - 1; $j >= 0 && $j > $i - 12; $j--) {
				last if $lines[$j] =~ /^\s*$|[;}]\s*$|^#/;
				$head = "$lines[$j] $head";
			}
			if ($head =~ /\)\s*(?:\w+\([^()]*\)\s*)*$/ && $head =~ /(\w+)\s*\(/) {
				my $rest = $head;
				$rest =~ s/\b(?:PRINTF_LIKE|__attribute__|_cleanup_)\s*\((?:[^()]|\([^()]*\))*\)//g;
				($name) = $rest =~ /(\w+)\s*\(/;
				$open = $i;
			}
		} elsif (defined $open && $lines[$i] =~ /^\}/) {
			push @out, { name => $name, line => $open + 1, length => $i - $open - 1,
				body => join("\n", @lines[$open + 1 .. $i - 1]) };
			undef $open;
		}
	}
	return @out;
}

# Values of make variables in the build directory, by name.
sub make_vars {
	my @names = @_;
	local @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	delete @ENV{qw(MAKEFLAGS MFLAGS MAKELEVEL)};
	my $rule = "kryfto-vars:;" . join("", map { "\$(info \$($_))" } @names) . "\@:";
	my $build = builddir();
	open my $make, '-|', 'make', '-s', '--no-print-directory', '-C', $build, "--eval=$rule", 'kryfto-vars' or die "make: $!";
	chomp(my @values = <$make>);
	close $make or die "make in $build failed";
	my %v;
	@v{@names} = @values;
	return %v;
}

# A folder that lives as long as the caller keeps the object, filled with path => text.
sub scratch {
	my (%files) = @_;
	my $dir = File::Temp->newdir('kryfto-lint-XXXXXX', TMPDIR => 1);
	for my $path (keys %files) {
		my $at = "$dir";
		for my $part (split m{/}, $path =~ s{/?[^/]*$}{}r) {
			$at .= "/$part";
			mkdir $at;
		}
		open my $out, '>', "$dir/$path" or die "$dir/$path: $!";
		print $out $files{$path};
		close $out or die "$dir/$path: $!";
	}
	return $dir;
}

1;

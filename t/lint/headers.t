#!/usr/bin/perl
# Every header compiles alone and guards itself; nothing but declarations comes out of it.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp strip_c scratch make_vars);

my $src = srcdir();
my %v = make_vars(qw(CC DEFS DEFAULT_INCLUDES INCLUDES AM_CPPFLAGS CPPFLAGS));
# The variables are relative to the build directory.
my $compile = join ' ', @v{qw(CC DEFS DEFAULT_INCLUDES INCLUDES AM_CPPFLAGS CPPFLAGS)}, '-std=gnu11 -Wall -Wextra -Werror -fsyntax-only',
	'-Wno-unused-function -Wno-unused-const-variable -Wno-missing-field-initializers -Wno-unused-parameter';

sub compile {
	my ($path) = @_;
	my $build = Kryfto::Tree::builddir();
	my $pid = open my $out, '-|';
	die "fork: $!" if !defined $pid;
	if (!$pid) {
		open STDERR, '>&', \*STDOUT;
		chdir $build or die "$build: $!";
		exec '/bin/sh', '-c', "printf '#include \"%s\"\\n#include \"%s\"\\n' '$path' '$path' | $compile -x c -";
	}
	local $/;
	my $text = <$out>;
	return close($out) ? '' : $text;
}

for my $header (files(qr{^src/.*\.h$})) {
	my $words = compile($header =~ s{^src/}{}r);
	is($words, '', "$header compiles alone and twice");
	my $text = slurp("$src/$header");
	my $want = 'KRYFTO_' . uc($header =~ s{^src/}{}r =~ s{[/.-]}{_}gr);
	like($text, qr{^#ifndef \Q$want\E\n#define \Q$want\E$}m, "$header is guarded by $want");
}

# The lint itself.
my $dir = scratch('needy.h' => "struct needy { size_t n; };\n", 'fine.h' => "#include <stddef.h>\n#ifndef F\n#define F\nstruct fine { size_t n; };\n#endif\n",
	'twice.h' => "struct twice { int n; };\n");
like(compile("$dir/needy.h"), qr/size_t/, 'found: a header that needs another first');
like(compile("$dir/twice.h"), qr/redefinition/, 'found: a header without a guard');
is(compile("$dir/fine.h"), '', 'a sound header passes');
done_testing();

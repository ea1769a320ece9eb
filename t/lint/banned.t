#!/usr/bin/perl
# Functions that nobody calls, or that only the named files may; SQL that stands outside src/store or
# is put together at run time; functions that call themselves.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir files slurp strip_c strings_of functions scratch);

# name => [reason, files that may (regex)]
my %banned = (
	(map { $_ => ['unbounded copy: use str, buf or memcpy with a length', undef] } qw(strcpy strcat stpcpy sprintf vsprintf gets strncat)),
	(map { $_ => ['keeps hidden state', undef] } qw(strtok gmtime localtime ctime asctime readdir_r inet_ntoa gethostbyname)),
	(map { $_ => ['reports no error: use scan.h', undef] } qw(atoi atol atof)),
	(map { $_ => ['runs a shell', undef] } qw(system popen)),
	(map { $_ => ['races', undef] } qw(tmpnam tempnam mktemp)),
	(map { $_ => ['not for secrets or jitter: use rng.h', undef] } qw(rand srand random srandom drand48)),
	(map { $_ => ['unbounded stack', undef] } qw(alloca)),
	(map { $_ => ['no hidden jumps; out of Gumbo there is no other way', qr{^src/html/dom_gumbo.c$}] } qw(setjmp longjmp sigsetjmp siglongjmp)),
	(map { $_ => ['unclear semantics: use sigaction', qr{^t/|^contrib/}] } qw(signal)),
	(map { $_ => ['statements with text of their own only there', qr{^src/store/(?:db|migrate\w*)\.c$}] } qw(PQexec)),
	(map { $_ => ['processes are made there', qr{^src/(?:proc|cdp|extract|cmd)/|^t/|^contrib/bench/}] } qw(fork vfork execve execv execvp posix_spawn)),
	(map { $_ => ['library folders do not end the process', qr{^src/(?:proc|crawl|cmd|extract)/|^src/cdp/(?:browser|netns)\.c|^src/base/err\.c|^t/|^contrib/}] } qw(exit _exit)),
	(map { $_ => ['wait for a condition, with poll or an event loop', qr{^src/(?:proc|cmd)/|^src/base/clock\.c|^t/|^contrib/}] } qw(sleep usleep nanosleep)),
);
my $names = join '|', sort keys %banned;

my $sql = qr/\b(?:SELECT\s.*\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+(?:\.\w+)?\s+SET\s|DELETE\s+FROM\s|CREATE\s+(?:TABLE|INDEX|VIEW)\s|\ALISTEN\s|\ANOTIFY\s)/s;
my $sql_lower = qr/\A\s*(?:select\s.*\sfrom\s+\w|insert\s+into\s+\w|update\s+\w+(?:\.\w+)?\s+set\s+\w|delete\s+from\s+\w|with\s+\w+\s+as\s*\()/s;

sub check {
	my ($top, $exceptions) = @_;
	my (@bad, %used);
	my %recursive = map { /^([^#\s]\S*)\s+\S/ ? ($1 => 1) : () } split /\n/, $exceptions;
	for my $file (files(qr{^(?:src|t|contrib)/.*\.[ch]$}, $top)) {
		my $text = slurp("$top/$file");
		my $code = strip_c($text);
		my $n = 0;
		for (split /\n/, $code) {
			$n++;
			next if /^\s*#\s*pragma\s+GCC\s+poison/;
			while (/(?<![\w.>])($names)\s*\(/g) {
				my ($why, $where) = @{ $banned{$1} };
				push @bad, "$file:$n: $1: $why" if !$where || $file !~ $where;
			}
		}
		next if $file !~ m{^src/};
		for (strings_of($text)) {
			my ($line, $string) = @$_;
			my $plain = $string =~ s/\\[nt]/ /gr;
			next if $plain !~ $sql && $plain !~ $sql_lower;
			if ($file !~ m{^src/store/}) {
				push @bad, "$file:$line: SQL outside src/store: " . substr $plain, 0, 40;
			} elsif ($plain =~ /%[-+ 0#*.\d]*(?:[sducxz]|l+[dux])/ && $plain !~ /LIKE\s+'[^']*%/i) {
				push @bad, "$file:$line: SQL with a format directive: use \$n: " . substr $plain, 0, 40;
			}
		}
		for my $f (functions($text)) {
			next if $f->{body} !~ /(?<![\w.>])\Q$f->{name}\E\s*\(/;
			my $key = "$file:$f->{name}";
			$used{$key} = 1;
			push @bad, "$file:$f->{line}: $f->{name} calls itself: walks over input are iterative" if !$recursive{$key};
		}
	}
	push @bad, "recursion.exceptions: $_ needs no exception any more" for grep { !$used{$_} } sort keys %recursive;
	return @bad;
}

my $list = srcdir() . '/t/lint/recursion.exceptions';
my @bad = check(srcdir(), slurp($list));
ok(!@bad, 'no banned call, stray SQL or recursion') or diag join "\n", @bad;

# The lint itself.
sub finds {
	my ($name, $like, $file, $text, $exceptions) = @_;
	my $dir = scratch($file => $text);
	my @found = check("$dir", $exceptions // '');
	ok(@found == 1 && $found[0] =~ $like, "found: $name") or diag @found ? join "\n", @found : 'nothing';
}
sub passes {
	my ($name, $file, $text, $exceptions) = @_;
	my $dir = scratch($file => $text);
	is(join("\n", check("$dir", $exceptions // '')), '', "passes: $name");
}
finds('strcpy', qr/strcpy: unbounded/, 'src/base/a.c', "int f(char *a)\n{\n\tstrcpy(a, \"x\");\n}\n");
finds('system', qr/system: runs a shell/, 't/unit/a.c', "int f(void)\n{\n\treturn system(\"x\");\n}\n");
finds('PQexec outside db.c', qr/PQexec/, 'src/store/jobs.c', "int f(void *c)\n{\n\tPQexec(c, x);\n}\n");
passes('PQexec in db.c', 'src/store/db.c', "int f(void *c)\n{\n\tPQexec(c, x);\n}\n");
finds('fork in a library', qr/fork/, 'src/html/a.c', "int f(void)\n{\n\tfork();\n}\n");
finds('SQL in a handler', qr/SQL outside/, 'src/api/a.c', "const char *q = \"SELECT id\"\n\t\" FROM job WHERE id = \$1\";\n");
finds('lower-case SQL', qr/SQL outside/, 'src/crawl/a.c', "const char *q = \"insert into job(id) values (\$1)\";\n");
finds('formatted SQL', qr/format directive/, 'src/store/a.c', "const char *q = \"SELECT id FROM job WHERE id = %d\";\n");
passes('SQL in store', 'src/store/a.c', "const char *q = \"SELECT id FROM job WHERE id = \$1\";\n");
passes('prose', 'src/api/a.c', "const char *q = \"select one from the list\"; /* strcpy( SELECT a FROM b */\n" =~ s/select one from/Select some out of/r);
finds('recursion', qr/calls itself/, 'src/html/a.c', "static int walk(int n)\n{\n\treturn walk(n - 1);\n}\n");
passes('an excepted recursion', 'src/html/a.c', "static int walk(int n)\n{\n\treturn walk(n - 1);\n}\n", "src/html/a.c:walk bounded by the schema's own depth\n");
finds('a stale exception', qr/needs no exception/, 'src/html/a.c', "int a;\n", "src/html/a.c:walk why\n");
done_testing();

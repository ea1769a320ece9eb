#!/usr/bin/perl
# The linker's view of src/LAYERS: what each archive leaves undefined, and which libraries it calls.
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir builddir slurp scratch make_vars);

# Symbol prefixes of the libraries, and the one folder that may call each.
my %library = (
	qr/^PQ[a-z]/ => 'store', qr/^json_(?:load|dump|object_set|array_append)/ => 'json', qr/^FCGX_|^FCGI_/ => 'http',
	qr/^gumbo_|^kGumbo/ => 'html', qr/^curl_/ => 'net', qr/^ev_(?:run|loop|io|timer|async|signal|child|break)/ => 'net',
	qr/^memcached_/ => 'net', qr/^XML_/ => 'net', qr/^psl_/ => 'url', qr/^seccomp_/ => 'proc',
	qr/^luaL?_/ => 'extract', qr/^yaml_/ => 'extract', qr/^(?:EVP|SSL|RAND|HMAC|OPENSSL|CRYPTO)_/ => 'crypto',
);

sub layers {
	my ($text) = @_;
	my (%may, %external);
	for (split /\n/, $text) {
		s/#.*//;
		my ($folder, $may, $ext) = /^(\w+):\s*([^!]*)(?:!\s*(.*))?/ or next;
		$may{$folder} = { map { $_ => 1 } split(' ', $may), $folder };
		$external{$folder} = $ext // '';
	}
	return (\%may, \%external);
}

# $nm{folder} = { def => {symbol}, undef => {symbol => 1} }
sub judge {
	my ($may, $nm) = @_;
	my (%home, @bad);
	for my $folder (sort keys %$nm) {
		for (sort keys %{ $nm->{$folder}{def} }) {
			push @bad, "$_ is defined in src/$home{$_} and in src/$folder" if $home{$_};
			$home{$_} = $folder;
		}
	}
	for my $folder (sort keys %$nm) {
		for my $symbol (sort keys %{ $nm->{$folder}{undef} }) {
			if (my $home = $home{$symbol}) {
				push @bad, "src/$folder calls $symbol of src/$home" if !$may->{$folder}{$home} && !$may->{$folder}{'*'};
				next;
			}
			for my $like (keys %library) {
				push @bad, "src/$folder calls $symbol, which only src/$library{$like} may"
					if $symbol =~ $like && $folder ne $library{$like};
			}
		}
	}
	return @bad;
}

sub read_nm {
	my ($archive) = @_;
	open my $in, '-|', 'nm', '-P', '-A', $archive or die "nm: $!";
	my (%def, %undef);
	while (my $row = <$in>) {
		my ($symbol, $type) = $row =~ /:\s(\S+)\s(\S)/ or next;
		if ($type eq 'U') {
			$undef{$symbol} = 1;
		} elsif ($type =~ /[A-TX-Z]/) {
			$def{$symbol} = 1;
		}
	}
	close $in;
	delete @undef{ keys %def };
	return { def => \%def, undef => \%undef };
}

my ($may) = layers(slurp(srcdir() . '/src/LAYERS'));
my %nm = map { m{src/(\w+)/lib\w+\.a$} ? ($1 => read_nm($_)) : () } glob builddir() . '/src/*/lib*.a';
SKIP: {
	skip 'nothing is built here', 1 if !%nm;
	my @bad = judge($may, \%nm);
	ok(!@bad, 'archives call only what LAYERS allows: ' . join ' ', sort keys %nm) or diag join "\n", @bad;
	my %undeclared = map { $_ => 1 } grep { !$may->{$_} } keys %nm;
	is(join(' ', sort keys %undeclared), '', 'each archive stands in LAYERS');
}

# The lint itself, on archives built for it.
my $dir = scratch('base.c' => 'int json_up(void); int base_x(void); int base_x(void) { return json_up(); }',
	'json.c' => 'int json_up(void); char *PQerror(void); int json_up(void) { return !PQerror(); }', 'twice.c' => 'int base_x(void); int base_x(void) { return 1; }');
my $cc = {make_vars('CC')}->{CC};
for my $part (qw(base json twice)) {
	system("$cc -c -o $dir/$part.o $dir/$part.c && ar rc $dir/lib$part.a $dir/$part.o") == 0 or BAIL_OUT('cannot compile');
}
my %part = map { $_ => read_nm("$dir/lib$_.a") } qw(base json twice);
my %rule = (base => { base => 1 }, json => { base => 1, json => 1 });
my @found = judge(\%rule, { base => $part{base}, json => $part{json} });
is(scalar(grep { /src\/base calls json_up of src\/json/ } @found), 1, 'found: an upward call');
is(scalar(grep { /src\/json calls PQerror, which only src\/store/ } @found), 1, 'found: a library called from the wrong folder');
is(scalar(grep { /defined in src/ } judge(\%rule, { base => $part{base}, json => $part{twice} })), 1, 'found: a symbol defined twice');
is(scalar(judge(\%rule, { base => { def => { base_x => 1 }, undef => { malloc => 1 } } })), 0, "a clean archive passes");
done_testing();

#!/usr/bin/perl
# nginx' own refusals (nginx/problems.conf) use the codes and words of the API's catalogue (src/http/problem.c).
use strict;
use warnings;
use Test::More;
use Kryfto::Tree qw(srcdir slurp);

# Only nginx serves ranges of blobs, so only nginx refuses them.
my %own = (416 => 'RANGE_NOT_SATISFIABLE');

sub catalogue {
	my ($text) = @_;
	my %words;
	while ($text =~ /DEFINE\(\w+,\s*(\d+),\s*"(\w+)",\s*"([^"]*)"/g) {
		$words{"$1 $2"} = $3;
	}
	return \%words;
}

sub check {
	my ($conf, $words) = @_;
	my (@bad, %has);
	while ($conf =~ m{location = /_problem/(\d+) \{(.*?)\n\}}gs) {
		my ($at, $block) = ($1, $2);
		$has{$at} = 1;
		my ($status, $code, $message, $said) = $block =~
			/return (\d+) '\{"error":\{"code":"(\w+)","message":"([^"]*)","requestId":"\$kryfto_request_id","status":(\d+)\}\}';/
			or do { push @bad, "$at: not in the envelope"; next };
		push @bad, "$at: answers $status and says $said" if $status != $at || $said != $at;
		push @bad, "$at: not internal" if $block !~ /^\s*internal;/m;
		push @bad, "$at: no x-request-id" if $block !~ /add_header x-request-id \$kryfto_request_id always;/;
		next if ($own{$status} // '') eq $code;
		my $want = $words->{"$status $code"};
		push @bad, "$at: $code is not in the catalogue" if !defined $want;
		push @bad, "$at: says '$message', the catalogue '$want'" if defined $want && $want ne $message;
	}
	while ($conf =~ m{^error_page (\d+)(?: =(\d+))? /_problem/(\d+);}mg) {
		push @bad, "error_page $1: status and place differ" if ($2 // $1) != $3;
		push @bad, "error_page $1: no location for $3" if !$has{$3};
	}
	return @bad;
}

my $words = catalogue(slurp(srcdir() . '/src/http/problem.c'));
cmp_ok(scalar keys %$words, '>', 10, 'the catalogue was read');
my $conf = slurp(srcdir() . '/nginx/problems.conf');
my @bad = check($conf, $words);
ok(!@bad, 'nginx answers in the words of the catalogue') or diag join "\n", @bad;
for my $status (400, 404, 405, 413, 414, 431, 500, 502, 503, 504) {
	like($conf, qr/^error_page (?:$status|\d+ =$status) /m, "$status is answered");
}

# The lint itself.
sub finds {
	my ($name, $like, $from, $to) = @_;
	(my $broken = $conf) =~ s/$from/$to/ or die "nothing to break for: $name";
	ok((grep { $_ =~ $like } check($broken, $words)), "found: $name");
}
finds('other words', qr/says 'Too big'/, 'Request body is too large', 'Too big');
finds('an unknown code', qr/TOO_BIG is not in the catalogue/, '"PAYLOAD_TOO_LARGE"', '"TOO_BIG"');
finds('another status', qr/413: answers 400/, 'return 413', 'return 400');
finds('a missing location', qr/error_page 413: no location/, '/_problem/413 \{', '/_problem/499 {');
finds('no request id', qr/no x-request-id/, '\tadd_header x-request-id[^\n]*\n', '');
done_testing();

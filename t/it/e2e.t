#!/usr/bin/perl
# The main job end to end, as a client sees it: through nginx with TLS and HTTP/2, from POST /v1/jobs to
# extracted data and the artifacts' bytes.
use strict;
use warnings;
use Test::More;
use Kryfto::Client;
use Kryfto::Proc qw(wait_for);
use Kryfto::Stack;

plan skip_all => 'kryfto-api and kryfto-crawler are not built' if !Kryfto::Stack::has_program('kryfto-api') || !Kryfto::Stack::has_program('kryfto-crawler');

my $s = Kryfto::Stack->start;
my $page = '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Größen &amp; Maße</title></head><body><h1>Tables</h1>'
	. '<ul><li class="x">one</li><li class="x">two</li><li>three</li></ul><a href="next.html">next</a></body></html>';
my $site = $s->site({ '/page.html' => $page, '/robots.txt' => "User-agent: *\nDisallow: /private\n" });

# Answers of the TLS side: {status, headers, body, version}, by curl, which checks the certificate.
my $n = 0;
sub tls {
	my ($method, $path, $body, @more) = @_;
	my ($head, $out) = map { "$s->{dir}/curl-$_" } 'head', 'out';
	my @body = ();
	if (defined $body) {
		open my $f, '>:raw', "$s->{dir}/curl-body" or die $!;
		print $f ref $body ? Kryfto::Client->encode($body) : $body;
		close $f;
		@body = ('--data-binary', "\@$s->{dir}/curl-body", '-H', 'content-type: application/json');
	}
	open my $curl, '-|', 'curl', '-sS', '-m', 20, '--http2', '--cacert', "$s->{dir}/tls.crt", '-X', $method, '-D', $head, '-o', $out,
		'-w', '%{http_code} %{http_version}', '-H', 'authorization: Bearer ' . $s->token, @body, @more, $s->tls_url . $path or die $!;
	my ($status, $version) = split ' ', <$curl> // '0 0';
	close $curl;
	my %h = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } split /\r?\n/, Kryfto::Proc::slurp_log($head);
	my $text = Kryfto::Proc::slurp_log($out);
	return { status => $status, version => $version, headers => \%h, body => $text, json => scalar eval { Kryfto::Client->decode($text) } };
}

my $r = tls('GET', '/v1/healthz');
is($r->{status}, 200, 'healthz over TLS');
is($r->{version}, 2, 'HTTP/2');
is_deeply($r->{json}, { ok => JSON::PP::true, service => 'collector-api' }, 'as published');
like($r->{headers}{'x-request-id'}, qr/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'with a request id');
is($r->{headers}{'strict-transport-security'}, 'max-age=31536000', 'HSTS over TLS');
is($r->{headers}{'x-content-type-options'}, 'nosniff', 'nosniff');
is($s->client->get('/v1/healthz')->{headers}{'strict-transport-security'}, undef, 'no HSTS on plain HTTP');

$r = tls('POST', '/v1/jobs', { url => "http://$site/page.html", extract => { mode => 'selectors',
	selectors => { title => 'title', heading => 'h1', items => 'all:li.x', next => 'a::attr(href)' } } }, '-H', 'x-request-id: e2e-1');
is($r->{status}, 202, 'POST /v1/jobs') or diag $r->{body};
is($r->{json}{state}, 'queued', 'queued');
is($r->{json}{requestId}, 'e2e-1', 'with our request id');
my $id = $r->{json}{jobId};
my $job;
eval { wait_for("end of job $id", sub { $job = tls('GET', "/v1/jobs/$id")->{json}; ($job->{state} // '') =~ /^(?:succeeded|failed)$/ }) };
is($job->{state}, 'succeeded', 'the job succeeded') or diag explain $job;
my $x = $job->{resultSummary}{extracted};
is($x->{title}, "Gr\x{f6}\x{df}en & Ma\x{df}e", 'title, decoded');
is($x->{heading}, 'Tables', 'heading');
is_deeply($x->{items}, ['one', 'two'], 'all: gives a list');
is($x->{next}, 'next.html', '::attr()');
is($job->{resultSummary}{heading}, 'Tables', 'the keys are spread beside');

$r = tls('GET', "/v1/jobs/$id/artifacts");
is($r->{status}, 200, 'artifacts listed');
my $list = ref $r->{json} eq 'HASH' ? $r->{json}{items} // $r->{json}{artifacts} : $r->{json};
my ($html) = grep { ($_->{contentType} // '') =~ m{^text/html} } @{ $list // [] };
ok($html, 'the page is among them') or diag $r->{body};
SKIP: {
	skip 'no artifact', 7 if !$html;
	my $at = '/v1/artifacts/' . ($html->{id} // $html->{artifactId});
	$r = tls('GET', $at);
	is($r->{status}, 200, 'artifact downloaded');
	like($r->{body}, qr/<h1>Tables/, 'its bytes') or diag $r->{body};
	is($r->{headers}{'x-content-type-options'}, 'nosniff', 'nosniff');
	ok($r->{headers}{'x-request-id'}, 'x-request-id on what nginx sends itself');
	ok($r->{headers}{etag}, 'ETag');
	is(tls('GET', $at, undef, '-H', "if-none-match: $r->{headers}{etag}")->{status}, 304, 'If-None-Match');
	my $part = tls('GET', $at, undef, '-H', 'range: bytes=0-8');
	is("$part->{status} $part->{body}", '206 ' . substr($r->{body}, 0, 9), 'Range');
}
is(tls('GET', '/_blobs/x')->{status}, 404, 'the blob location is not reachable from outside');

my $log = Kryfto::Proc::slurp_log("$s->{dir}/log/access.log");
my @lines = map { eval { Kryfto::Client->decode($_) } || () } split /\n/, $log;
is(scalar(@lines), scalar(() = $log =~ /\n/g), 'every line of the access log is JSON');
my ($line) = grep { $_->{requestId} eq 'e2e-1' } @lines;
is("$line->{method} $line->{uri} $line->{status}", 'POST /v1/jobs 202', 'with the request id');
$s->client(token => undef)->get('/v1/artifacts/x?downloadToken=topsecret');
unlike(Kryfto::Proc::slurp_log("$s->{dir}/log/access.log"), qr/topsecret/, 'tokens in a query are not logged');
unlike(join('', map { Kryfto::Proc::slurp_log($_) } glob "$s->{dir}/log/*.log"), qr/\Q@{[$s->token]}\E/, 'the bearer token is in no log');
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing();

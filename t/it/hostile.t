#!/usr/bin/perl
# Hostile and broken input through nginx: each gets a clear 4xx in the error envelope, nothing dies, and
# everybody else is still served.
use strict;
use warnings;
use Test::More;
use IO::Select ();
use Time::HiRes qw(time);
use Kryfto::Client;
use Kryfto::Proc qw(wait_for children_of);
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0, nginx_conf => { CLIENT_TIMEOUT => '2s' });
my $c = $s->client;
my $auth = 'Authorization: Bearer ' . $s->token;
my $master = $s->{api}{pid};
wait_for('workers', sub { children_of($master) >= 5 });
my @before = sort { $a <=> $b } children_of($master);

sub refused {
	my ($name, $r, $status, $code) = @_;
	my $e = ref $r->{json} eq 'HASH' ? $r->{json}{error} : undef;
	my $shape = ref $e eq 'HASH' && $e->{code} && length($e->{message} // '') && $e->{requestId} && $e->{requestId} eq ($r->{headers}{'x-request-id'} // '')
		&& ($e->{status} // 0) == $r->{status};
	ok($r->{status} =~ /^(?:$status)$/ && $shape && (!$code || $e->{code} =~ /^(?:$code)$/), "$name: $r->{status} " . ($e->{code} // ''))
		or diag "want $status " . ($code // '') . ", got $r->{status}: " . substr($r->{body} // '', 0, 300), "\nx-request-id: " . ($r->{headers}{'x-request-id'} // 'none');
}
sub post_raw {
	my ($body, @headers) = @_;
	return $c->raw(join "\r\n", 'POST /v1/jobs HTTP/1.1', 'Host: x', $auth, 'Content-Type: application/json', 'Content-Length: ' . length $body,
		'Connection: close', @headers, '', $body);
}
sub get_raw {
	my ($path, @headers) = @_;
	return $c->raw(join "\r\n", "GET $path HTTP/1.1", 'Host: x', 'Connection: close', @headers, '', '');
}

# Bodies.
refused('a 2 MiB body', post_raw('{"url":"' . 'a' x (2 << 20) . '"}'), 413, 'PAYLOAD_TOO_LARGE');
refused('a 2 MiB body announced', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nContent-Length: 2097152\r\n\r\n"), 413, 'PAYLOAD_TOO_LARGE');
refused('10 000 nested arrays', post_raw('[' x 10000 . ']' x 10000), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('10 000 nested arrays in a field', post_raw('{"url":"http://x/","options":' . '[' x 10000 . ']' x 10000 . '}'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('10 000 nested objects', post_raw('{"a":' x 10000 . '1' . '}' x 10000), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('unclosed arrays', post_raw('[' x 100000), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('bad UTF-8 in a body', post_raw("{\"url\":\"http://x/\xff\xfe\"}"), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('a NUL in a body', post_raw("{\"url\":\"http://x/\0\"}"), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('an escaped NUL in a URL', post_raw('{"url":"http://x/\u0000"}'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('a lone surrogate', post_raw('{"url":"http://x/\ud800"}'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('not JSON', post_raw('url=http://x/'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('two JSON values', post_raw('{"url":"http://x/"}{}'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('a huge number', post_raw('{"url":"http://x/","options":{"timeoutMs":1e999}}'), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('an empty body', post_raw(''), 400, 'VALIDATION_ERROR|BAD_REQUEST');
refused('another media type', $c->post('/v1/jobs', '{"url":"http://x/"}', { 'content-type' => 'text/plain' }), '400|415');

# Heads.
refused('1 000 headers', get_raw('/v1/jobs', $auth, map { "X-Header-$_: value $_" } 1 .. 1000), '400|431', 'HEADERS_TOO_LARGE|BAD_REQUEST');
refused('200 short headers', get_raw('/v1/jobs', $auth, map { "X-$_: $_" } 1 .. 200), '400|431', 'HEADERS_TOO_LARGE|BAD_REQUEST');
refused('one huge header', get_raw('/v1/jobs', $auth, 'X-A: ' . 'a' x 20000), '400|431', 'HEADERS_TOO_LARGE|BAD_REQUEST');
refused('a huge token', get_raw('/v1/jobs/x', 'Authorization: Bearer ' . 'a' x 7000), '401', 'AUTH_UNAUTHORIZED');
refused('a long URI', get_raw('/v1/jobs/' . 'a' x 20000, $auth), 414, 'URI_TOO_LONG');
refused('a NUL in a path', get_raw("/v1/jobs/a%00b", $auth), 400, 'BAD_REQUEST');
refused('a raw NUL in a path', get_raw("/v1/jobs/a\0b", $auth), 400, 'BAD_REQUEST');
refused('bad UTF-8 in a path', get_raw('/v1/jobs/%ff%fe', $auth), 400, 'BAD_REQUEST|VALIDATION_ERROR');
refused('raw bad UTF-8 in a path', get_raw("/v1/jobs/\xff\xfe", $auth), 400, 'BAD_REQUEST|VALIDATION_ERROR');
refused('an overlong escape', get_raw('/v1/jobs/%c0%af', $auth), 400, 'BAD_REQUEST|VALIDATION_ERROR');
refused('bad UTF-8 in a query', get_raw('/v1/admin/tokens?limit=%ff', $auth), 400, 'BAD_REQUEST|VALIDATION_ERROR');
refused('1 000 query parameters', get_raw('/v1/admin/tokens?' . join('&', map { "a$_=1" } 1 .. 1000), $auth), '400|414', 'BAD_REQUEST|VALIDATION_ERROR|URI_TOO_LONG');
refused('a path that climbs', get_raw('/v1/../../../etc/passwd', $auth), '400|404');
refused('a negative length', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), 400, 'BAD_REQUEST');
refused('two lengths', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), 400, 'BAD_REQUEST');
refused('length and chunks', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
refused('bad chunks', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), 400, 'BAD_REQUEST');
refused('an unknown transfer coding', $c->raw("POST /v1/jobs HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"), '400|501');
refused('no method', $c->raw("\x16\x03\x01\x02\r\n\r\n"), 400, 'BAD_REQUEST');
refused('an unknown method', $c->raw("BREW /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nConnection: close\r\n\r\n"), 405, 'METHOD_NOT_ALLOWED');
refused('TRACE', $c->raw("TRACE /v1/jobs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 405, 'METHOD_NOT_ALLOWED');
refused('no host', $c->raw("GET /v1/healthz HTTP/1.1\r\n\r\n"), 400, 'BAD_REQUEST');
refused('an HTTP version from the future', $c->raw("GET /v1/healthz HTTP/9.1\r\nHost: x\r\n\r\n"), '400|505');
refused('plain HTTP on the TLS port', Kryfto::Client->new(url => $s->tls_url =~ s/^https/http/r)->raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 400, 'BAD_REQUEST');
my $r = get_raw('/v1/healthz', 'X-Request-Id: a"b\\c');
ok($r->{status} == 200 && $r->{headers}{'x-request-id'} =~ /^[0-9a-f-]{36}$/, 'a malformed request id is replaced');
$r = $c->raw("HEAD /v1/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
ok($r->{status} == 200 && $r->{body} eq '', 'HEAD has no body');

# A client that vanishes in the middle of its body.
for (1 .. 20) {
	my $gone = $c->socket;
	print $gone "POST /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nContent-Length: 100\r\n\r\n{\"url\"";
	close $gone;
}
is($c->get('/v1/healthz')->{status}, 200, 'served after clients that vanished');

# 500 slow clients: half never end their header, half never end their body.
my @slow;
for my $n (1 .. 500) {
	my $sock = $c->socket or last;
	$sock->autoflush(1);
	print $sock $n % 2 ? "GET /v1/healthz HTTP/1.1\r\nHost: x\r\nX-Slow: " : "POST /v1/jobs HTTP/1.1\r\nHost: x\r\n$auth\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{";
	push @slow, $sock;
}
is(scalar @slow, 500, '500 slow clients are connected');
my (@took, @odd);
for (1 .. 200) {
	my $began = time;
	my $one = $_ % 2 ? $c->get('/v1/healthz') : $c->get('/v1/jobs/00000000-0000-4000-8000-000000000000');
	push @took, time - $began;
	push @odd, $one->{status} if $one->{status} !~ /^(?:200|404)$/;
}
@took = sort { $a <=> $b } @took;
is("@odd", '', 'the others are answered meanwhile');
cmp_ok($took[-3], '<', 0.5, sprintf 'and quickly: median %.1f ms, p99 %.1f ms', $took[100] * 1000, $took[-3] * 1000);
my $sel = IO::Select->new(@slow);
my (%closed, $bytes);
eval {
	wait_for('end of the slow clients', sub {
		for my $sock ($sel->can_read(0.05)) {
			my $got = sysread $sock, my $buf, 4096;
			next if $got;
			$closed{ fileno $sock } = 1;
			$sel->remove($sock);
		}
		return keys %closed == @slow;
	}, 20);
};
is(scalar keys %closed, 500, 'all of them were cut off');

is_deeply([sort { $a <=> $b } children_of($master)], \@before, 'no worker died') or $s->show_logs;
is($c->get('/v1/readyz')->{status}, 200, 'ready');
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing();

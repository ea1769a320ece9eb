#!/usr/bin/perl
# The collect routes through nginx: statuses, envelope, headers, validation, roles, idempotency, audit.
use strict;
use warnings;
use Test::More;
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0, env => { KRYFTO_CORS_ORIGINS => "https://app.example, https://b.example" });
my $c = $s->client;
my $none = $c->as(undef);
my $uuid = qr/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
my $time = qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

sub problem {
	my ($r, $status, $code, $name) = @_;
	my $e = $r->{json}{error} // {};
	ok($r->{status} == $status && ($e->{code} // '') eq $code && $e->{status} == $status && length($e->{message} // '')
		&& ($e->{requestId} // '') eq $r->{headers}{'x-request-id'}, "$name: $status $code") or diag "$r->{status} $r->{body}";
	return $e;
}

sub mint {
	my ($role, $project) = @_;
	my $r = $c->post('/v1/admin/tokens', { name => "t-$role", role => $role, projectId => $project // 'default' });
	is($r->{status}, 201, "a $role token" . ($project ? " of $project" : '')) or diag $r->{body};
	return ($c->as($r->{json}{token}), $r->{json});
}

# --- health ---
is_deeply($none->get('/v1/healthz')->{json}, { ok => JSON::PP::true, service => 'collector-api' }, 'healthz');
is_deeply($none->get('/v1/readyz')->{json}, { ok => JSON::PP::true }, 'readyz');
my $m = $none->get('/v1/metrics');
like($m->{headers}{'content-type'}, qr{^application/openmetrics-text; version=1\.0\.0}, 'metrics are OpenMetrics');
like($m->{body}, qr/# EOF\n\z/, 'to the end');
like($m->{body}, qr/^kryfto_queue_jobs\{queue="http",state="ready"\} 0$/m, 'with the depth of the queue');
like($m->{body}, qr/^kryfto_api_workers\{pool="fast",state="busy"\} \d+$/m, 'and the workers');
$m = $none->get('/v1/metrics', { accept => 'text/plain; version=0.0.4' });
like($m->{headers}{'content-type'}, qr{^text/plain; version=0\.0\.4}, 'or text 0.0.4');

my $r = $none->get("/docs/openapi.yaml");
ok($r->{status} == 200 && $r->{headers}{"content-type"} =~ m{^application/yaml} && $r->{body} =~ m{^openapi: "3[.]1}, "API description") or diag $r->{status};
is($none->get("/docs/openapi.yaml", { "if-none-match" => $r->{headers}{etag} })->{status}, 304, "not modified");
is($none->get("/docs/openapi.json")->{json}{paths}{"/v1/jobs"}{post}{operationId}, "createJob", "as JSON");

# --- errors and headers ---
my $e = problem($none->get('/v1/nope'), 404, 'NOT_FOUND', 'unknown route');
problem($c->request('DELETE', '/v1/jobs'), 405, 'METHOD_NOT_ALLOWED', 'wrong method');
like($c->request('DELETE', '/v1/jobs')->{headers}{allow}, qr/\bPOST\b/, 'Allow');
$r = $none->request("OPTIONS", "/v1/jobs");
is($r->{status}, 204, 'OPTIONS');
$r = $none->get('/v1/healthz', { 'x-request-id' => 'mine-1' });
is($r->{headers}{'x-request-id'}, 'mine-1', 'request id is echoed');
like($none->get('/v1/healthz', { 'x-request-id' => 'a"b' })->{headers}{'x-request-id'}, $uuid, 'unless it is malformed');
for my $r ($none->get('/v1/healthz'), $none->get('/v1/nope'), $none->get('/v1/jobs/x'), $c->get('/v1/jobs/x')) {
	ok((grep { defined $r->{headers}{"x-ratelimit-$_"} } qw(limit remaining reset)) == 3 && $r->{headers}{'x-request-id'},
		"rate headers and request id on $r->{status}");
}
problem($none->get("/v1/jobs/$_"), 401, 'AUTH_UNAUTHORIZED', "no token: $_") for 'x', '00000000-0000-4000-8000-000000000000';
is($none->get('/v1/jobs/x')->{headers}{'www-authenticate'}, 'Bearer', 'with a challenge');
problem($c->as('wrong')->get('/v1/jobs/x'), 401, 'AUTH_UNAUTHORIZED', 'bad token');
$e = problem($c->get('/v1/jobs/x'), 400, 'VALIDATION_ERROR', 'an id that is none');
is_deeply($e->{details}{issues}[0]{path}, ['jobId'], 'named by its path');
problem($c->get('/v1/jobs/00000000-0000-4000-8000-000000000000'), 404, 'NOT_FOUND', 'unknown job');

# --- CORS ---
$r = $none->get("/v1/healthz", { origin => "https://app.example" });
is($r->{headers}{"access-control-allow-origin"}, "https://app.example", "an allowed origin");
like($r->{headers}{"access-control-expose-headers"}, qr{x-request-id}, "may read our headers");
ok(!exists $none->get("/v1/healthz", { origin => "https://evil.example" })->{headers}{"access-control-allow-origin"}, "another one is not");
$r = $none->request("OPTIONS", "/v1/jobs", undef, { origin => "https://b.example", "access-control-request-method" => "POST" });
ok($r->{status} == 204 && $r->{headers}{"access-control-allow-methods"} =~ m{POST} && $r->{headers}{"access-control-allow-headers"} =~ m{authorization},
	"preflight") or diag explain $r;
is($none->post("/v1/jobs", {}, { origin => "https://app.example" })->{headers}{"access-control-allow-origin"}, "https://app.example", "refusals can be read, too");

# --- create ---
my $url = 'http://127.0.0.1/page';
$r = $c->post('/v1/jobs', { url => $url });
is($r->{status}, 202, 'create') or diag $r->{body};
like($r->{json}{jobId}, $uuid, 'jobId');
is_deeply([ sort keys %{ $r->{json} } ], [qw(jobId requestId state)], 'no idempotencyKey without one');
my $job = $c->get("/v1/jobs/$r->{json}{jobId}")->{json};
my %want = (id => $uuid, createdAt => $time, updatedAt => $time);
like($job->{$_}, $want{$_}, "job $_") for sort keys %want;
is_deeply([ @$job{qw(projectId state url attempts maxAttempts resultSummary errorMessage)} ],
	[ 'default', 'queued', $url, 0, 3, undef, undef ], 'a queued job');
is($job->{requestId}, $r->{json}{requestId}, 'its request id');

my @bad = (
	['no body', undef, [], 'Required'],
	['empty object', {}, ['url'], 'Required'],
	['url null', { url => undef }, ['url'], 'Expected string, received null'],
	['url no URL', { url => 'nope' }, ['url'], 'Invalid url'],
	['file URL', { url => 'file:///etc/passwd' }, ['url'], qr/^Invalid url/],
	['timeout', { url => $url, options => { timeoutMs => 999 } }, [ 'options', 'timeoutMs' ], 'Number must be greater than or equal to 1000'],
	['timeout float', { url => $url, options => { timeoutMs => 1500.5 } }, [ 'options', 'timeoutMs' ], 'Expected integer, received float'],
	['engine', { url => $url, options => { browserEngine => 'lynx' } }, [ 'options', 'browserEngine' ], qr/^Invalid enum value/],
	['step type', { url => $url, steps => [ { type => 'fly', args => {} } ] }, [ 'steps', 0, 'type' ], qr/^Invalid discriminator value. Expected 'goto' \| 'setHeaders'/],
	['step args', { url => $url, steps => [ { type => 'click', args => { selector => '' } } ] }, [ 'steps', 0, 'args', 'selector' ], 'String must contain at least 1 character(s)'],
	['too many steps', { url => $url, steps => [ map { { type => 'wait', args => { ms => 1 } } } 1 .. 501 ] }, ['steps'], 'Array must contain at most 500 element(s)'],
	['selectors missing', { url => $url, extract => { mode => 'selectors' } }, ['extract'], 'selectors required when mode=selectors'],
	['freshness', { url => $url, freshness_mode => 'soon' }, ['freshness_mode'], qr/^Invalid enum/],
);
for (@bad) {
	my ($name, $body, $path, $words) = @$_;
	my $e = problem($c->post('/v1/jobs', $body), 400, 'VALIDATION_ERROR', $name);
	my ($issue) = grep { JSON::PP->new->encode($_->{path}) eq JSON::PP->new->encode($path) } @{ $e->{details}{issues} // [] };
	ok($issue && (ref $words ? $issue->{message} =~ $words : $issue->{message} eq $words), "$name: told where and what")
		or diag explain $e;
	my $flat = @$path ? $e->{details}{fieldErrors}{ $path->[0] } : $e->{details}{formErrors};
	ok($flat && @$flat, "$name: in the flat form, too");
}
# What cannot be honoured yet is refused by name.
for ([ steps => [ { type => 'wait', args => { ms => 1 } } ] ], [ privacy_mode => 'zero_trace' ], [ freshness_mode => 'never' ],
	[ options => { requiresBrowser => JSON::PP::true }, 'requiresBrowser' ], [ options => { browserEngine => 'firefox' }, 'browserEngine' ],
	[ options => { country => 'de' }, 'country' ]) {
	my ($member, $value, $inner) = @$_;
	my $r = $c->post('/v1/jobs', { url => $url, $member => $value });
	next if $r->{status} == 202; # offered by now
	my $e = problem($r, 400, 'VALIDATION_ERROR', "$member is not offered");
	is($e->{details}{issues}[0]{path}[-1], $inner // $member, 'and named');
}
is($c->post('/v1/jobs', { url => $url, steps => [], unknown => 1, options => { respectRobotsTxt => JSON::PP::false } })->{status}, 202,
	'no steps, unknown members and defaults are fine');
problem($c->post('/v1/jobs', { url => 'http://10.0.0.1/' }), 403, 'SSRF_BLOCKED', 'private address');
problem($c->post("/v1/jobs", { url => $url, steps => [ { type => "goto", args => { url => "http://169.254.169.254/" } } ] }), 403, "SSRF_BLOCKED", "a step to a private address");
problem($c->post("/v1/jobs", { url => $url, steps => [ { type => "goto", args => { url => "file:///etc/hostname" } } ] }), 400, "VALIDATION_ERROR", "a step to a file");
problem($c->post('/v1/jobs', { url => 'http://2130706433:22/' }), 403, 'SSRF_BLOCKED', 'disguised address');
problem($c->post("/v1/jobs", { url => $url, extract => { mode => "plugin", plugin => "nope" } }), 400, "VALIDATION_ERROR", "no such plugin");
is($c->post("/v1/jobs", { url => $url, extract => { mode => "schema", jsonSchema => { type => "object" } } })->{status}, 202, "schema mode");
problem($c->post('/v1/jobs', { url => $url, recipeId => 'none' }), 404, 'RECIPE_NOT_FOUND', 'unknown recipe');
problem($c->post('/v1/jobs', '{"url":'), 400, 'VALIDATION_ERROR', 'malformed JSON');
problem($c->post('/v1/jobs', '[' x 10000 . ']' x 10000), 400, 'VALIDATION_ERROR', '10 000 nested arrays');
problem($c->post('/v1/jobs', 'url=x', { 'content-type' => 'application/x-www-form-urlencoded' }), 415, 'UNSUPPORTED_MEDIA_TYPE', 'a form');
problem($c->post('/v1/jobs', "{\"url\":\"$url\",\"x\":\"\xff\"}"), 400, 'VALIDATION_ERROR', 'bad UTF-8');

# --- idempotency ---
my $key = { 'idempotency-key' => ' demo-1 ' };
my $one = $c->post('/v1/jobs', { url => $url, options => {} }, $key)->{json};
is($one->{idempotencyKey}, 'demo-1', 'the key comes back, trimmed');
my $two = $c->post('/v1/jobs', { options => { timeoutMs => 60000 }, url => $url }, $key)->{json};
is($two->{jobId}, $one->{jobId}, 'the same request, differently written, is the same job');
isnt($two->{requestId}, $one->{requestId}, 'under a request id of its own');
problem($c->post('/v1/jobs', { url => "$url/2" }, $key), 409, 'IDEMPOTENCY_CONFLICT', 'another payload');
problem($c->post('/v1/jobs', { url => $url }, { 'idempotency-key' => 'x' x 256 }), 400, 'VALIDATION_ERROR', 'a key of 256 bytes');
is($s->value("SELECT count(*) FROM kryfto.job WHERE url = '$url/2'"), 0, 'nothing was made of refused ones');
{
	my @kids = map {
		my $pid = open(my $fh, '-|') // die;
		if (!$pid) {
			my $r = $s->client->post('/v1/jobs', { url => "$url/race" }, { 'idempotency-key' => 'race' });
			print "$r->{status} $r->{json}{jobId}\n";
			close STDOUT;
			POSIX::_exit(0);
		}
		$fh;
	} 1 .. 8;
	my %seen;
	for (@kids) { my $line = <$_>; $seen{$line}++; close $_ }
	is(keys %seen, 1, 'eight concurrent first uses of a key give one job') or diag explain \%seen;
	is($s->value("SELECT count(*) FROM kryfto.job WHERE url = '$url/race'"), 1, 'and one row');
}

# --- cancel ---
$r = $c->request('POST', "/v1/jobs/$one->{jobId}/cancel", undef, { 'content-type' => 'application/json' });
is($r->{status}, 202, 'cancel without a body but with its content type');
is_deeply($r->{json}, { jobId => $one->{jobId}, state => 'cancelled' }, 'cancelled');
is($c->request('POST', "/v1/jobs/$one->{jobId}/cancel")->{json}{state}, 'cancelled', 'again: still so');
is($c->get("/v1/jobs/$one->{jobId}")->{json}{state}, 'cancelled', 'and it reads so');
is($s->value("SELECT count(*) FROM kryfto.audit_log WHERE action = 'job.cancel' AND resource_id = '$one->{jobId}'"), 1, 'audited once');

# --- tokens, roles, projects ---
my ($dev, $dev_info) = mint('developer');
my ($ro) = mint('readonly');
my ($other) = mint('admin', 'elsewhere');
like($dev_info->{token}, qr/^kryfto_[0-9a-f]{48}$/, 'form of a token');
is($s->value("SELECT count(*) FROM kryfto.api_token t WHERE t::text LIKE '%" . substr($dev_info->{token}, 7) . "%'"), 0, 'which is not stored');
is($dev->post('/v1/jobs', { url => $url })->{status}, 202, 'a developer creates jobs');
problem($ro->post('/v1/jobs', { url => $url }), 403, 'AUTH_FORBIDDEN', 'readonly does not');
problem($ro->post('/v1/jobs', '{'), 403, 'AUTH_FORBIDDEN', 'nor with a bad body');
is($ro->get("/v1/jobs/$one->{jobId}")->{status}, 200, 'but reads');
problem($dev->get('/v1/admin/tokens'), 403, 'AUTH_FORBIDDEN', 'admin routes are for admins');
problem($other->get("/v1/jobs/$one->{jobId}"), 403, 'AUTH_FORBIDDEN', 'job of another project');
problem($other->request('POST', "/v1/jobs/$one->{jobId}/cancel"), 403, 'AUTH_FORBIDDEN', 'cancel in another project');
problem($other->get("/v1/jobs/$one->{jobId}/artifacts"), 403, 'AUTH_FORBIDDEN', 'artifacts of another project');
problem($other->post('/v1/admin/tokens', { name => 'x', role => 'admin', projectId => 'default' }), 403, 'AUTH_FORBIDDEN', 'a token for another project');
problem($other->get("/v1/admin/tokens/$dev_info->{tokenId}"), 403, 'AUTH_FORBIDDEN', 'token of another project');
problem($other->delete("/v1/admin/tokens/$dev_info->{tokenId}"), 403, 'AUTH_FORBIDDEN', 'revoking it');
my $list = $c->get('/v1/admin/tokens')->{json};
ok($list->{total} == 3 && @{ $list->{items} } == 3, 'tokens of the project, the bootstrap one included') or diag explain $list;
ok(!(grep { exists $_->{token} } @{ $list->{items} }), 'without their text');
is($list->{items}[0]{name}, 't-readonly', 'newest first');
is_deeply([ map { $_->{name} } @{ $c->get('/v1/admin/tokens?limit=1&page=2')->{json}{items} } ], ['t-developer'], 'page');
is_deeply([ map { $_->{name} } @{ $c->get('/v1/admin/tokens?limit=1&offset=1')->{json}{items} } ], ['t-developer'], 'offset');
problem($c->get('/v1/admin/tokens?limit=abc'), 400, 'VALIDATION_ERROR', 'limit=abc');
problem($c->get('/v1/admin/tokens?offset=-1'), 400, 'VALIDATION_ERROR', 'offset=-1');
my $path = "/v1/admin/tokens/$dev_info->{tokenId}";
is($c->get($path)->{json}{name}, 't-developer', 'one token');
$r = $c->patch($path, { name => 'renamed', expiresAt => '2999-01-01T00:00:00Z' });
is_deeply($r->{json}, { id => $dev_info->{tokenId}, name => 'renamed', role => 'developer', expiresAt => '2999-01-01T00:00:00.000Z' }, 'patched');
is($c->patch($path, { expiresAt => undef })->{json}{expiresAt}, undef, 'expiry cleared');
$e = problem($c->patch($path, {}), 400, 'VALIDATION_ERROR', 'nothing to patch');
is($e->{details}{formErrors}[0], 'Provide at least one of: name, role, expiresAt', 'in the published words');
problem($c->patch($path, { expiresAt => 'soon' }), 400, 'VALIDATION_ERROR', 'a date that is none');
$r = $c->request('POST', "$path/rotate");
is($r->{status}, 200, 'rotate');
is($r->{json}{previousTokenId}, $dev_info->{tokenId}, 'names the old one');
is($dev->get("/v1/jobs/$one->{jobId}")->{status}, 401, 'which is no good any more');
my $new = $c->as($r->{json}{token});
is($new->get("/v1/jobs/$one->{jobId}")->{status}, 200, 'the new one is');
problem($c->request('POST', "$path/rotate"), 404, 'NOT_FOUND', 'a second rotation');
is_deeply($c->delete("/v1/admin/tokens/$r->{json}{tokenId}")->{json}, { id => $r->{json}{tokenId}, revoked => JSON::PP::true }, 'revoked, in JSON');
is($new->get("/v1/jobs/$one->{jobId}")->{status}, 401, 'at once');
problem($c->delete("/v1/admin/tokens/$r->{json}{tokenId}"), 404, 'NOT_FOUND', 'revoked twice');
is($c->post('/v1/admin/tokens', { name => 'e', role => 'readonly', projectId => 'default', expiresAt => '2001-01-01T00:00:00Z' })->{status}, 400, 'expired at birth');

# --- lists and limits ---
$r = $c->get('/v1/admin/jobs?limit=2&state=queued')->{json};
ok(@{ $r->{items} } == 2 && $r->{limit} == 2 && $r->{offset} == 0 && $r->{page} == 1, 'job list') or diag explain $r;
is($r->{total}, $s->value("SELECT count(*) FROM kryfto.job WHERE project_id = 'default' AND state = 'queued'"), "with its total");
my $stats = $c->get("/v1/admin/stats")->{json};
is($stats->{jobs}{total}, $s->value("SELECT count(*) FROM kryfto.job WHERE project_id = 'default'"), "stats: jobs");
ok($stats->{jobs}{cancelled} == 1 && $stats->{tokens}{active} >= 2 && $stats->{artifacts}{totalBytes} == 0 && $stats->{crawls}{total} == 0, "stats") or diag explain $stats;
problem($c->get('/v1/admin/jobs?state=odd'), 400, 'VALIDATION_ERROR', 'state=odd');
$r = $c->get('/v1/admin/audit-logs?action=job.cancel')->{json};
is($r->{items}[0]{resourceId}, $one->{jobId}, 'audit list by action');
is($r->{limit}, 50, '50 at a time');
is_deeply($c->put('/v1/admin/rate-limits', { limits => { readonly => 70 } })->{json}{limits}{readonly}, 70, 'limits as a map');
is_deeply($c->put('/v1/admin/rate-limits', { limits => [ { role => 'readonly', rpm => 80 } ] })->{json}{limits}{readonly}, 80, 'as an array');
is($ro->get("/v1/jobs/$one->{jobId}")->{headers}{'x-ratelimit-limit'}, 80, 'and in force at once');
problem($c->put('/v1/admin/rate-limits', { limits => { readonly => 0 } }), 400, 'VALIDATION_ERROR', 'rpm 0');
problem($c->put('/v1/admin/rate-limits', {}), 400, 'VALIDATION_ERROR', 'no limits');
problem($other->put('/v1/admin/rate-limits', { limits => { admin => 9 } }), 403, 'AUTH_FORBIDDEN', 'limits by an admin of another project');
is_deeply($c->post('/v1/admin/projects', { name => 'My Project' })->{json}{id}, 'my-project', 'a project by name');
is($c->post('/v1/admin/projects', { id => 'p2', name => 'P' })->{status}, 201, 'or with an id');
is_deeply([ map { $_->{id} } @{ $other->get('/v1/admin/projects')->{json}{items} } ], ['elsewhere'], 'others see their own');

# --- artifacts: rows as a worker would leave them ---
my $bytes = "<h1>caf\xc3\xa9</h1>";
my $sha = `printf '%s' '$bytes' | sha256sum` =~ /^(\w{64})/ ? $1 : die;
mkdir "$s->{dir}/artifacts/" . substr $sha, 0, 2;
open my $f, '>:raw', "$s->{dir}/artifacts/" . substr($sha, 0, 2) . "/$sha" or die $!;
print $f $bytes;
close $f;
chmod 0755, "$s->{dir}/artifacts/" . substr $sha, 0, 2;
$s->sql("INSERT INTO kryfto.blob (sha256, byte_size) VALUES ('\\x$sha', length('$bytes'))");
my $aid = '01900000-0000-7000-8000-000000000001';
$s->sql("INSERT INTO kryfto.artifact (id, job_id, project_id, type, file_name, content_type, byte_size, sha256, ordinal)
	VALUES ('$aid', '$one->{jobId}', 'default', 'final_html', '../x\"y.html', 'text/html', 13, '\\x$sha', 1)");
$r = $ro->get("/v1/jobs/$one->{jobId}/artifacts");
my $a = $r->{json}{items}[0];
is($a->{id}, $aid, 'artifact list') or diag $r->{body};
like($a->{createdAt}, $time, 'time');
is($a->{signedUrl}, undef, 'no signed URL of a local store');
$r = $ro->get("/v1/artifacts/$aid");
is($r->{status}, 200, 'download') or diag $r->{body};
is($r->{body}, $bytes, 'bytes');
is($r->{headers}{'content-type'}, 'text/html', 'type');
is($r->{headers}{'content-disposition'}, "attachment; filename=\"x_y.html\"; filename*=UTF-8''x%22y.html", 'a safe name');
is($r->{headers}{etag}, "\"$sha\"", 'etag');
is($r->{headers}{'x-content-type-options'}, 'nosniff', 'nosniff');
like($r->{headers}{'x-request-id'}, $uuid, 'request id, also from the web server');
is($ro->get("/v1/artifacts/$aid", { 'if-none-match' => "\"a\", W/\"$sha\"" })->{status}, 304, 'not modified');
$r = $ro->get("/v1/artifacts/$aid", { range => 'bytes=1-2' });
is("$r->{status} $r->{body}", '206 h1', 'a range');
is($ro->get("/v1/artifacts/$aid", { range => 'bytes=99-' })->{status}, 416, 'a range beyond the end');
is($none->get("/v1/artifacts/$aid?downloadToken=$a->{downloadToken}")->{body}, $bytes, 'by download token');
is($c->as('bad')->get("/v1/artifacts/$aid?downloadToken=$a->{downloadToken}")->{body}, $bytes, 'a bad Bearer falls back to it');
is($c->get("/v1/artifacts/$aid?downloadToken=bad")->{status}, 200, 'a good Bearer wins over a bad token');
problem($none->get("/v1/artifacts/$aid?downloadToken=bad"), 401, 'AUTH_UNAUTHORIZED', 'a bad download token');
problem($none->get("/v1/artifacts/$aid"), 401, 'AUTH_UNAUTHORIZED', 'nothing');
problem($other->get("/v1/artifacts/$aid"), 403, 'AUTH_FORBIDDEN', 'artifact of another project');
problem($c->get('/v1/artifacts/01900000-0000-7000-8000-00000000ffff'), 404, 'NOT_FOUND', 'unknown artifact');
problem($none->get("/_blobs/" . substr($sha, 0, 2) . "/$sha"), 404, 'NOT_FOUND', 'blobs are not public');
is($s->value("SELECT count(*) FROM kryfto.audit_log WHERE action = 'artifact.download'") > 0, 1, 'downloads are audited');

# --- extract: refusals (what it finds is the extraction tests' business) ---
problem($c->post('/v1/extract', { mode => 'selectors', html => '<p>', text => 'x', selectors => {} }), 400, 'VALIDATION_ERROR', 'two sources');
problem($c->post('/v1/extract', { mode => 'selectors', selectors => {} }), 400, 'VALIDATION_ERROR', 'no source');
problem($c->post('/v1/extract', { html => '<p>', selectors => {} }), 400, 'VALIDATION_ERROR', 'no mode');
problem($c->post('/v1/extract', { mode => 'selectors', html => '<p>' }), 400, 'VALIDATION_ERROR', 'no selectors');
problem($other->post('/v1/extract', { mode => 'selectors', artifactId => $aid, selectors => {} }), 403, 'AUTH_FORBIDDEN', 'artifact of another project');

# --- extract: what it finds ---
SKIP: {
	skip "kryfto-parse is not built", 14 if !Kryfto::Stack::has_program("kryfto-parse");
	my $page = "<html><head><title>Test</title></head><body><h1>Hello</h1><a href=\"/x\">one</a><a>two</a></body></html>";
	$r = $c->post("/v1/extract", { mode => "selectors", html => $page,
		selectors => { title => "title", heading => "h1", all => "all:a", href => "a::attr(href)", none => "h6" } });
	is_deeply($r->{json}, { mode => "selectors", data => { title => "Test", heading => "Hello", all => ["one", "two"], href => "/x", none => undef } },
		"selectors") or diag $r->{body};
	is_deeply($c->post("/v1/extract", { mode => "selectors", html => $page, selectors => {} })->{json}{data}, {}, "no selectors, no data");
	is_deeply($c->post("/v1/extract", { mode => "selectors", artifactId => $aid, selectors => { h => "h1" } })->{json}{data}, { h => "caf\x{e9}" },
		"from an artifact");
	$e = problem($c->post("/v1/extract", { mode => "selectors", html => $page, selectors => { bad => "h1[", good => "h1" } }), 400, "VALIDATION_ERROR",
		"a bad selector");
	is_deeply($e->{details}{issues}[0]{path}, ["selectors", "bad"], "named by its key") or diag explain $e;
	problem($c->post("/v1/extract", { mode => "plugin", html => $page, plugin => "../../etc/passwd" }), 400, "VALIDATION_ERROR", "a plugin by path");
	problem($c->post("/v1/extract", { mode => "plugin", html => $page, plugin => "nope" }), 400, "VALIDATION_ERROR", "no such plugin");
	is_deeply($c->post("/v1/extract", { mode => "schema", html => "<title>T</title><p>Price: 12,50</p>",
			jsonSchema => { properties => { price => { type => "number" }, isbn => { type => "string" } }, required => ["isbn"] } })->{json},
		{ mode => "schema", data => { price => 12.5, title => "T" },
			issues => [{ path => "", keyword => "required", message => "\"isbn\" is required" }] }, "schema mode, its issues beside the data");
	problem($c->post("/v1/extract", { mode => "schema", html => $page, jsonSchema => { type => "nope" } }), 400, "VALIDATION_ERROR", "a bad schema");
	problem($c->post("/v1/extract", { mode => "selectors", artifactId => "01900000-0000-7000-8000-00000000ffff", selectors => {} }), 404, "NOT_FOUND", "no such artifact");
	is($c->post("/v1/extract", { mode => "selectors", html => "<p>" x 200000, selectors => { n => "p" } })->{status}, 200, "200 000 open elements");
	is($c->post("/v1/extract", { mode => "selectors", text => "a <b>bold</b> claim", selectors => { t => "body" } })->{status}, 200, "text");
}

is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

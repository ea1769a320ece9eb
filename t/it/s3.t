#!/usr/bin/perl
# Artifacts in S3: stored, listed, sent by a redirect that needs no credentials, read for extraction, and what
# happens when S3 is away. The S3 is t/unit/blob/s3-fake, which checks every signature.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use HTTP::Tiny;
use IPC::Open2;
use Test::More;
use Kryfto::Proc qw(wait_for slurp_log);
use Kryfto::Stack;

plan skip_all => 'kryfto-api and kryfto-crawler are not built'
	if !Kryfto::Stack::has_program('kryfto-api') || !Kryfto::Stack::has_program('kryfto-crawler');

my $fake = Kryfto::Stack::srcdir() . '/t/unit/blob/s3-fake';
my $pid = open2(my $from, my $to, $^X, $fake, 'artifacts', 'eu-test-1', 'AKID', 's3cr/t+key');
chomp(my $port = <$from> // '');
END { close $to if $to; waitpid $pid, 0 if $pid }
my $web = HTTP::Tiny->new(max_redirect => 0, timeout => 10);
sub mood { $web->post("http://127.0.0.1:$port/!mood", { content => $_[0] })->{success} or die "mood $_[0]" }
sub seen { scalar grep { index($_, $_[0]) >= 0 } split /\n/, $web->get("http://127.0.0.1:$port/!log")->{content} }

my $s = Kryfto::Stack->start(memcached => 0, env => { KRYFTO_ARTIFACT_BACKEND => 's3', S3_ENDPOINT => "http://127.0.0.1:$port",
	S3_REGION => 'eu-test-1', S3_BUCKET => 'artifacts', S3_ACCESS_KEY => 'AKID', S3_SECRET_KEY => 's3cr/t+key',
	KRYFTO_JOB_MAX_ATTEMPTS => 10 });
my $page = '<!DOCTYPE html><title>In a bucket</title><h1>Far away</h1>';
my $site = $s->site({ '/page.html' => $page });
my $c = $s->client;
my $ask = { url => "http://$site/page.html", extract => { mode => 'selectors', selectors => { h => 'h1' } } };

my $job = $s->job($ask);
is($job->{state}, 'succeeded', 'a job') or diag explain $job;
my $list = $c->get("/v1/jobs/$job->{id}/artifacts")->{json}{items};
my ($html) = grep { $_->{contentType} =~ m{^text/html} } @$list;
is(seen('PUT'), scalar @$list, 'each artifact is an object');
my $r = $c->get("/v1/artifacts/$html->{id}");
is($r->{status}, 302, 'a download is sent to S3');
like($r->{headers}{location}, qr{^http://127\.0\.0\.1:$port/artifacts/[0-9a-f]{2}/[0-9a-f]{64}\?.*X-Amz-Signature=}, 'by a signed link');
my $got = $web->get($r->{headers}{location});
is($got->{status}, 200, 'which opens without credentials');
is($got->{content}, $page, 'and holds the page');
like($got->{headers}{'content-disposition'}, qr/^attachment/, 'as a download');
is(sha256_hex($got->{content}), $html->{sha256}, 'its digest') if defined $html->{sha256};
is_deeply($c->post('/v1/extract', { artifactId => $html->{id}, mode => 'selectors', selectors => { t => 'title' } })->{json}{data},
	{ t => 'In a bucket' }, 'extraction from a stored artifact');

mood('fail 40 503');
$job = $s->job($ask, 60);
is($job->{state}, 'succeeded', 'S3 away for a while: the job is tried again until it is back');
mood('reset');
mood('corrupt');
$r = $c->post('/v1/extract', { artifactId => $html->{id}, mode => 'selectors', selectors => { t => 'title' } });
cmp_ok($r->{status}, '>=', 500, 'bytes that are not what their name says are not taken');
mood('reset');
unlike(join('', map { slurp_log($_) } glob "$s->{dir}/log/*.log"), qr{s3cr/t\+key}, 'the secret is in no log');
is_deeply([$s->sanitizer_reports], [], 'no sanitizer report');
done_testing;

#!/usr/bin/perl
# The crawler keeps the database small by itself: partitions ahead of time, old rows away, through an outage as well.
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Test::More;
use Kryfto::Proc qw(wait_for slurp_log);
use Kryfto::Stack;

plan skip_all => 'kryfto-crawler is not built' if !Kryfto::Stack::has_program('kryfto-crawler');
my $s = Kryfto::Stack->start(api => 0, nginx => 0, memcached => 0, crawler => 0,
	env => { KRYFTO_UPKEEP_EVERY => '200ms', KRYFTO_KEEP_LOGS => '7d', KRYFTO_KEEP_JOBS => '1d', KRYFTO_KEEP_TOKENS => '1d' });

# A database that nobody looked after for a while.
$s->sql(<<'END');
SET search_path = kryfto;
DO $$ BEGIN EXECUTE 'DROP TABLE job_log_' || to_char(now() AT TIME ZONE 'UTC', '"p"YYYYMMDD'); END $$;
SELECT make_partition('job_log', 'p20200101', '2020-01-01', '2020-01-02');
INSERT INTO job_log (job_id, level, message) VALUES (gen_random_uuid(), 'info', 'spilled');
INSERT INTO job (id, queue, timeout_ms, max_attempts, project_id, family, url, request, state, finished_at)
	SELECT ('01700000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 0, 1000, 3, 'default', 'collect', 'https://a/', '{}',
	CASE WHEN i = 1 THEN 'cancelled' ELSE 'succeeded' END, now() - interval '2 days' FROM generate_series(1, 2500) i;
INSERT INTO project VALUES ('default', 'd');
INSERT INTO api_token (id, sha256, project_id, family, role, name, revoked_at)
	VALUES (gen_random_uuid(), sha256('x'), 'default', 'collect', 'admin', 'old', now() - interval '2 days');
INSERT INTO blob (sha256, created_at, byte_size) VALUES (sha256('old'), now() - interval '2 days', 3),
	(sha256('put again'), now() - interval '2 days', 9), (sha256('new'), now(), 3);
END
# The bytes of three blobs without artifacts: one old, one put again just now, one new.
my $blobs = "$s->{dir}/artifacts";
my %blob = map { $_ => sub { my $h = shift; "$blobs/" . substr($h, 0, 2) . "/$h" }->(sha256_hex($_)) } 'old', 'put again', 'new';
for my $name (sort keys %blob) {
	make_path(dirname($blob{$name}));
	chmod 0777, dirname($blob{$name}); # the crawler is another user than this test when that is root
	open my $out, '>', $blob{$name} or die "$blob{$name}: $!";
	print $out $name;
	close $out;
}
my $then = time - 2 * 86400;
utime $then, $then, $blob{old};
$s->start_crawler;
wait_for('the old jobs to go', sub { $s->value('SELECT count(*) FROM kryfto.job') == 0 });
pass('old jobs go, more than a batch of them');
wait_for('the tokens', sub { $s->value('SELECT count(*) FROM kryfto.api_token') == 0 });
pass('dead tokens go');
wait_for('the blob', sub { !-e $blob{old} });
wait_for('its row', sub { $s->value('SELECT count(*) FROM kryfto.blob') == 1 });
ok(-e $blob{'put again'} && -e $blob{new}, 'an old blob that nothing needs goes, with its bytes; young bytes stay');
wait_for('the partition', sub { $s->value('SELECT count(*) FROM kryfto.job_log_default') == 0 });
is($s->value('SELECT count(*) FROM kryfto.job_log'), 1, 'today has its partition, and what had spilled is in it');
wait_for('the old partition', sub { !defined $s->value(q{SELECT to_regclass('kryfto.job_log_p20200101')}) });
pass('old partitions go');

$s->pg->stop('immediate');
wait_for('a complaint', sub { slurp_log("$s->{dir}/log/crawler.log") =~ /upkeep failed; it will be tried again/ });
pass('an outage is told');
$s->pg->up;
$s->sql(q{INSERT INTO kryfto.idempotency (project_id, route, key, body_sha256, resource_id, expires_at) VALUES
	('p', 'r', 'k', sha256('x'), gen_random_uuid(), now() - interval '1 s')});
wait_for('an old key to go', sub { $s->value('SELECT count(*) FROM kryfto.idempotency') == 0 });
pass('and survived');
kill 'TERM', $s->{crawler}{pid};
is($s->{crawler}->wait(10), 0, 'the crawler ends in good order');
done_testing;

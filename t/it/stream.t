#!/usr/bin/perl
# Live log lines: backlog, lines as they are written, resume, the end; who may not; a reader that stalls; many streams;
# a restart of Postgres; a revoked token; the end of the daemon.
use strict;
use warnings;
use Test::More;
use IO::Select ();
use IO::Socket::INET;
use JSON::PP ();
use Time::HiRes qw(time);
use Kryfto::Proc qw(wait_for);
use Kryfto::Stack;

plan skip_all => 'kryfto-stream is not built' if !Kryfto::Stack::has_program('kryfto-stream');

my $s = Kryfto::Stack->start(crawler => 0, stream_env => { KRYFTO_STREAM_STALL => '2s' });
my $c = $s->client;
my $json = JSON::PP->new->utf8->canonical;

sub new_job {
	my $r = $c->post('/v1/jobs', { url => 'http://127.0.0.1/' });
	return $r->{json}{jobId} // die "POST /v1/jobs: $r->{status} $r->{body}\n";
}

# Lines as a worker writes them: with the notification in the same transaction.
sub say_lines {
	my ($job, @lines) = @_;
	my $values = join ', ', map { "('$job', 'info', '$_', '{\"n\":\n1}')" } @lines;
	$s->sql("INSERT INTO kryfto.job_log (job_id, level, message, meta) VALUES $values; SELECT pg_notify('kryfto_log', '$job')");
}

sub finish_job { $s->sql("UPDATE kryfto.job SET state = 'succeeded', updated_at = now(), finished_at = now() WHERE id = '$_[0]'; SELECT pg_notify('kryfto_log', '$_[0]')") }

# A stream: {sock, text}; reading is by pump().
sub open_stream {
	my ($job, %o) = @_;
	my ($port) = $s->url =~ /:(\d+)/;
	my $sock = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp', Timeout => 10) or die "connect: $!\n";
	my $token = exists $o{token} ? $o{token} : $s->token;
	print $sock "GET /v1/jobs/$job/logs HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", defined $token ? "Authorization: Bearer $token\r\n" : '',
		$o{after} ? "Last-Event-ID: $o{after}\r\n" : '', "\r\n";
	return { sock => $sock, text => '' };
}

# Reads what there is, waiting at most so long.
sub pump {
	my ($st, $wait) = @_;
	while (!$st->{closed} && IO::Select->new($st->{sock})->can_read($wait)) {
		my $n = sysread $st->{sock}, $st->{text}, 65536, length $st->{text};
		$st->{closed} = 1 if !$n;
		$wait = 0;
	}
	return $st;
}

# The events so far: [id, name, data], chunked encoding undone.
sub events {
	my ($st) = @_;
	my ($head, $body) = split /\r\n\r\n/, $st->{text}, 2;
	$st->{head} = $head;
	my $text = '';
	if ($head =~ /^transfer-encoding: *chunked/mi) {
		while ($body =~ s/^([0-9a-f]+)\r\n//i) {
			my $n = hex $1;
			last if !$n || length $body < $n + 2;
			$text .= substr $body, 0, $n;
			substr($body, 0, $n + 2) = '';
		}
	} else {
		$text = $body // '';
	}
	my @out;
	for my $frame (split /(?<=\n)\n/, $text) {
		next if $frame =~ /^:/;
		my %f = map { /^(\w+): (.*)$/ ? ($1 => $2) : (bad => $_) } split /\n/, $frame;
		push @out, [ $f{id}, $f{event}, eval { $json->decode($f{data}) } ] if $f{data};
	}
	return @out;
}

sub wait_events {
	my ($st, $n, $what) = @_;
	my $got = eval { wait_for($what, sub { pump($st, 0.05); return events($st) >= $n }, 15) };
	ok($got, $what) or diag $@, substr $st->{text}, -600;
	return events($st);
}

sub wait_closed {
	my ($st, $what, $seconds) = @_;
	ok(eval { wait_for($what, sub { pump($st, 0.05); return $st->{closed} }, $seconds // 15) }, $what) or diag substr $st->{text}, -600;
}

# --- backlog, push, resume, end ---
my $job = new_job();
say_lines($job, 'one', 'two');
my $st = open_stream($job);
my @e = wait_events($st, 2, 'the backlog');
like($st->{head}, qr{^HTTP/1\.1 200 .*\ncontent-type: text/event-stream\r\n}is, "an event stream");
like($st->{head}, qr{^$_:}im, "header $_") for qw(x-request-id x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset);
is_deeply([ sort keys %{ $e[0][2] } ], [qw(createdAt id level message meta)], 'members of a line');
is_deeply([ map { $_->[2]{message} } @e ], [qw(one two)], 'in their order');
is($e[0][0], $e[0][2]{id}, 'the id of an event is that of its line');
is_deeply($e[0][2]{meta}, { n => 1 }, 'a line break between tokens of the meta data does no harm');
my @late;
for my $i (1 .. 10) {
	my $from = time;
	say_lines($job, "push $i");
	my $told = time;
	wait_for("push $i", sub { pump($st, 0.005); return events($st) >= 2 + $i }, 5);
	push @late, time - $told;
}
@late = sort { $a <=> $b } @late;
cmp_ok($late[5], '<', 0.1, sprintf 'pushed within 100 ms of the commit (median %.1f ms, worst %.1f ms)', $late[5] * 1e3, $late[9] * 1e3);
@e = events($st);
my $resumed = open_stream($job, after => $e[7][0]);
my @r = wait_events($resumed, 4, 'resumed with Last-Event-ID');
is_deeply([ map { $_->[0] } @r ], [ map { $_->[0] } @e[8 .. 11] ], 'only what came after');
my $ahead = open_stream($job, after => 4611686018427387904);
wait_for('its head', sub { pump($ahead, 0.05); return $ahead->{text} =~ /\r\n\r\n/ }, 10);
say_lines($job, 'last');
wait_events($ahead, 1, 'an id that is none yet hides nothing that comes');
$s->sql("INSERT INTO kryfto.job_log (job_id, level, message) VALUES ('$job', 'warn', 'untold')");
@e = wait_events($st, 14, 'a line that nobody told of is found');
finish_job($job);
wait_closed($_, 'the stream ends with its job') for $st, $resumed, $ahead;
is_deeply([ @{ (events($_))[-1] }[1, 2] ], [ 'end', { state => 'succeeded' } ], 'an end event is last') for $st, $resumed, $ahead;
my %ids;
$ids{ $_->[0] }++ for grep { $_->[1] eq 'log' } events($st);
is_deeply([ grep { $_ != 1 } values %ids ], [], 'each line once');
my $long = open_stream($job);
wait_closed($long, 'a job that has ended: its lines, its end');
is(scalar(events($long)), 15, 'all of them');

my $big = new_job();
$s->sql("INSERT INTO kryfto.job_log (job_id, level, message) SELECT '$big', 'info', repeat('x', 8000) || n FROM generate_series(1, 450) n ORDER BY n");
my $all = open_stream($big);
wait_for("its bytes", sub { pump($all, 0.05); return length $all->{text} > 450 * 8000 }, 30);
@e = wait_events($all, 450, 'a long backlog');
is_deeply([ map { substr $_->[2]{message}, 8000 } @e ], [ 1 .. 450 ], 'whole and in order');

# --- who may not ---
sub refused {
	my ($job, $status, $code, $token, $what, %h) = @_;
	my $r = $c->as($token)->get("/v1/jobs/$job/logs", \%h);
	ok($r->{status} == $status && $r->{json}{error}{code} eq $code && $r->{headers}{'x-request-id'} eq $r->{json}{error}{requestId}
		&& defined $r->{headers}{'x-ratelimit-limit'}, "$what: $status") or diag "$r->{status} $r->{body}";
}
$c->post('/v1/admin/projects', { id => 'other', name => 'other' });
my $other = $c->post('/v1/admin/tokens', { name => 'o', role => 'admin', projectId => 'other' })->{json};
my $reader = $c->post('/v1/admin/tokens', { name => 'r', role => 'readonly', projectId => 'default' })->{json};
refused($job, 401, 'AUTH_UNAUTHORIZED', undef, 'no token');
refused($job, 401, 'AUTH_UNAUTHORIZED', 'kryfto_no', 'a wrong token');
refused($job, 403, 'AUTH_FORBIDDEN', $other->{token}, 'another project');
refused('01900000-0000-7000-8000-00000000abcd', 404, 'NOT_FOUND', $s->token, 'unknown job');
refused('x', 400, 'VALIDATION_ERROR', $s->token, 'no id of a job');
refused($job, 400, 'VALIDATION_ERROR', $s->token, 'no id of an event', 'last-event-id' => 'x');
is($c->request('POST', "/v1/jobs/$job/logs")->{status}, 405, 'another method');
is($c->request('HEAD', "/v1/jobs/$job/logs")->{status}, 200, 'HEAD is answered and ends');

# --- a reader that stalls, beside one that reads ---
my $loud = new_job();
my ($stalled, $reading) = (open_stream($loud), open_stream($loud, token => $reader->{token}));
setsockopt $stalled->{sock}, SOL_SOCKET, SO_RCVBUF, pack "i", 4096;
wait_for('both open', sub { pump($reading, 0.05); return $reading->{text} =~ /\r\n\r\n/ }, 10);
for my $round (1 .. 24) {
	$s->sql("INSERT INTO kryfto.job_log (job_id, level, message) SELECT '$loud', 'info', repeat('y', 8000) FROM generate_series(1, 50); SELECT pg_notify('kryfto_log', '$loud')");
	pump($reading, 0.01);
}
wait_for("some megabytes", sub { pump($reading, 0.05); return length $reading->{text} > 1200 * 8000 }, 60);
wait_events($reading, 1200, 'who reads gets all, beside one who does not');
ok(eval { wait_for('the stalled reader is dropped', sub { Kryfto::Proc::slurp_log("$s->{dir}/log/stream.log") =~ /its reader stalls/ }, 20) }, 'the stalled reader is dropped');
say_lines($loud, 'still here');
wait_events($reading, 1201, 'and the other stays');

# --- a token that is revoked ---
$c->delete("/v1/admin/tokens/$reader->{tokenId}");
wait_closed($reading, 'a revoked token ends its stream');
isnt((events($reading))[-1][1], 'end', 'without an end of the job');

# --- many ---
my $many = new_job();
my $from = time;
my @many = map { open_stream($many) } 1 .. 500;
wait_for('500 heads', sub { pump($_, 0) for @many; return !grep { $_->{text} !~ /\r\n\r\n/ } @many }, 30);
note sprintf '500 streams open in %.2f s', time - $from;
$from = time;
say_lines($many, 'for all');
wait_for('500 events', sub { pump($_, 0) for @many; return !grep { $_->{text} !~ /for all/ } @many }, 20);
pass(sprintf '500 streams got a line, the last after %.0f ms', (time - $from) * 1e3);
close $_->{sock} for splice @many, 10;

# --- Postgres goes and comes back ---
$s->pg->stop('immediate');
my $r = $c->get("/v1/jobs/$many/logs");
is($r->{status}, 503, 'without Postgres no new stream');
pump($_, 0) for @many;
is(scalar(grep { $_->{closed} } @many), 0, 'those that are open stay');
$s->pg->up;
say_lines($many, 'after the restart');
my $n = 0;
$n += (wait_events($_, 2, 'goes on after a restart of Postgres'))[1][2]{message} eq 'after the restart' for @many[0 .. 2];
is($n, 3, 'with what came after');

# --- the daemon itself ---
$s->{stream}->signal('HUP');
$s->{stream}->signal('USR1');
wait_for('settings reloaded', sub { Kryfto::Proc::slurp_log("$s->{dir}/log/stream.log") =~ /settings reloaded/ }, 10);
$from = time;
is($s->{stream}->stop('TERM'), 0, 'ends by itself');
cmp_ok(time - $from, '<', 5, 'soon');
wait_closed($_, 'streams are ended properly') for @many[0 .. 1];
like($many[0]{text}, qr/\r\n0\r\n\r\n\z/, 'with the last chunk');
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

#!/usr/bin/perl
# Rate limits: per role from the database, by token and address, shared by workers and by API hosts through memcached;
# without memcached the service goes on.
use strict;
use warnings;
use Test::More;
use Kryfto::Client;
use Kryfto::Proc qw(wait_for);
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0, limits => 1, env => { KRYFTO_RATE_LIMIT_RPM => 30 });
my $c = $s->client;
my $none = $c->as(undef);
my $path = '/v1/jobs/00000000-0000-4000-8000-000000000000';

sub mint {
	my $r = $c->post('/v1/admin/tokens', { name => 't', role => $_[0], projectId => 'default' });
	return $c->as($r->{json}{token});
}

# Windows are a minute long: begin early in one, so that it does not end under the test.
sub early {
	my ($client) = @_;
	wait_for('the beginning of a window', sub { $client->get($path)->{headers}{'x-ratelimit-reset'} > 20 }, 30);
}

is($c->get($path)->{headers}{'x-ratelimit-limit'}, 500, 'admin: 500');
my ($dev, $ro) = (mint('developer'), mint('readonly'));
is($dev->get($path)->{headers}{'x-ratelimit-limit'}, 120, 'developer: 120');
early($ro);
my $r = $ro->get($path);
is($r->{headers}{'x-ratelimit-limit'}, 60, 'readonly: 60');
my $left = $r->{headers}{'x-ratelimit-remaining'};
cmp_ok($left, '<', 60, 'requests count');
is($ro->get($path)->{headers}{'x-ratelimit-remaining'}, $left - 1, 'one by one, whichever worker answers');
$ro->get($path) for 2 .. $left;
$r = $ro->get($path);
is($r->{status}, 429, 'over the limit');
is($r->{json}{error}{code}, 'RATE_LIMITED', 'code');
like($r->{json}{error}{message}, qr/rate/, 'message');
is($r->{headers}{'x-ratelimit-remaining'}, 0, 'nothing remains');
ok($r->{headers}{'retry-after'} >= 1 && $r->{headers}{'retry-after'} <= 60, 'Retry-After') or diag $r->{headers}{'retry-after'};
is($r->{headers}{'retry-after'}, $r->{headers}{'x-ratelimit-reset'}, 'which is the end of the window');
is($dev->get($path)->{status}, 404, 'another token goes on');
like($none->get('/v1/metrics')->{body}, qr/^kryfto_rate_limited_requests_total [1-9]/m, 'counted in the metrics');

# A change is in force at once here, and everywhere within 5 s.
is($c->put('/v1/admin/rate-limits', { limits => { readonly => 90 } })->{status}, 200, 'a higher limit');
is($ro->get($path)->{status}, 404, 'lets it go on');
$s->sql("UPDATE kryfto.rate_limit_config SET rpm = 110 WHERE role = 'readonly'");
wait_for('a change by another host', sub { $ro->get($path)->{headers}{'x-ratelimit-limit'} == 110 }, 5);
pass('a change by another host takes effect within 5 s');

# Without a token: by address.
my %seen;
$seen{ $none->as("guess$_")->get($path)->{status} }++ for 1 .. 60;
ok($seen{401} && $seen{401} <= 30 && $seen{429} && $seen{429} >= 30, 'guessing tokens is limited by address') or diag explain \%seen;
is($none->get('/v1/nope')->{status}, 429, 'so are unknown routes');
is($none->get('/v1/healthz')->{status}, 200, 'probes are not');
is($none->get('/v1/readyz')->{status}, 200, 'nor readiness');
is($c->get($path)->{status}, 404, 'and a good token of the same address is not hurt');

# A second API on the same database and memcached shares the counts.
{
	my $two = "$s->{dir}/run2";
	mkdir $two;
	chmod 0755, $two;
	chown +(getpwnam 'nobody')[2, 3], $two if $> == 0;
	my $p = Kryfto::Proc->start(name => 'api2', log => "$s->{dir}/log/api2.log", cmd => [Kryfto::Stack::program('kryfto-api')],
		env => $s->env(KRYFTO_RUN_DIR => $two), dir => $s->{dir});
	$s->{api2} = $p;
	$s->await('api2', sub { -S "$two/fast.sock" });
	my $port = Kryfto::Proc::free_port();
	open my $f, '>', "$s->{dir}/two.conf" or die;
	my $user = $> == 0 ? 'user nobody nogroup;' : '';
	print $f "$user daemon off; pid $s->{dir}/two.pid; error_log $s->{dir}/log/two.log; worker_processes 1; events {}\nhttp { access_log off;\n",
		(map { "${_}_temp_path $s->{dir}/tmp/$_;\n" } qw(client_body fastcgi proxy scgi uwsgi)),
		"map \$request_id \$kryfto_request_id { default \$request_id; }\nserver { listen 127.0.0.1:$port; include $s->{dir}/conf/fastcgi.conf;\n",
		"location / { fastcgi_pass unix:$two/fast.sock; } } }\n";
	close $f;
	$s->{nginx2} = Kryfto::Proc->start(name => 'nginx2', log => "$s->{dir}/log/nginx2.log", cmd => ['nginx', '-e', "$s->{dir}/log/two.log", '-c', "$s->{dir}/two.conf"]);
	$s->await('nginx2', sub { Kryfto::Stack::connects($port) });
	my $fresh = mint('developer');
	my $other = Kryfto::Client->new(url => "http://127.0.0.1:$port", token => $fresh->{token});
	early($other);
	$fresh->get($path) for 1 .. 40;
	my $r;
	for (1 .. 10) { $r = $other->get($path) }
	cmp_ok($r->{headers}{'x-ratelimit-remaining'}, '<=', 120 - 40 - 10 + 8, 'a second host knows of the first one\'s hits') or diag explain $r->{headers};
	$s->{nginx2}->stop;
	$p->stop;
}

# memcached gone: still served, still limited on this host, readyz says so; back: well again.
my $last = mint('developer');
early($last);
$s->{memcached}->stop('KILL');
wait_for('readyz to tell', sub { ($none->get('/v1/readyz')->{json}{degraded}[0] // '') eq 'memcached' }, 10);
is($none->get('/v1/readyz')->{status}, 200, 'degraded is ready');
%seen = ();
$seen{ $last->get($path)->{status} }++ for 1 .. 130;
ok($seen{404} >= 110 && $seen{404} <= 120 && $seen{429}, 'limited without memcached') or diag explain \%seen;
$s->start_memcached;
wait_for('readyz to recover', sub { !exists $none->get('/v1/readyz')->{json}{degraded} }, 10);
pass('memcached is used again');
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

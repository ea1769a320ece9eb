#!/usr/bin/perl
# One API worker under valgrind answers every kind of request: no byte definitely lost, no invalid access, and no growth
# from request to request. For builds without sanitizers (contrib/check runs it on its clang build).
use strict;
use warnings;
use Test::More;
use Kryfto::Proc qw(wait_for children_of slurp_log);
use Kryfto::Stack;
use Kryfto::Tree ();

plan skip_all => 'this build has sanitizers, which valgrind cannot run'
	if Kryfto::Tree::slurp(Kryfto::Stack::builddir() . '/config.h') =~ /^#define ENABLE_SANITIZERS 1/m;
plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');
chomp(my $valgrind = qx(sh -c 'command -v valgrind'));
plan skip_all => 'valgrind is not installed' if !$valgrind;

my $s = Kryfto::Stack->start(api => 0, crawler => 0);
my $logs = "$s->{dir}/tmp";
my $env = $s->env(KRYFTO_API_WORKERS => 1, KRYFTO_API_SLOW_WORKERS => 1, KRYFTO_API_MAX_REQUESTS => 0);
$s->{api} = Kryfto::Proc->start(name => 'api', log => "$s->{dir}/log/api.log", env => $env, dir => $s->{dir},
	cmd => [$valgrind, '--quiet', '--vgdb=no', '--freelist-vol=100000', '--leak-check=full', '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite', '--error-exitcode=97',
		'--trace-children=yes', '--child-silent-after-fork=no', "--log-file=$logs/valgrind.%p", Kryfto::Stack::program('kryfto-api')]);
$s->await('api', sub { -S "$s->{run}/fast.sock" && -S "$s->{run}/slow.sock" });
my $c = $s->client(timeout => 60);
wait_for('service', sub { $c->get('/v1/readyz')->{status} == 200 }, 60);

my $id = $c->post('/v1/jobs', { url => 'http://127.0.0.1/' })->{json}{jobId};
ok($id, 'a job');
my $none = '00000000-0000-4000-8000-000000000000';
my @kinds = (
	[200, GET => '/v1/healthz'], [200, GET => '/v1/readyz'], [200, GET => '/v1/metrics'],
	[200, GET => "/v1/jobs/$id"], [404, GET => "/v1/jobs/$none"], [404, GET => '/v1/nowhere'], [405, DELETE => '/v1/healthz'],
	[200, GET => "/v1/jobs/$id/artifacts"], [404, GET => "/v1/artifacts/$none"],
	[202, POST => '/v1/jobs', { url => 'http://127.0.0.1/', extract => { mode => 'selectors', selectors => { a => 'h1' } } }],
	[400, POST => '/v1/jobs', { url => 1 }], [400, POST => '/v1/jobs', '[' x 5000],
	[201, POST => '/v1/admin/tokens', { name => 'x', role => 'readonly', projectId => 'default' }], [200, GET => '/v1/admin/tokens'],
);
# No extraction: the parse child is held by pidfd_open(2), which this valgrind does not know.
for (@kinds) {
	my ($want, $method, $path, $body) = @$_;
	is($c->request($method, $path, $body)->{status}, $want, "$method $path: $want");
}
$c->as('wrong')->get("/v1/jobs/$id");

# Memory of the worker after each round of everything: it settles.
my ($worker) = sort { $a <=> $b } children_of($s->{api}{pid});
sub size { my ($kb) = slurp_log("/proc/$worker/status") =~ /^RssAnon:\s+(\d+)/m; return $kb }
my @size;
for my $round (1 .. 12) {
	$c->request(@{$_}[1 .. $#$_]) for @kinds;
	push @size, size();
}
cmp_ok($size[-1] - $size[5], '<=', 256, "no growth in six rounds of everything (KiB: @size)");
is($s->{api}->stop('TERM', 60), 0, 'it ends with status 0');
my @reports = map { my $t = slurp_log($_); $t =~ /\S/ ? $t : () } glob "$logs/valgrind.*";
is(join("\n", @reports), '', 'valgrind has nothing to say');
done_testing();

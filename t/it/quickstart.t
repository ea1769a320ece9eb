#!/usr/bin/perl
# contrib/quickstart keeps its contract: --detach twice in a row, the file of variables, settings that reach the daemons,
# a URL as argument, --stop by pid. With the programs of this build, in a folder of its own.
use strict;
use warnings;
use File::Temp ();
use Test::More;
use Kryfto::Client;
use Kryfto::Proc qw(wait_for slurp_log free_port);
use Kryfto::Stack;

plan skip_all => 'the programs are not built' if grep { !Kryfto::Stack::has_program($_) } qw(kryfto-api kryfto-crawler kryfto-parse kryftoctl);

my $quickstart = Kryfto::Stack::srcdir() . '/contrib/quickstart';
my $var = File::Temp::tempdir('kqs.XXXXXX', DIR => '/tmp', CLEANUP => 1);
chmod 0711, $var;
my %env = map { $_ => undef } grep { /^KRYFTO_/ } keys %ENV;
%env = (%env, QUICKSTART_VAR => $var, QUICKSTART_BUILD => Kryfto::Stack::builddir(), KRYFTO_PORT => free_port(), KRYFTO_TLS_PORT => free_port(),
	KRYFTO_JOB_MAX_ATTEMPTS => 7, KRYFTO_API_WORKERS => 2);
my $n = 0;

# (exit status, output)
sub quickstart {
	my $log = "$var/out" . ++$n;
	my $p = Kryfto::Proc->start(name => 'quickstart', log => $log, cmd => [$quickstart, @_], env => \%env);
	my $status = $p->wait(180);
	return (defined $status ? $status >> 8 : -1, slurp_log($log));
}
sub variables { return map { /^(\w+)='(.*)'$/ ? ($1 => $2) : () } split /\n/, slurp_log("$var/quickstart.env") }

# Whatever happens, nothing stays.
my $main = $$;
END { if (defined $main && $$ == $main && $quickstart) { my $rc = $?; quickstart('--stop'); $? = $rc } }

my ($rc, $out) = quickstart('--detach');
is($rc, 0, 'contrib/quickstart --detach') or diag $out;
SKIP: {
	skip 'the demonstration needs the manual of postgresql-doc-15', 1 if !-e '/usr/share/doc/postgresql-doc-15/html/tutorial-select.html';
	like($out, qr/"title" : "2\.5\..{1,3}Querying a Table"/, 'prints what it extracted from the manual');
}
my ($start) = $out =~ /start ([\d.]+) s/;
# On cores that are shared with other work it takes its share longer.
chomp(my $cores = qx(nproc));
my ($load) = slurp_log("/proc/loadavg") =~ /^([\d.]+)/;
my $share = $load > $cores ? $load / $cores : 1;
cmp_ok($start // 999, "<=", 15 * $share, sprintf "the stack starts within 15 s: %s s at %.1f jobs a core", $start, $load / $cores);
my %v = variables();
is(join(' ', sort keys %v), 'KRYFTO_PGURI KRYFTO_TLS_URL KRYFTO_TOKEN KRYFTO_URL', 'quickstart.env has the four variables');
is((stat "$var/quickstart.env")[2] & 0777, 0600, 'for its owner only');
is($v{KRYFTO_URL}, "http://127.0.0.1:$env{KRYFTO_PORT}", 'the port that was asked for');
like($out, qr/\Q$v{KRYFTO_URL}\E.*\Q$v{KRYFTO_TOKEN}\E/s, 'URL and token are printed');
my $c = Kryfto::Client->new(url => $v{KRYFTO_URL}, token => $v{KRYFTO_TOKEN});
is($c->get('/v1/readyz')->{status}, 200, 'it is ready');
my ($site) = $out =~ m{^(http://\S+)$}m;
my $job = $c->post('/v1/jobs', { url => $site });
is($job->{status}, 202, 'the token works');
is($c->get("/v1/jobs/$job->{json}{jobId}")->{json}{maxAttempts}, 7, 'a setting of the environment reached the daemons');
is(system('curl', '-fsSk', '-m', 5, '-o', '/dev/null', "$v{KRYFTO_TLS_URL}/v1/healthz"), 0, 'TLS answers');
is(qx(psql -X -tAc 'SELECT count(*) FROM kryfto.job' '$v{KRYFTO_PGURI}'), "2\n", 'the database is the one named');

($rc, $out) = quickstart('--detach');
is($rc, 0, 'again, over the running one') or diag $out;
my %again = variables();
is($again{KRYFTO_TOKEN}, $v{KRYFTO_TOKEN}, 'with the same token');
is(qx(psql -X -tAc 'SELECT count(*) FROM kryfto.job' '$v{KRYFTO_PGURI}'), "3\n", 'and the data of before');

# A URL as argument: this server's own health check, which the verdict refuses unless it is named.
($rc, $out) = quickstart('--detach', "$v{KRYFTO_URL}/v1/healthz");
isnt($rc, 0, 'a URL on a private address is refused');
like($out, qr/SSRF_BLOCKED/, 'by the verdict on addresses') or diag $out;
$env{KRYFTO_ALLOWED_HOSTS} = '127.0.0.1';
($rc, $out) = quickstart('--detach', "$v{KRYFTO_URL}/v1/healthz");
is($rc, 0, 'and fetched when the setting names the host') or diag $out;

($rc, $out) = quickstart('--stop');
is($rc, 0, '--stop');
my @left;
for my $dir (glob '/proc/[0-9]*') {
	my $cmd = slurp_log("$dir/cmdline");
	push @left, $cmd =~ tr/\0/ /r if $cmd =~ /\Q$var\E/;
}
is("@left", '', 'nothing is left running');
is($c->get('/v1/healthz')->{status}, 0, 'nor listening');
($rc) = quickstart('--stop');
is($rc, 0, '--stop when nothing runs');
($rc, $out) = quickstart('--nonsense');
is($rc, 2, 'an unknown option is refused');
done_testing();

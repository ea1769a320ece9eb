# The whole product, private to one test: Postgres, memcached, nginx, kryfto-api, kryfto-crawler.
#
#	my $s = Kryfto::Stack->start;                    # everything
#	my $s = Kryfto::Stack->start(crawler => 0, env => { KRYFTO_API_WORKERS => 2 });
#	$s->client->post('/v1/jobs', {...});             # Kryfto::Client with the bootstrap token
#	$s->restart('memcached'); $s->{api}->signal('HUP'); $s->pg->stop('immediate'); $s->pg->up;
#	my $host = $s->site({ '/a.html' => '<h1>A</h1>' });   # static pages, "127.0.0.1:port"
#
# As root the daemons and nginx's workers run as `nobody`; as an ordinary user, as that user. All paths
# lie under one short temporary folder. It ends with the object; when the test failed, the logs' tails
# are shown (KRYFTO_KEEP=1 keeps the folder).
package Kryfto::Stack;
use strict;
use warnings;
use File::Temp ();
use Kryfto::Client;
use Kryfto::Postgres;
use Kryfto::Proc qw(wait_for free_port slurp_log);

# Daemons live in sbin, which an ordinary user on Debian does not have in his path.
$ENV{PATH} .= ":/usr/sbin:/sbin";

my $owner = $$;
my %stacks;

sub srcdir { $ENV{srcdir} // '.' }
sub builddir { $ENV{builddir} // '.' }

# The path of one of our programs; dies when it is not built. As root, a build folder that the service user
# cannot reach is copied once to where he can.
my $bin;
sub program {
	my ($name) = @_;
	require Cwd;
	my $dir = $bin // Cwd::abs_path(builddir() . "/src/cmd") // "";
	die "$name is not built in $dir\n" if !-x "$dir/$name";
	if (!$bin && $> == 0 && grep { !((stat)[2] & 1) } parents($dir)) {
		$bin = File::Temp::tempdir("kbin.XXXXXX", DIR => "/tmp", CLEANUP => 1);
		chmod 0755, $bin;
		system("cp", (grep { -f && -x _ } glob "$dir/kryfto*"), $bin) == 0 or die "cp failed\n";
		$dir = $bin;
	}
	return "$dir/$name";
}

sub parents {
	my ($dir) = @_;
	my @up = ($dir);
	push @up, $dir while $dir =~ s{/[^/]+$}{} && length $dir;
	return @up;
}

sub has_program { return eval { program($_[0]); 1 } }

sub service_user { return $> == 0 ? 'nobody' : undef }

sub start {
	my ($class, %o) = @_;
	my $dir = File::Temp::tempdir('kst.XXXXXX', DIR => '/tmp', CLEANUP => 0);
	chmod 0711, $dir;
	my $self = bless { dir => $dir, run => "$dir/run", o => \%o, owner => $$, token => 'test-' . join '', map { sprintf '%04x', rand 65536 } 1 .. 8 }, $class;
	$stacks{$dir} = $self;
	my $user = service_user();
	my ($uid, $gid) = $user ? (getpwnam $user)[2, 3] : ($>, $) + 0);
	for (qw(run log tmp artifacts memcached site)) {
		mkdir "$dir/$_";
		chmod 0755, "$dir/$_";
		chown $uid, $gid, "$dir/$_" if $user;
	}
	$self->{pg} = Kryfto::Postgres->start(%{ $o{pg} // {} });
	$self->{pg}->create('kryfto');
	$self->start_memcached if $o{memcached} // 1;
	$self->migrate;
	$self->start_api if $o{api} // 1;
	$self->start_stream if ($o{api} // 1) && has_program("kryfto-stream");
	$self->start_egress if $o{browser};
	$self->start_crawler if $o{crawler} // 1;
	$self->start_nginx if $o{nginx} // 1;
	$self->wait_ready if ($o{nginx} // 1) && ($o{api} // 1);
	return $self;
}

sub pg { $_[0]{pg} }
sub token { $_[0]{token} }
sub url { $_[0]{url} }
sub tls_url { $_[0]{tls_url} }
sub client { my ($self, %o) = @_; return Kryfto::Client->new(url => $self->{url}, token => $self->{token}, %o) }
sub sql { my ($self, $sql) = @_; return $self->{pg}->sql('kryfto', $sql) }
sub value { my ($self, $sql) = @_; return $self->{pg}->value('kryfto', $sql) }

# What every daemon is told. A test's own `env` wins.
sub env {
	my ($self, %more) = @_;
	my %env = map { $_ => undef } grep { /^(?:KRYFTO|POSTGRES|REDIS|S3|PG)[A-Z0-9_]*$/ && !/^KRYFTO_(?:KEEP|PG_BINDIR)$/ } keys %ENV;
	return {
		%env,
		KRYFTO_PGURI => $self->{pg}->uri('kryfto'),
		KRYFTO_MEMCACHED => "--SOCKET=\"$self->{dir}/memcached/sock\"",
		KRYFTO_RUN_DIR => $self->{run},
		KRYFTO_LOCAL_ARTIFACT_DIR => "$self->{dir}/artifacts",
		KRYFTO_BOOTSTRAP_ADMIN_TOKEN => $self->{token},
		KRYFTO_USER => service_user(),
		KRYFTO_BROWSER => $self->{o}{browser} ? "true" : "false",
		KRYFTO_API_WORKERS => 3,
		KRYFTO_API_SLOW_WORKERS => 2,
		KRYFTO_ALLOWED_HOSTS => '127.0.0.1,localhost',
		KRYFTO_RETRY_BASE => '100ms',
		KRYFTO_RETRY_MAX => '1s',
		KRYFTO_LEASE => '3s',
		KRYFTO_RATE_LIMIT_RPM => 100000,
		ASAN_OPTIONS => 'abort_on_error=0:exitcode=99:detect_leaks=' . ($ENV{KRYFTO_TEST_LEAKS} // 1),
		UBSAN_OPTIONS => 'print_stacktrace=1:halt_on_error=1',
		%{ $self->{o}{env} // {} },
		%more,
	};
}

# Runs one of our programs to its end: (wait status, output of both streams).
sub run {
	my ($self, $name, @args) = @_;
	my $log = "$self->{dir}/log/run-" . ++$self->{runs} . '.log';
	my $p = Kryfto::Proc->start(name => $name, log => $log, cmd => [program($name), @args], env => $self->env, dir => $self->{dir});
	my $status = $p->wait(60);
	$p->stop('KILL') if !defined $status;
	return ($status // -1, slurp_log($log));
}

sub migrate {
	my ($self) = @_;
	my ($status, $words) = $self->run('kryftoctl', 'migrate');
	die "kryftoctl migrate: status $status\n$words" if $status;
	# Tests ask faster than people; those that test the limits (`limits => 1`) keep the product's own.
	$self->sql("UPDATE kryfto.rate_limit_config SET rpm = " . ($self->{o}{rpm} // 1000000)) if !$self->{o}{limits};
}

sub start_memcached {
	my ($self) = @_;
	my $sock = "$self->{dir}/memcached/sock";
	unlink $sock;
	my @user = service_user() ? ('-u', service_user()) : ();
	$self->{memcached} = Kryfto::Proc->start(name => 'memcached', log => "$self->{dir}/log/memcached.log", dir => "$self->{dir}/memcached",
		cmd => ['memcached', @user, '-s', $sock, '-a', '0777', '-m', '16', '-t', '1']);
	$self->await('memcached', sub { -S $sock });
}

sub start_api {
	my ($self, %more) = @_;
	$self->{api} = Kryfto::Proc->start(name => 'api', log => "$self->{dir}/log/api.log", cmd => [program('kryfto-api')], env => $self->env(%more),
		dir => $self->{dir});
	$self->await('api', sub { -S "$self->{run}/fast.sock" && -S "$self->{run}/slow.sock" });
}

# Live log streams; `stream_env` is for it alone.
sub start_stream {
	my ($self, %more) = @_;
	unlink "$self->{run}/stream.sock";
	$self->{stream} = Kryfto::Proc->start(name => "stream", log => "$self->{dir}/log/stream.log", cmd => [program("kryfto-stream")],
		env => $self->env(%{ $self->{o}{stream_env} // {} }, %more), dir => $self->{dir});
	$self->await("stream", sub { -S "$self->{run}/stream.sock" });
}

# With `browser => 1`: the proxy of browsers. Tests that need none do without both.
sub start_egress {
	my ($self, %more) = @_;
	unlink "$self->{run}/egress.sock";
	$self->{egress} = Kryfto::Proc->start(name => "egress", log => "$self->{dir}/log/egress.log", cmd => [program("kryfto-egress")],
		env => $self->env(%more), dir => $self->{dir});
	$self->await("egress", sub { -S "$self->{run}/egress.sock" });
}

# `name` tells more than one crawler apart.
sub start_crawler {
	my ($self, $name, %more) = @_;
	$name //= 'crawler';
	my $ready = "$self->{run}/$name.ready";
	unlink $ready;
	$self->{$name} = Kryfto::Proc->start(name => $name, log => "$self->{dir}/log/$name.log", cmd => [program('kryfto-crawler')],
		env => $self->env(%more), dir => $self->{dir});
	return $self->{$name};
}

sub start_nginx {
	my ($self) = @_;
	my $d = $self->{dir};
	if (!-e "$d/tls.crt") {
		$self->command('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
			'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', "$d/tls.key", '-out', "$d/tls.crt");
	}
	# Another process may take the ports between their choice and their use.
	for my $try (1 .. 5) {
		my ($port, $tls_port, $site) = (free_port(), free_port(), free_port());
		$self->command(srcdir() . '/nginx/render', '--out', "$d/conf", "RUN_DIR=$self->{run}", "ARTIFACT_DIR=$d/artifacts",
			"LISTEN=127.0.0.1:$port", "LISTEN_TLS=127.0.0.1:$tls_port", "TLS_CERT=$d/tls.crt", "TLS_KEY=$d/tls.key",
			"LOG_DIR=$d/log", "TEMP_DIR=$d/tmp", 'WORKERS=1', 'CONNECTIONS=4096', (service_user() ? 'USER=nobody nogroup' : ()),
			%{ $self->{o}{nginx_conf} // {} } ? map { "$_=$self->{o}{nginx_conf}{$_}" } keys %{ $self->{o}{nginx_conf} } : ());
		open my $extra, '>', "$d/conf/extra.conf" or die "extra.conf: $!\n";
		print $extra "server {\n\tlisten 127.0.0.1:$site;\n\troot $d/site;\n\tcharset utf-8;\n\ttypes { text/html html; text/plain txt; }\n",
			"\taccess_log $d/log/site.log;\n}\n";
		print $extra $self->{o}{nginx_extra}->($self) if $self->{o}{nginx_extra};
		close $extra;
		$self->{nginx} = Kryfto::Proc->start(name => 'nginx', log => "$d/log/nginx-out.log",
			cmd => ['nginx', '-e', "$d/log/nginx.log", '-c', "$d/conf/private.conf", '-g', 'daemon off;']);
		my $up = eval { wait_for('nginx', sub { !$self->{nginx}->running || connects($port) }, 10) };
		@$self{qw(url tls_url site_host)} = ("http://127.0.0.1:$port", "https://127.0.0.1:$tls_port", "127.0.0.1:$site");
		return if $up && $self->{nginx}->running;
		last if slurp_log("$d/log/nginx.log") !~ /in use/;
	}
	$self->show_logs;
	die "nginx did not start\n";
}

sub connects {
	my ($port) = @_;
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp', Timeout => 1);
}

# Waits while the named daemon lives.
sub await {
	my ($self, $name, $cond) = @_;
	my $good = eval { wait_for("readiness of $name", sub { !$self->{$name}->running ? -1 : $cond->() ? 1 : 0 }, 30) } // 0;
	return if $good == 1;
	$self->show_logs;
	die "$name did not start" . ($good < 0 ? ": wait status $self->{$name}{status}" : '') . "\n";
}

sub wait_ready {
	my ($self) = @_;
	my $c = $self->client(token => undef);
	$self->await('api', sub { $c->get('/v1/readyz')->{status} == 200 });
}

sub restart {
	my ($self, $name, $sig) = @_;
	$self->{$name}->stop($sig);
	my $start = "start_$name";
	return $self->$start;
}

# Puts static pages (path => bytes) on a site of its own; returns "127.0.0.1:port".
sub site {
	my ($self, $pages) = @_;
	for my $path (keys %$pages) {
		my $at = "$self->{dir}/site";
		my @parts = grep { length } split m{/}, $path;
		my $file = pop @parts;
		for (@parts) {
			$at .= "/$_";
			mkdir $at;
			chmod 0755, $at;
		}
		open my $out, '>:raw', "$at/$file" or die "$at/$file: $!\n";
		print $out $pages->{$path};
		close $out;
	}
	return $self->{site_host};
}

sub command {
	my ($self, @cmd) = @_;
	my $log = "$self->{dir}/log/commands.log";
	my $p = Kryfto::Proc->start(name => $cmd[0], log => $log, cmd => \@cmd, dir => $self->{dir});
	my $status = $p->wait(60);
	return if defined $status && !$status;
	die "@cmd failed\n" . slurp_log($log);
}

# Creates a job and waits for a terminal state; returns the job.
sub job {
	my ($self, $body, $seconds) = @_;
	my $c = $self->client;
	my $r = $c->post('/v1/jobs', $body);
	die "POST /v1/jobs: $r->{status} $r->{body}\n" if $r->{status} != 202;
	my $job;
	wait_for("end of job $r->{json}{jobId}", sub {
		$job = $c->get("/v1/jobs/$r->{json}{jobId}")->{json};
		return $job && $job->{state} =~ /^(?:succeeded|failed|cancelled|expired)$/;
	}, $seconds // 30);
	return $job;
}

# The tails of all logs, as TAP comments.
sub show_logs {
	my ($self, $lines) = @_;
	for my $log (sort glob "$self->{dir}/log/*.log") {
		next if $log =~ /access\.log$/;
		my @tail = split /\n/, slurp_log($log);
		splice @tail, 0, @tail - ($lines // 25) if @tail > ($lines // 25);
		print STDERR "# --- $log\n", map { "# $_\n" } @tail;
	}
}

# Words of a sanitizer in any log: a test that ends well must have none.
sub sanitizer_reports {
	my ($self) = @_;
	return map { my $log = $_; my $text = slurp_log($log); map { "$log: $_" } $text =~ /((?:ERROR: (?:Address|Leak)Sanitizer|runtime error:).*(?:\n.*){0,14})/g }
		glob "$self->{dir}/log/*.log";
}

sub finish {
	my ($self) = @_;
	return if $self->{owner} != $$ || !$self->{dir};
	my $dir = delete $self->{dir};
	delete $stacks{$dir};
	$self->{$_}->stop for grep { ref $self->{$_} eq 'Kryfto::Proc' } qw(nginx), sort keys %$self;
	if ($self->{pg}) {
		$self->{pg}->finish;
		delete $self->{pg};
	}
	if ($ENV{KRYFTO_KEEP}) {
		print STDERR "# kept: $dir\n";
	} else {
		system 'rm', '-rf', '--', $dir;
	}
}

sub DESTROY {
	my ($self) = @_;
	local ($?, $@, $!);
	$self->finish;
}

END {
	if ($$ == $owner) {
		my $rc = $?;
		for (values %stacks) {
			$_->show_logs if $rc && $_->{dir};
			$_->finish;
		}
		$? = $rc;
	}
}

1;

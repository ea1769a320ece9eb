# A private Postgres for one test: its own data folder and socket under a fresh temporary folder, no TCP port.
#
#	my $pg = Kryfto::Postgres->start;             # ->start(sync => 1, conf => { max_connections => 20 })
#	my $uri = $pg->create('kryfto');              # new database; a libpq URI (login: superuser postgres)
#	my @rows = $pg->sql('kryfto', 'SELECT 1, 2'); # [1, 2]; dies with psql's words
#	$pg->stop('immediate'); $pg->up;              # crash and come back
#
# Runs as the postgres user when started as root, else as the caller. Everything ends with the object.
package Kryfto::Postgres;
use strict;
use warnings;
use File::Temp ();
use POSIX ();
use Time::HiRes qw(sleep time);

my $owner = $$;
my %running;

sub bindir {
	return $ENV{KRYFTO_PG_BINDIR} if $ENV{KRYFTO_PG_BINDIR};
	my @found = sort { ($b =~ m{/(\d+)/bin})[0] <=> ($a =~ m{/(\d+)/bin})[0] } glob '/usr/lib/postgresql/*/bin';
	return $found[0] // die "no PostgreSQL server binaries under /usr/lib/postgresql\n";
}

# The words of a command that must not run as root.
sub as_server { return $> == 0 ? ('runuser', '-u', 'postgres', '--', @_) : @_ }

sub run_quiet {
	my ($log, @cmd) = @_;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		chdir '/';
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $log;
		open STDERR, '>&', \*STDOUT;
		{ exec @cmd }
		POSIX::_exit(127);
	}
	waitpid $pid, 0;
	return $? if !$?;
	my $rc = $?;
	open my $f, '<', $log;
	print STDERR "# $_" for <$f>;
	die "@cmd failed ($rc)\n";
}

sub start {
	my ($class, %o) = @_;
	# Socket paths are at most 107 bytes, so not under a deep TMPDIR.
	my $dir = File::Temp::tempdir('kpg.XXXXXX', DIR => '/tmp', CLEANUP => 0);
	my $self = bless { dir => $dir, data => "$dir/data", log => "$dir/log", bin => bindir(), owner => $$ }, $class;
	chmod 0711, $dir;
	if ($> == 0) {
		my ($uid, $gid) = (getpwnam 'postgres')[2, 3];
		chown $uid, $gid, $dir;
	}
	run_quiet("$dir/initdb.log", as_server("$self->{bin}/initdb", '-D', $self->{data}, '-U', 'postgres', '--no-sync',
		'-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8'));
	my %conf = (
		listen_addresses => "''",
		unix_socket_directories => "'$dir'",
		unix_socket_permissions => '0777',
		max_connections => 60,
		shared_buffers => "'64MB'",
		logging_collector => 'off',
		log_line_prefix => "'%m %p %a '",
		max_wal_size => "'512MB'",
		$o{sync} ? () : (fsync => 'off', full_page_writes => 'off'),
		%{ $o{conf} // {} });
	open my $f, '>>', "$self->{data}/postgresql.conf" or die "postgresql.conf: $!\n";
	print $f "$_ = $conf{$_}\n" for sort keys %conf;
	close $f;
	$self->up;
	return $self;
}

sub up {
	my ($self) = @_;
	run_quiet("$self->{dir}/ctl.log", as_server("$self->{bin}/pg_ctl", '-D', $self->{data}, '-l', $self->{log}, '-w', '-s',
		'start'));
	open my $f, '<', "$self->{data}/postmaster.pid" or die "postmaster.pid: $!\n";
	chomp($self->{pid} = <$f>);
	$running{ $self->{dir} } = $self;
	return $self;
}

# 'fast' (connections are told), 'immediate' (as a crash).
sub stop {
	my ($self, $how) = @_;
	return if !$self->{pid};
	kill(($how // 'fast') eq 'immediate' ? 'QUIT' : 'INT', $self->{pid});
	my $end = time + 20;
	sleep 0.01 while kill(0, $self->{pid}) && time < $end;
	kill 'KILL', $self->{pid} if kill 0, $self->{pid};
	delete $self->{pid};
}

sub uri {
	my ($self, $db, $user) = @_;
	return 'postgresql:///' . ($db // 'postgres') . "?host=$self->{dir}&user=" . ($user // 'postgres');
}

sub create {
	my ($self, $db) = @_;
	$self->sql('postgres', "CREATE DATABASE \"$db\"");
	return $self->uri($db);
}

# Rows as arrays of text; NULL comes back as undef. Several statements may be given; the rows of all come back.
sub sql {
	my ($self, $db, $sql, $user) = @_;
	my ($out, $err) = $self->psql($db, $sql, $user);
	die "psql: $err" if $?;
	return map { [ map { $_ eq "\x02" ? undef : $_ } split /\x01/, $_, -1 ] } split /\0/, $out;
}

# (stdout, stderr), status in $?; never dies.
sub psql {
	my ($self, $db, $sql, $user) = @_;
	my $in = File::Temp->new(DIR => '/tmp', TEMPLATE => 'kpgq.XXXXXX');
	my $errf = File::Temp->new(DIR => '/tmp', TEMPLATE => 'kpge.XXXXXX');
	print $in $sql;
	close $in;
	my $pid = open(my $p, '-|') // die "fork: $!\n";
	if ($pid == 0) {
		open STDIN, '<', $in->filename;
		open STDERR, '>', $errf->filename;
		{ exec 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-P', "null=\x02", '-F', "\x01", '-0',
			'-d', $self->uri($db, $user) }
		POSIX::_exit(127);
	}
	local $/;
	my $out = <$p> // '';
	close $p;
	my $rc = $?;
	open my $e, '<', $errf->filename;
	my $err = <$e> // '';
	$? = $rc;
	return ($out, $err);
}

# The first column of the first row.
sub value {
	my ($self, $db, $sql, $user) = @_;
	my ($row) = $self->sql($db, $sql, $user);
	return $row ? $row->[0] : undef;
}

sub log_text {
	my ($self) = @_;
	open my $f, '<', $self->{log} or return '';
	local $/;
	return <$f>;
}

sub finish {
	my ($self) = @_;
	return if $self->{owner} != $$ || !$self->{dir};
	local ($?, $@, $!);
	$self->stop('immediate');
	delete $running{ $self->{dir} };
	system 'rm', '-rf', '--', delete $self->{dir};
}

sub DESTROY { $_[0]->finish }

# Also when a test dies half-way or is interrupted.
$SIG{$_} //= sub { exit 130 } for qw(INT TERM);
END { if ($$ == $owner) { my $rc = $?; $_->finish for values %running; $? = $rc } }

1;

# Child processes of a test: started with a log of their own, watched by pid, ended with the object.
#
#	my $p = Kryfto::Proc->start(name => 'api', log => $path, cmd => [...], env => {...}, user => 'nobody');
#	wait_for('a socket', sub { -S $path });     # polls; dies after 20 s with what it waited for
package Kryfto::Proc;
use strict;
use warnings;
use Exporter 'import';
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT_OK = qw(wait_for free_port slurp_log children_of rss_of);

my $owner = $$;
my %alive;

sub wait_for {
	my ($what, $cond, $seconds) = @_;
	my $end = time + ($seconds // 20);
	my $pause = 0.005;
	while (1) {
		my $got = $cond->();
		return $got if $got;
		die sprintf "no %s within %g s\n", $what, $seconds // 20 if time > $end;
		sleep $pause;
		$pause *= 1.5 if $pause < 0.1;
	}
}

# A TCP port of 127.0.0.1 that was free a moment ago.
sub free_port {
	require IO::Socket::INET;
	my $s = IO::Socket::INET->new(Listen => 1, LocalAddr => '127.0.0.1', LocalPort => 0, Proto => 'tcp') or die "socket: $!\n";
	return $s->sockport;
}

sub slurp_log {
	my ($path) = @_;
	open my $f, '<:raw', $path or return '';
	local $/;
	return <$f> // '';
}

# Pids whose parent is $pid.
sub children_of {
	my ($pid) = @_;
	open my $f, '<', "/proc/$pid/task/$pid/children" or return ();
	return split ' ', <$f> // '';
}

# Private resident memory of a process in bytes (pages that are its alone).
sub rss_of {
	my ($pid) = @_;
	open my $f, '<', "/proc/$pid/smaps_rollup" or return 0;
	my $kb = 0;
	while (<$f>) {
		$kb += $1 if /^Private_(?:Clean|Dirty):\s+(\d+)/;
	}
	return $kb * 1024;
}

sub start {
	my ($class, %o) = @_;
	my $self = bless { %o, owner => $$ }, $class;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		# A group of its own: an interrupt at the terminal is for the test, which ends its children itself.
		setpgrp;
		@SIG{qw(INT TERM QUIT HUP PIPE)} = ('DEFAULT') x 5;
		chdir($o{dir} // '/');
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $o{log} or POSIX::_exit(126);
		open STDERR, '>&', \*STDOUT;
		for (keys %{ $o{env} // {} }) {
			defined $o{env}{$_} ? ($ENV{$_} = $o{env}{$_}) : delete $ENV{$_};
		}
		my @cmd = @{ $o{cmd} };
		@cmd = ('runuser', '-u', $o{user}, '--', @cmd) if $o{user} && $> == 0;
		{ exec { $cmd[0] } @cmd }
		print STDERR "$cmd[0]: $!\n";
		POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	$alive{$pid} = $self;
	return $self;
}

# True while it runs; remembers the wait status in {status} when it has ended.
sub running {
	my ($self) = @_;
	return 0 if !$self->{pid};
	my $got = waitpid $self->{pid}, POSIX::WNOHANG();
	if ($got == $self->{pid}) {
		$self->{status} = $?;
		delete $alive{ delete $self->{pid} };
		return 0;
	}
	return 1;
}

sub signal {
	my ($self, $sig) = @_;
	return $self->running && kill $sig, $self->{pid};
}

# Waits for its end: the wait status, or undef when it still runs after $seconds.
sub wait {
	my ($self, $seconds) = @_;
	return eval { wait_for("end of $self->{name}", sub { !$self->running }, $seconds); 1 } ? $self->{status} : undef;
}

# TERM (or $sig), then KILL for it and what it started. Returns the wait status.
sub stop {
	my ($self, $sig, $seconds) = @_;
	return $self->{status} if !$self->running;
	my @kids = children_of($self->{pid});
	kill $sig // 'TERM', $self->{pid};
	if (!defined $self->wait($seconds // 10)) {
		kill 'KILL', $self->{pid}, @kids;
		$self->wait(5);
	}
	return $self->{status};
}

sub log_text { slurp_log($_[0]{log}) }

sub DESTROY {
	my ($self) = @_;
	return if $self->{owner} != $$;
	local ($?, $@, $!);
	$self->stop;
}

$SIG{$_} //= sub { exit 130 } for qw(INT TERM);
END {
	if ($$ == $owner) {
		my $rc = $?;
		$_->stop for grep { defined } values %alive;
		$? = $rc;
	}
}

1;

# A small HTTP client for tests: JSON in and out, raw sockets for what no decent client would send.
#
#	my $c = Kryfto::Client->new(url => 'http://127.0.0.1:1234', token => '...');
#	my $r = $c->post('/v1/jobs', { url => '...' }, { 'idempotency-key' => 'x' });
#	$r->{status}, $r->{headers}{'x-request-id'}, $r->{body}, $r->{json}
package Kryfto::Client;
use strict;
use warnings;
use HTTP::Tiny ();
use IO::Socket::INET ();
use IO::Select ();
use JSON::PP ();
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8->canonical->allow_nonref;

sub new {
	my ($class, %o) = @_;
	my $self = bless { %o }, $class;
	$self->{http} = HTTP::Tiny->new(timeout => $o{timeout} // 20, max_redirect => 0, keep_alive => 1, agent => 'kryfto-test');
	return $self;
}

# The same server, with another token (undef: none).
sub as {
	my ($self, $token) = @_;
	return ref($self)->new(url => $self->{url}, token => $token);
}

sub request {
	my ($self, $method, $path, $body, $headers) = @_;
	my %h = map { lc($_) => $headers->{$_} } keys %{ $headers // {} };
	$h{authorization} //= "Bearer $self->{token}" if defined $self->{token} && !exists $h{authorization};
	delete $h{authorization} if exists $h{authorization} && !defined $h{authorization};
	my %o = (headers => \%h);
	if (defined $body) {
		$h{'content-type'} //= 'application/json';
		$o{content} = ref $body ? $json->encode($body) : $body;
	}
	my $r = $self->{http}->request($method, $self->{url} . $path, \%o);
	# HTTP::Tiny tells of failures of its own as status 599.
	return { status => 0, error => $r->{content}, headers => {}, body => '' } if $r->{status} == 599;
	my $out = { status => $r->{status}, headers => $r->{headers}, body => $r->{content} // '' };
	$out->{json} = eval { $json->decode($out->{body}) } if ($r->{headers}{'content-type'} // '') =~ m{^application/(?:[\w.-]+\+)?json\b};
	return $out;
}

sub get { my ($self, $path, $headers) = @_; return $self->request('GET', $path, undef, $headers) }
sub post { my ($self, $path, $body, $headers) = @_; return $self->request('POST', $path, $body, $headers) }
sub put { my ($self, $path, $body, $headers) = @_; return $self->request('PUT', $path, $body, $headers) }
sub patch { my ($self, $path, $body, $headers) = @_; return $self->request('PATCH', $path, $body, $headers) }
sub delete { my ($self, $path, $headers) = @_; return $self->request('DELETE', $path, undef, $headers) }

sub socket {
	my ($self) = @_;
	my ($host, $port) = $self->{url} =~ m{^http://([^:/]+):(\d+)} or die "no plain URL: $self->{url}\n";
	return IO::Socket::INET->new(PeerAddr => $host, PeerPort => $port, Proto => 'tcp', Timeout => 10);
}

# Sends bytes as they are and reads one answer (headers and what Content-Length says, or until the end).
# {status 0} when the server closed without a word.
sub raw {
	my ($self, $bytes, $seconds) = @_;
	my $s = $self->socket or return { status => 0, error => "connect: $!", headers => {}, body => '' };
	local $SIG{PIPE} = 'IGNORE';
	my $sent = 0;
	while ($sent < length $bytes) {
		my $n = syswrite $s, $bytes, length($bytes) - $sent, $sent;
		last if !defined $n;
		$sent += $n;
	}
	return read_answer($s, $seconds // 20);
}

sub read_answer {
	my ($s, $seconds) = @_;
	my $end = time + $seconds;
	my $sel = IO::Select->new($s);
	my $in = '';
	while (time < $end) {
		if ($in =~ /\r\n\r\n/) {
			my $head = length($in =~ s/\r\n\r\n.*//sr) + 4;
			last if $in =~ /^content-length:\s*(\d+)\r$/mi && length($in) >= $head + $1;
		}
		next if !$sel->can_read(0.2);
		my $n = sysread $s, $in, 65536, length $in;
		last if !$n;
	}
	my ($head, $body) = split /\r\n\r\n/, $in, 2;
	my ($status) = ($head // '') =~ m{^HTTP/[\d.]+ (\d+)};
	my %h = map { /^([^:]+):\s*(.*?)\s*$/ ? (lc $1 => $2) : () } split /\r\n/, $head // '';
	return { status => $status // 0, headers => \%h, body => $body // '', json => scalar eval { $json->decode($body) } };
}

sub encode { $json->encode($_[-1]) }
sub decode { $json->decode($_[-1]) }

1;

# A small web site with every fault a crawler meets, private to one test, on 127.0.0.1 and a free port.
#
#	my $site = Kryfto::Site->start(robots => "User-agent: *\nDisallow: /private\n");
#	$site->url('/page/7'); $site->host;               # "127.0.0.1:port"
#	$site->count('/page/7'); $site->requests;         # [time, path], …, as they came
#
# Paths:
#	/page/N               HTML; <title>Page N</title>, <h1>, three <li class="item">, a link to page N+1
#	/redirect/N           N hops, then /page/1;   /loop  for ever;   /to/URL  302 to URL, as it stands
#	/slow/MS              a page after MS milliseconds;   /hang  no answer;   /drip  a byte each 50 ms, for ever
#	/endless              a body without an end;   /big/N  N bytes;   /gzip  compressed;   /bomb  1 KiB that becomes 1 MiB
#	/status/CODE          that status, with a page;   /retry-after/CODE/S  with Retry-After: S
#	/flaky/ID/K/CODE      CODE the first K times (per ID), then a page
#	/charset/NAME         "Grüße" in that encoding: utf-8, windows-1252 (header), meta (windows-1252 by <meta>), none
#	/text /json /pdf /empty /binary /xml /nothing (closes) /short (less than announced) /junk (no HTTP)
#	/tree/SIZE/N          page N of SIZE; links to 4N+1 .. 4N+4, to itself and to page 0 in other spellings; page 1 links to what a crawl
#	                      must leave alone or meets with: see @Kryfto::Site::Server::ODD
#	/cookie               sets one and redirects to /needs-cookie, which is 403 without it
package Kryfto::Site;
use strict;
use warnings;
use Errno qw(EAGAIN EINTR);
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Socket ();
use Time::HiRes qw(time);

my $owner = $$;

sub start {
	my ($class, %o) = @_;
	my $listen = IO::Socket::INET->new(Listen => 512, LocalAddr => $o{addr} // '127.0.0.1', LocalPort => $o{port} // 0, Proto => 'tcp',
		ReuseAddr => 1) or die "listen: $!\n";
	my $log = File::Temp->new(DIR => '/tmp', TEMPLATE => 'ksite.XXXXXX');
	my $self = bless { port => $listen->sockport, addr => $o{addr} // '127.0.0.1', log => $log, owner => $$, o => \%o }, $class;
	my $pid = fork // die "fork: $!\n";
	if ($pid == 0) {
		$SIG{TERM} = $SIG{INT} = 'DEFAULT';
		$SIG{PIPE} = 'IGNORE';
		eval { Kryfto::Site::Server->new($listen, $log->filename, \%o)->run };
		print STDERR "# site: $@" if $@;
		POSIX::_exit(1);
	}
	$self->{pid} = $pid;
	return $self;
}

sub host { return "$_[0]{addr}:$_[0]{port}" }
sub url { my ($self, $path) = @_; return "http://$self->{addr}:$self->{port}" . ($path // '/') }

sub requests {
	my ($self) = @_;
	open my $f, '<', $self->{log}->filename or return ();
	return map { chomp; [ split / /, $_, 2 ] } <$f>;
}

sub count {
	my ($self, $path) = @_;
	return scalar grep { $_->[1] eq $path } $self->requests;
}

sub stop {
	my ($self) = @_;
	return if !$self->{pid} || $self->{owner} != $$;
	local $?;
	kill 'KILL', $self->{pid};
	waitpid delete $self->{pid}, 0;
}

sub DESTROY { $_[0]->stop }

package Kryfto::Site::Server;
use strict;
use warnings;
use Time::HiRes qw(time);

my $ENDLESS = 'x' x 16384;

sub new {
	my ($class, $listen, $log, $o) = @_;
	$listen->blocking(0);
	open my $fh, '>>', $log or die "$log: $!\n";
	$fh->autoflush(1);
	return bless { listen => $listen, log => $fh, o => $o, conn => {}, flaky => {} }, $class;
}

sub run {
	my ($self) = @_;
	while (1) {
		my ($r, $w) = ('', '');
		vec($r, fileno $self->{listen}, 1) = 1;
		my ($now, $wake) = (time, 1);
		for my $c (values %{ $self->{conn} }) {
			$self->due($c, $now) if $c->{at} && $c->{at} <= $now;
			$wake = $c->{at} - $now if $c->{at} && $c->{at} - $now < $wake;
			vec($r, fileno $c->{sock}, 1) = 1;
			vec($w, fileno $c->{sock}, 1) = 1 if length $c->{out} || $c->{endless};
		}
		$wake = 0 if $wake < 0;
		next if select($r, $w, undef, $wake) <= 0;
		$self->take if vec $r, fileno $self->{listen}, 1;
		for my $c (values %{ $self->{conn} }) {
			my $fd = fileno $c->{sock};
			$self->read_some($c) if vec $r, $fd, 1;
			$self->write_some($c) if $self->{conn}{$fd} && vec $w, $fd, 1;
		}
	}
}

sub take {
	my ($self) = @_;
	while (my $s = $self->{listen}->accept) {
		$s->blocking(0);
		setsockopt $s, Socket::IPPROTO_TCP(), Socket::TCP_NODELAY(), 1;
		$self->{conn}{ fileno $s } = { sock => $s, in => '', out => '' };
	}
}

sub drop {
	my ($self, $c) = @_;
	delete $self->{conn}{ fileno $c->{sock} };
	close $c->{sock};
}

sub read_some {
	my ($self, $c) = @_;
	my $n = sysread $c->{sock}, $c->{in}, 65536, length $c->{in};
	return $self->drop($c) if defined $n && $n == 0;
	return $self->drop($c) if !defined $n && !$!{EAGAIN} && !$!{EINTR};
	while ($c->{in} =~ s/\A(\S+) (\S+) HTTP\/1\.[01]\r\n(.*?)\r\n\r\n//s) {
		my ($method, $path, $head) = ($1, $2, $3);
		printf { $self->{log} } "%.6f %s\n", time, $path;
		$self->answer($c, $path, $head, $method);
	}
}

sub write_some {
	my ($self, $c) = @_;
	$c->{out} .= $ENDLESS if $c->{endless} && length $c->{out} < 65536;
	return if !length $c->{out};
	my $n = syswrite $c->{sock}, $c->{out};
	if (!defined $n) {
		$self->drop($c) if !$!{EAGAIN} && !$!{EINTR};
		return;
	}
	substr $c->{out}, 0, $n, '';
	$self->drop($c) if $c->{close} && !length $c->{out} && !$c->{at};
}

# A delayed answer is due.
sub due {
	my ($self, $c, $now) = @_;
	if ($c->{drip}) {
		$c->{out} .= 'x';
		$c->{at} = $now + 0.05;
	} else {
		delete $c->{at};
		$c->{out} .= delete $c->{later};
	}
}

sub reply {
	my ($c, $status, $headers, $body) = @_;
	my $words = $status < 400 ? 'Fine' : 'Sorry';
	my $h = join '', map { "$headers->[$_ * 2]: $headers->[$_ * 2 + 1]\r\n" } 0 .. @$headers / 2 - 1;
	my $bytes = "HTTP/1.1 $status $words\r\n${h}Content-Length: " . length($body) . "\r\n\r\n$body";
	return $c ? $c->{out} .= $bytes : $bytes;
}

sub page {
	my ($n) = @_;
	my $next = $n =~ /^\d+$/ ? $n + 1 : 1;
	return "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Page $n</title></head><body><h1>Heading $n</h1>"
		. "<ul><li class=\"item\">one</li><li class=\"item\">two</li><li class=\"item\">three</li></ul>"
		. "<a href=\"/page/$next\">next</a></body></html>\n";
}

# Links of /tree/SIZE/1, beside its children.
our @ODD = qw(/private/page/1 /status/404 /pdf /loop http://other.example/ mailto:a@b.example javascript:void(0) /to//tree/SIZE/2);

sub tree {
	my ($size, $n) = @_;
	my @to = map { "/tree/$size/$_" } grep { $_ < $size } 4 * $n + 1 .. 4 * $n + 4;
	push @to, "/tree/$size/$n#top", "../$size/./0", "/tree/$size/%30";
	push @to, map { s/SIZE/$size/r } @ODD if $n == 1;
	return "<html><head><title>Tree $n</title></head><body><h1>Node $n</h1>" . join("", map { "<a href=\"$_\">x</a> " } @to) . "</body></html>";
}

my @HTML = ('Content-Type' => 'text/html; charset=utf-8');
my %FIXED = (
	'/text' => [ 'text/plain; charset=utf-8', "plain <b>text</b> & more\n" ],
	'/json' => [ 'application/json', '{"title":"json","n":[1,2,3]}' ],
	'/pdf' => [ 'application/pdf', "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n" ],
	'/binary' => [ 'application/octet-stream', "\0\1\2\3\xff" ],
	'/empty' => [ 'text/html', '' ],
	'/xml' => [ 'application/xml', '<?xml version="1.0"?><root><title>xml</title></root>' ],
);

sub answer {
	my ($self, $c, $path, $head, $method) = @_;
	my $robots = $self->{o}{robots};
	if ($path eq '/robots.txt') {
		return reply($c, 404, [], '') if !defined $robots;
		return reply($c, $1, [], '') if $robots =~ /\A(\d{3})\z/;
		return reply($c, 200, ['Content-Type' => 'text/plain'], $robots);
	}
	return reply($c, 200, \@HTML, page($1)) if $path =~ m{^/(?:private/)?page/(\w+)};
	return reply($c, 200, \@HTML, tree($1, $2)) if $path =~ m{^/tree/(\d+)/(\d+)$};
	return reply($c, 302, [ Location => $1 > 1 ? '/redirect/' . ($1 - 1) : '/page/1' ], 'moved') if $path =~ m{^/redirect/(\d+)};
	return reply($c, 302, [ Location => '/loop' ], '') if $path eq '/loop';
	return reply($c, 302, [ Location => $1 ], '') if $path =~ m{^/to/(.*)};
	return reply($c, $1, \@HTML, page("status-$1")) if $path =~ m{^/status/(\d{3})};
	return reply($c, $1, [ @HTML, 'Retry-After' => $2 ], page('later')) if $path =~ m{^/retry-after/(\d{3})/(\d+)};
	return reply($c, 200, [ 'Content-Type' => $FIXED{$path}[0] ], $FIXED{$path}[1]) if $FIXED{$path};
	return $self->charset($c, $1) if $path =~ m{^/charset/(.*)};
	return reply($c, 200, \@HTML, '<title>big</title>' . 'y' x $1) if $path =~ m{^/big/(\d+)};
	if ($path =~ m{^/flaky/(\w+)/(\d+)/(\d{3})}) {
		my $times = ++$self->{flaky}{$1};
		return $times <= $2 ? reply($c, $3, \@HTML, 'not yet') : reply($c, 200, \@HTML, page("flaky-$1"));
	}
	if ($path =~ m{^/slow/(\d+)}) {
		$c->{later} = reply(undef, 200, \@HTML, page('slow'));
		$c->{at} = time + $1 / 1000;
		return;
	}
	if ($path =~ m{^/(endless|drip)}) {
		$c->{out} .= "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
		$c->{$1} = 1;
		$c->{at} = time + 0.05 if $1 eq 'drip';
		return;
	}
	if ($path =~ m{^/(gzip|bomb)}) {
		require IO::Compress::Gzip;
		my $plain = $1 eq 'gzip' ? page('gzip') : '<title>bomb</title>' . "\0" x (32 << 20);
		IO::Compress::Gzip::gzip(\$plain, \my $packed);
		return reply($c, 200, [ @HTML, 'Content-Encoding' => 'gzip' ], $packed);
	}
	if ($path eq '/cookie') {
		return reply($c, 302, [ Location => '/needs-cookie', 'Set-Cookie' => 'wall=down; Path=/' ], '');
	}
	return reply($c, $head =~ /^cookie:.*wall=down/im ? 200 : 403, \@HTML, page('cookie')) if $path eq '/needs-cookie';
	return if $path =~ m{^/hang};
	$c->{close} = 1 if $path =~ m{^/(?:nothing|short|junk)};
	return $self->drop($c) if $path eq '/nothing';
	return $c->{out} .= "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort" if $path eq '/short';
	return $c->{out} .= "this is not HTTP\r\n\r\n" if $path eq '/junk';
	return reply($c, 404, \@HTML, page('missing'));
}

sub charset {
	my ($self, $c, $name) = @_;
	my $words = $name eq 'utf-8' ? "Gr\xc3\xbc\xc3\x9fe" : "Gr\xfc\xdfe";
	my $meta = $name eq 'meta' ? '<meta charset="windows-1252">' : '';
	my $type = $name eq 'utf-8' || $name eq 'windows-1252' ? "text/html; charset=$name" : 'text/html';
	reply($c, 200, [ 'Content-Type' => $type ], "<html><head>$meta<title>$words</title></head><body>$words</body></html>");
}

1;

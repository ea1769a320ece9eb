#!/usr/bin/perl
# kryfto-html: every sub-command with its exit status, and --jsonl with input of every quality.
use strict;
use warnings;
use Test::More;
use File::Temp qw(tempdir);
use IPC::Open2;
use JSON::PP;

my $src = $ENV{srcdir} // '.';
my $program = ($ENV{builddir} // '.') . '/src/cmd/kryfto-html';
my $dir = tempdir(CLEANUP => 1);
my $json = JSON::PP->new->utf8->canonical->allow_nonref;
delete @ENV{ grep { /^KRYFTO_/ } keys %ENV };

sub file {
	my ($name, $text) = @_;
	open my $out, '>:raw', "$dir/$name" or die "$dir/$name: $!";
	print $out $text;
	close $out;
	return "$dir/$name";
}

# (status, stdout, stderr)
sub run {
	my (@args) = @_;
	my $pid = fork // die "fork: $!";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>', "$dir/out";
		open STDERR, '>', "$dir/err";
		exec $program, @args;
		die "exec $program: $!";
	}
	waitpid $pid, 0;
	my $status = $?;
	my @text = map { local $/; open my $in, '<:raw', "$dir/$_" or die; <$in> // '' } qw(out err);
	return ($status & 127 ? "signal $status" : $status >> 8, @text);
}
sub gives {
	my ($name, $want_status, $want, @args) = @_;
	my ($status, $out, $err) = run(@args);
	is($status, $want_status, "$name: status") or diag $err;
	ref $want ? like($out, $want, $name) : is($out, $want, $name);
	unlike($err, qr/Sanitizer|runtime error/, "$name: no report");
}

my $page = file('p.html', "<title>T</title><ul><li class=a id=x>One\n1</li><li>Two</li></ul><a href='/q?a=1&amp;b'>q</a>"
	. "<form action=/s><input name=z></form><p>Price: 12,50 EUR</p>");
gives('select', 0, "One 1\nTwo\n", 'select', $page, 'li');
gives('select --attr', 0, "x\n\n", 'select', '--attr', 'id', $page, 'li');
gives('select --html', 0, "One&#10;1\nTwo\n", 'select', '--html', $page, 'li');
gives('select --count', 0, "2\n", 'select', '--count', $page, 'li');
gives('select nothing', 0, '', 'select', $page, 'h6');
gives('bad selector', 2, '', 'select', $page, 'li[');
like((run('select', $page, 'li['))[2], qr/selector/, 'and a message');
gives('text', 0, qr/^One 1\nTwo\n/, 'text', $page);
gives('markdown', 0, qr{\[q\]\(http://h/q\?a=1&b\)}, 'markdown', $page, '--url', 'http://h/d/');
gives('links', 0, qr{"url": "http://h/q\?a=1&b"}, 'links', $page, '--url', 'http://h/d/');
gives('forms', 0, qr{"name": "z"}, 'forms', $page);
gives('meta', 0, qr{"title": "T"}, 'meta', $page);
gives('article', 0, qr{"textContent": "One 1\\nTwo\\n\\nq\\n\\nPrice: 12,50 EUR"}, 'article', $page);
gives('latin-1 file', 0, "caf\xc3\xa9\n", 'text', file('l.html', "<meta charset=latin1><p>caf\xe9"));
my $words = '<p>' . 'The mug is blue, and it has been so since it was made. ' x 20 . '</p>';
my (undef, $article) = run('article', file('a.html', "<title>Mug</title><nav><a href=/>Home</a></nav><article><h1>Mug</h1>$words$words</article>"));
$article = $json->decode($article);
like($article->{textContent}, qr/^(?:Mug\s+)?The mug is blue/, 'article: text');
unlike($article->{markdown}, qr/Home/, 'article: without navigation');
is_deeply([grep { !exists $article->{$_} } qw(title byline excerpt siteName lang dir publishedTime content textContent markdown length coverage)], [],
	'article: all members');
gives('selectors', 0, "{\n  \"t\": \"T\",\n  \"all\": [\n    \"One\\n1\",\n    \"Two\"\n  ]\n}\n", 'extract', $page, '--selectors',
	file('m.json', '{"t":"title","all":"all:li"}'));
gives('schema', 0, qr/"price": 12.5/, 'extract', $page, '--schema',
	file('s.json', '{"properties":{"price":{"type":"number"},"isbn":{"type":"string"}},"required":["isbn"]}'));
like((run('extract', $page, '--schema', "$dir/s.json"))[2], qr/"keyword":"required"/, 'issues stand on standard error');
gives('two modes', 2, '', 'extract', $page, '--schema', "$dir/s.json", '--plugin', 'x');
gives('no plugins', 2, '', 'extract', $page, '--plugin', 'outline');
{
	local $ENV{KRYFTO_PLUGINS_DIR} = "$src/contrib/plugins";
	my $doc = file('d.html', '<title>D</title><h1 id=a>A</h1><h2>B</h2><a href=/1>x</a><h2>C</h2>'
		. '<table><caption>Cap</caption><tr><th>n<th>v<tr><td>1,200<td><a href=y>z</a></table>');
	gives('plugin outline', 0, qr/"links": 1/, 'extract', $doc, '--plugin', 'outline', '--url', 'http://h/');
	my (undef, $out) = run('extract', $doc, '--plugin', 'tables', '--url', 'http://h/');
	is_deeply($json->decode($out), [{ caption => 'Cap', columns => ['n', 'v'],
		rows => [{ n => 1200, v => { text => 'z', url => 'http://h/y' } }] }], 'plugin tables');
	(undef, $out) = run('extract', $doc, '--plugin', 'outline');
	is_deeply($json->decode($out)->{headings}[0]{children}[1]{text}, 'C', 'headings nest');
	gives("plugin refused: $_", 2, '', 'extract', $doc, '--plugin', $_) for '../outline', '/etc/passwd', 'nope', '';
}
gives('valid', 0, '', 'validate', file('v.json', '{"type":"string"}'), file('w.json', '"x"'));
gives('not valid', 1, qr/"keyword": "type"/, 'validate', "$dir/v.json", file('w.json', '5'));
gives('bad schema', 2, '', 'validate', file('b.json', '{"type":"strin"}'), "$dir/w.json");
gives('no JSON', 2, '', 'validate', "$dir/v.json", file('n.json', '{'));
my $robots = file('robots.txt', "User-agent: *\nDisallow: /p\n");
gives('robots allows', 0, qr/"allowed": true/, 'robots', $robots, 'Bot', 'http://h/q');
gives('robots forbids', 1, qr/"line": 2/, 'robots', $robots, 'Bot', 'http://h/p/1');
gives('url', 0, "http://example.com/a%20b\n", 'url', 'HTTP://EXAMPLE.com:80/./a b');
gives('url with a base', 0, "http://a/b/x\n", 'url', '../x', 'http://a/b/c/');
gives('no url', 1, '', 'url', 'http://[');
gives('urlguard refuses', 1, qr/loopback/, 'urlguard', 'http://0x7f.1/');
gives('urlguard allows', 0, qr/"fetch": true/, 'urlguard', 'https://example.com/');
gives('no such file', 2, '', 'text', "$dir/none");
gives('usage', 2, '', @$_) for ['nope'], [], ['select', $page], ['url'], ['text', $page, '--bad'], ['validate', $page];
gives('help', 0, qr/usage/, '--help');

# --jsonl: answers in order, whatever comes.
my $deep = '[' x 5000;
my $ask = sub { $json->encode({ @_ }) };
my @cases = (
	[$ask->(op => 'select', html => '<p id=1>a<p>b', selector => 'p', attr => 'id'), ['1', undef]],
	[$ask->(op => 'select', html => '<p> a <p>b', selector => 'p'), ['a', 'b']],
	[$ask->(op => 'select', html => '<p>', selector => 'p['), 'invalid'],
	[$ask->(op => 'text', html => '<p>a<p>b'), "a\n\nb"],
	[$ask->(op => 'markdown', html => '<h1>a</h1>'), "# a\n"],
	[$ask->(op => 'article', html => '<p>a b c<p>d', url => 'http://h/', status => 404), sub { $_[0]{pageKind} eq 'error' }],
	[$ask->(op => 'links', html => '<a href=x>t</a>', url => 'http://h/'), sub { $_[0][0]{url} eq 'http://h/x' }],
	[$ask->(op => 'forms', html => '<form></form>'), sub { @{ $_[0] } == 1 }],
	[$ask->(op => 'article', html => ''), sub { $_[0]{pageKind} eq 'empty' }],
	[$ask->(op => 'meta', html => "<title>\x{e9}</title>"), sub { $_[0]{title} eq "\x{e9}" }],
	[$ask->(op => 'extract', html => '<b>x</b>', selectors => { b => 'b' }), { b => 'x' }],
	[$ask->(op => 'extract', text => 'a: <b>', schema => { properties => { a => { type => 'string' } } }), { a => '<b>' }],
	[$ask->(op => 'extract', html => '', plugin => '../x'), 'unsupported'],
	[$ask->(op => 'validate', schema => { type => 'null' }, data => undef), { valid => JSON::PP::true, issues => [] }],
	[$ask->(op => 'validate', schema => JSON::PP::false, data => 1), sub { !$_[0]{valid} && $_[0]{issues}[0]{keyword} eq 'false' }],
	[$ask->(op => 'validate', schema => 5, data => 1), 'invalid'],
	[$ask->(op => 'validate', schema => {}), 'invalid'],
	[$ask->(op => 'robots', robots => "user-agent: a\ndisallow: /", agent => 'a', url => 'http://h/'), sub { !$_[0]{allowed} }],
	[$ask->(op => 'url', url => 'x', base => 'http://h/d/'), 'http://h/d/x'],
	[$ask->(op => 'url', url => 'x'), 'invalid'],
	[$ask->(op => 'urlguard', url => 'http://[::ffff:127.0.0.1]/'), sub { !$_[0]{fetch} && length $_[0]{reason} }],
	[$ask->(op => 'urlguard', url => 'nonsense'), sub { !$_[0]{fetch} }],
	['{', 'invalid'], ['null', 'invalid'], ['[]', 'invalid'], ['{}', 'invalid'], ['{"op":5}', 'invalid'],
	['{"op":"text"}', 'invalid'], ['{"op":"text","html":7}', 'invalid'], ["\xff\xfe", 'invalid'], [$deep, 'limit'],
	["{\"op\":\"text\",\"html\":\"a\\u0000b\"}", sub { length $_[0] }],
	[$ask->(op => 'text', html => '<div>' x 20000), sub { defined $_[0] }],
	[$ask->(op => 'select', html => '<div>x' x 400 . 'words ' x 100000, selector => 'div'), 'limit'],
	[$ask->(op => 'text', html => 'last'), 'last'],
);
my $pid = open2(my $out, my $in, $program, '--jsonl');
my $writer = fork // die "fork: $!";
if (!$writer) {
	close $out;
	print $in "$_->[0]\n" for @cases[0 .. $#cases - 1];
	print $in "\n  \n", $cases[-1][0]; # empty lines are none, and the last needs no line feed
	close $in;
	exit 0;
}
close $in;
my @answers = <$out>;
waitpid $writer, 0;
waitpid $pid, 0;
is($?, 0, 'it ends well');
is(scalar @answers, scalar @cases, 'an answer to each request');
for my $i (0 .. $#cases) {
	my ($ask, $want) = @{ $cases[$i] };
	my $name = substr $ask, 0, 70;
	my $got = eval { $json->decode($answers[$i] // '') } || {};
	if (!ref $want && $want =~ /^(?:invalid|limit|unsupported)$/) {
		ok(!$got->{ok} && $got->{error}{code} eq $want && length $got->{error}{message}, "$name: $want") or diag $answers[$i];
	} elsif (ref $want eq 'CODE') {
		ok($got->{ok} && $want->($got->{result}), $name) or diag $answers[$i];
	} else {
		is_deeply($got->{result}, $want, $name) or diag $answers[$i];
	}
}
my ($nth) = grep { $cases[$_][0] =~ m{"schema":\{"properties"} } 0 .. $#cases;
my $with = $json->decode($answers[$nth]);
is_deeply($with->{issues}, [], 'a schema gives issues beside the result');
done_testing();

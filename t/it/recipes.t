#!/usr/bin/perl
# Recipes: list, create, validate, remove; files that change; matching and merging into jobs.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Kryfto::Proc qw(wait_for);
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $files = "/tmp/krec.$$";
mkdir $files or die "$files: $!";
mkdir "$files/sub";
END { system 'rm', '-rf', '--', $files if defined $files && -d $files }
sub put {
	my ($name, $text) = @_;
	open my $f, '>', "$files/$name.new" or die $!;
	print $f $text;
	close $f;
	rename "$files/$name.new", "$files/$name" or die $!;
}
put('one.yaml', "id: from-file\nname: From a file\nversion: '1'\nmatch:\n  patterns: ['files.example/**']\nextraction:\n  selectors: { t: title }\n");
put('sub/two.json', '{"id":"from-json","name":"J","version":"1","match":{"patterns":["*://json.example/*"]}}');
put('broken.yaml', "id: [");
put('wrong.yaml', "id: x\n");
put('notes.txt', 'no recipe');

my $s = Kryfto::Stack->start(crawler => 0, env => { KRYFTO_RECIPES_DIR => $files, KRYFTO_ALLOWED_HOSTS => '127.0.0.1,files.example,news.ycombinator.com,mine.example' });
my $c = $s->client;
my ($dev, $ro, $other) = map { $c->as($c->post('/v1/admin/tokens', { name => 't', role => $_->[0], projectId => $_->[1] })->{json}{token}) }
	[ 'developer', 'default' ], [ 'readonly', 'default' ], [ 'admin', 'elsewhere' ];
my %recipe = (id => 'mine', name => 'Mine', version => '2.0', match => { patterns => ['*://mine.example/*'] },
	extraction => { mode => 'selectors', selectors => { h => 'h1' } });

sub ids { return join ' ', map { $_->{id} } @{ $_[0]->get('/v1/recipes')->{json}{items} } }
sub request_of { return JSON::PP->new->decode($s->value("SELECT request FROM kryfto.job WHERE id = '$_[0]{json}{jobId}'")) }

is(ids($ro), 'hackernews example-home from-file from-json', 'built-in ones, then files; broken ones are left out');
my $r = $c->post('/v1/recipes', { %recipe, unknown => 1 });
is_deeply([ $r->{status}, $r->{json} ], [ 201, { id => 'mine' } ], 'created') or diag $r->{body};
like(ids($ro), qr/ mine$/, 'and listed, by whichever worker') for 1 .. 4;
unlike(ids($other), qr/mine/, 'not in another project');
is_deeply($ro->get('/v1/recipes/mine')->{json}, { %recipe, requiresBrowser => JSON::PP::false }, 'read back, normalised');
is($c->post('/v1/recipes', { %recipe, name => 'Renamed' })->{status}, 201, 'replaced');
is($ro->get('/v1/recipes/mine')->{json}{name}, 'Renamed', 'under its id');
is($other->post('/v1/recipes', { %recipe, name => 'Theirs' })->{status}, 201, 'the same id in another project');
is($ro->get('/v1/recipes/mine')->{json}{name}, 'Renamed', 'is another recipe');
is($dev->post('/v1/recipes', \%recipe)->{status}, 403, 'creating is for admins');
$r = $c->post('/v1/recipes', { %recipe, match => { patterns => [] } });
is_deeply([ $r->{status}, $r->{json}{error}{details}{issues}[0]{path} ], [ 400, [ 'match', 'patterns' ] ], 'a recipe must match something');
is($c->post('/v1/recipes', { %recipe, match => { patterns => [ '{a,b}' x 20 ] } })->{status}, 400, 'a pattern of a million alternatives');
is($s->value("SELECT count(*) FROM kryfto.audit_log WHERE action = 'recipe.upsert' AND resource_id = 'mine'"), 3, 'audited');

# --- validate ---
$r = $dev->post('/v1/recipes/validate', { recipe => \%recipe });
is_deeply($r->{json}, { valid => JSON::PP::true, recipe => { %recipe, requiresBrowser => JSON::PP::false } }, 'valid, wrapped');
is($dev->post('/v1/recipes/validate', \%recipe)->{json}{valid}, JSON::PP::true, 'or bare');
$r = $dev->post('/v1/recipes/validate', { %recipe, match => {} });
ok(!$r->{json}{valid}, 'not valid');
is_deeply($r->{json}{issues}, [ { code => 'invalid_type', expected => 'array', received => 'undefined', path => [ 'match', 'patterns' ], message => 'Required' } ],
	'the issue') or diag $r->{body};
$r = $dev->request('POST', '/v1/recipes/validate');
is_deeply([ $r->{status}, $r->{json}{valid}, $r->{json}{issues}[0]{path} ], [ 200, JSON::PP::false, [] ], 'no body is an issue of the whole');
is($dev->post('/v1/recipes/validate', '[1]')->{json}{issues}[0]{message}, 'Expected object, received array', 'an array, too');
is($ro->post('/v1/recipes/validate', \%recipe)->{status}, 403, 'not for readonly');

# --- files that change ---
put('one.yaml', "id: from-file\nname: Changed\nversion: '2'\nmatch:\n  patterns: ['files.example/**']\n");
wait_for('a changed file', sub { $ro->get('/v1/recipes/from-file')->{json}{name} eq 'Changed' }, 10);
unlink "$files/sub/two.json";
wait_for('a removed file', sub { $ro->get('/v1/recipes/from-json')->{status} == 404 }, 10);
is($ro->get('/v1/recipes/from-json')->{json}{error}{code}, 'RECIPE_NOT_FOUND', 'RECIPE_NOT_FOUND');

# --- jobs ---
$r = $c->post('/v1/jobs', { url => 'http://mine.example/page' });
is($r->{status}, 202, 'a job that matches') or diag $r->{body};
my $q = request_of($r);
is_deeply([ $q->{recipeId}, $q->{extract} ], [ 'mine', $recipe{extraction} ], 'has what the recipe supplies');
$q = request_of($c->post('/v1/jobs', { url => 'http://mine.example/page', extract => { selectors => { own => 'p' } } }));
is_deeply($q->{extract}{selectors}, { own => 'p' }, 'the request wins');
$q = request_of($c->post('/v1/jobs', { url => 'http://127.0.0.1/', recipeId => 'mine' }));
is($q->{recipeId}, 'mine', 'by name, whatever the URL');
ok(!exists request_of($c->post('/v1/jobs', { url => 'http://127.0.0.1/' }))->{recipeId}, 'no recipe, none named');
$q = request_of($c->post('/v1/jobs', { url => 'https://news.ycombinator.com/news' }));
is($q->{recipeId}, 'hackernews', 'the published sample matches');
$r = $c->post('/v1/jobs', { url => 'http://127.0.0.1/', recipeId => 'nope' });
is_deeply([ $r->{status}, $r->{json}{error}{code} ], [ 404, 'RECIPE_NOT_FOUND' ], 'an unknown one');
# A recipe that changes between two tries of one request makes no conflict.
my $key = { 'idempotency-key' => 'k1' };
my $first = $c->post('/v1/jobs', { url => 'http://mine.example/x' }, $key);
$c->post('/v1/recipes', { %recipe, extraction => { mode => 'selectors', selectors => { other => 'h2' } } });
is($c->post('/v1/jobs', { url => 'http://mine.example/x' }, $key)->{json}{jobId}, $first->{json}{jobId}, 'a retry after a recipe changed');
# A recipe of this instant is known to every worker.
for my $n (1 .. 5) {
	$c->post('/v1/recipes', { %recipe, id => "now$n" });
	is($c->post('/v1/jobs', { url => 'http://127.0.0.1/', recipeId => "now$n" })->{status}, 202, "used at once ($n)");
}

# --- remove ---
is_deeply($c->delete('/v1/recipes/mine')->{json}, { id => 'mine', deleted => JSON::PP::true }, 'removed');
is($ro->get('/v1/recipes/mine')->{status}, 404, 'gone');
is($c->delete('/v1/recipes/mine')->{status}, 404, 'not twice');
is($c->delete('/v1/recipes/hackernews')->{status}, 409, 'a built-in one stays');
is($other->get('/v1/recipes/mine')->{json}{name}, 'Theirs', 'another project keeps its own');
is($c->post('/v1/recipes', { %recipe, id => 'hackernews', name => 'Ours' })->{status}, 201, 'a built-in one can be replaced');
like(ids($ro), qr/^hackernews /, 'and keeps its place');
is($c->delete('/v1/recipes/hackernews')->{status}, 200, 'and restored');
is($ro->get('/v1/recipes/hackernews')->{json}{name}, 'Hacker News Front Page', 'as it was');
is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

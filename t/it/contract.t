#!/usr/bin/perl
# Made from the API description, which is made from the route tables: for every route no token, each role, wrong
# method, malformed path parameters; for every request body each field absent, null, of another type, at and past
# its bounds, and an unknown one. Nothing of this may be a 5xx, and refusals name the field.
use strict;
use warnings;
use Test::More;
use JSON::PP ();
use Kryfto::Stack;

plan skip_all => 'kryfto-api is not built' if !Kryfto::Stack::has_program('kryfto-api');

my $s = Kryfto::Stack->start(crawler => 0);
my $c = $s->client;
my $none = $c->as(undef);
my ($status, $text) = $s->run('kryftoctl', 'openapi', '--json');
my $api = JSON::PP->new->decode($text);
my $some_id = '01900000-0000-7000-8000-00000000abcd';
my $json = JSON::PP->new->canonical->allow_nonref;

my %by_role = (admin => $c);
for my $role (qw(developer readonly)) {
	my $r = $c->post('/v1/admin/tokens', { name => $role, role => $role, projectId => 'default' });
	$by_role{$role} = $c->as($r->{json}{token});
}
# Tokens that are none: revoked, expired, of nobody.
my $gone = $c->post('/v1/admin/tokens', { name => 'gone', role => 'admin', projectId => 'default' })->{json};
$c->delete("/v1/admin/tokens/$gone->{tokenId}");
my $late = $c->post('/v1/admin/tokens', { name => 'late', role => 'admin', projectId => 'default' })->{json};
$s->sql("UPDATE kryfto.api_token SET expires_at = now() - interval '1 second' WHERE id = '$late->{tokenId}'");
my %useless = (revoked => $gone->{token}, expired => $late->{token}, unknown => 'kryfto_' . '0' x 48, empty => '');

sub resolve {
	my ($schema) = @_;
	$schema = $api->{components}{schemas}{$1} if ($schema->{'$ref'} // '') =~ m{([^/]+)$};
	return $schema;
}

# A value that the schema takes.
sub sample {
	my ($schema, $name) = @_;
	my $d = resolve($schema);
	return sample($d->{anyOf}[0], $name) if $d->{anyOf};
	return sample($d->{oneOf}[0], $name) if $d->{oneOf};
	my $type = $d->{type} // '';
	return $d->{enum}[0] if $d->{enum};
	return 'http://127.0.0.1/' if ($d->{format} // '') eq 'uri';
	return $some_id if ($d->{format} // '') eq 'uuid';
	return '2999-01-01T00:00:00Z' if ($d->{format} // '') eq 'date-time';
	return 'x' x ($d->{minLength} || 1) if $type eq 'string';
	return ($d->{minimum} // 1) + 0 if $type eq 'integer' || $type eq 'number';
	return JSON::PP::false if $type eq 'boolean';
	return [ map { sample($d->{items}) } 1 .. $d->{minItems} // 0 ] if $type eq 'array';
	return { map { $_ => sample($d->{properties}{$_}, $_) } @{ $d->{required} // [] } } if $type eq 'object';
	return { admin => 500 }; # no type: rate limits
}

# Bodies that no schema can tell are needed whole.
my %fixed = (
	extract => { mode => 'selectors', html => '<p>', selectors => { a => 'p' } },
	updateToken => { name => 'x' },
);

my @operations;
for my $path (sort keys %{ $api->{paths} }) {
	for my $method (sort keys %{ $api->{paths}{$path} }) {
		my $o = $api->{paths}{$path}{$method};
		(my $at = $path) =~ s/\{[^}]+\}/$some_id/g;
		push @operations, { %$o, method => uc $method, at => $at, path => $path,
			body => $fixed{ $o->{operationId} } // ($o->{requestBody} ? sample($o->{requestBody}{content}{'application/json'}{schema}) : undef) };
	}
}
cmp_ok(@operations, '>=', 20, 'operations: ' . @operations);

sub envelope {
	my ($r) = @_;
	my $e = $r->{json}{error} // {};
	return ($e->{status} // 0) == $r->{status} && $e->{code} && $e->{message} && ($e->{requestId} // '') eq ($r->{headers}{'x-request-id'} // '-');
}

sub headers_ok {
	my ($r) = @_;
	return $r->{headers}{'x-request-id'} && !grep { !defined $r->{headers}{"x-ratelimit-$_"} } qw(limit remaining reset);
}

for my $o (@operations) {
	my $name = "$o->{method} $o->{path}";
	my %may = map { $_ => 1 } @{ $o->{'x-roles'} };
	my $r = $none->request($o->{method}, $o->{at}, $o->{body});
	if (%may) {
		ok($r->{status} == 401 && envelope($r) && headers_ok($r), "$name: no token") or diag "$r->{status} $r->{body}";
		for my $kind (sort keys %useless) {
			$r = $c->as($useless{$kind})->request($o->{method}, $o->{at}, $o->{body});
			ok($r->{status} == 401 && envelope($r), "$name: $kind token") or diag "$r->{status} $r->{body}";
		}
	} else {
		cmp_ok($r->{status}, '<', 400, "$name: public");
		ok(headers_ok($r), "$name: headers");
	}
	for my $role (sort keys %by_role) {
		next if !%may;
		# A body that breaks the rules: the role is judged before it.
		my $r = $by_role{$role}->request($o->{method}, $o->{at}, $may{$role} ? $o->{body} : '{');
		if ($may{$role}) {
			ok($r->{status} != 401 && $r->{status} != 403 && $r->{status} < 500 && headers_ok($r), "$name: $role may")
				or diag "$r->{status} $r->{body}";
		} else {
			ok($r->{status} == 403 && envelope($r) && headers_ok($r), "$name: $role may not") or diag "$r->{status} $r->{body}";
		}
	}
	if ($o->{path} =~ /\{(\w+)\}/) {
		my ($param, @seen) = $1;
		for my $bad ('x', "$some_id-", '%00', '%ff', "..%2f..%2fetc", "'; DROP TABLE job") {
			(my $at = $o->{path}) =~ s/\{\w+\}/$bad/;
			$at =~ s/ /%20/g;
			my $r = $c->request($o->{method}, $at, $o->{body});
			push @seen, "$bad $r->{status}" if $r->{status} != 400 || !envelope($r);
		}
		is("@seen", '', "$name: malformed $param is 400");
	}
}
for my $path (sort keys %{ $api->{paths} }) {
	(my $at = $path) =~ s/\{[^}]+\}/$some_id/g;
	my %has = map { uc $_ => 1 } keys %{ $api->{paths}{$path} };
	my @allow = sort keys %has, $has{GET} ? 'HEAD' : (), 'OPTIONS';
	for my $method (grep { !$has{$_} } qw(GET POST PUT PATCH DELETE BREW)) {
		my $r = $c->request($method, $at);
		my @said = sort grep { length } split /,\s*/, $r->{headers}{allow} // '';
		ok($r->{status} == 405 && envelope($r) && "@said" eq "@allow", "$method $path: 405 and what is allowed") or diag "$r->{status} @said $r->{body}";
	}
	my $r = $none->request('OPTIONS', $at);
	ok($r->{status} == 204 && $r->{headers}{allow}, "OPTIONS $path");
}

# --- bodies ---
sub other_type {
	my ($d) = @_;
	my $type = $d->{type} // '';
	return $type eq 'string' ? (7, [], {}, JSON::PP::true) : $type eq 'integer' || $type eq 'number' ? ('x', [], {}, JSON::PP::true)
		: $type eq 'boolean' ? ('true', 1, []) : $type eq 'array' ? ('x', {}, 1) : $type eq 'object' ? ('x', [], 1) : ();
}
sub past_bounds {
	my ($d) = @_;
	my @out;
	push @out, 'x' x ($d->{minLength} - 1) if $d->{minLength};
	push @out, 'x' x ($d->{maxLength} + 1) if $d->{maxLength} && ($d->{format} // '') ne 'uri';
	push @out, 'no such thing' if $d->{enum} || $d->{format};
	push @out, $d->{minimum} - 1, $d->{maximum} + 1 if ($d->{type} // '') eq 'integer' && defined $d->{minimum} && $d->{maximum} < 1e15;
	push @out, $d->{minimum} + 0.5 if ($d->{type} // '') eq 'integer' && defined $d->{minimum};
	push @out, [ (sample($d->{items})) x ($d->{maxItems} + 1) ] if ($d->{type} // '') eq 'array' && $d->{maxItems} && $d->{maxItems} < 1000;
	return @out;
}
sub at_bounds {
	my ($d) = @_;
	return () if ($d->{format} // '') ne '' || $d->{enum};
	return ('x' x ($d->{minLength} || 1), 'x' x $d->{maxLength}) if ($d->{type} // '') eq 'string' && $d->{maxLength} && $d->{maxLength} < 10000;
	return ($d->{minimum}, $d->{maximum}) if ($d->{type} // '') eq 'integer' && defined $d->{minimum};
	return ();
}
# The body with one member (by path) replaced; an undefined value reference removes it.
sub with {
	my ($body, $path, $value) = @_;
	my $copy = $json->decode($json->encode($body));
	my $at = $copy;
	my @p = @$path;
	my $last = pop @p;
	$at = $at->{$_} //= {} for @p;
	if ($value) { $at->{$last} = $$value } else { delete $at->{$last} }
	return $copy;
}
sub refused {
	my ($o, $body, $path, $name) = @_;
	my $r = $c->request($o->{method}, $o->{at}, $body);
	my $e = $r->{json}{error} // {};
	my @paths = map { $json->encode($_->{path}) } @{ $e->{details}{issues} // [] };
	my $want = join ',', map { $json->encode("$_") } @$path;
	my $top = @$path ? $path->[0] : undef;
	my $good = $r->{status} == 400 && envelope($r) && $e->{code} eq 'VALIDATION_ERROR' && (grep { /^\[\Q$want\E[\],]/ } @paths)
		&& (!defined $top || ref $e->{details}{fieldErrors}{$top} eq 'ARRAY');
	return $good || do { diag "$o->{operationId}: $name at $want: $r->{status} $r->{body}"; 0 };
}

sub drive {
	my ($o, $schema, @path) = @_;
	my $d = resolve($schema);
	my %required = map { $_ => 1 } @{ $d->{required} // [] };
	for my $field (sort keys %{ $d->{properties} // {} }) {
		my $f = resolve($d->{properties}{$field});
		my $nullable = $f->{anyOf} && grep { ($_->{type} // '') eq 'null' } @{ $f->{anyOf} };
		$f = resolve($f->{anyOf}[0]) if $f->{anyOf};
		my @at = (@path, $field);
		my $bad = 0;
		my $n = 0;
		my $try = sub { $n++; $bad++ if !refused($o, $_[0], \@at, $_[1]) };
		$try->(with($o->{body}, \@at), 'absent') if $required{$field};
		$try->(with($o->{body}, \@at, \undef), 'null') if !$nullable && ($f->{type} || $required{$field});
		$try->(with($o->{body}, \@at, \$_), 'another type ' . $json->encode($_)) for other_type($f);
		$try->(with($o->{body}, \@at, \$_), 'past a bound ' . substr $json->encode($_), 0, 40) for past_bounds($f);
		is($bad, 0, "$o->{operationId} @at: $n bad values refused with their path") if $n;
		$bad = 0;
		for my $v (at_bounds($f)) {
			next if $field eq 'recipeId' || $field eq 'plugin';
			my $r = $c->request($o->{method}, $o->{at}, with($o->{body}, \@at, \$v));
			my @named = grep { $json->encode($_->{path}) =~ /\Q"$field"\E/ && $_->{code} =~ /^too_/ } @{ $r->{json}{error}{details}{issues} // [] };
			$bad++, diag "$field = " . substr($v, 0, 40) . ": $r->{status} $r->{body}" if $r->{status} >= 500 || @named;
		}
		is($bad, 0, "$o->{operationId} @at: values at the bounds pass the check") if at_bounds($f);
		drive($o, $f, @at) if ($f->{type} // '') eq 'object' && $f->{properties} && %{ $f->{properties} };
	}
}
for my $o (grep { $_->{requestBody} } @operations) {
	my $name = $o->{operationId};
	drive($o, $o->{requestBody}{content}{'application/json'}{schema});
	my $r = $c->request($o->{method}, $o->{at}, with($o->{body}, ['unknownMember'], \'x'));
	cmp_ok($r->{status}, '!=', 400, "$name: an unknown member is dropped") or diag $r->{body};
	cmp_ok($r->{status}, '<', 500, "$name: and no fault");
	ok(refused($o, undef, [], 'no body'), "$name: no body") if $o->{requestBody}{required};
	ok(refused($o, $_, [], 'another root'), "$name: body $_") for '[]', '"x"', 'null', '7';
	for (['{"a":', 400], ["{\"a\":\"\xff\"}", 400], ['{}' x 2, 400]) {
		is($c->request($o->{method}, $o->{at}, $_->[0])->{status}, $_->[1], "$name: malformed");
	}
	is($c->request($o->{method}, $o->{at}, 'a=b', { 'content-type' => 'text/plain' })->{status}, 415, "$name: another media type");
	my $max = $o->{'x-body-max'} // 1 << 20;
	is($c->request($o->{method}, $o->{at}, ' ' x ($max + 1))->{status}, 413, "$name: one byte more than $max");
}

# --- query parameters ---
# Setting the rate limits was one of the operations driven above.
is($c->put("/v1/admin/rate-limits", { limits => { admin => 100000 } })->{status}, 200, "room for the rest");
for my $o (grep { $_->{method} eq 'GET' } @operations) {
	for my $p (grep { $_->{in} eq 'query' } @{ $o->{parameters} // [] }) {
		my $d = resolve($p->{schema});
		my @bad = ($d->{type} // '') eq 'integer' ? ('abc', '1.5', $d->{minimum} - 1, $d->{maximum} + 1, '') : $d->{enum} ? ('odd') : ();
		my @seen;
		for my $v (@bad) {
			my $r = $c->get("$o->{at}?$p->{name}=$v");
			push @seen, "$v: $r->{status}" if $r->{status} != 400 || !grep { $_->{path}[0] eq $p->{name} } @{ $r->{json}{error}{details}{issues} // [] };
		}
		is("@seen", '', "$o->{operationId}: bad values of $p->{name} are refused") if @bad;
	}
}

is_deeply([ $s->sanitizer_reports ], [], 'no sanitizer report');
done_testing();

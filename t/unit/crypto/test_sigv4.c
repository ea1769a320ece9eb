/* The worked examples of the S3 documentation (bucket "examplebucket", 24 May 2013), and edges of our own. */
#include "base/first.h"
#include "crypto/digest.h"
#include "crypto/sigv4.h"
#include "../tap.h"

static struct arena a;
static const struct sigv4_key key = { .access_key = STR_INIT("AKIAIOSFODNN7EXAMPLE"),
	.secret_key = STR_INIT("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), .region = STR_INIT("us-east-1"),
	.service = STR_INIT("s3") };

static struct sigv4_request request(struct str method, struct str path, struct str hash)
{
	usec_t now = 0;
	clock_parse_iso(STR("2013-05-24T00:00:00Z"), &now);
	return (struct sigv4_request){ .method = method, .host = STR("examplebucket.s3.amazonaws.com"), .path = path,
		.payload_hash = hash, .now = now };
}

static void ends(struct str got, const char *want, const char *what)
{
	ok(str_ends(got, str_of(want)), "%s: %.*s", what, STR_FMT(got));
}

int main(void)
{
	struct sigv4_signed s;
	struct err e;
	char hash[SHA256_HEX + 1];
	arena_init(&a, 0);
	struct str empty = arena_str(&a, str_of(sha256_hex(STR(""), hash)));

	struct sigv4_request get = request(STR("GET"), STR("/test.txt"), empty);
	struct sigv4_param range = { STR("Range"), STR("bytes=0-9") };
	get.headers = &range;
	get.headers_n = 1;
	is_int(sigv4_sign(&a, &key, &get, &s, NULL), 0, "GET object");
	ends(s.authorization, "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
		"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", "GET object");
	ok(str_starts(s.authorization,
		   STR("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,")),
		"credential");
	is_str(s.date, "20130524T000000Z");
	is_str(s.target, "/test.txt");

	struct sigv4_request put = request(STR("PUT"), STR("/test$file.text"),
		arena_str(&a, str_of(sha256_hex(STR("Welcome to Amazon S3."), hash))));
	struct sigv4_param put_headers[] = { { STR("x-amz-storage-class"), STR("REDUCED_REDUNDANCY") },
		{ STR("Date"), STR("Fri, 24 May 2013 00:00:00 GMT") } };
	put.headers = put_headers;
	put.headers_n = 2;
	is_int(sigv4_sign(&a, &key, &put, &s, NULL), 0, "PUT object");
	ends(s.authorization, "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
		"PUT object");
	is_str(s.target, "/test%24file.text", "the path is encoded once");

	struct sigv4_request life = request(STR("GET"), STR("/"), empty);
	struct sigv4_param life_query = { STR("lifecycle"), STR("") };
	life.query = &life_query;
	life.query_n = 1;
	is_int(sigv4_sign(&a, &key, &life, &s, NULL), 0, "GET lifecycle");
	ends(s.authorization, "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
		"GET lifecycle");
	is_str(s.target, "/?lifecycle=");

	struct sigv4_request list = request(STR("GET"), STR("/"), empty);
	struct sigv4_param list_query[] = { { STR("prefix"), STR("J") }, { STR("max-keys"), STR("2") } };
	list.query = list_query;
	list.query_n = 2;
	is_int(sigv4_sign(&a, &key, &list, &s, NULL), 0, "list objects");
	ends(s.authorization, "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
		"list objects");
	is_str(s.target, "/?max-keys=2&prefix=J", "parameters are sorted");

	struct sigv4_request pre = request(STR("GET"), STR("/test.txt"), STR(SIGV4_UNSIGNED));
	is_int(sigv4_presign(&a, &key, &pre, 86400 * USEC_PER_SEC, &s, NULL), 0, "presigned");
	is_str(s.target, "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%"
			 "2Fus-east-1"
			 "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
			 "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
	ok(!s.authorization.p, "no header");
	is_int(sigv4_presign(&a, &key, &pre, 0, &s, &e), E_LIMIT, "for no time");
	is_int(sigv4_presign(&a, &key, &pre, SIGV4_PRESIGN_MAX + 1, &s, &e), E_LIMIT, "for ever");

	/* What depends on nothing but order and spacing signs the same. */
	struct sigv4_param one[] = { { STR("B"), STR(" x  y ") }, { STR("a"), STR("1") } };
	struct sigv4_param two[] = { { STR("A"), STR("1") }, { STR("b"), STR("x y") } };
	struct sigv4_signed t;
	get.headers = one;
	get.headers_n = 2;
	sigv4_sign(&a, &key, &get, &s, NULL);
	get.headers = two;
	sigv4_sign(&a, &key, &get, &t, NULL);
	ok(str_eq(s.authorization, t.authorization), "order, case and spacing of headers");
	struct sigv4_key temp = key;
	temp.session_token = STR("token/+");
	sigv4_sign(&a, &temp, &get, &t, NULL);
	ok(str_find(t.authorization, STR("x-amz-security-token")) != STR_NPOS, "a session token is signed");
	sigv4_presign(&a, &temp, &pre, USEC_PER_SEC, &t, NULL);
	ok(str_find(t.target, STR("X-Amz-Security-Token=token%2F%2B")) != STR_NPOS, "and presigned");
	struct sigv4_param many[SIGV4_PARAMS_MAX + 1];
	for (size_t i = 0; i < ARRAY_LEN(many); i++)
		many[i] = (struct sigv4_param){ STR("n"), STR("v") };
	get.headers = many;
	get.headers_n = SIGV4_PARAMS_MAX;
	is_int(sigv4_sign(&a, &temp, &get, &t, NULL), 0, "as many headers as may be");
	get.headers_n++;
	is_int(sigv4_sign(&a, &temp, &get, &t, &e), E_LIMIT, "one more");
	arena_release(&a);
	return done_testing();
}

#include "base/first.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "../tap.h"

/* A million times "a" (the third vector of FIPS 180-4), fed in pieces of every odd size. */
static void test_stream(void)
{
	char block[1000], hex[SHA256_HEX + 1];
	uint8_t sum[SHA256_LEN];
	memset(block, 'a', sizeof block);
	for (size_t step = 1; step <= 999; step += 331) {
		struct sha256_ctx *c = sha256_new();
		size_t left = 1000000;
		while (left) {
			size_t n = MIN(step, left);
			sha256_add(c, block, n);
			left -= n;
		}
		sha256_end(c, sum);
		is_cstr(enc_hex(sum, sizeof sum, hex),
			"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
			"a million a in steps of %zu", step);
	}
	struct sha256_ctx *half = sha256_new();
	sha256_add(half, "x", 1);
	sha256_dropp(&half);
	ok(half == NULL, "a dropped digest is gone");
	sha256_drop(NULL);
}

int main(void)
{
	char hex[SHA256_HEX + 1];
	uint8_t one[SHA1_LEN];
	is_cstr(sha256_hex(STR(""), hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "empty");
	is_cstr(sha256_hex(STR_NULL, hex), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"absent");
	is_cstr(sha256_hex(STR("abc"), hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "abc");
	is_cstr(sha256_hex(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), hex),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", "two blocks");
	test_stream();

	/* RFC 4231 cases 1, 2, 3 and 6 (a key longer than a block). */
	char key[131], data[50];
	memset(key, 0x0b, 20);
	is_cstr(hmac_sha256_hex(str_n(key, 20), STR("Hi There"), hex),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7", "HMAC case 1");
	is_cstr(hmac_sha256_hex(STR("Jefe"), STR("what do ya want for nothing?"), hex),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", "HMAC case 2");
	memset(key, 0xaa, sizeof key);
	memset(data, 0xdd, sizeof data);
	is_cstr(hmac_sha256_hex(str_n(key, 20), str_n(data, 50), hex),
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", "HMAC case 3");
	is_cstr(hmac_sha256_hex(str_n(key, 131), STR("Test Using Larger Than Block-Size Key - Hash Key First"), hex),
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", "HMAC case 6");
	is_cstr(hmac_sha256_hex(STR_NULL, STR_NULL, hex),
		"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad", "HMAC of nothing");
	/* RFC 2202 case 2. */
	hmac_sha1(STR("Jefe"), STR("what do ya want for nothing?"), one);
	is_cstr(enc_hex(one, sizeof one, hex), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79", "HMAC-SHA1 case 2");

	ok(mem_eq_secret("abc", "abc", 3), "equal");
	ok(!mem_eq_secret("abc", "abd", 3), "different");
	ok(mem_eq_secret("", "", 0), "nothing equals nothing");
	char secret[4] = "key";
	mem_wipe(secret, sizeof secret);
	ok(secret[0] == 0 && secret[1] == 0 && secret[2] == 0, "wiped");
	return done_testing();
}

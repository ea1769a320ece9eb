/* Passwords, sealing, signatures. */
#include "base/first.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "crypto/password.h"
#include "crypto/seal.h"
#include "crypto/sign.h"
#include "../tap.h"

static struct arena a;

static void test_password(void)
{
	struct str one, two;
	bool stale = true;
	is_int(password_hash(&a, STR("correct horse"), &one, NULL), 0, "hash");
	is_int(password_hash(&a, STR("correct horse"), &two, NULL), 0, "hash again");
	ok(!str_eq(one, two), "salted");
	ok(str_starts(one, STR("$scrypt$ln=15,r=8,p=1$")), "form: %.*s", STR_FMT(one));
	ok(one.n < PASSWORD_HASH_MAX && one.p[one.n] == 0, "length");
	is_int(password_verify(STR("correct horse"), one, &stale), 0, "right");
	ok(!stale, "at the cost of today");
	is_int(password_verify(STR("Correct horse"), one, NULL), E_DENIED, "wrong");
	is_int(password_verify(STR(""), one, NULL), E_DENIED, "empty");
	/* RFC 7914 section 12, third vector, in our form (the first 32 of its 64 bytes). */
	struct str old = STR("$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI");
	int r = password_verify(STR("pleaseletmein"), old, &stale);
	ok(r == 0 && stale, "an older cost verifies, and says so");
	static const char *const bad[] = { "", "$", "$scrypt$", "$argon2$ln=15,r=8,p=1$AAAA$AAAA",
		"$scrypt$ln=15,r=8$AAAA$AAAA", "$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "$scrypt$ln=15,r=8,p=1$AAAA$AAAA",
		"$scrypt$ln=15,r=8,p=1,x=1$AAAA$AAAA", "$scrypt$ln=15,r=8,p=1$!!!!$AAAA",
		"x$scrypt$ln=15,r=8,p=1$AAAA$AAAA" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(password_verify(STR("x"), str_of(bad[i]), NULL), E_INVALID, "'%s' is no hash", bad[i]);
	ok(password_verify(STR("correct horse"), arena_printf(&a, "%.*s$", STR_FMT(one)), NULL) == E_INVALID,
		"a part too many");
	char big[PASSWORD_MAX + 1];
	memset(big, 'x', sizeof big);
	is_int(password_hash(&a, str_n(big, sizeof big), &two, NULL), E_LIMIT, "too long");
	is_int(password_verify(str_n(big, sizeof big), one, NULL), E_DENIED, "too long to be right");
	password_waste_time(STR("x"));
}

static void test_seal(void)
{
	struct seal_ring *ring, *rotated, *other;
	struct err e = { 0 };
	struct buf b, back;
	struct str key = seal_key_mint(&a);
	is_int(seal_ring_new(&a, key, &ring, NULL), 0, "a minted key makes a ring");
	struct str both = arena_printf(&a, " 7:%064d , %.*s", 5, STR_FMT(key));
	is_int(seal_ring_new(&a, both, &rotated, NULL), 0, "rotated");
	is_int(seal_ring_new(&a, STR("7:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), &other, NULL), 0, "base64");

	buf_init(&b, &a, 0);
	buf_init(&back, &a, 0);
	is_int(seal(ring, STR("hunter2"), STR("secret/p/n"), &b, NULL), 0, "seal");
	is_int(b.n, 7 + SEAL_OVERHEAD, "length");
	ok(str_find(buf_str(&b), STR("hunter2")) == STR_NPOS, "not readable");
	struct str sealed = arena_str(&a, buf_str(&b));
	is_int(unseal(ring, sealed, STR("secret/p/n"), &back, NULL), 0, "unseal");
	is_str(buf_str(&back), "hunter2");
	is_int(unseal(ring, sealed, STR("secret/p/m"), &back, &e), E_INVALID, "another context");
	is_int(back.n, 7, "an error adds nothing");
	is_int(unseal(rotated, sealed, STR("secret/p/n"), &back, NULL), 0, "an old key opens");
	ok(seal_is_old(rotated, sealed) && !seal_is_old(ring, sealed), "and is known to be old");
	is_int(unseal(other, sealed, STR("secret/p/n"), &back, &e), E_NOTFOUND, "no such key: %s", e.words);
	int accepted = 0;
	for (size_t i = 0; i < sealed.n * 8; i++) {
		char *bent = arena_cstr(&a, sealed);
		bent[i / 8] ^= (char)(1 << i % 8);
		accepted += unseal(ring, str_n(bent, sealed.n), STR("secret/p/n"), &back, NULL) == 0;
	}
	is_int(accepted, 0, "no bit can be turned");
	for (size_t n = 0; n < sealed.n; n++)
		accepted += unseal(ring, str_sub(sealed, 0, n), STR("secret/p/n"), &back, NULL) == 0;
	is_int(accepted, 0, "no byte can be cut");
	buf_clear(&b);
	seal(ring, STR("hunter2"), STR("secret/p/n"), &b, NULL);
	ok(!str_eq(buf_str(&b), sealed), "never the same twice");
	buf_clear(&b);
	buf_clear(&back);
	is_int(seal(ring, STR(""), STR(""), &b, NULL), 0, "nothing");
	is_int(unseal(ring, buf_str(&b), STR(""), &back, NULL), 0, "opens");
	is_int(back.n, 0, "to nothing");

	static const char *const bad[] = { "", "x", "0:00", "1:00", "1:zz", ":", "4294967296:00", "1",
		"1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(seal_ring_new(&a, str_of(bad[i]), &other, &e), E_INVALID, "ring '%s': %s", bad[i], e.words);
	struct str twice = arena_printf(&a, "%.*s,%.*s", STR_FMT(key), STR_FMT(key));
	is_int(seal_ring_new(&a, twice, &other, &e), E_INVALID, "one id twice");
	ok(str_find(str_of(e.words), str_from(key, 12)) == STR_NPOS, "the words do not tell the key");
}

static void test_sign(void)
{
	uint8_t seed[SIGN_SEED_LEN], pub[SIGN_PUBLIC_LEN], want[SIGNATURE_LEN], sig[SIGNATURE_LEN];
	char hex[2 * SIGN_PUBLIC_LEN + 1];
	/* RFC 8032 section 7.1, tests 1 and 2. */
	dec_hex(STR("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"), seed, sizeof seed);
	sign_public_of(seed, pub);
	is_cstr(enc_hex(pub, sizeof pub, hex), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		"public key");
	sign_message(seed, STR(""), sig);
	dec_hex(STR("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
		    "d25bf5f0595bbe24655141438e7a100b"), want, sizeof want);
	ok(!memcmp(sig, want, sizeof sig), "test 1");
	is_int(sign_verify(pub, STR(""), sig), 0, "verifies");
	is_int(sign_verify(pub, STR("x"), sig), E_DENIED, "another message");
	dec_hex(STR("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"), seed, sizeof seed);
	sign_public_of(seed, pub);
	sign_message(seed, STR("\x72"), sig);
	dec_hex(STR("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
		    "387b2eaeb4302aeeb00d291612bb0c00"), want, sizeof want);
	ok(!memcmp(sig, want, sizeof sig), "test 2");
	sig[10] ^= 1;
	is_int(sign_verify(pub, STR("\x72"), sig), E_DENIED, "a bent signature");
	sign_seed_mint(seed);
	sign_message(seed, STR("m"), sig);
	is_int(sign_verify(pub, STR("m"), sig), E_DENIED, "another key");
	sign_public_of(seed, pub);
	is_int(sign_verify(pub, STR("m"), sig), 0, "its own");
}

int main(void)
{
	arena_init(&a, 0);
	test_password();
	test_seal();
	test_sign();
	arena_release(&a);
	return done_testing();
}

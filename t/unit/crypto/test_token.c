#include "base/first.h"
#include "crypto/token.h"
#include "../tap.h"

int main(void)
{
	struct arena a;
	arena_init(&a, 0);
	struct str one = token_mint(&a, "kryfto_"), two = token_mint(&a, "kryfto_"), live = token_mint(&a, "sk_live_");
	is_int(one.n, 7 + TOKEN_DIGITS, "length");
	ok(str_starts(one, STR("kryfto_")), "prefix");
	ok(!str_eq(one, two), "two tokens differ");
	is_int(one.p[one.n], 0, "NUL-terminated");
	ok(token_has_form(one, "kryfto_"), "own form");
	ok(!token_has_form(one, ""), "not a bare token");
	ok(token_has_form(str_from(one, 7), ""), "bare digits are");
	ok(token_has_form(live, "sk_live_"), "another family");
	ok(!token_has_form(live, "kryfto_"), "is not this family's");
	ok(!token_has_form(str_sub(one, 0, one.n - 1), "kryfto_"), "one digit short");
	ok(!token_has_form(STR("kryfto_zz0000000000000000000000000000000000000000000000"), "kryfto_"), "not hex");
	ok(!token_has_form(STR(""), "kryfto_"), "empty");
	ok(!token_has_form(STR_NULL, ""), "absent");
	for (size_t i = 7; i < one.n; i++)
		if (!is_digit(one.p[i]) && !(one.p[i] >= 'a' && one.p[i] <= 'f'))
			ok(false, "digit %zu is lower-case hex", i);

	char hex[SHA256_HEX + 1];
	uint8_t raw[SHA256_LEN];
	is_cstr(token_hash(STR("abc"), hex), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		"hash");
	token_digest(STR("abc"), raw);
	is_int(raw[0], 0xba, "raw digest");
	is_int(raw[31], 0xad, "raw digest's end");
	arena_release(&a);
	return done_testing();
}

#include "base/first.h"
#include "crypto/totp.h"
#include "../tap.h"

int main(void)
{
	struct arena a;
	char code[TOTP_DIGITS + 1];
	int64_t step = -1;
	struct str secret = STR("12345678901234567890"), back;
	arena_init(&a, 0);
	/* RFC 6238 appendix B, the last six of its eight digits. */
	static const struct {
		int64_t at;
		const char *want;
	} vectors[] = { { 59, "287082" }, { 1111111109, "081804" }, { 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { 20000000000, "353130" } };
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
		is_cstr(totp_code(secret, totp_step(vectors[i].at * USEC_PER_SEC), code), vectors[i].want,
			"at %" PRId64, vectors[i].at);

	usec_t now = 1111111111 * USEC_PER_SEC;
	int64_t here = totp_step(now);
	is_int(totp_verify(secret, STR("050471"), now, -1, &step), 0, "now");
	is_int(step, here, "its step");
	is_int(totp_verify(secret, STR("050471"), now, here, &step), E_DENIED, "once only");
	is_int(totp_verify(secret, STR("081804"), now, -1, &step), 0, "a step late");
	is_int(step, here - 1, "its step");
	is_int(totp_verify(secret, STR("081804"), now, here - 1, &step), E_DENIED, "not behind a newer one");
	is_int(totp_verify(secret, str_of(totp_code(secret, here + 1, code)), now, -1, &step), 0, "a step early");
	is_int(totp_verify(secret, str_of(totp_code(secret, here + 2, code)), now, -1, &step), E_DENIED,
		"two steps early");
	is_int(totp_verify(secret, str_of(totp_code(secret, here - 2, code)), now, -1, &step), E_DENIED,
		"two steps late");
	is_int(totp_verify(secret, STR("50471"), now, -1, &step), E_DENIED, "five digits");
	is_int(totp_verify(secret, STR(""), now, -1, &step), E_DENIED, "none");
	is_int(totp_verify(STR(""), STR("050471"), now, -1, &step), E_DENIED, "no secret");

	is_str(totp_base32(&a, secret), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "base32");
	is_str(totp_base32(&a, STR("f")), "MY");
	is_str(totp_base32(&a, STR("foob")), "MZXW6YQ");
	is_int(totp_from_base32(&a, STR("gezd gnbv-gy3t qojq GEZDGNBVGY3TQOJQ===="), &back), 0, "as people type it");
	ok(str_eq(back, secret), "is the secret");
	is_int(totp_from_base32(&a, STR("GEZD1"), &back), E_INVALID, "a digit that is none");
	is_int(totp_from_base32(&a, STR(""), &back), E_INVALID, "nothing");
	is_str(totp_uri(&a, STR("Kryfto & Co"), STR("a@b"), STR("f")),
		"otpauth://totp/"
		"Kryfto%20%26%20Co:a%40b?secret=MY&issuer=Kryfto%20%26%20Co&algorithm=SHA1&digits=6&period=30",
		"URI");
	arena_release(&a);
	return done_testing();
}

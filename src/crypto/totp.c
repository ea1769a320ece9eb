#include "base/first.h"
#include "base/enc.h"
#include "crypto/digest.h"
#include "crypto/totp.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

char *totp_code(struct str secret, int64_t step, char out[TOTP_DIGITS + 1])
{
	uint8_t counter[8], sum[SHA1_LEN];
	for (int i = 0; i < 8; i++)
		counter[i] = (uint8_t)((uint64_t)step >> (56 - 8 * i));
	hmac_sha1(secret, str_n((const char *)counter, sizeof counter), sum);
	/* RFC 4226 5.3: the last four bits say where the number is taken from. */
	const uint8_t *p = sum + (sum[SHA1_LEN - 1] & 15);
	uint32_t v = (uint32_t)(p[0] & 0x7f) << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
	snprintf(out, TOTP_DIGITS + 1, "%06u", v % 1000000);
	return out;
}

int64_t totp_step(usec_t now)
{
	return now / (TOTP_STEP_S * USEC_PER_SEC);
}

int totp_verify(struct str secret, struct str code, usec_t now, int64_t last_step, int64_t *ret_step)
{
	int64_t here = totp_step(now), found = -1;
	char want[TOTP_DIGITS + 1];
	if (code.n != TOTP_DIGITS || !secret.n)
		return E_DENIED;
	/* All three are always computed: the time does not tell which one was near. */
	for (int64_t step = here - 1; step <= here + 1; step++)
		if (mem_eq_secret(totp_code(secret, step, want), code.p, TOTP_DIGITS) && step > last_step && found < 0)
			found = step;
	if (found < 0)
		return E_DENIED;
	*ret_step = found;
	return 0;
}

struct str totp_base32(struct arena *a, struct str secret)
{
	char *out = arena_alloc(a, secret.n * 8 / 5 + 2);
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < secret.n; i++) {
		bits = bits << 8 | (unsigned char)secret.p[i];
		for (have += 8; have >= 5; have -= 5)
			out[n++] = alphabet[bits >> (have - 5) & 31];
	}
	if (have)
		out[n++] = alphabet[bits << (5 - have) & 31];
	out[n] = 0;
	return str_n(out, n);
}

int totp_from_base32(struct arena *a, struct str text, struct str *ret)
{
	char *out = arena_alloc(a, text.n + 1);
	size_t n = 0;
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < text.n; i++) {
		int c = to_upper((unsigned char)text.p[i]);
		if (is_space(c) || c == '-' || c == '=')
			continue;
		const char *at = c ? strchr(alphabet, c) : NULL;
		if (!at)
			return E_INVALID;
		bits = bits << 5 | (uint32_t)(at - alphabet);
		have += 5;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have);
		}
	}
	if (!n || n > TOTP_SECRET_MAX)
		return E_INVALID;
	*ret = str_n(out, n);
	return 0;
}

struct str totp_uri(struct arena *a, struct str issuer, struct str account, struct str secret)
{
	struct buf b;
	struct str text = totp_base32(a, secret);
	buf_init(&b, a, 0);
	buf_addz(&b, "otpauth://totp/");
	enc_percent(&b, issuer, false);
	buf_addc(&b, ':');
	enc_percent(&b, account, false);
	buf_addf(&b, "?secret=%.*s&issuer=", STR_FMT(text));
	enc_percent(&b, issuer, false);
	buf_addf(&b, "&algorithm=SHA1&digits=%d&period=%d", TOTP_DIGITS, TOTP_STEP_S);
	buf_cstr(&b);
	return buf_str(&b);
}

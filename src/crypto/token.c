#include "base/first.h"
#include "base/enc.h"
#include "base/rng.h"
#include "crypto/token.h"

struct str token_mint(struct arena *a, const char *prefix)
{
	uint8_t raw[TOKEN_DIGITS / 2];
	char hex[TOKEN_DIGITS + 1];
	rng_bytes(raw, sizeof raw);
	enc_hex(raw, sizeof raw, hex);
	struct str token = arena_printf(a, "%s%s", prefix, hex);
	mem_wipe(raw, sizeof raw);
	mem_wipe(hex, sizeof hex);
	return token;
}

char *token_hash(struct str token, char out[SHA256_HEX + 1])
{
	return sha256_hex(token, out);
}

void token_digest(struct str token, uint8_t ret[SHA256_LEN])
{
	sha256(token, ret);
}

bool token_has_form(struct str token, const char *prefix)
{
	struct str p = str_of(prefix);
	if (token.n != p.n + TOKEN_DIGITS || !str_starts(token, p))
		return false;
	for (size_t i = p.n; i < token.n; i++)
		if (!is_xdigit((unsigned char)token.p[i]))
			return false;
	return true;
}

#include "base/first.h"
#include "base/enc.h"
#include "base/err.h"

char *enc_hex(const void *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = p;
	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[b[i] >> 4];
		out[2 * i + 1] = digits[b[i] & 15];
	}
	out[2 * n] = '\0';
	return out;
}

int dec_hex(struct str s, void *ret, size_t n)
{
	if (s.n != 2 * n)
		return E_INVALID;
	for (size_t i = 0; i < s.n; i++)
		if (!is_xdigit((unsigned char)s.p[i]))
			return E_INVALID;
	for (size_t i = 0; i < n; i++)
		((unsigned char *)ret)[i] = (unsigned char)(hex_value(s.p[2 * i]) << 4 | hex_value(s.p[2 * i + 1]));
	return 0;
}

static void base64(struct buf *out, const unsigned char *b, size_t n, const char *alphabet, bool pad)
{
	char *at = buf_reserve(out, (n + 2) / 3 * 4);
	if (!at)
		return;
	char *start = at;
	for (size_t i = 0; i < n; i += 3) {
		size_t left = MIN(n - i, (size_t)3);
		uint32_t v =
			(uint32_t)b[i] << 16 | (left > 1 ? (uint32_t)b[i + 1] << 8 : 0) | (left > 2 ? b[i + 2] : 0);
		for (size_t k = 0; k < 4; k++) {
			if (k <= left)
				*at++ = alphabet[v >> (18 - 6 * k) & 63];
			else if (pad)
				*at++ = '=';
		}
	}
	buf_commit(out, (size_t)(at - start));
}

void enc_base64(struct buf *out, const void *p, size_t n)
{
	base64(out, p, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

void enc_base64url(struct buf *out, const void *p, size_t n)
{
	base64(out, p, n, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

static int base64_value(int c)
{
	return is_upper(c) ? c - 'A' : is_lower(c) ? c - 'a' + 26 : is_digit(c) ? c - '0' + 52 :
	       c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

int dec_base64(struct str s, struct buf *ret)
{
	uint32_t acc = 0;
	int bits = 0;
	size_t i = 0, sextets = 0;
	for (; i < s.n; i++) {
		int c = (unsigned char)s.p[i], v = base64_value(c);
		if (is_space(c))
			continue;
		if (v < 0)
			break;
		sextets++;
		acc = acc << 6 | (uint32_t)v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_addc(ret, (char)(acc >> bits));
		}
	}
	for (; i < s.n; i++)
		if (s.p[i] != '=' && !is_space((unsigned char)s.p[i]))
			return E_INVALID;
	return sextets % 4 == 1 ? E_INVALID : 0;
}

void enc_percent(struct buf *out, struct str s, bool slash)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < s.n; i++) {
		int c = (unsigned char)s.p[i];
		if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~' || (slash && c == '/')) {
			buf_addc(out, (char)c);
		} else {
			buf_addc(out, '%');
			buf_addc(out, digits[c >> 4]);
			buf_addc(out, digits[c & 15]);
		}
	}
}

void dec_percent(struct buf *out, struct str s, bool plus)
{
	for (size_t i = 0; i < s.n; i++) {
		int hi = i + 2 < s.n ? hex_value((unsigned char)s.p[i + 1]) : -1;
		int lo = i + 2 < s.n ? hex_value((unsigned char)s.p[i + 2]) : -1;
		if (s.p[i] == '%' && hi >= 0 && lo >= 0) {
			buf_addc(out, (char)(hi << 4 | lo));
			i += 2;
		} else {
			buf_addc(out, plus && s.p[i] == '+' ? ' ' : s.p[i]);
		}
	}
}

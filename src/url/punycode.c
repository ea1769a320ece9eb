/* Punycode, RFC 3492: the parameters of its section 5, the procedures of section 6. */
#include "base/first.h"
#include "base/buf.h"
#include "base/err.h"
#include "url/idna_data.h"

enum { BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_N = 128 };

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;
	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - TMIN) * TMAX / 2; k += BASE)
		delta /= BASE - TMIN;
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	return k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
}

static char digit(uint32_t d)
{
	return (char)(d < 26 ? 'a' + d : '0' + (d - 26));
}

static void put_number(struct buf *out, uint32_t q, uint32_t bias)
{
	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);
		if (q < t)
			break;
		buf_addc(out, digit(t + (q - t) % (BASE - t)));
		q = (q - t) / (BASE - t);
	}
	buf_addc(out, digit(q));
}

void punycode_encode(const uint32_t *cps, size_t n, struct buf *out)
{
	uint32_t code = FIRST_N, delta = 0, bias = FIRST_BIAS, basic = 0;
	for (size_t i = 0; i < n; i++)
		if (cps[i] < 0x80) {
			buf_addc(out, (char)cps[i]);
			basic++;
		}
	if (basic)
		buf_addc(out, '-');
	for (uint32_t done = basic; done < n;) {
		uint32_t next = UINT32_MAX;
		for (size_t i = 0; i < n; i++)
			if (cps[i] >= code && cps[i] < next)
				next = cps[i];
		delta += (next - code) * (done + 1);
		code = next;
		for (size_t i = 0; i < n; i++) {
			if (cps[i] < code)
				delta++;
			if (cps[i] != code)
				continue;
			put_number(out, delta, bias);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		code++;
	}
}

static int value(int c)
{
	return is_digit(c) ? c - '0' + 26 : is_alpha(c) ? to_lower(c) - 'a' : -1;
}

/* One number at `*i`, added to `*at`. */
static int get_number(struct str s, size_t *i, uint32_t bias, uint64_t *at)
{
	uint64_t w = 1;
	for (uint32_t k = BASE;; k += BASE) {
		int d = *i < s.n ? value((unsigned char)s.p[*i]) : -1;
		if (d < 0)
			return E_INVALID;
		*i += 1;
		*at += (uint64_t)d * w;
		uint32_t t = threshold(k, bias);
		if (*at > UINT32_MAX)
			return E_INVALID;
		if ((uint32_t)d < t)
			return 0;
		w *= BASE - t;
		if (w > UINT32_MAX)
			return E_INVALID;
	}
}

int punycode_decode(struct arena *a, struct str s, struct cps *ret)
{
	uint32_t bias = FIRST_BIAS;
	uint64_t code = FIRST_N, at = 0;
	size_t dash = str_rchr(s, '-'), i = dash == STR_NPOS ? 0 : dash + 1, base = ret->n;
	for (size_t k = 0; dash != STR_NPOS && k < dash; k++) {
		if ((unsigned char)s.p[k] >= 0x80)
			return E_INVALID;
		vec_push(a, ret, (unsigned char)s.p[k]);
	}
	while (i < s.n) {
		uint64_t before = at;
		if (get_number(s, &i, bias, &at) < 0)
			return E_INVALID;
		size_t n = ret->n - base + 1;
		bias = adapt((uint32_t)(at - before), (uint32_t)n, before == 0);
		code += at / n;
		at %= n;
		if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
			return E_INVALID;
		vec_push(a, ret, 0);
		memmove(ret->at + base + at + 1, ret->at + base + at, (n - 1 - at) * sizeof *ret->at);
		ret->at[base + at++] = (uint32_t)code;
	}
	return 0;
}

#include "base/first.h"
#include "base/rng.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"

#include <sys/random.h>

void rng_bytes(void *p, size_t n)
{
	char *at = p;
	while (n) {
		ssize_t got = getrandom(at, n, 0);
		if (got < 0) {
			if (errno == EINTR)
				continue;
			die("getrandom: %s", strerror(errno));
		}
		at += got;
		n -= (size_t)got;
	}
}

uint64_t rng_u64(void)
{
	uint64_t v;
	rng_bytes(&v, sizeof v);
	return v;
}

uint64_t rng_below(uint64_t n)
{
	if (n < 2)
		return 0;
	/* Reject the tail that would make small values likelier. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % n, v;
	do
		v = rng_u64();
	while (v >= limit);
	return v % n;
}

double rng_unit(void)
{
	return (double)(rng_u64() >> 11) / 9007199254740992.0;
}

static char *uuid_write(unsigned char b[16], int version, char out[UUID_LEN + 1])
{
	b[6] = (unsigned char)((b[6] & 0x0f) | (version << 4));
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	char hex[33];
	enc_hex(b, 16, hex);
	snprintf(out, UUID_LEN + 1, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
	return out;
}

char *uuid_v4(char out[UUID_LEN + 1])
{
	unsigned char b[16];
	rng_bytes(b, sizeof b);
	return uuid_write(b, 4, out);
}

char *uuid_v7(char out[UUID_LEN + 1])
{
	unsigned char b[16];
	rng_bytes(b, sizeof b);
	usec_t now = clock_real();
	uint64_t ms = (uint64_t)(now / USEC_PER_MS);
	for (int i = 5; i >= 0; i--, ms >>= 8)
		b[i] = (unsigned char)ms;
	/* RFC 9562 6.2, method 3: the twelve bits behind the version hold the fraction of the millisecond. */
	unsigned fraction = (unsigned)(now % USEC_PER_MS * 4096 / USEC_PER_MS);
	b[6] = (unsigned char)(fraction >> 8);
	b[7] = (unsigned char)fraction;
	return uuid_write(b, 7, out);
}

bool uuid_valid(struct str s)
{
	if (s.n != UUID_LEN)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !is_xdigit((unsigned char)s.p[i]))
			return false;
	}
	return true;
}

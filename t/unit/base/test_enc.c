#include "base/first.h"
#include "base/clock.h"
#include "base/enc.h"
#include "base/err.h"
#include "base/rng.h"
#include "../tap.h"

static struct arena a;

static struct str b64(const char *s, bool url)
{
	struct buf b;
	buf_init(&b, &a, 0);
	(url ? enc_base64url : enc_base64)(&b, s, strlen(s));
	return buf_str(&b);
}

static void base64(void)
{
	/* RFC 4648 section 10 */
	is_str(b64("", false), "", "empty");
	is_str(b64("f", false), "Zg==", "one byte");
	is_str(b64("fo", false), "Zm8=", "two");
	is_str(b64("foobar", false), "Zm9vYmFy", "six");
	is_str(b64("fo", true), "Zm8", "no padding in the URL form");
	is_str(b64("\xff\xfe\xfd", true), "__79", "the URL alphabet");
	for (size_t n = 0; n < 70; n++) {
		unsigned char raw[70];
		rng_bytes(raw, n);
		struct buf text, back;
		buf_init(&text, &a, 0);
		buf_init(&back, &a, 0);
		enc_base64(&text, raw, n);
		if (dec_base64(buf_str(&text), &back) < 0 || back.n != n || (n && memcmp(back.p, raw, n)))
			ok(false, "round trip of %zu bytes", n);
	}
	struct buf out;
	buf_init(&out, &a, 0);
	is_int(dec_base64(STR("Zg=="), &out), 0, "padding");
	is_int(dec_base64(STR(" Z m 9\nv"), &out), 0, "white space");
	is_str(buf_str(&out), "ffoo", "decoded");
	is_int(dec_base64(STR("Zg=x"), &out), E_INVALID, "text after padding");
	is_int(dec_base64(STR("Z"), &out), E_INVALID, "a lone sextet");
	is_int(dec_base64(STR("Zm9*"), &out), E_INVALID, "a foreign character");
}

static void percent(void)
{
	struct buf b;
	buf_init(&b, &a, 0);
	enc_percent(&b, STR("a b/\xc3\xa9~"), false);
	is_str(buf_str(&b), "a%20b%2F%C3%A9~", "encoded");
	buf_clear(&b);
	enc_percent(&b, STR("a/b"), true);
	is_str(buf_str(&b), "a/b", "the slash kept");
	buf_clear(&b);
	dec_percent(&b, STR("a%20b%2fc%zz%4"), false);
	is_str(buf_str(&b), "a b/c%zz%4", "malformed escapes stay");
	buf_clear(&b);
	dec_percent(&b, STR("a+b%41"), true);
	is_str(buf_str(&b), "a bA", "plus and a final escape");
}

int main(void)
{
	arena_init(&a, 0);
	char hex[9];
	unsigned char raw[4];
	is_cstr(enc_hex("\x00\xff\x10\xab", 4, hex), "00ff10ab", "hex");
	is_int(dec_hex(STR("00fF10aB"), raw, 4), 0, "hex back");
	is_int(raw[3], 0xab, "the right bytes");
	is_int(dec_hex(STR("00ff10a"), raw, 4), E_INVALID, "an odd length");
	is_int(dec_hex(STR("00ff10ag"), raw, 4), E_INVALID, "no digit");
	base64();
	percent();
	char u[UUID_LEN + 1], v[UUID_LEN + 1];
	ok(uuid_valid(str_of(uuid_v4(u))) && u[14] == '4', "version 4");
	ok(uuid_valid(str_of(uuid_v7(v))) && v[14] == '7', "version 7");
	char next[UUID_LEN + 1];
	for (usec_t t = clock_real(); clock_real() <= t + 1;)
		continue;
	ok(strcmp(v, uuid_v7(next)) < 0, "version 7 ids sort by time within a millisecond");
	ok(!uuid_valid(STR("e10c6c92-d85a-40fa-be36-ee240f68792")), "too short");
	ok(!uuid_valid(STR("e10c6c92xd85a-40fa-be36-ee240f687927")), "no dash");
	ok(rng_below(10) < 10 && rng_below(0) == 0 && rng_unit() < 1.0, "bounded random numbers");
	arena_release(&a);
	return done_testing();
}

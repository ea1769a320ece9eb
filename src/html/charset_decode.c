/* Bytes to UTF-8. */
#include "base/first.h"
#include <iconv.h>
#include "base/utf8.h"
#include "html/charset.h"

static const struct single {
	const char *name;
	uint16_t high[128];
} singles[] = {
#define SINGLE(name, ...) { name, { __VA_ARGS__ } },
#include "html/charset_single.def"
#undef SINGLE
};

/* The C library's names. The converters stay open: opening one loads a module, which confinement forbids. */
static struct multi {
	const char *name, *iconv_name;
	iconv_t cd;
	bool open, tried;
} multis[] = {
	{ .name = "Big5", .iconv_name = "BIG5-HKSCS" },
	{ .name = "EUC-JP", .iconv_name = "EUC-JP-MS" },
	{ .name = "EUC-KR", .iconv_name = "CP949" },
	{ .name = "GBK", .iconv_name = "GB18030" },
	{ .name = "gb18030", .iconv_name = "GB18030" },
	{ .name = "ISO-2022-JP", .iconv_name = "ISO-2022-JP" },
	{ .name = "Shift_JIS", .iconv_name = "CP932" },
};

static bool open_multi(struct multi *m)
{
	if (!m->tried) {
		m->tried = true;
		m->cd = iconv_open("UTF-8", m->iconv_name);
		m->open = m->cd != (iconv_t)-1;
	}
	return m->open;
}

void charset_preload(void)
{
	for (size_t i = 0; i < ARRAY_LEN(multis); i++)
		open_multi(&multis[i]);
}

static struct str decode_single(struct arena *a, struct str s, const struct single *t)
{
	/* No code point of these tables needs more than three bytes. */
	size_t high = 0;
	for (size_t i = 0; i < s.n; i++)
		high += (uint8_t)s.p[i] >= 0x80;
	if (!high)
		return s;
	struct buf out;
	buf_init(&out, a, 0);
	buf_grow(&out, s.n + 2 * high);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		if (c < 0x80)
			buf_addc(&out, (char)c);
		else
			utf8_put(&out, t->high[c - 0x80] ? t->high[c - 0x80] : UTF8_BAD);
	}
	return buf_str(&out);
}

static struct str decode_user_defined(struct arena *a, struct str s)
{
	struct buf out;
	buf_init(&out, a, 0);
	for (size_t i = 0; i < s.n; i++) {
		uint8_t c = (uint8_t)s.p[i];
		utf8_put(&out, c < 0x80 ? c : 0xF780u + c - 0x80u);
	}
	return buf_str(&out);
}

static struct str decode_utf16(struct arena *a, struct str s, bool big)
{
	struct buf out;
	uint32_t lead = 0;
	buf_init(&out, a, 0);
	buf_grow(&out, s.n);
	for (size_t i = 0; i + 1 < s.n; i += 2) {
		uint8_t x = (uint8_t)s.p[i], y = (uint8_t)s.p[i + 1];
		uint32_t u = big ? (uint32_t)x << 8 | y : (uint32_t)y << 8 | x;
		bool low = u >= 0xDC00 && u <= 0xDFFF;
		if (lead && low) {
			utf8_put(&out, 0x10000 + ((lead - 0xD800) << 10) + (u - 0xDC00));
			lead = 0;
			continue;
		}
		if (lead)
			utf8_put(&out, UTF8_BAD);
		lead = u >= 0xD800 && u <= 0xDBFF ? u : 0;
		if (!lead)
			utf8_put(&out, low ? UTF8_BAD : u);
	}
	if (lead || s.n % 2)
		utf8_put(&out, UTF8_BAD);
	return buf_str(&out);
}

/* One U+FFFD for an error; a following ASCII byte is read again, as the standard's decoders do. */
static size_t error_width(const char *p, size_t left)
{
	return left > 1 && (uint8_t)p[0] >= 0x80 && (uint8_t)p[1] >= 0x80 ? 2 : 1;
}

static struct str decode_multi(struct arena *a, struct str s, struct multi *m)
{
	struct buf out;
	char *in = (char *)s.p;
	size_t left = s.n;
	bool gbk = str_is(str_of(m->name), "GBK");
	buf_init(&out, a, 0);
	buf_grow(&out, s.n + s.n / 2 + 16);
	iconv(m->cd, NULL, NULL, NULL, NULL);
	while (left) {
		char *to = buf_reserve(&out, MIN(left * 3 + 16, 64 * KiB)), *end = to;
		size_t room = MIN(left * 3 + 16, 64 * KiB);
		size_t rc = iconv(m->cd, &in, &left, &end, &room);
		int why = errno;
		buf_commit(&out, (size_t)(end - to));
		if (rc != (size_t)-1 || why == E2BIG)
			continue;
		if (why == EINVAL) { /* a sequence cut off by the end */
			utf8_put(&out, UTF8_BAD);
			break;
		}
		size_t w = error_width(in, left);
		bool euro = gbk && (uint8_t)in[0] == 0x80;
		utf8_put(&out, euro ? 0x20AC : UTF8_BAD);
		w = euro ? 1 : w;
		in += w;
		left -= w;
	}
	return utf8_clean(a, buf_str(&out));
}

struct str charset_decode(struct arena *a, struct str bytes, struct str name)
{
	if (str_is(name, "UTF-8"))
		return utf8_clean(a, bytes);
	if (str_is(name, "UTF-16LE") || str_is(name, "UTF-16BE"))
		return decode_utf16(a, bytes, str_is(name, "UTF-16BE"));
	if (str_is(name, "replacement"))
		return bytes.n ? STR("\xEF\xBF\xBD") : STR("");
	if (str_is(name, "x-user-defined"))
		return decode_user_defined(a, bytes);
	if (str_is(name, "ISO-8859-8-I"))
		name = STR("ISO-8859-8");
	for (size_t i = 0; i < ARRAY_LEN(multis); i++)
		if (str_is(name, multis[i].name) && open_multi(&multis[i]))
			return decode_multi(a, bytes, &multis[i]);
	const struct single *fallback = NULL;
	for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
		if (str_is(name, singles[i].name))
			return decode_single(a, bytes, &singles[i]);
		if (strcmp(singles[i].name, "windows-1252") == 0)
			fallback = &singles[i];
	}
	return decode_single(a, bytes, fallback);
}

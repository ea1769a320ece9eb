#include "base/first.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "url/idna.h"
#include "url/idna_data.h"

/*
 * Longer names cannot exist (RFC 1035: 255 bytes), but the Standard lets them parse; the bound keeps punycode's
 * quadratic insertions small.
 */
#define DOMAIN_MAX (4 * KiB)

struct label {
	const uint32_t *at;
	size_t n;
};

static bool is_ascii(const uint32_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (at[i] >= 0x80)
			return false;
	return true;
}

static bool has_prefix(const uint32_t *at, size_t n)
{
	return n >= 4 && at[0] == 'x' && at[1] == 'n' && at[2] == '-' && at[3] == '-';
}

/* UTS #46 section 4 steps 1 and 2: map, then normalise. What is disallowed stays, for the labels' own check. */
static struct cps mapped(struct arena *a, struct str s)
{
	struct cps v = { 0 };
	for (size_t i = 0; i < s.n;) {
		uint32_t cp = utf8_next(s, &i), room;
		size_t n;
		const uint32_t *to = idna_mapping(cp, &room, &n);
		for (size_t k = 0; to && k < n; k++)
			vec_push(a, &v, to[k]);
		if (!to && idna_props(cp)->status != IGNORED)
			vec_push(a, &v, cp);
	}
	idna_nfc(a, &v);
	return v;
}

static bool is_nfc(struct arena *a, struct label l)
{
	struct cps copy = { 0 };
	for (size_t i = 0; i < l.n; i++)
		vec_push(a, &copy, l.at[i]);
	idna_nfc(a, &copy);
	return copy.n == l.n && memcmp(copy.at, l.at, l.n * sizeof *l.at) == 0;
}

/* RFC 5892 A.1: a joining letter on both sides, marks that let the joining through between. */
static bool joins(struct label l, size_t at)
{
	size_t i = at;
	while (i && idna_props(l.at[i - 1])->join == J_T)
		i--;
	if (!i || (idna_props(l.at[i - 1])->join != J_L && idna_props(l.at[i - 1])->join != J_D))
		return false;
	for (i = at + 1; i < l.n && idna_props(l.at[i])->join == J_T;)
		i++;
	return i < l.n && (idna_props(l.at[i])->join == J_R || idna_props(l.at[i])->join == J_D);
}

#define VIRAMA 9

static bool joiners_fit(struct label l)
{
	for (size_t i = 0; i < l.n; i++) {
		if (l.at[i] != 0x200c && l.at[i] != 0x200d)
			continue;
		if (i && idna_props(l.at[i - 1])->ccc == VIRAMA)
			continue;
		if (l.at[i] == 0x200d || !joins(l, i))
			return false;
	}
	return true;
}

#define BIT(b) (1u << (b))

/* RFC 5893 section 2. */
static bool bidi_fits(struct label l)
{
	unsigned seen = 0;
	size_t end = l.n;
	for (size_t i = 0; i < l.n; i++)
		seen |= BIT(idna_props(l.at[i])->bidi);
	while (end && idna_props(l.at[end - 1])->bidi == B_NSM)
		end--;
	unsigned first = BIT(idna_props(l.at[0])->bidi), last = end ? BIT(idna_props(l.at[end - 1])->bidi) : 0;
	const unsigned neutral = BIT(B_ES) | BIT(B_CS) | BIT(B_ET) | BIT(B_ON) | BIT(B_BN) | BIT(B_NSM);
	const unsigned rtl = BIT(B_R) | BIT(B_AL), numbers = BIT(B_EN) | BIT(B_AN);
	if (first & rtl)
		return !(seen & ~(rtl | numbers | neutral)) && last & (rtl | numbers) && (seen & numbers) != numbers;
	if (first & BIT(B_L))
		return !(seen & ~(BIT(B_L) | BIT(B_EN) | neutral)) && last & (BIT(B_L) | BIT(B_EN));
	return false;
}

static bool is_bidi(const uint32_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (BIT(idna_props(at[i])->bidi) & (BIT(B_R) | BIT(B_AL) | BIT(B_AN)))
			return true;
	return false;
}

/* UTS #46 section 4.1, with CheckHyphens off. NULL: fine. */
static const char *fault(struct arena *a, struct label l, bool bidi)
{
	uint32_t room;
	size_t n;
	if (!l.n)
		return NULL;
	if (!is_nfc(a, l))
		return "a label is not normalised";
	if (has_prefix(l.at, l.n))
		return "a label is encoded twice";
	if (idna_props(l.at[0])->mark)
		return "a label begins with a combining mark";
	for (size_t i = 0; i < l.n; i++)
		if (l.at[i] == '.' || idna_mapping(l.at[i], &room, &n) || idna_props(l.at[i])->status != VALID)
			return "a label holds a character that names may not have";
	if (!joiners_fit(l))
		return "a label holds a joiner out of place";
	if (bidi && !bidi_fits(l))
		return "a label mixes directions";
	return NULL;
}

/* The label in Unicode: itself, or what its punycode decodes to. E_INVALID: to nothing sensible. */
static int decoded(struct arena *a, struct label l, struct label *ret)
{
	struct buf b;
	struct cps v = { 0 };
	*ret = l;
	if (!has_prefix(l.at, l.n))
		return 0;
	if (!is_ascii(l.at, l.n))
		return E_INVALID;
	buf_init(&b, a, 0);
	for (size_t i = 4; i < l.n; i++)
		buf_addc(&b, (char)l.at[i]);
	if (punycode_decode(a, buf_str(&b), &v) < 0 || is_ascii(v.at, v.n))
		return E_INVALID;
	*ret = (struct label){ v.at, v.n };
	return 0;
}

static void add_label(struct buf *out, struct label l)
{
	if (is_ascii(l.at, l.n)) {
		for (size_t i = 0; i < l.n; i++)
			buf_addc(out, (char)l.at[i]);
		return;
	}
	buf_addz(out, "xn--");
	punycode_encode(l.at, l.n, out);
}

int idna_to_ascii(struct arena *a, struct str domain, struct str *ret, struct err *e)
{
	VEC(struct label) labels = { 0 };
	struct buf out;
	bool bidi = false;
	if (domain.n > DOMAIN_MAX)
		return err_set(e, E_INVALID, "a host name of %zu bytes that are not all ASCII", domain.n);
	struct cps v = mapped(a, domain);
	for (size_t start = 0, i = 0; i <= v.n; i++) {
		struct label l;
		if (i < v.n && v.at[i] != '.')
			continue;
		if (decoded(a, (struct label){ v.at + start, i - start }, &l) < 0)
			return err_set(e, E_INVALID, "a label begins with xn-- and is not punycode");
		bidi |= is_bidi(l.at, l.n);
		vec_push(a, &labels, l);
		start = i + 1;
	}
	buf_init(&out, a, 0);
	for (size_t i = 0; i < labels.n; i++) {
		const char *why = fault(a, labels.at[i], bidi);
		if (why)
			return err_set(e, E_INVALID, "not a host name: %s", why);
		if (i)
			buf_addc(&out, '.');
		add_label(&out, labels.at[i]);
	}
	buf_cstr(&out);
	*ret = buf_str(&out);
	return 0;
}

struct str idna_to_unicode(struct arena *a, struct str ascii)
{
	struct buf out;
	struct str rest = ascii, text;
	if (ascii.n > DOMAIN_MAX || str_find(ascii, STR("xn--")) == STR_NPOS)
		return ascii;
	buf_init(&out, a, 0);
	while (str_split(&rest, '.', &text)) {
		struct cps v = { 0 };
		bool shown = str_starts(text, STR("xn--")) && punycode_decode(a, str_from(text, 4), &v) == 0 &&
			!is_ascii(v.at, v.n) && !fault(a, (struct label){ v.at, v.n }, is_bidi(v.at, v.n));
		for (size_t i = 0; shown && i < v.n; i++)
			utf8_put(&out, v.at[i]);
		if (!shown)
			buf_adds(&out, text);
		if (rest.p)
			buf_addc(&out, '.');
	}
	return buf_str(&out);
}

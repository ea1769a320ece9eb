#include "base/first.h"
#include "base/enc.h"
#include "base/utf8.h"
#include "url/host.h"
#include "url/idna.h"
#include "url/percent.h"

static bool forbidden_host(unsigned char c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\r' || c == ' ' || c == '#' || c == '/' || c == ':' ||
	       c == '<' || c == '>' || c == '?' || c == '@' || c == '[' || c == '\\' || c == ']' || c == '^' ||
	       c == '|';
}

static bool forbidden_domain(unsigned char c)
{
	return c <= ' ' || c == '%' || c == 0x7f || forbidden_host(c);
}

/* A number as inet_aton() reads it: decimal, 0octal, 0xhex. Saturates; false when it is none. */
static bool parse_number(struct str s, uint64_t *ret)
{
	unsigned base = 10;
	uint64_t v = 0;
	if (!s.n)
		return false;
	if (s.n >= 2 && s.p[0] == '0' && to_lower(s.p[1]) == 'x') {
		s = str_from(s, 2);
		base = 16;
	} else if (s.n >= 2 && s.p[0] == '0') {
		s = str_from(s, 1);
		base = 8;
	}
	for (size_t i = 0; i < s.n; i++) {
		int d = hex_value(s.p[i]);
		if (d < 0 || d >= (int)base)
			return false;
		v = MIN(v * base + (uint64_t)d, UINT64_C(1) << 40);
	}
	*ret = v;
	return true;
}

static bool ends_in_number(struct str s)
{
	if (s.n && s.p[s.n - 1] == '.') {
		if (str_chr(s, '.') == s.n - 1 && s.n == 1)
			return false;
		s.n--;
	}
	size_t dot = str_rchr(s, '.');
	struct str last = dot == STR_NPOS ? s : str_from(s, dot + 1);
	uint64_t v;
	size_t i = 0;
	while (i < last.n && is_digit(last.p[i]))
		i++;
	return (last.n && i == last.n) || parse_number(last, &v);
}

/* URL Standard 3.5, IPv4 parser. */
static int parse_ipv4(struct str s, uint32_t *ret, struct err *e)
{
	uint64_t part[4], sum = 0;
	size_t n = 0;
	struct str rest = s, text;
	if (rest.n && rest.p[rest.n - 1] == '.')
		rest.n--;
	while (str_split(&rest, '.', &text)) {
		if (n == 4)
			return err_set(e, E_INVALID, "an IPv4 address of more than four parts");
		if (!parse_number(text, &part[n++]))
			return err_set(e, E_INVALID, "an IPv4 address with a part that is no number");
	}
	for (size_t i = 0; i + 1 < n; i++) {
		if (part[i] > 255)
			return err_set(e, E_INVALID, "an IPv4 address with a part above 255");
		sum |= part[i] << (8 * (3 - i));
	}
	if (part[n - 1] >= UINT64_C(1) << (8 * (5 - n)))
		return err_set(e, E_INVALID, "an IPv4 address whose last part is too large");
	*ret = (uint32_t)(sum + part[n - 1]);
	return 0;
}

static void set_ip(struct arena *a, struct host *h, const struct ip *ip)
{
	char text[IP_TEXT_MAX];
	ip_text(ip, text);
	h->ip = *ip;
	h->kind = ip->family == 6 ? URL_HOST_IPV6 : URL_HOST_IPV4;
	h->name = arena_printf(a, ip->family == 6 ? "[%s]" : "%s", text);
}

static int parse_opaque(struct arena *a, struct str s, struct host *ret, struct err *e)
{
	for (size_t i = 0; i < s.n; i++)
		if (forbidden_host((unsigned char)s.p[i]))
			return err_set(e, E_INVALID, "the host holds a forbidden character");
	struct buf b;
	buf_init(&b, a, 0);
	url_encode(&b, s, URL_C0);
	*ret = (struct host){ .kind = s.n ? URL_HOST_OPAQUE : URL_HOST_EMPTY, .name = buf_str(&b) };
	return 0;
}

/* Lower case already, ASCII, and without any escape: nothing to do. */
static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (!is_lower(c) && !is_digit(c) && c != '-' && c != '.')
			return false;
	}
	return true;
}

/* ASCII names are taken as they are, even when an "xn--" label in them means nothing: so the Standard, for old links.
 */
int host_to_ascii(struct arena *a, struct str domain, struct str *ret, struct err *e)
{
	bool plain = true;
	struct str out;
	for (size_t i = 0; plain && i < domain.n; i++)
		plain = (unsigned char)domain.p[i] < 0x80;
	if (plain) {
		char *lower = arena_alloc(a, domain.n + 1);
		for (size_t i = 0; i < domain.n; i++)
			lower[i] = (char)to_lower(domain.p[i]);
		lower[domain.n] = 0;
		out = str_n(lower, domain.n);
	} else {
		int r = idna_to_ascii(a, domain, &out, e);
		if (r < 0)
			return r;
	}
	if (!out.n)
		return err_set(e, E_INVALID, "the host is empty");
	for (size_t i = 0; i < out.n; i++)
		if (forbidden_domain((unsigned char)out.p[i]))
			return err_set(e, E_INVALID, "the host holds a forbidden character");
	*ret = out;
	return 0;
}

int host_parse(struct arena *a, struct str input, bool opaque, struct host *ret, struct err *e)
{
	struct host h = { .kind = URL_HOST_DOMAIN };
	if (input.n && input.p[0] == '[') {
		struct ip ip;
		if (input.p[input.n - 1] != ']' || ip_parse(input, &ip) < 0)
			return err_set(e, E_INVALID, "not an IPv6 address");
		set_ip(a, &h, &ip);
		*ret = h;
		return 0;
	}
	if (opaque)
		return parse_opaque(a, input, ret, e);
	h.name = input;
	if (!is_plain(input)) {
		struct buf b;
		buf_init(&b, a, 0);
		dec_percent(&b, input, false);
		int r = host_to_ascii(a, utf8_clean(a, buf_str(&b)), &h.name, e);
		if (r < 0)
			return r;
	}
	if (!h.name.n)
		return err_set(e, E_INVALID, "the host is empty");
	if (ends_in_number(h.name)) {
		uint32_t v = 0;
		int r = parse_ipv4(h.name, &v, e);
		if (r < 0)
			return r;
		struct ip ip = ip_v4(v);
		set_ip(a, &h, &ip);
	}
	*ret = h;
	return 0;
}

struct str host_to_unicode(struct arena *a, struct str ascii)
{
	return idna_to_unicode(a, ascii);
}

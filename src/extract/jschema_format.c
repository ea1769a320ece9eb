#include "base/first.h"
#include "extract/jschema_node.h"

#include "base/scan.h"

#include <arpa/inet.h>

/* --- times (RFC 3339) --- */

/* Exactly `n` digits; -1 when they are not there. */
static int digits(struct str s, size_t at, size_t n)
{
	int v = 0;
	if (at + n > s.n)
		return -1;
	for (size_t i = at; i < at + n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		v = v * 10 + (s.p[i] - '0');
	}
	return v;
}

static bool is_date(struct str s)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int y = digits(s, 0, 4), m = digits(s, 5, 2), d = digits(s, 8, 2);
	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || y < 0 || m < 1 || m > 12 || d < 1)
		return false;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return d <= days[m - 1] + (m == 2 && leap);
}

static bool is_time(struct str s)
{
	int h = digits(s, 0, 2), m = digits(s, 3, 2), sec = digits(s, 6, 2);
	if (s.n < 9 || s.p[2] != ':' || s.p[5] != ':' || h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 60)
		return false;
	size_t i = 8;
	if (s.p[i] == '.')
		for (i++; i < s.n && is_digit(s.p[i]); i++)
			;
	if (i == 9 && s.p[8] == '.')
		return false;
	int offset = 0;
	if (i + 1 == s.n && (s.p[i] == 'Z' || s.p[i] == 'z')) {
		i++;
	} else {
		int oh = digits(s, i + 1, 2), om = digits(s, i + 4, 2);
		if (i + 6 != s.n || (s.p[i] != '+' && s.p[i] != '-') || s.p[i + 3] != ':' || oh < 0 || oh > 23 ||
			om < 0 || om > 59)
			return false;
		offset = (oh * 60 + om) * (s.p[i] == '+' ? 1 : -1);
	}
	/* Leap seconds end a day in UTC. */
	return sec < 60 || (h * 60 + m - offset + 2 * 1440) % 1440 == 23 * 60 + 59;
}

static bool is_date_time(struct str s)
{
	return s.n > 11 && is_date(str_sub(s, 0, 10)) && (s.p[10] == 'T' || s.p[10] == 't') && is_time(str_from(s, 11));
}

/* ISO 8601 as RFC 3339, appendix A has it: units in order, weeks alone. */
static bool is_duration(struct str s)
{
	static const char order[] = "YMDTHMS";
	size_t i = 1, unit = 0, found = 0, since_t = 0;
	bool time = false;
	if (s.n < 3 || s.p[0] != 'P')
		return false;
	while (i < s.n) {
		if (s.p[i] == 'T' && !time) {
			time = true;
			unit = 4;
			i++;
			continue;
		}
		size_t from = i;
		while (i < s.n && is_digit(s.p[i]))
			i++;
		if (i == from || i == s.n)
			return false;
		if (s.p[i] == 'W')
			return !found && !time && i + 1 == s.n;
		while (order[unit] && order[unit] != s.p[i] && order[unit] != 'T')
			unit++;
		if (!order[unit] || order[unit] == 'T')
			return false;
		unit++;
		i++;
		found++;
		since_t += time;
	}
	return found && (!time || since_t);
}

/* --- names and addresses --- */

static bool is_hostname(struct str s)
{
	struct str label;
	if (!s.n || s.n > 253)
		return false;
	for (size_t n = 0; s.p; n++) {
		size_t dot = str_chr(s, '.');
		label = str_sub(s, 0, dot == STR_NPOS ? s.n : dot);
		if (!label.n || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-')
			return false;
		for (size_t i = 0; i < label.n; i++)
			if (!is_alnum(label.p[i]) && label.p[i] != '-')
				return false;
		s = dot == STR_NPOS ? STR_NULL : str_from(s, dot + 1);
	}
	return true;
}

static bool is_ipv6(struct str s)
{
	char text[64];
	struct in6_addr addr;
	if (s.n >= sizeof text || str_chr(s, '%') != STR_NPOS || memchr(s.p, '\0', s.n))
		return false;
	return inet_pton(AF_INET6, str_copy(text, sizeof text, s), &addr) == 1;
}

static bool is_ipv4(struct str s)
{
	char text[32];
	struct in_addr addr;
	if (s.n >= sizeof text || memchr(s.p, '\0', s.n))
		return false;
	return inet_pton(AF_INET, str_copy(text, sizeof text, s), &addr) == 1;
}

/* RFC 5321 4.1.2: a dot-atom or a quoted string, then a domain or an address literal. */
static bool is_email(struct str s)
{
	size_t at = str_rchr(s, '@');
	if (at == STR_NPOS || at == 0 || at > 64)
		return false;
	struct str local = str_sub(s, 0, at), domain = str_from(s, at + 1);
	if (local.p[0] == '"') {
		if (local.n < 3 || local.p[local.n - 1] != '"')
			return false;
	} else {
		for (size_t i = 0; i < local.n; i++) {
			bool dot = local.p[i] == '.';
			if (dot && (i == 0 || i + 1 == local.n || local.p[i - 1] == '.'))
				return false;
			if (!dot && !is_alnum(local.p[i]) &&
				(!local.p[i] || !strchr("!#$%&'*+-/=?^_`{|}~", local.p[i])))
				return false;
		}
	}
	if (domain.n > 2 && domain.p[0] == '[' && domain.p[domain.n - 1] == ']') {
		struct str literal = str_sub(domain, 1, domain.n - 2);
		return str_startsi(literal, STR("IPv6:")) ? is_ipv6(str_from(literal, 5)) : is_ipv4(literal);
	}
	return is_hostname(domain);
}

/* --- URIs (RFC 3986) --- */

static bool is_uri_text(struct str s, bool international)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '%') {
			if (i + 2 >= s.n || hex_value(s.p[i + 1]) < 0 || hex_value(s.p[i + 2]) < 0)
				return false;
			i += 2;
		} else if (c >= 0x80 ? !international : !is_alnum(c) && (!c || !strchr("-._~:/?#[]@!$&'()*+,;=", c))) {
			return false;
		}
	}
	size_t hash = str_chr(s, '#');
	return hash == STR_NPOS || str_chr(str_from(s, hash + 1), '#') == STR_NPOS;
}

static bool has_scheme(struct str s)
{
	size_t i = 0;
	if (!s.n || !is_alpha(s.p[0]))
		return false;
	while (i < s.n && (is_alnum(s.p[i]) || (s.p[i] && strchr("+-.", s.p[i]))))
		i++;
	return i < s.n && s.p[i] == ':';
}

static bool is_uri(struct str s)
{
	return has_scheme(s) && is_uri_text(s, false);
}

static bool is_iri(struct str s)
{
	return has_scheme(s) && is_uri_text(s, true);
}

static bool is_uri_reference(struct str s)
{
	return is_uri_text(s, false);
}

static bool is_iri_reference(struct str s)
{
	return is_uri_text(s, true);
}

/* --- others --- */

static bool is_uuid(struct str s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? s.p[i] != '-' : !is_xdigit(s.p[i]))
			return false;
	}
	return true;
}

static bool is_json_pointer(struct str s)
{
	if (s.n && s.p[0] != '/')
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '~' && (i + 1 >= s.n || (s.p[i + 1] != '0' && s.p[i + 1] != '1')))
			return false;
	return true;
}

static bool is_regex(struct str s)
{
	struct arena a;
	struct regex *re;
	arena_init(&a, 0);
	bool ok = regex_compile(&a, s, &re, NULL) == 0;
	arena_release(&a);
	return ok;
}

bool format_ok(struct str format, struct str s)
{
	static const struct { const char *name; bool (*ok)(struct str s); } formats[] = { { "date-time", is_date_time },
		{ "date", is_date }, { "time", is_time }, { "duration", is_duration }, { "email", is_email },
		{ "hostname", is_hostname }, { "ipv4", is_ipv4 }, { "ipv6", is_ipv6 }, { "uri", is_uri },
		{ "uri-reference", is_uri_reference }, { "iri", is_iri }, { "iri-reference", is_iri_reference },
		{ "uuid", is_uuid }, { "json-pointer", is_json_pointer }, { "regex", is_regex } };
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (str_is(format, formats[i].name))
			return formats[i].ok(s);
	return true;
}

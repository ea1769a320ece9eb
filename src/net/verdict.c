#include "base/first.h"
#include "base/map.h"
#include "base/scan.h"
#include "base/vec.h"
#include "net/verdict.h"
#include "url/domain.h"
#include "url/host.h"

struct allowed {
	struct str host;
	int port; /* 0: every port but those that browsers refuse */
};

struct verdict_policy {
	bool block_private;
	VEC(struct allowed) hosts;
	VEC(int) ports;
	VEC(struct ip_block) denied;
};

/*
 * Ports on which other protocols can be made to misread an HTTP request: the Fetch Standard's "bad
 * ports" (2.10), which every browser refuses. Sorted.
 */
static const uint16_t bad_ports[] = { 0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79,
	87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427,
	465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719,
	1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080 };

/*
 * Names that can only mean something inside a network: RFC 6761, 6762, 7686, 8375, the reserved
 * "internal", and what resolvers and clouds put into hosts files.
 */
static const char *const local_names[] = { "localhost", "local", "localdomain", "internal", "intranet", "home.arpa",
	"lan", "corp", "home", "private", "onion", "ip6-localhost", "ip6-loopback" };

const char *verdict_name(enum verdict_code code)
{
	static const char *const names[] = { "ok", "bad_url", "scheme", "userinfo", "port", "host", "address" };
	return (unsigned)code < ARRAY_LEN(names) ? names[code] : "unknown";
}

PRINTF_LIKE(3, 4) static int refuse(struct verdict *v, enum verdict_code code, const char *fmt, ...)
{
	if (v) {
		va_list ap;
		v->code = code;
		va_start(ap, fmt);
		vsnprintf(v->words, sizeof v->words, fmt, ap);
		va_end(ap);
	}
	return E_BLOCKED;
}

static int pass(struct verdict *v)
{
	if (v)
		*v = (struct verdict){ .code = VERDICT_OK };
	return 0;
}

/* --- settings --- */

static struct str no_dot(struct str host)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	return host;
}

/* The next trimmed, non-empty entry of a comma-separated list. */
static bool next_entry(struct str *rest, struct str *ret)
{
	while (str_split(rest, ',', ret)) {
		*ret = str_trim(*ret);
		if (ret->n)
			return true;
	}
	return false;
}

static int parse_port(struct str s, int *ret)
{
	uint64_t v;
	if (scan_u64(s, &v) < 0 || v < 1 || v > 65535)
		return E_INVALID;
	*ret = (int)v;
	return 0;
}

static int add_host(struct arena *a, struct verdict_policy *p, struct str entry, struct err *e)
{
	struct allowed item = { .host = entry };
	struct host h;
	size_t colon = str_rchr(entry, ':'), bracket = str_rchr(entry, ']');
	bool bare_v6 = entry.p[0] != '[' && colon != STR_NPOS && str_chr(entry, ':') != colon;
	if (bare_v6) {
		item.host = arena_printf(a, "[%.*s]", STR_FMT(entry));
	} else if (colon != STR_NPOS && (bracket == STR_NPOS || colon > bracket)) {
		item.host = str_sub(entry, 0, colon);
		if (parse_port(str_from(entry, colon + 1), &item.port) < 0)
			return err_set(
				e, E_INVALID, "allowed host \"%.*s\": the port is not in 1..65535", STR_FMT(entry));
	}
	if (host_parse(a, item.host, false, &h, NULL) < 0)
		return err_set(e, E_INVALID, "allowed host \"%.*s\" is not a host name or address", STR_FMT(entry));
	item.host = no_dot(h.name);
	vec_push(a, &p->hosts, item);
	return 0;
}

int verdict_policy_new(struct arena *a, const struct verdict_config *cfg, struct verdict_policy **ret, struct err *e)
{
	struct verdict_policy *p = arena_new(a, struct verdict_policy);
	struct str rest, entry;
	p->block_private = cfg->block_private;
	for (rest = cfg->allowed_hosts; next_entry(&rest, &entry);) {
		int r = add_host(a, p, entry, e);
		if (r < 0)
			return r;
	}
	for (rest = cfg->allowed_ports; next_entry(&rest, &entry);) {
		int port;
		if (parse_port(entry, &port) < 0)
			return err_set(e, E_INVALID, "allowed port \"%.*s\" is not in 1..65535", STR_FMT(entry));
		vec_push(a, &p->ports, port);
	}
	for (rest = cfg->denied; next_entry(&rest, &entry);) {
		struct ip_block block;
		if (ip_block_parse(entry, &block) < 0)
			return err_set(e, E_INVALID, "denied network \"%.*s\" is not an address or CIDR block",
				STR_FMT(entry));
		vec_push(a, &p->denied, block);
	}
	*ret = p;
	return 0;
}

/* --- the questions --- */

static bool is_bad_port(int port)
{
	for (size_t i = 0; i < ARRAY_LEN(bad_ports); i++)
		if (bad_ports[i] == port)
			return true;
	return false;
}

static const struct allowed *find_allowed(const struct verdict_policy *p, struct str host, int port)
{
	const struct allowed *found = NULL;
	host = no_dot(host);
	for (size_t i = 0; i < p->hosts.n; i++) {
		const struct allowed *item = &p->hosts.at[i];
		if (!str_eqi(item->host, host))
			continue;
		if (item->port == port)
			return item;
		if (!item->port)
			found = item;
	}
	return found;
}

static int judge_port(const struct verdict_policy *p, const struct allowed *allowed, int port, struct verdict *v)
{
	bool listed = allowed || !p->ports.n;
	if (allowed && allowed->port)
		return 0;
	if (port < 1 || port > 65535)
		return refuse(v, VERDICT_PORT, "port %d cannot be dialled", port);
	for (size_t i = 0; i < p->ports.n && !listed; i++)
		listed = p->ports.at[i] == port;
	if (!listed)
		return refuse(v, VERDICT_PORT, "port %d is not among the allowed ports", port);
	/* A port that the operator listed by number is meant; only "any" needs the list of bad ones. */
	if ((allowed || !p->ports.n) && is_bad_port(port))
		return refuse(v, VERDICT_PORT, "port %d belongs to another protocol", port);
	return 0;
}

static int judge_ip(const struct verdict_policy *p, const struct ip *ip, struct verdict *v)
{
	struct ip inner[IP_EMBEDDED_MAX];
	char text[IP_TEXT_MAX], inner_text[IP_TEXT_MAX];
	size_t n = ip_embedded(ip, inner);
	ip_text(ip, text);
	for (size_t i = 0; i < p->denied.n; i++) {
		if (ip_block_has(&p->denied.at[i], ip))
			return refuse(v, VERDICT_ADDRESS, "the address %s is in a denied network", text);
		for (size_t k = 0; k < n; k++)
			if (ip_block_has(&p->denied.at[i], &inner[k]))
				return refuse(v, VERDICT_ADDRESS,
					"the address %s leads to %s, which is in a denied network", text,
					ip_text(&inner[k], inner_text));
	}
	if (!p->block_private)
		return 0;
	for (size_t k = 0; k < n; k++) {
		const char *what = ip_not_global(&inner[k]);
		if (what)
			return refuse(v, VERDICT_ADDRESS, "the address %s leads to %s, which is %s", text,
				ip_text(&inner[k], inner_text), what);
	}
	const char *what = ip_not_global(ip);
	if (what)
		return refuse(v, VERDICT_ADDRESS, "the address %s is %s", text, what);
	return 0;
}

static int judge_name(const struct verdict_policy *p, struct str host, struct verdict *v)
{
	if (!p->block_private)
		return 0;
	host = no_dot(host);
	for (size_t i = 0; i < ARRAY_LEN(local_names); i++)
		if (domain_is_under(host, str_of(local_names[i])))
			return refuse(
				v, VERDICT_HOST, "the host %.*s is local by its name", (int)MIN(host.n, 100), host.p);
	if (str_chr(host, '.') == STR_NPOS)
		return refuse(v, VERDICT_HOST, "the host %.*s has no dot, so it is a name of a local network",
			(int)MIN(host.n, 100), host.p);
	return 0;
}

int verdict_url(const struct verdict_policy *p, const struct url *u, struct verdict *v)
{
	if (!url_is_http(u))
		return refuse(v, VERDICT_SCHEME, "the scheme %.*s is neither http nor https", (int)MIN(u->scheme.n, 60),
			u->scheme.p);
	if (u->username.n || u->password.n)
		return refuse(v, VERDICT_USERINFO, "the URL carries a user name or password");
	if (!u->host.n)
		return refuse(v, VERDICT_BAD_URL, "the URL has no host");
	int port = url_port(u);
	const struct allowed *allowed = find_allowed(p, u->host, port);
	int r = judge_port(p, allowed, port, v);
	if (r < 0)
		return r;
	if (!allowed)
		r = u->ip.family ? judge_ip(p, &u->ip, v) : judge_name(p, u->host, v);
	return r < 0 ? r : pass(v);
}

int verdict_text(
	struct arena *a, const struct verdict_policy *p, struct str text, struct url *ret_url, struct verdict *v)
{
	struct url u;
	struct err e = { 0 };
	if (url_parse(a, text, NULL, &u, &e) < 0)
		return refuse(v, VERDICT_BAD_URL, "not a URL: %s", e.words);
	int r = verdict_url(p, &u, v);
	if (r == 0 && ret_url)
		*ret_url = u;
	return r;
}

int verdict_ip(const struct verdict_policy *p, struct str host, int port, const struct ip *ip, struct verdict *v)
{
	const struct allowed *allowed = host.n ? find_allowed(p, host, port) : NULL;
	int r = judge_port(p, allowed, port, v);
	if (r == 0 && !allowed)
		r = judge_ip(p, ip, v);
	return r < 0 ? r : pass(v);
}

int verdict_addr(
	const struct verdict_policy *p, struct str host, const struct sockaddr *sa, size_t n, struct verdict *v)
{
	struct ip ip;
	int port;
	if (ip_from_sockaddr(sa, n, &ip, &port) < 0)
		return refuse(v, VERDICT_ADDRESS, "the address is neither IPv4 nor IPv6");
	return verdict_ip(p, host, port, &ip, v);
}

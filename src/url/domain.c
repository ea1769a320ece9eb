#include "base/first.h"
#include <libpsl.h>
#include "url/domain.h"

/* A registrable name is at most 253 bytes (RFC 1035); libpsl wants a C string. */
#define NAME_MAX_ 255

static bool is_name(struct str host, char text[NAME_MAX_ + 1])
{
	struct ip ip;
	if (!host.n || host.n > NAME_MAX_ || host.p[0] == '.' || host.p[0] == '[' || ip_parse(host, &ip) == 0)
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = 0;
	for (size_t i = 0; i < host.n; i++)
		text[i] = (char)to_lower(text[i]);
	return true;
}

/* What libpsl answers is a tail of the text it was given: the same tail of `host`. */
static struct str tail(struct str host, const char *answer)
{
	size_t n = answer ? strlen(answer) : 0;
	return n ? str_from(host, host.n - n) : STR_NULL;
}

static struct str ask(struct str host, const char *(*fn)(const psl_ctx_t *, const char *))
{
	char text[NAME_MAX_ + 1];
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (!is_name(host, text))
		return STR_NULL;
	return tail(host, fn(psl_builtin(), text));
}

struct str domain_registrable(struct str host)
{
	return ask(host, psl_registrable_domain);
}

struct str domain_suffix(struct str host)
{
	return ask(host, psl_unregistrable_domain);
}

bool domain_same_site(struct str a, struct str b)
{
	struct str ra = domain_registrable(a), rb = domain_registrable(b);
	if (ra.p && rb.p)
		return str_eqi(ra, rb);
	return !ra.p && !rb.p && domain_is_under(a, b) && domain_is_under(b, a);
}

bool domain_is_under(struct str host, struct str domain)
{
	if (host.n && host.p[host.n - 1] == '.')
		host.n--;
	if (domain.n && domain.p[domain.n - 1] == '.')
		domain.n--;
	if (!domain.n || !str_endsi(host, domain))
		return false;
	return host.n == domain.n || host.p[host.n - domain.n - 1] == '.';
}

#include "base/first.h"
#include <idn2.h>
#include "url/idna.h"

static int with_idn2(struct arena *a, int r, char *text, struct str *ret, struct err *e)
{
	if (r != IDN2_OK)
		return err_set(e, E_INVALID, "not a domain name: %s", idn2_strerror(r));
	*ret = arena_str(a, str_of(text));
	idn2_free(text);
	return 0;
}

int idna_to_ascii(struct arena *a, struct str domain, struct str *ret, struct err *e)
{
	char *out = NULL, *in = arena_cstr(a, domain);
	if (strlen(in) != domain.n)
		return err_set(e, E_INVALID, "the host holds a NUL");
	int r = idn2_to_ascii_8z(in, &out, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	return with_idn2(a, r, out, ret, e);
}

struct str idna_to_unicode(struct arena *a, struct str ascii)
{
	char *out = NULL;
	struct str ret;
	int r = idn2_to_unicode_8z8z(arena_cstr(a, ascii), &out, 0);
	return with_idn2(a, r, out, &ret, NULL) < 0 ? ascii : ret;
}

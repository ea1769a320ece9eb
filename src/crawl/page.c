#include "base/first.h"
#include "base/buf.h"
#include "base/vec.h"
#include "crawl/page.h"
#include "html/charset.h"

#define SNIFF 1445 /* bytes that the standard looks at */

/* "Text/HTML; charset=x" → "text/html"; p NULL when it is no media type. */
static struct str essence(struct arena *a, struct str content_type)
{
	struct str t = str_trim(str_sub(content_type, 0, MIN(str_chr(content_type, ';'), content_type.n)));
	size_t slash = str_chr(t, '/');
	if (slash == STR_NPOS || slash == 0 || slash + 1 == t.n || slash != str_rchr(t, '/') || t.n > 100)
		return STR_NULL;
	char *p = arena_cstr(a, t);
	for (size_t i = 0; i < t.n; i++) {
		if (!is_alnum(p[i]) && !strchr("/!#$&^_.+-", p[i]))
			return STR_NULL;
		p[i] = (char)to_lower(p[i]);
	}
	return str_n(p, t.n);
}

static bool is_html_type(struct str t)
{
	return str_is(t, "text/html") || str_is(t, "application/xhtml+xml") || str_is(t, "text/xml") ||
	       str_is(t, "application/xml") || (str_ends(t, STR("+xml")) && !str_starts(t, STR("image/")));
}

static bool is_text_type(struct str t)
{
	return str_starts(t, STR("text/")) || str_is(t, "application/json") || str_ends(t, STR("+json")) ||
	       str_is(t, "application/javascript") || str_is(t, "application/x-javascript") ||
	       str_is(t, "application/ecmascript") || str_is(t, "application/x-ndjson") ||
	       str_is(t, "application/yaml") || str_is(t, "application/x-yaml");
}

/* By the first bytes, for replies that do not say. */
static struct str sniff(struct str body)
{
	struct str head = str_sub(body, 0, SNIFF);
	if (str_starts(head, STR("%PDF-")))
		return STR("application/pdf");
	if (str_starts(head, STR("\x89PNG\r\n")))
		return STR("image/png");
	if (str_starts(head, STR("\xff\xd8\xff")))
		return STR("image/jpeg");
	if (str_starts(head, STR("GIF8")))
		return STR("image/gif");
	if (str_starts(head, STR("PK\x03\x04")))
		return STR("application/zip");
	if (str_starts(head, STR("\xfe\xff")) || str_starts(head, STR("\xff\xfe"))) /* UTF-16: text full of NULs */
		return STR("text/html");
	for (size_t i = 0; i < head.n; i++) {
		unsigned char c = (unsigned char)head.p[i];
		if (c < 0x09 || c == 0x0b || (c >= 0x0e && c < 0x20 && c != 0x1b))
			return STR("application/octet-stream");
	}
	size_t lt = str_chr(head, '<');
	return !head.n || (lt != STR_NPOS && str_trim(str_sub(head, 0, lt)).n == 0) ? STR("text/html")
										    : STR("text/plain");
}

/* As browsers show plain text. */
static struct str as_page(struct arena *a, struct str text)
{
	struct buf b;
	buf_init(&b, a, 0);
	buf_addz(&b, "<html><head><meta charset=\"utf-8\"></head><body><pre>");
	for (size_t i = 0, from = 0; i <= text.n; i++) {
		const char *esc = i == text.n     ? ""
		                  : text.p[i] == '<' ? "&lt;"
		                  : text.p[i] == '>' ? "&gt;"
		                  : text.p[i] == '&' ? "&amp;"
		                                     : NULL;
		if (!esc)
			continue;
		buf_add(&b, text.p + from, i - from);
		buf_addz(&b, esc);
		from = i + 1;
	}
	buf_addz(&b, "</pre></body></html>");
	return buf_str(&b);
}

void page_read(struct page *ret, struct arena *a, struct str body, struct str content_type)
{
	struct page p = { 0 };
	struct str type = essence(a, content_type);
	body = arena_str(a, body);
	if (!type.p)
		type = sniff(body);
	p.kind = is_html_type(type) ? PAGE_HTML : is_text_type(type) ? PAGE_TEXT : PAGE_BINARY;
	p.text = p.html = body;
	p.type = p.kind == PAGE_BINARY ? type : STR("text/html");
	if (p.kind != PAGE_BINARY) {
		struct charset cs = charset_detect(body, content_type);
		p.charset = cs.name;
		p.text = charset_decode(a, str_from(body, cs.skip), cs.name);
		p.html = p.kind == PAGE_TEXT ? as_page(a, p.text) : p.text;
	}
	*ret = p;
}

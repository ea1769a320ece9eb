#include "base/first.h"
#include "html/charset.h"
#include "html/dom.h"
#include "../tap.h"

static struct arena arena;

#define detects(bytes, type, want) \
	is_str(charset_detect((bytes), (type)).name, want, "%s", want)
#define decodes(bytes, name, want) is_str(charset_decode(&arena, STR(bytes), STR(name)), want, name)

int main(void)
{
	arena_init(&arena, 0);
	is_str(charset_of_label(STR(" Latin1\n")), "windows-1252");
	is_str(charset_of_label(STR("UTF8")), "UTF-8");
	is_str(charset_of_label(STR("x-sjis")), "Shift_JIS");
	ok(!charset_of_label(STR("none")).p);
	ok(!charset_of_label(STR("")).p);
	is_str(charset_of_content_type(STR("text/html; a=b;Charset = \"koi8-r\" ;x")), "koi8-r");
	is_str(charset_of_content_type(STR("text/html;charset=utf-8")), "utf-8");
	ok(!charset_of_content_type(STR("text/html; charset")).p);
	ok(!charset_of_content_type(STR_NULL).p);

	detects(STR("\xEF\xBB\xBFx"), STR("text/html; charset=koi8-r"), "UTF-8");
	detects(STR("\xFF\xFEx\0"), STR_NULL, "UTF-16LE");
	detects(STR("<meta charset=gbk>"), STR("text/html; charset=koi8-r"), "KOI8-R");
	detects(STR("<meta charset=gbk>"), STR("text/html; charset=nonsense"), "GBK");
	detects(STR("<!-- <meta charset=gbk> --><meta charset='euc-kr'>"), STR_NULL, "EUC-KR");
	detects(STR("<meta content='text/html; charset=big5' http-equiv=Content-Type>"), STR_NULL, "Big5");
	detects(STR("<meta content='text/html; charset=big5'>"), STR_NULL, "UTF-8");
	detects(STR("<a title='<meta charset=gbk>'><meta charset=utf-16>"), STR_NULL, "UTF-8");
	detects(STR("<?xml version='1.0' encoding='iso-8859-2'?>"), STR_NULL, "ISO-8859-2");
	detects(STR("\xE9t\xE9"), STR_NULL, "windows-1252");
	detects(STR("\xC3\xA9"), STR_NULL, "UTF-8");
	detects(STR("<\0!\0D\0"), STR_NULL, "UTF-16LE");
	detects(arena_printf(&arena, "%2000s<meta charset=koi8-r>\xC1", ""), STR_NULL, "KOI8-R");

	decodes("\x80\x93\xE9\x81", "windows-1252", "\xE2\x82\xAC\xE2\x80\x9C\xC3\xA9\xC2\x81");
	decodes("plain", "windows-1252", "plain");
	decodes("\xC1\xC2", "KOI8-R", "\xD0\xB0\xD0\xB1");
	decodes("\xDB", "windows-874", "\xEF\xBF\xBD");
	decodes("\x82\xA0\x81 x", "Shift_JIS", "\xE3\x81\x82\xEF\xBF\xBD x");
	decodes("\xA4\xA2", "EUC-JP", "\xE3\x81\x82");
	decodes("\x1B$B$\"\x1B(B.", "ISO-2022-JP", "\xE3\x81\x82.");
	decodes("\xB0\xA1", "EUC-KR", "\xEA\xB0\x80");
	decodes("\xC4\xE3\x80", "GBK", "\xE4\xBD\xA0\xE2\x82\xAC");
	decodes("\x81\x30\x81\x30", "gb18030", "\xC2\x80");
	decodes("\xA7\x41\xFF", "Big5", "\xE4\xBD\xA0\xEF\xBF\xBD");
	decodes("a\0=\xD8\0\xDE\0\xD8", "UTF-16LE", "a\xF0\x9F\x98\x80\xEF\xBF\xBD");
	decodes("\xFF\xC3(", "UTF-8", "\xEF\xBF\xBD\xEF\xBF\xBD(");
	decodes("abc", "replacement", "\xEF\xBF\xBD");
	decodes("\xFF", "x-user-defined", "\xEF\x9F\xBF");
	charset_preload();
	struct dom *d;
	is_int(dom_parse(&arena, STR("<meta charset=koi8-r><p>\xC1"), NULL, &d, NULL), 0);
	is_str(d->charset, "KOI8-R");
	is_str(node_text(node_first(node_find(d->nodes, TAG_P))), "\xD0\xB0");
	arena_release(&arena);
	return done_testing();
}

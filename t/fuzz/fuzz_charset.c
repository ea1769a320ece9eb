/* Sniffing and every decoder: whatever the bytes, the result is UTF-8. The first byte chooses the encoding. */
#include "base/first.h"
#include "base/utf8.h"
#include "html/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const names[] = { "UTF-8", "UTF-16LE", "UTF-16BE", "windows-1252", "KOI8-R", "ISO-8859-8-I", "Big5",
	"EUC-JP", "EUC-KR", "GBK", "gb18030", "ISO-2022-JP", "Shift_JIS", "replacement", "x-user-defined", "nonsense" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct arena a;
	if (!n || n > 64 * KiB)
		return 0;
	arena_init(&a, 0);
	struct str s = { (const char *)data + 1, n - 1 };
	struct charset c = charset_detect(s, str_sub(s, 0, 60));
	if (!utf8_valid(charset_decode(&a, str_from(s, c.skip), c.name)))
		abort();
	if (!utf8_valid(charset_decode(&a, s, str_of(names[data[0] % ARRAY_LEN(names)]))))
		abort();
	arena_release(&a);
	return 0;
}

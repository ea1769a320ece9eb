/*
 * Which encoding a document is in, and its text as UTF-8. Sources: HTML Living Standard 13.2.3 (sniffing, meta
 * prescan), Encoding Standard (labels, single-byte tables). Big5, EUC-JP, EUC-KR, gb18030, ISO-2022-JP and
 * Shift_JIS are decoded by the C library's iconv.
 */
#ifndef KRYFTO_HTML_CHARSET_H
#define KRYFTO_HTML_CHARSET_H

#include "base/arena.h"
#include "base/err.h"

/* Opens the converters of the C library. A process that confines itself calls this first: opening one reads
 * files. Others need not. */
void charset_preload(void);

/* The standard's name for a label ("latin1" → "windows-1252"), ASCII case and outer white space ignored; a NULL
 * slice for an unknown one. */
struct str charset_of_label(struct str label);
/* The charset parameter of a Content-Type value, quotes off; a NULL slice when there is none. */
struct str charset_of_content_type(struct str content_type);

enum charset_source { CHARSET_BOM, CHARSET_HEADER, CHARSET_META, CHARSET_GUESS };

struct charset {
	struct str name; /* of the Encoding Standard */
	enum charset_source source;
	size_t skip; /* bytes of a byte order mark */
};

/* Byte order mark, then the header (a whole Content-Type value, may be a NULL slice), then <meta> or the XML
 * declaration in the first 1 024 bytes, then UTF-8 if the bytes are valid UTF-8, then <meta> in the first 64 KiB, else
 * windows-1252. */
struct charset charset_detect(struct str bytes, struct str content_type);
/* The bytes as UTF-8, U+FFFD for each error; the input itself when it is valid UTF-8 already. An unknown name is read
 * as windows-1252. */
struct str charset_decode(struct arena *a, struct str bytes, struct str name);

#endif

#include "base/first.h"
#include <expat.h>
#include <zlib.h>
#include "base/buf.h"
#include "base/scan.h"
#include "net/sitemap.h"

#define DEPTH_MAX 64

enum field { NO_FIELD, F_LOC, F_LASTMOD, F_PRIORITY, F_CHANGEFREQ, FIELDS };

struct sitemap {
	int (*fn)(void *arg, const struct sitemap_entry *entry);
	void *arg;
	enum sitemap_kind kind;
	int failed; /* a negative code: nothing is read any more */
	char why[120];

	enum { FIRST_BYTES, PLAIN, GZIP } coding;
	unsigned char head[2];
	size_t head_n;
	z_stream z;
	bool z_ended; /* a member ended: another one or nothing may follow */
	uint64_t in, out;

	enum { NOTHING_YET, XML, LINES } syntax;
	size_t mark; /* bytes of a byte order mark seen */
	XML_Parser xml;
	int depth, item_depth; /* item_depth 0: not inside an item */
	struct str prefix;     /* of the root element, with its ':' */
	char prefix_room[32];
	enum field field;
	struct buf text[FIELDS];
	size_t count;
};

static int fail(struct sitemap *s, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int fail(struct sitemap *s, int code, const char *fmt, ...)
{
	va_list ap;
	if (s->failed)
		return s->failed;
	va_start(ap, fmt);
	vsnprintf(s->why, sizeof s->why, fmt, ap);
	va_end(ap);
	s->failed = code;
	return code;
}

/* --- entries --- */

/* RFC 822 dates of RSS: an HTTP date but for a numeric zone at the end. */
static int parse_rss_date(struct str v, usec_t *ret)
{
	char text[64];
	int64_t zone;
	size_t space = str_rchr(v, ' ');
	if (clock_parse_http(v, ret) == 0)
		return 0;
	struct str z = space == STR_NPOS ? STR("") : str_from(v, space + 1);
	if (z.n != 5 || (z.p[0] != '+' && z.p[0] != '-') || scan_i64(str_from(z, 1), &zone) < 0)
		return E_INVALID;
	snprintf(text, sizeof text, "%.*s GMT", (int)MIN(space, (size_t)50), v.p);
	if (clock_parse_http(str_of(text), ret) < 0)
		return E_INVALID;
	zone = (zone / 100 * 60 + zone % 100) * 60 * USEC_PER_SEC;
	*ret -= z.p[0] == '-' ? -zone : zone;
	return 0;
}

static usec_t parse_date(struct str v)
{
	usec_t t;
	char text[16];
	if (clock_parse_iso(v, &t) == 0 || parse_rss_date(v, &t) == 0)
		return t;
	/* W3C date-times may be a year, or a year and a month. */
	if (v.n == 4 || v.n == 7) {
		snprintf(text, sizeof text, "%.*s%s", STR_FMT(v), v.n == 4 ? "-01-01" : "-01");
		if (clock_parse_iso(str_of(text), &t) == 0)
			return t;
	}
	return 0;
}

static struct str field(struct sitemap *s, enum field f)
{
	return str_trim(buf_str(&s->text[f]));
}

static void emit(struct sitemap *s)
{
	struct sitemap_entry entry = { .loc = field(s, F_LOC), .is_sitemap = s->kind == SITEMAP_INDEX, .priority = -1 };
	double priority;
	if (s->failed || !entry.loc.n || !buf_ok(&s->text[F_LOC]) || entry.loc.n > SITEMAP_LOC_MAX)
		return;
	if (s->count == SITEMAP_URLS_MAX) {
		fail(s, E_LIMIT, "more than %d entries", SITEMAP_URLS_MAX);
		return;
	}
	s->count++;
	if (s->text[F_LASTMOD].n)
		entry.lastmod = parse_date(field(s, F_LASTMOD));
	if (scan_double(field(s, F_PRIORITY), &priority) == 0 && priority >= 0 && priority <= 1)
		entry.priority = priority;
	if (s->text[F_CHANGEFREQ].n)
		entry.changefreq = field(s, F_CHANGEFREQ);
	int r = s->fn(s->arg, &entry);
	if (r)
		fail(s, r, "stopped");
}

static void clear_fields(struct sitemap *s)
{
	s->field = NO_FIELD;
	for (int f = 0; f < FIELDS; f++)
		buf_clear(&s->text[f]);
}

/* --- XML --- */

static enum sitemap_kind root_kind(struct str name)
{
	static const struct {
		const char *name;
		enum sitemap_kind kind;
	} roots[] = { { "urlset", SITEMAP_URLSET }, { "sitemapindex", SITEMAP_INDEX }, { "rss", SITEMAP_RSS },
		{ "RDF", SITEMAP_RSS }, { "feed", SITEMAP_ATOM } };
	for (size_t i = 0; i < ARRAY_LEN(roots); i++)
		if (str_is(name, roots[i].name))
			return roots[i].kind;
	return SITEMAP_UNKNOWN;
}

static const char *item_name(enum sitemap_kind kind)
{
	switch (kind) {
	case SITEMAP_URLSET: return "url";
	case SITEMAP_INDEX: return "sitemap";
	case SITEMAP_ATOM: return "entry";
	default: return "item";
	}
}

static enum field field_of(enum sitemap_kind kind, struct str name)
{
	bool feed = kind == SITEMAP_RSS || kind == SITEMAP_ATOM;
	if (str_is(name, feed ? "link" : "loc"))
		return F_LOC;
	if (feed)
		return str_is(name, "pubDate") || str_is(name, "updated") || str_is(name, "date") ? F_LASTMOD
												  : NO_FIELD;
	if (str_is(name, "lastmod"))
		return F_LASTMOD;
	if (str_is(name, "priority"))
		return F_PRIORITY;
	return str_is(name, "changefreq") ? F_CHANGEFREQ : NO_FIELD;
}

static const char *attribute(const XML_Char **atts, const char *name)
{
	for (; atts[0]; atts += 2)
		if (!strcmp(atts[0], name))
			return atts[1];
	return NULL;
}

/* Atom's <link href rel>: the first that is the entry itself. */
static void atom_link(struct sitemap *s, const XML_Char **atts)
{
	const char *href = attribute(atts, "href"), *rel = attribute(atts, "rel");
	if (href && (!rel || !strcmp(rel, "alternate")) && !s->text[F_LOC].n)
		buf_addz(&s->text[F_LOC], href);
}

static void root(struct sitemap *s, struct str name)
{
	size_t colon = str_chr(name, ':');
	s->kind = root_kind(colon == STR_NPOS ? name : str_from(name, colon + 1));
	if (s->kind == SITEMAP_UNKNOWN)
		fail(s, E_INVALID, "its root element is %.*s", (int)MIN(name.n, 40), name.p);
	if (colon == STR_NPOS || s->kind == SITEMAP_RSS || colon + 1 >= sizeof s->prefix_room)
		return;
	str_copy(s->prefix_room, sizeof s->prefix_room, str_sub(name, 0, colon + 1));
	s->prefix = str_of(s->prefix_room);
}

static void on_start(void *arg, const XML_Char *tag, const XML_Char **atts)
{
	struct sitemap *s = arg;
	struct str name = str_of(tag);
	if (++s->depth > DEPTH_MAX)
		fail(s, E_LIMIT, "elements are nested more than %d deep", DEPTH_MAX);
	else if (s->depth == 1)
		root(s, name);
	if (s->failed) {
		XML_StopParser(s->xml, XML_FALSE);
		return;
	}
	/* Elements of other vocabularies (image:loc, media:…) have another prefix than the root. */
	bool date = s->kind == SITEMAP_RSS && str_is(name, "dc:date");
	if (!date && !str_starts(name, s->prefix))
		return;
	name = str_from(name, date ? 3 : s->prefix.n);
	if (!s->item_depth) {
		if (s->depth <= 3 && str_is(name, item_name(s->kind))) {
			s->item_depth = s->depth;
			clear_fields(s);
		}
	} else if (s->depth == s->item_depth + 1) {
		s->field = field_of(s->kind, name);
		if (s->kind == SITEMAP_ATOM && s->field == F_LOC) {
			atom_link(s, atts);
			s->field = NO_FIELD;
		} else if (s->text[s->field].n) {
			s->field = NO_FIELD; /* the first one counts */
		}
	}
}

static void on_end(void *arg, const XML_Char *tag)
{
	struct sitemap *s = arg;
	if (s->item_depth && s->depth == s->item_depth) {
		emit(s);
		s->item_depth = 0;
	} else if (s->item_depth && s->depth == s->item_depth + 1) {
		s->field = NO_FIELD;
	}
	s->depth--;
	if (s->failed)
		XML_StopParser(s->xml, XML_FALSE);
}

static void on_text(void *arg, const XML_Char *p, int n)
{
	struct sitemap *s = arg;
	if (s->field != NO_FIELD)
		buf_add(&s->text[s->field], p, (size_t)n);
}

/* Entities of a document's own have no use in a sitemap but blowing up. */
static void on_entity(void *arg, const XML_Char *name, int is_parameter, const XML_Char *value, int n,
	const XML_Char *base, const XML_Char *system_id, const XML_Char *public_id, const XML_Char *notation)
{
	struct sitemap *s = arg;
	fail(s, E_INVALID, "it declares entities");
	XML_StopParser(s->xml, XML_FALSE);
}

static int start_xml(struct sitemap *s)
{
	s->xml = XML_ParserCreate(NULL);
	if (!s->xml)
		die("expat has no memory");
	XML_SetUserData(s->xml, s);
	XML_SetElementHandler(s->xml, on_start, on_end);
	XML_SetCharacterDataHandler(s->xml, on_text);
	XML_SetEntityDeclHandler(s->xml, on_entity);
	return 0;
}

static int push_xml(struct sitemap *s, const char *p, size_t n, bool last)
{
	if (XML_Parse(s->xml, p, (int)n, last) == XML_STATUS_OK)
		return s->failed;
	return fail(s, E_INVALID, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(s->xml),
		XML_ErrorString(XML_GetErrorCode(s->xml)));
}

/* --- plain lists --- */

static void end_line(struct sitemap *s)
{
	struct str line = field(s, F_LOC);
	if (str_startsi(line, STR("http://")) || str_startsi(line, STR("https://"))) {
		s->kind = SITEMAP_TEXT;
		emit(s);
	} else if (line.n && s->kind == SITEMAP_UNKNOWN) {
		fail(s, E_INVALID, "it is neither XML nor a list of URLs");
	}
	buf_clear(&s->text[F_LOC]);
}

static int push_lines(struct sitemap *s, const char *p, size_t n)
{
	for (size_t i = 0; i < n && !s->failed;) {
		size_t end = i;
		while (end < n && p[end] != '\n' && p[end] != '\r')
			end++;
		buf_add(&s->text[F_LOC], p + i, end - i);
		if (end < n)
			end_line(s);
		i = end + 1;
	}
	return s->failed;
}

/* --- bytes --- */

static int push_text(struct sitemap *s, const char *p, size_t n)
{
	static const char mark[] = "\xef\xbb\xbf";
	s->out += n;
	if (s->out > SITEMAP_BYTES_MAX)
		return fail(s, E_LIMIT, "more than %zu bytes", SITEMAP_BYTES_MAX);
	for (; s->syntax == NOTHING_YET && n; p++, n--) {
		if (s->mark < 3 && *p == mark[s->mark]) {
			s->mark++;
			continue;
		}
		if (is_space((unsigned char)*p))
			continue;
		s->syntax = *p == '<' || (unsigned char)*p >= 0xfe || *p == '\0' ? XML : LINES;
		if (s->syntax == XML)
			start_xml(s);
		break;
	}
	return s->syntax == XML ? push_xml(s, p, n, false) : s->syntax == LINES ? push_lines(s, p, n) : 0;
}

static int push_gzip(struct sitemap *s, const unsigned char *p, size_t n)
{
	unsigned char room[32 * KiB];
	s->z.next_in = (unsigned char *)p;
	s->z.avail_in = (unsigned)n;
	while (!s->failed && (s->z.avail_in || s->z.avail_out == 0)) {
		if (s->z_ended) {
			/* Members may follow each other; padding of zeros may follow the last. */
			if (s->z.avail_in && *s->z.next_in == 0) {
				s->z.next_in++;
				s->z.avail_in--;
				continue;
			}
			if (!s->z.avail_in)
				break;
			inflateReset(&s->z);
			s->z_ended = false;
		}
		s->z.next_out = room;
		s->z.avail_out = sizeof room;
		int r = inflate(&s->z, Z_NO_FLUSH);
		size_t got = sizeof room - s->z.avail_out;
		if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
			return fail(s, E_INVALID, "broken gzip: %s", s->z.msg ? s->z.msg : "bad data");
		if (got)
			push_text(s, (char *)room, got);
		if (s->out > MiB && s->out / SITEMAP_RATIO_MAX > s->in)
			return fail(s, E_LIMIT, "it is compressed more than %d times", SITEMAP_RATIO_MAX);
		s->z_ended = r == Z_STREAM_END;
		if (r == Z_BUF_ERROR)
			break;
	}
	return s->failed;
}

static int push_bytes(struct sitemap *s, const unsigned char *p, size_t n)
{
	return s->coding == GZIP ? push_gzip(s, p, n) : push_text(s, (const char *)p, n);
}

static int choose_coding(struct sitemap *s)
{
	s->coding = PLAIN;
	if (s->head_n == 2 && s->head[0] == 0x1f && s->head[1] == 0x8b) {
		if (inflateInit2(&s->z, 15 + 16) != Z_OK)
			die("zlib cannot start");
		s->coding = GZIP;
	}
	return push_bytes(s, s->head, s->head_n);
}

struct sitemap *sitemap_new(int (*fn)(void *arg, const struct sitemap_entry *entry), void *arg)
{
	struct sitemap *s = xcalloc(1, sizeof *s);
	s->fn = fn;
	s->arg = arg;
	s->prefix = STR("");
	for (int f = 0; f < FIELDS; f++)
		buf_init(&s->text[f], NULL, 4 * KiB);
	return s;
}

void sitemap_free(struct sitemap *s)
{
	if (!s)
		return;
	if (s->xml)
		XML_ParserFree(s->xml);
	if (s->coding == GZIP)
		inflateEnd(&s->z);
	for (int f = 0; f < FIELDS; f++)
		buf_release(&s->text[f]);
	free(s);
}

static int result(struct sitemap *s, int r, struct err *e)
{
	return r < 0 ? err_set(e, r, "the sitemap cannot be read: %s", s->why) : r;
}

#define PIECE (256 * KiB) /* keeps lengths within the int that expat takes */

int sitemap_push(struct sitemap *s, const void *p, size_t n, struct err *e)
{
	const unsigned char *at = p;
	s->in += n;
	while (n && !s->failed) {
		if (s->coding == FIRST_BYTES) {
			s->head[s->head_n++] = *at++;
			n--;
			if (s->head_n == 2)
				choose_coding(s);
			continue;
		}
		size_t k = MIN(n, PIECE);
		push_bytes(s, at, k);
		at += k;
		n -= k;
	}
	return result(s, s->failed, e);
}

int sitemap_end(struct sitemap *s, struct err *e)
{
	if (!s->failed && s->coding == FIRST_BYTES)
		choose_coding(s);
	if (!s->failed && s->coding == GZIP && !s->z_ended)
		fail(s, E_INVALID, "the gzip data was cut short");
	if (!s->failed && s->syntax == XML)
		push_xml(s, "", 0, true);
	if (!s->failed && s->syntax == LINES)
		end_line(s);
	if (!s->failed && s->kind == SITEMAP_UNKNOWN)
		fail(s, E_INVALID, "it is empty");
	return result(s, s->failed, e);
}

enum sitemap_kind sitemap_kind(const struct sitemap *s)
{
	return s->kind;
}

size_t sitemap_count(const struct sitemap *s)
{
	return s->count;
}

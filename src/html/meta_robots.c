/* Robots directives: the robots meta element and the X-Robots-Tag header, as search engines document them. */
#include "base/first.h"
#include "base/scan.h"
#include "html/meta_impl.h"

static const char *const known[] = { "all", "none", "index", "noindex", "follow", "nofollow", "noarchive", "nocache",
	"nosnippet", "noimageindex", "notranslate", "noodp", "noydir", "indexifembedded", "nositelinkssearchbox",
	"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after", "noai", "noimageai" };

static bool is_known(struct str s)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (str_eqi(s, str_of(known[i])))
			return true;
	return false;
}

struct robots {
	bool noindex, nofollow, noarchive, nosnippet, noimageindex, notranslate;
	struct str max_snippet, max_image, max_video, unavailable_after;
	struct json *directives;
};

static void directive(struct arena *a, struct robots *r, struct str s)
{
	size_t colon = str_chr(s, ':');
	struct str name = str_trim(colon == STR_NPOS ? s : str_sub(s, 0, colon));
	struct str value = colon == STR_NPOS ? STR_NULL : str_trim(str_from(s, colon + 1));
	bool none = str_eqi(name, STR("none"));
	json_push(a, r->directives, json_new_str(a, s));
	r->noindex |= none || str_eqi(name, STR("noindex"));
	r->nofollow |= none || str_eqi(name, STR("nofollow"));
	r->noarchive |= str_eqi(name, STR("noarchive")) || str_eqi(name, STR("nocache"));
	r->nosnippet |= str_eqi(name, STR("nosnippet"));
	r->noimageindex |= str_eqi(name, STR("noimageindex"));
	r->notranslate |= str_eqi(name, STR("notranslate"));
	if (str_eqi(name, STR("max-snippet")))
		r->max_snippet = value;
	else if (str_eqi(name, STR("max-image-preview")))
		r->max_image = value;
	else if (str_eqi(name, STR("max-video-preview")))
		r->max_video = value;
	else if (str_eqi(name, STR("unavailable_after")))
		r->unavailable_after = value;
}

/* A date holds commas ("unavailable_after: Friday, 25 Jun 2024"): it takes the rest of the line. */
static void line(struct arena *a, struct robots *r, struct str s)
{
	struct str part;
	while (str_split(&s, ',', &part)) {
		part = str_trim(part);
		if (str_startsi(part, STR("unavailable_after"))) {
			size_t n = s.n ? (size_t)(s.p + s.n - part.p) : part.n;
			directive(a, r, str_trim(str_n(part.p, n)));
			return;
		}
		if (part.n)
			directive(a, r, part);
	}
}

/* "otherbot: noindex" is not about us. */
static bool is_for_one_agent(struct str s)
{
	size_t colon = str_chr(s, ':'), comma = str_chr(s, ',');
	return colon != STR_NPOS && (comma == STR_NPOS || colon < comma) && !is_known(str_trim(str_sub(s, 0, colon)));
}

static void number(struct arena *a, struct json *o, const char *name, struct str v)
{
	int64_t i;
	if (v.p)
		json_put(a, o, str_of(name), scan_i64(v, &i) ? json_new_str(a, v) : json_new_int(a, i));
}

const struct json *meta_robots(struct gather *g, struct str header)
{
	struct arena *a = g->arena;
	struct robots r = { .directives = json_new_array(a) };
	struct str rest = buf_str(&g->robots), part;
	while (str_split(&rest, '\n', &part))
		line(a, &r, part);
	while (str_split(&header, '\n', &part))
		if (!is_for_one_agent(part))
			line(a, &r, part);
	g->m->noindex = r.noindex;
	g->m->nofollow = r.nofollow;
	if (!r.directives->n)
		return NULL;
	struct json *o = json_new_object(a);
	json_put(a, o, STR("index"), json_new_bool(!r.noindex));
	json_put(a, o, STR("follow"), json_new_bool(!r.nofollow));
	json_put(a, o, STR("archive"), json_new_bool(!r.noarchive));
	json_put(a, o, STR("snippet"), json_new_bool(!r.nosnippet));
	json_put(a, o, STR("imageindex"), json_new_bool(!r.noimageindex));
	json_put(a, o, STR("translate"), json_new_bool(!r.notranslate));
	number(a, o, "max_snippet", r.max_snippet);
	number(a, o, "max_image_preview", r.max_image);
	number(a, o, "max_video_preview", r.max_video);
	if (r.unavailable_after.p)
		json_put(a, o, STR("unavailable_after"), json_new_str(a, r.unavailable_after));
	json_put(a, o, STR("directives"), r.directives);
	return o;
}

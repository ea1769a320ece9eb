/* What kind of page this is: from what it declares (JSON-LD, OpenGraph, generator), its address and its structure. */
#include "base/first.h"
#include "html/art.h"
#include "html/text.h"

const char *page_kind_name(enum page_kind k)
{
	static const char *const names[] = { "article", "forum", "product", "listing", "docs", "other", "empty",
		"blocked", "consent", "login", "error" };
	return names[k];
}

struct score {
	int article, forum, product, listing, docs;
	bool rows; /* items led by links, in number */
};

static bool one_of(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eqi(s, str_of(list[i])))
			return true;
	return false;
}

static void judge_type(struct str type, struct score *s)
{
	static const char *const articles[] = { "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle",
		"TechArticle", "ScholarlyArticle", "OpinionNewsArticle", "AnalysisNewsArticle", "LiveBlogPosting",
		"MedicalScholarlyArticle", "SocialMediaPosting", "Report", "ReviewNewsArticle",
		"AdvertiserContentArticle", "BackgroundNewsArticle", "Recipe" };
	static const char *const forums[] = { "DiscussionForumPosting", "QAPage" };
	static const char *const products[] = { "Product", "ProductGroup", "IndividualProduct", "Vehicle" };
	static const char *const listings[] = { "ItemList", "CollectionPage", "SearchResultsPage", "OfferCatalog",
		"Blog" };
	size_t slash = str_rchr(type, '/');
	if (slash != STR_NPOS)
		type = str_from(type, slash + 1);
	s->article += one_of(type, articles, ARRAY_LEN(articles)) ? 3 : 0;
	s->forum += one_of(type, forums, ARRAY_LEN(forums)) ? 3 : 0;
	s->product += one_of(type, products, ARRAY_LEN(products)) ? 3 : 0;
	s->listing += one_of(type, listings, ARRAY_LEN(listings)) ? 1 : 0;
	s->docs += str_eqi(type, STR("TechArticle")) || str_eqi(type, STR("APIReference")) ? 1 : 0;
}

static void judge_types(const struct json *v, struct score *s)
{
	for (size_t i = 0; json_is(v, J_ARRAY) && i < v->n && i < 64; i++) {
		const struct json *type = json_get(v->items[i], "@type");
		if (!type)
			type = json_get(v->items[i], "type"); /* microdata */
		judge_type(json_str(type, STR_NULL), s);
		for (size_t k = 0; json_is(type, J_ARRAY) && k < type->n && k < 8; k++)
			judge_type(json_str(type->items[k], STR_NULL), s);
	}
}

static void judge_meta(const struct art *t, struct score *s)
{
	static const char *const docs[] = { "sphinx", "mkdocs", "docusaurus", "gitbook", "javadoc", "doxygen",
		"vitepress", "docbook", "rustdoc", "asciidoctor", "antora", "mdbook", "readthedocs" };
	static const char *const forums[] = { "phpbb", "vbulletin", "discourse", "xenforo", "mybb", "smf ", "flarum",
		"invision", "vanilla", "nodebb", "simple machines", "bbpress" };
	const struct meta *m = t->meta;
	judge_types(m->json_ld, s);
	judge_types(m->microdata, s);
	if (str_eqi(m->type, STR("article")) || str_eqi(m->type, STR("blog")))
		s->article += 2;
	if (str_startsi(m->type, STR("product")) || str_eqi(m->type, STR("og:product")))
		s->product += 3;
	s->article += m->published.p != NULL;
	for (size_t i = 0; i < ARRAY_LEN(docs); i++)
		s->docs += str_findi(m->generator, str_of(docs[i])) != STR_NPOS ? 3 : 0;
	for (size_t i = 0; i < ARRAY_LEN(forums); i++)
		s->forum += str_findi(m->generator, str_of(forums[i])) != STR_NPOS ? 3 : 0;
}

static void judge_address(const struct art *t, struct score *s)
{
	static const char *const docs[] = { "/docs/", "/doc/", "/documentation/", "/api/", "/reference/", "/manual/",
		"/guide/" };
	static const char *const forums[] = { "/forum", "/threads/", "/thread/", "viewtopic", "showthread", "/topic/",
		"/t/", "/questions/", "/discussion" };
	static const char *const listings[] = { "/category/", "/categories/", "/tag/", "/tags/", "/search", "/archive",
		"/collections/", "/author/", "/page/" };
	if (!t->o->base || !t->o->base->page_known)
		return;
	const struct url *u = &t->o->base->page;
	for (size_t i = 0; i < ARRAY_LEN(docs); i++)
		s->docs += str_find(u->path, str_of(docs[i])) != STR_NPOS;
	s->docs += str_starts(u->host, STR("docs.")) || str_starts(u->host, STR("developer."));
	for (size_t i = 0; i < ARRAY_LEN(forums); i++)
		s->forum += str_find(u->path, str_of(forums[i])) != STR_NPOS;
	s->forum += str_starts(u->host, STR("forum"));
	for (size_t i = 0; i < ARRAY_LEN(listings); i++)
		s->listing += str_find(u->path, str_of(listings[i])) != STR_NPOS;
	s->listing += str_is(u->path, "/");
	s->product += str_find(u->path, STR("/product")) != STR_NPOS || str_find(u->path, STR("/dp/")) != STR_NPOS;
}

/* Siblings of one make: how many there are of the most frequent kind below a parent, with text and links of their own.
 */
struct repeated {
	uint32_t parent, items, linked; /* linked: items that are mostly led by a link */
	float good;
	uint32_t words;
};

static uint64_t make_of(const struct node *n)
{
	struct str class = node_attr(n, ATTR_CLASS), word = STR_NULL;
	next_word(&class, &word);
	return hash_bytes(word) ^ (uint64_t)n->tag << 32;
}

/* Counts the children of `n` that are made like its most common child (Boyer and Moore's majority, then a count). */
static void count_repeated(const struct art *t, const struct node *n, uint32_t bits, struct repeated *best)
{
	uint64_t make = 0;
	size_t lead = 0;
	for (const struct node *c = node_first_element(n); c; c = node_next_element(c)) {
		if (!lead)
			make = make_of(c);
		lead += make == make_of(c) ? 1 : (size_t)-1;
	}
	struct repeated r = { .parent = dom_index(t->d, n) };
	for (const struct node *c = node_first_element(n); c; c = node_next_element(c)) {
		uint32_t i = dom_index(t->d, c), words = art_n_words(t, i);
		if (make_of(c) != make || words < 3 || (bits && !(t->own[i] & bits)) || (!bits && t->dead[i]))
			continue;
		r.items++;
		r.words += words;
		r.good += art_good(t, i);
		r.linked += art_n_links(t, i) > 0 && art_n_links(t, i) * 20 >= words;
	}
	if (r.items >= 3 && (bits ? r.good > best->good : r.linked > best->linked))
		*best = r;
}

static void judge_structure(const struct art *t, struct score *s)
{
	struct repeated posts = { 0 }, items = { 0 };
	float alive = t->alive[t->units.n], all = t->good[t->units.n];
	uint32_t articles = 0, code = 0;
	float largest = 0;
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT || n->size < 3)
			continue;
		if (n->size >= 12 && tag_is_block(n->tag) && !t->dead[i]) {
			count_repeated(t, n, W_POST | W_COMMENT, &posts);
			if (n->tag != TAG_TR && n->tag != TAG_P)
				count_repeated(t, n, 0, &items);
		}
		if (n->tag == TAG_ARTICLE && !t->dead[i]) {
			articles++;
			largest = MAX(largest, art_alive(t, i));
		}
	}
	for (size_t i = 0; i < t->units.n; i++)
		code += t->units.at[i].kind == U_PRE ? t->units.at[i].words : 0;
	if (posts.items >= 3 && posts.good > 0.6F * all && posts.linked * 2 < posts.items * 3)
		s->forum++;
	if (articles >= 1 && largest >= 0.6F * alive && largest >= 80)
		s->article++;
	if (articles >= 4 && largest < 0.4F * alive) {
		s->listing += 2;
		s->rows = true;
	}
	uint32_t shown = t->shown[t->units.n];
	if (items.items >= 5 && items.linked * 5 >= items.items * 4 && items.words * 2 > shown &&
		items.good < 30 * (float)items.items) {
		s->listing += 2;
		s->rows = true;
	}
	if (alive < 0.3F * (float)shown)
		s->listing++;
	if (code * 6 > shown)
		s->docs++;
}

/* What stands among the comments is the page when nothing else is. */
static bool comments_are_content(const struct art *t)
{
	float comments = 0, rest = t->alive[t->units.n];
	for (size_t i = 0; i < t->units.n; i++)
		comments += t->units.at[i].why & W_COMMENT ? t->units.at[i].good : 0;
	return comments > 60 && comments > 4 * rest && rest < 120;
}

void art_judge_kind(struct art *t)
{
	struct score s = { 0 };
	if (t->meta)
		judge_meta(t, &s);
	judge_address(t, &s);
	judge_structure(t, &s);
	float alive = t->alive[t->units.n];
	if (comments_are_content(t))
		s.forum += 2;
	for (size_t i = 0; i < t->units.n && t->ld_body.n >= ART_LD_MIN; i++)
		s.article += t->units.at[i].match >= 80 && t->units.at[i].words >= 25 ? 1 : 0;
	if (s.forum >= 3 || (s.forum == 2 && s.article < 3))
		t->kind = PAGE_FORUM;
	else if (s.product >= 3 && s.article < 3)
		t->kind = PAGE_PRODUCT;
	else if (s.docs >= 3 || (s.docs >= 2 && s.article < 3))
		t->kind = PAGE_DOCS;
	else if (s.listing >= (s.article >= 2 ? 5 : 3) && s.rows && s.article < 4)
		t->kind = PAGE_LISTING;
	else if (s.article >= 2 && alive >= 40)
		t->kind = PAGE_ARTICLE;
	else if (s.listing >= 2 && s.rows)
		t->kind = PAGE_LISTING;
	else
		t->kind = alive >= 150 && alive > 0.45F * (float)t->shown[t->units.n] ? PAGE_ARTICLE : PAGE_OTHER;
	t->strict = t->kind == PAGE_ARTICLE;
}

/* ---- pages with little text */

void art_warn(struct article *ret, const char *word)
{
	for (size_t i = 0; i < ret->warnings_n; i++)
		if (!strcmp(ret->warnings[i], word))
			return;
	if (ret->warnings_n < ARRAY_LEN(ret->warnings))
		ret->warnings[ret->warnings_n++] = word;
}

static bool says(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_findi(s, str_of(list[i])) != STR_NPOS)
			return true;
	return false;
}
#define SAYS(s, ...) says((s), (const char *const[]){ __VA_ARGS__ }, ARRAY_LEN(((const char *const[]){ __VA_ARGS__ })))

/* The first words that the page shows, dead or not. */
static struct str shown_text(const struct art *t, size_t max)
{
	struct buf b;
	buf_init(&b, t->a, 0);
	for (size_t i = 0; i < t->units.n && b.n < max; i++) {
		buf_adds(&b, art_unit_text(t, &t->units.at[i]));
		buf_addc(&b, '\n');
	}
	return buf_str(&b);
}

static bool is_challenge(struct str title, struct str text)
{
	return SAYS(title, "just a moment", "attention required", "access denied",
		       "access to this page has been denied", "are you a robot", "robot check", "security check",
		       "human verification", "captcha", "pardon our interruption", "403 forbidden", "request rejected",
		       "ddos-guard", "bot verification", "blocked") ||
	       SAYS(text, "checking your browser", "verify you are human", "verify that you are human",
		       "are not a robot", "unusual traffic", "you have been blocked", "complete the security check",
		       "enable cookies and reload", "checking if the site connection is secure", "press & hold",
		       "automated access", "access denied", "request was blocked", "bot detection",
		       "performing security verification", "you don't have permission to access",
		       "you have been rate limited", "too many requests");
}

static bool is_missing(struct str title, struct str head, struct str text)
{
	static const char *const words[] = { "404", "page not found", "not found", "doesn't exist", "does not exist",
		"doesn\xE2\x80\x99t exist", "no longer available", "no longer exists", "can't be found",
		"cannot be found", "can\xE2\x80\x99t be found", "couldn't find", "couldn\xE2\x80\x99t find",
		"could not find", "page unavailable", "internal server error", "service unavailable", "bad gateway",
		"something went wrong", "an error occurred", "seite nicht gefunden", "page introuvable",
		"p\xC3\xA1gina no encontrada", "pagina non trovata", "p\xC3\xA1gina n\xC3\xA3o encontrada", "error 500",
		"error 503", "410 gone", "oops" };
	return says(title, words, ARRAY_LEN(words)) || says(head, words, ARRAY_LEN(words)) ||
		(text.n < 400 && says(text, words, ARRAY_LEN(words)));
}

/* Words by reason, of all text; and whether a password is asked for, or scripts have yet to fill the page. */
struct evidence {
	uint32_t consent, all, scripts;
	bool password, root, wants_script;
};

static struct evidence gather(const struct art *t)
{
	struct evidence e = { 0 };
	for (size_t i = 0; i < t->units.n; i++) {
		e.all += t->units.at[i].words;
		e.consent += t->units.at[i].why & W_CONSENT ? t->units.at[i].words : 0;
	}
	for (uint32_t i = 0; i < t->d->n; i++) {
		const struct node *n = art_node(t, i);
		if (n->type != NODE_ELEMENT)
			continue;
		struct str id = n->tag == TAG_DIV ? node_attr(n, ATTR_ID) : STR_NULL;
		e.scripts += n->tag == TAG_SCRIPT;
		e.password |= n->tag == TAG_INPUT && str_eqi(node_attr(n, ATTR_TYPE), STR("password"));
		e.root |= id.n && art_n_words(t, i) < 5 &&
			  SAYS(id, "root", "app", "__next", "__nuxt", "gatsby", "svelte");
		if (n->tag == TAG_NOSCRIPT)
			e.wants_script |= str_findi(text_content_of(t->a, n), STR("javascript")) != STR_NPOS;
	}
	return e;
}

void art_judge_poor(struct art *t, struct article *ret)
{
	struct str text = shown_text(t, 4000), title = t->title, head = t->meta ? t->meta->h1 : STR_NULL;
	struct evidence e = gather(t);
	uint32_t alive = t->shown[t->units.n];
	bool consent = e.consent * 2 > e.all ||
		       (e.all < 250 && SAYS(text, "we value your privacy", "before you continue to", "we use cookies",
					       "your privacy choices", "accept all cookies", "manage consent",
					       "cookie consent"));
	bool wants_script =
		e.wants_script || SAYS(text, "enable javascript", "javascript is required", "requires javascript",
					  "javascript is disabled", "turn on javascript");
	if (e.all < 300 && is_challenge(title, text))
		ret->kind = PAGE_BLOCKED;
	else if (t->o->status >= 400 || (alive < 200 && is_missing(title, head, text)))
		ret->kind = PAGE_ERROR;
	else if (consent && alive < 120)
		ret->kind = PAGE_CONSENT;
	else if (alive < 150 && (e.password || SAYS(text, "log in to continue", "sign in to continue", "please log in",
		"please sign in", "you must be logged in", "subscribe to continue", "create a free account to")))
		ret->kind = PAGE_LOGIN;
	else if (e.all < 20 || (e.all < 60 && (e.root || wants_script)))
		ret->kind = PAGE_EMPTY;
	if (ret->kind == PAGE_EMPTY && (e.root || wants_script || e.scripts > 2))
		art_warn(ret, "javascript-required");
}

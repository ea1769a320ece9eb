/*
 * Extraction over the pages of t/data/article: their first line says address, kind and title, data-t marks what belongs
 * to the content, data-x what does not although it stands within. The figure is the F1 of words, as multisets.
 *
 *   KRYFTO_ARTICLE_SHOW=1 test_article    a line a page; =NAME the texts of one page
 */
#include <dirent.h>
#include "base/first.h"
#include "base/fd.h"
#include "base/map.h"
#include "base/utf8.h"
#include "html/article.h"
#include "html/text.h"
#include "../tap.h"

static struct arena arena;

/* ---- the figure */

static void count_words(struct map *m, struct str s, size_t *ret_n)
{
	struct buf word;
	buf_init(&word, &arena, 0);
	for (size_t i = 0; i <= s.n;) {
		size_t from = i;
		uint32_t cp = i < s.n ? utf8_next(s, &i) : ' ';
		i += from == s.n;
		bool wide = cp >= 0x3040 && cp < 0xA000;
		bool part = cp >= 0x80 ? cp != 0xA0 && (cp < 0x2000 || cp > 0x206F) && cp != 0x3001 && cp != 0x3002
				       : is_alnum((int)cp);
		if ((!part || wide) && word.n) {
			struct str key = arena_str(&arena, buf_str(&word));
			map_set(m, key, (void *)((uintptr_t)map_get(m, key) + 1));
			buf_clear(&word);
			++*ret_n;
		}
		if (part)
			utf8_put(&word, cp < 0x80 ? (uint32_t)to_lower((int)cp) : cp);
	}
}

struct figure {
	double precision, recall, f1;
};

static struct figure compare(struct str got, struct str want)
{
	struct map g, w;
	size_t n_got = 0, n_want = 0, both = 0;
	map_init(&g, &arena);
	map_init(&w, &arena);
	count_words(&g, got, &n_got);
	count_words(&w, want, &n_want);
	for (struct map_entry *e = NULL; (e = map_next(&g, e));)
		both += MIN((uintptr_t)e->value, (uintptr_t)map_get(&w, e->key));
	if (!n_want)
		return (struct figure){ 1, 1, 1 };
	struct figure f = { n_got ? (double)both / (double)n_got : 0, (double)both / (double)n_want, 0 };
	f.f1 = both ? 2 * f.precision * f.recall / (f.precision + f.recall) : 0;
	return f;
}

/* ---- pages */

struct page {
	struct str url, kind, title, html, truth;
};

/* The text of the marked elements. */
static struct str read_truth(const struct dom *d)
{
	struct buf out;
	int in = 0, out_of = 0;
	buf_init(&out, &arena, 0);
	for (struct walk w = { .root = d->nodes, .node = d->nodes, .templates = true }; walk_next(&w);) {
		const struct node *n = w.node;
		int step = w.leave ? -1 : 1;
		if (n->type == NODE_ELEMENT && (dom_attr(d, n, STR("data-t")).p || dom_attr(d, n, STR("data-truth")).p))
			in += step;
		if (n->type == NODE_ELEMENT && dom_attr(d, n, STR("data-x")).p)
			out_of += step;
		if (n->type == NODE_ELEMENT && (tag_is_block(n->tag) || n->tag == TAG_BR))
			buf_addc(&out, ' ');
		if (n->type == NODE_TEXT && in && !out_of)
			buf_adds(&out, node_text(n));
	}
	return buf_str(&out);
}

static struct str without(struct str s, struct str mark)
{
	struct buf out;
	buf_init(&out, &arena, 0);
	for (size_t at; (at = str_find(s, mark)) != STR_NPOS; s = str_from(s, at + mark.n)) {
		bool whole = at + mark.n < s.n && (s.p[at + mark.n] == '>' || s.p[at + mark.n] == ' ');
		buf_add(&out, s.p, whole ? at : at + mark.n); /* not of data-test-id */
	}
	buf_adds(&out, s);
	return buf_str(&out);
}

static struct page load(const char *path)
{
	struct page p = { 0 };
	struct buf raw;
	struct dom *d;
	buf_init(&raw, &arena, 0);
	if (fd_read_file(path, MiB, &raw, NULL))
		die("cannot read %s", path);
	struct str rest = buf_str(&raw), head, part;
	str_split(&rest, '\n', &head);
	head = str_sub(head, 5, head.n - 9);
	for (struct str *f = &p.url; f <= &p.title && str_split(&head, '|', &part); f++)
		*f = str_trim(part);
	if (dom_parse(&arena, rest, NULL, &d, NULL))
		die("parse");
	p.truth = read_truth(d);
	size_t cut = str_find(rest, STR("<template data-truth>")), end = str_find(rest, STR("</template></body>"));
	if (cut != STR_NPOS && end != STR_NPOS)
		rest = arena_printf(&arena, "%.*s%.*s", STR_FMT(str_sub(rest, 0, cut)), STR_FMT(str_from(rest, end)));
	p.html = without(without(rest, STR(" data-t")), STR(" data-x"));
	return p;
}

static struct article extract(struct str html, struct str url, int status)
{
	struct article art;
	struct base_url *base = arena_new(&arena, struct base_url);
	struct dom *d;
	if (dom_parse(&arena, html, NULL, &d, NULL))
		die("parse");
	base_url_init(base, &arena, d, url);
	article_extract(&arena, d, &(struct article_opts){ .base = base, .status = status }, &art);
	return art;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_page(const struct dirent *e)
{
	return str_ends(str_of(e->d_name), STR(".html"));
}

static void pages(void)
{
	const char *src = getenv("srcdir"), *show = getenv("KRYFTO_ARTICLE_SHOW");
	char dir[4096], path[8192];
	struct dirent **list;
	double sum = 0, articles = 0;
	int pages = 0, n_articles = 0;
	snprintf(dir, sizeof dir, "%s/t/data/article", src ? src : ".");
	int n = scandir(dir, &list, is_page, by_name);
	ok(n >= 40, "%d pages in %s", n, dir);
	for (int i = 0; i < n; i++) {
		arena_reset(&arena);
		snprintf(path, sizeof path, "%s/%s", dir, list[i]->d_name);
		struct page p = load(path);
		struct article art = extract(p.html, p.url, 0);
		struct figure f = compare(art.text, p.truth);
		bool content = str_trim(p.truth).n > 0;
		if (show)
			printf("# %-22s F1 %.3f  P %.3f  R %.3f  %s (%.*s) %s cov %.2f | %.*s\n", list[i]->d_name, f.f1,
				f.precision, f.recall, page_kind_name(art.kind), STR_FMT(p.kind), art.source,
				art.coverage, STR_FMT(art.title));
		if (show && str_starts(str_of(list[i]->d_name), str_of(show)))
			printf("---- got\n%.*s\n---- want\n%.*s\n---- markdown\n%.*s\n", STR_FMT(art.text),
				STR_FMT(p.truth), STR_FMT(art.markdown));
		is_cstr(page_kind_name(art.kind), arena_cstr(&arena, p.kind), "%s: kind", list[i]->d_name);
		if (content) {
			ok(f.f1 >= 0.9, "%s: F1 %.3f", list[i]->d_name, f.f1);
			sum += f.f1;
			pages++;
			if (str_is(p.kind, "article")) {
				articles += f.f1;
				n_articles++;
				is_str(art.title, arena_cstr(&arena, p.title), "%s: title", list[i]->d_name);
			}
		}
		free(list[i]);
	}
	free(list);
	printf("# mean F1 %.4f of %d pages, %.4f of %d articles\n", sum / pages, pages, articles / n_articles,
		n_articles);
	ok(sum / pages >= 0.97, "mean F1 over all pages");
	ok(articles / n_articles >= 0.98, "mean F1 over articles");
}

int main(void)
{
	arena_init(&arena, 0);
	pages();
	arena_release(&arena);
	return done_testing();
}

#include "base/first.h"
#include <gumbo.h>
#include <setjmp.h>
#include "html/dom_build.h"
#include "html/dom_gumbo.h"

/*
 * Memory for Gumbo: bumped out of large chunks, freed blocks kept in lists by size, everything given back
 * at once. A parse frees as many blocks as it allocates nodes, so the lists matter for the peak.
 */
#define POOL_CHUNK (64 * KiB)
#define POOL_STEP 8
#define POOL_CLASSES 64 /* sizes up to 512; larger ones go by powers of two */

struct pool_block {
	size_t cls;
	struct pool_block *next; /* when free; else the caller's bytes start here */
};

struct pool {
	struct arena arena;
	jmp_buf out;          /* leaves Gumbo when a budget is spent: it can neither fail nor be asked to stop */
	size_t bytes_max;
	int64_t cpu_max;      /* of the thread's clock, ns */
	unsigned calls;
	struct pool_block *small[POOL_CLASSES + 1], *large[64];
	char *at;
	size_t left;
	size_t nodes; /* blocks of a node's size: an upper bound of the nodes made */
};

/*
 * The guard's reckoning is exact for honest pages; a text made to mislead it ends here, in time that is a small
 * multiple of what the densest honest pages take.
 */
#define CPU_BASE INT64_C(60000000)   /* ns */
#define CPU_PER_BYTE INT64_C(180)    /* ns; honest pages take 20 to 60, tags without text between them up to 150 */
#define MEMORY_BASE (64 * MiB)
#define MEMORY_PER_BYTE 160
#define MEMORY_MAX (1024 * MiB)

static int64_t cpu_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void check_budget(struct pool *p)
{
	if (p->arena.used > p->bytes_max || cpu_now() > p->cpu_max)
		longjmp(p->out, 1);
}

static void *pool_alloc(void *userdata, size_t n)
{
	struct pool *p = userdata;
	size_t room = n + sizeof(size_t), cls = (room + POOL_STEP - 1) / POOL_STEP;
	struct pool_block **list;
	if (n == sizeof(GumboNode))
		p->nodes++;
	if (++p->calls % 1024 == 0)
		check_budget(p);
	if (cls <= POOL_CLASSES) {
		list = &p->small[cls];
		room = cls * POOL_STEP;
	} else {
		cls = 64 - (size_t)__builtin_clzll(room - 1);
		list = &p->large[cls];
		room = (size_t)1 << cls;
		cls += POOL_CLASSES;
	}
	struct pool_block *b = *list;
	if (b) {
		*list = b->next;
	} else if (room > POOL_CHUNK / 8) {
		b = arena_alloc(&p->arena, room);
	} else {
		if (p->left < room) {
			p->at = arena_alloc(&p->arena, POOL_CHUNK);
			p->left = POOL_CHUNK;
		}
		b = (struct pool_block *)p->at;
		p->at += room;
		p->left -= room;
	}
	b->cls = cls;
	return &b->next;
}

static void pool_free(void *userdata, void *ptr)
{
	struct pool *p = userdata;
	if (!ptr)
		return;
	struct pool_block *b = (struct pool_block *)((char *)ptr - offsetof(struct pool_block, next));
	struct pool_block **list = b->cls <= POOL_CLASSES ? &p->small[b->cls] : &p->large[b->cls - POOL_CLASSES];
	b->next = *list;
	*list = b;
}

/* ---- names */

static const uint16_t tag_map[GUMBO_TAG_LAST + 1] = {
#define GUMBO_SAME(G, T) [GUMBO_TAG_##G] = TAG_##T,
#include "html/gumbo_tags.def"
#undef GUMBO_SAME
};

/* As the tokeniser spells it: lower case, U+FFFD for NUL. */
static struct str spelled(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.n * 3 + 1);
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i]) {
			to[n++] = (char)to_lower(s.p[i]);
		} else {
			memcpy(to + n, "\xEF\xBF\xBD", 3);
			n += 3;
		}
	}
	return str_n(to, n);
}

static uint32_t tag_of(struct dom_build *b, struct arena *tmp, const GumboElement *el)
{
	if (el->tag_namespace == GUMBO_NAMESPACE_HTML && el->tag < GUMBO_TAG_UNKNOWN)
		return tag_map[el->tag];
	GumboStringPiece piece = el->original_tag;
	gumbo_tag_from_original_text(&piece);
	if (el->tag_namespace == GUMBO_NAMESPACE_SVG && piece.data) {
		const char *svg = gumbo_normalize_svg_tagname(&piece);
		if (svg)
			return build_tag_number(b, str_of(svg));
	}
	if (el->tag < GUMBO_TAG_UNKNOWN)
		return tag_map[el->tag];
	return build_tag_number(b, spelled(tmp, str_n(piece.data ? piece.data : "", piece.length)));
}

/* Values that stand in the source as they are need no copy; `n` is the length when the caller knows it. */
static struct str own(struct dom_build *b, const char *value, const char *source, size_t n)
{
	if (source && strncmp(value, source, n) == 0 && value[n] == '\0')
		return str_n(source, n);
	return arena_str(b->arena, str_of(value));
}

static void add_attr(struct dom_build *b, const GumboAttribute *at)
{
	char full[64];
	struct str name = str_of(at->name);
	const char *prefix = at->attr_namespace == GUMBO_ATTR_NAMESPACE_XLINK ? "xlink:"
		: at->attr_namespace == GUMBO_ATTR_NAMESPACE_XML ? "xml:"
		: at->attr_namespace == GUMBO_ATTR_NAMESPACE_XMLNS && !str_is(name, "xmlns") ? "xmlns:" : NULL;
	if (prefix) {
		snprintf(full, sizeof full, "%s%s", prefix, at->name);
		name = str_of(full);
	}
	const char *from = at->original_value.data;
	size_t n = at->original_value.length;
	if (from && n >= 2 && (*from == '"' || *from == '\'')) {
		from++;
		n -= 2;
	}
	build_attr_number(b, build_attr_name_number(b, name), own(b, at->value, from, from ? n : 0));
}

/* ---- the tree */

static void add_element(struct dom_build *b, struct arena *tmp, const GumboNode *g)
{
	const GumboElement *el = &g->v.element;
	struct node *n = build_open_number(b, tag_of(b, tmp, el), (enum node_ns)el->tag_namespace);
	if (!el->original_tag.length)
		n->flags |= NODE_IMPLIED;
	for (unsigned i = 0; i < el->attributes.length; i++)
		add_attr(b, el->attributes.data[i]);
	if (g->type == GUMBO_NODE_TEMPLATE)
		build_fragment(b);
}

static void add_text(struct dom_build *b, const GumboNode *g)
{
	const GumboText *t = &g->v.text;
	if (g->type == GUMBO_NODE_COMMENT) {
		const char *from = t->original_text.data;
		size_t n = t->original_text.length;
		bool plain = n >= 7 && memcmp(from, "<!--", 4) == 0;
		build_comment(b, own(b, t->text, plain ? from + 4 : NULL, plain ? n - 7 : 0));
		return;
	}
	build_text(b, own(b, t->text, t->original_text.data, t->original_text.length));
}

static void close_element(struct dom_build *b, const GumboNode *g)
{
	if (g->type == GUMBO_NODE_TEMPLATE)
		build_close(b);
	build_close(b);
}

struct level {
	const GumboNode *node;
	unsigned next;
	bool flat;
};

static const GumboVector *children_of(const GumboNode *g)
{
	return g->type == GUMBO_NODE_DOCUMENT ? &g->v.document.children : &g->v.element.children;
}

static void convert(struct dom_build *b, struct arena *tmp, const GumboNode *root)
{
	VEC(struct level) stack = { 0 };
	vec_push(tmp, &stack, (struct level){ root, 0 });
	while (stack.n) {
		struct level *l = &vec_last(&stack);
		const GumboVector *kids = children_of(l->node);
		if (l->next == kids->length) {
			if (l->node != root && !l->flat)
				close_element(b, l->node);
			stack.n--;
			continue;
		}
		const GumboNode *g = kids->data[l->next++];
		if (g->type == GUMBO_NODE_ELEMENT || g->type == GUMBO_NODE_TEMPLATE) {
			bool flat = build_depth(b) >= DOM_DEPTH_MAX - 1; /* its contents then stand behind it */
			add_element(b, tmp, g);
			if (flat)
				close_element(b, g);
			vec_push(tmp, &stack, (struct level){ g, 0, flat });
		} else {
			add_text(b, g);
		}
	}
}

static struct str text_of(struct arena *a, const char *s)
{
	return s && *s ? arena_str(a, str_of(s)) : STR("");
}

static struct dom *take_over(struct arena *a, struct pool *pool, const GumboOutput *out, size_t bytes, bool fragment)
{
	static const enum dom_quirks quirks[] = { [GUMBO_DOCTYPE_NO_QUIRKS] = QUIRKS_NO,
		[GUMBO_DOCTYPE_QUIRKS] = QUIRKS_FULL, [GUMBO_DOCTYPE_LIMITED_QUIRKS] = QUIRKS_LIMITED };
	struct dom_build *b = dom_build_new(a, pool->nodes + pool->nodes / 64, bytes / 128 + 16);
	const GumboDocument *doc = &out->document->v.document;
	if (doc->has_doctype && !fragment)
		build_doctype(b, text_of(a, doc->name), text_of(a, doc->public_identifier),
			text_of(a, doc->system_identifier));
	convert(b, &pool->arena, out->document);
	struct dom *d = build_done(b);
	d->quirks = fragment ? QUIRKS_NO : quirks[doc->doc_type_quirks_mode];
	return d;
}

struct dom *dom_gumbo_parse(struct arena *a, struct str text, enum tag fragment)
{
	struct dom *volatile d = NULL;
	struct pool *pool = xcalloc(1, sizeof *pool);
	arena_init(&pool->arena, POOL_CHUNK);
	pool->bytes_max = MIN(MEMORY_BASE + MEMORY_PER_BYTE * text.n, MEMORY_MAX);
	pool->cpu_max = cpu_now() + CPU_BASE + CPU_PER_BYTE * (int64_t)text.n;
	GumboOptions o = kGumboDefaultOptions;
	o.allocator = pool_alloc;
	o.deallocator = pool_free;
	o.userdata = pool;
	o.max_errors = 0;
	if (fragment) {
		struct str name = name_of_tag(fragment);
		o.fragment_context = gumbo_tagn_enum(name.p, (unsigned)name.n);
	}
	if (!setjmp(pool->out)) {
		GumboOutput *out = gumbo_parse_with_options(&o, text.p ? text.p : "", text.n);
		d = take_over(a, pool, out, text.n, fragment != 0);
	}
	arena_release(&pool->arena);
	free(pool);
	return d;
}

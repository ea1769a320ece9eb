#include "base/first.h"
#include "html/guard_stack.h"
#include "html/names.h"

#define P GUARD_CLOSES_P
#define S GUARD_SPECIAL
static const uint16_t classes[TAG_KNOWN_N] = {
	[TAG_ADDRESS] = S | P,
	[TAG_ARTICLE] = S | P,
	[TAG_ASIDE] = S | P,
	[TAG_BLOCKQUOTE] = S | P,
	[TAG_CENTER] = S | P,
	[TAG_DETAILS] = S | P,
	[TAG_DIR] = S | P,
	[TAG_DIV] = S | P,
	[TAG_DL] = S | P,
	[TAG_FIELDSET] = S | P,
	[TAG_FIGCAPTION] = S | P,
	[TAG_FIGURE] = S | P,
	[TAG_FOOTER] = S | P,
	[TAG_HEADER] = S | P,
	[TAG_HGROUP] = S | P,
	[TAG_MAIN] = S | P,
	[TAG_MENU] = S | P,
	[TAG_NAV] = S | P,
	[TAG_OL] = S | P,
	[TAG_P] = S | P,
	[TAG_SECTION] = S | P,
	[TAG_SUMMARY] = S | P,
	[TAG_UL] = S | P,
	[TAG_PRE] = S | P,
	[TAG_LISTING] = S | P,
	[TAG_FORM] = S | P,
	[TAG_LI] = S | P,
	[TAG_DD] = S | P,
	[TAG_DT] = S | P,
	[TAG_PLAINTEXT] = S | P | GUARD_RAW,
	[TAG_H1] = S | P | GUARD_HEADING,
	[TAG_H2] = S | P | GUARD_HEADING,
	[TAG_H3] = S | P | GUARD_HEADING,
	[TAG_H4] = S | P | GUARD_HEADING,
	[TAG_H5] = S | P | GUARD_HEADING,
	[TAG_H6] = S | P | GUARD_HEADING,
	[TAG_TABLE] = S | P | GUARD_SCOPE,
	[TAG_HR] = S | P | GUARD_VOID,
	[TAG_XMP] = S | P | GUARD_RAW,
	[TAG_APPLET] = S | GUARD_SCOPE | GUARD_MARKER,
	[TAG_MARQUEE] = S | GUARD_SCOPE | GUARD_MARKER,
	[TAG_OBJECT] = S | GUARD_SCOPE | GUARD_MARKER,
	[TAG_TEMPLATE] = S | GUARD_SCOPE | GUARD_MARKER,
	[TAG_CAPTION] = S | GUARD_SCOPE | GUARD_MARKER | GUARD_TABLE,
	[TAG_TD] = S | GUARD_SCOPE | GUARD_MARKER | GUARD_TABLE,
	[TAG_TH] = S | GUARD_SCOPE | GUARD_MARKER | GUARD_TABLE,
	[TAG_TR] = S | GUARD_TABLE,
	[TAG_TBODY] = S | GUARD_TABLE,
	[TAG_THEAD] = S | GUARD_TABLE,
	[TAG_TFOOT] = S | GUARD_TABLE,
	[TAG_COLGROUP] = S | GUARD_TABLE,
	[TAG_COL] = S | GUARD_VOID | GUARD_TABLE,
	[TAG_BUTTON] = S,
	[TAG_SELECT] = S,
	[TAG_FRAMESET] = S,
	[TAG_IFRAME] = S | GUARD_RAW,
	[TAG_NOEMBED] = S | GUARD_RAW,
	[TAG_NOFRAMES] = S | GUARD_RAW,
	[TAG_NOSCRIPT] = S,
	[TAG_SCRIPT] = S | GUARD_RAW,
	[TAG_STYLE] = S | GUARD_RAW,
	[TAG_TITLE] = S | GUARD_RAW,
	[TAG_TEXTAREA] = S | GUARD_RAW,
	[TAG_AREA] = S | GUARD_VOID,
	[TAG_BASE] = S | GUARD_VOID,
	[TAG_BASEFONT] = S | GUARD_VOID,
	[TAG_BGSOUND] = S | GUARD_VOID,
	[TAG_BR] = S | GUARD_VOID,
	[TAG_EMBED] = S | GUARD_VOID,
	[TAG_FRAME] = S | GUARD_VOID,
	[TAG_IMG] = S | GUARD_VOID,
	[TAG_IMAGE] = S | GUARD_VOID,
	[TAG_INPUT] = S | GUARD_VOID,
	[TAG_KEYGEN] = S | GUARD_VOID,
	[TAG_LINK] = S | GUARD_VOID,
	[TAG_META] = S | GUARD_VOID,
	[TAG_PARAM] = S | GUARD_VOID,
	[TAG_SOURCE] = S | GUARD_VOID,
	[TAG_TRACK] = S | GUARD_VOID,
	[TAG_WBR] = S | GUARD_VOID,
	[TAG_ISINDEX] = S | GUARD_VOID,
	[TAG_MENUITEM] = GUARD_VOID,
	[TAG_A] = GUARD_FORMAT,
	[TAG_B] = GUARD_FORMAT,
	[TAG_BIG] = GUARD_FORMAT,
	[TAG_CODE] = GUARD_FORMAT,
	[TAG_EM] = GUARD_FORMAT,
	[TAG_FONT] = GUARD_FORMAT,
	[TAG_I] = GUARD_FORMAT,
	[TAG_NOBR] = GUARD_FORMAT,
	[TAG_S] = GUARD_FORMAT,
	[TAG_SMALL] = GUARD_FORMAT,
	[TAG_STRIKE] = GUARD_FORMAT,
	[TAG_STRONG] = GUARD_FORMAT,
	[TAG_TT] = GUARD_FORMAT,
	[TAG_U] = GUARD_FORMAT,
};
#undef P
#undef S

unsigned guard_class_of(uint32_t tag)
{
	return tag < TAG_KNOWN_N ? classes[tag] : 0;
}

void guard_stack_init(struct guard_stack *g)
{
	memset(g, 0, sizeof *g);
	g->n = 1; /* html and body in one, which nothing closes */
	g->open[0] = (struct guard_open){ .tag = TAG_BODY };
}

static uint64_t hash(struct str s, bool fold)
{
	uint64_t h = 0xCBF29CE484222325u;
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)(fold ? to_lower(s.p[i]) : s.p[i])) * 0x100000001B3u;
	return h ^ h >> 29;
}

uint32_t guard_tag_number(struct str name)
{
	char low[16];
	if (name.n <= sizeof low) {
		for (size_t i = 0; i < name.n; i++)
			low[i] = (char)to_lower(name.p[i]);
		uint32_t t = name_known_tag(str_n(low, name.n));
		if (t)
			return t;
		if (name.n == 13 && memcmp(low, "foreignobject", 13) == 0)
			return TAG_FOREIGNOBJECT;
	}
	return TAG_KNOWN_N + (uint32_t)(hash(name, true) & 0xFFFFFF);
}

static struct guard_open *top(struct guard_stack *g)
{
	return &g->open[g->n - 1];
}

bool guard_in_foreign(const struct guard_stack *g)
{
	const struct guard_open *o = &g->open[g->n - 1];
	return o->foreign && !o->integration;
}

/* ---- popping */

static void unlink_format(struct guard_stack *g, int at)
{
	for (int i = g->formats; i-- > 0;)
		if (g->format[i].open == at) {
			g->format[i].open = -1;
			return;
		}
}

static void clear_to_marker(struct guard_stack *g)
{
	while (g->formats && g->format[--g->formats].tag)
		;
}

static void pop(struct guard_stack *g)
{
	struct guard_open *o = top(g);
	if (g->n <= 1)
		return;
	g->n--;
	if (o->tag < TAG_KNOWN_N)
		g->count[o->tag]--;
	if (o->marked)
		clear_to_marker(g);
	else if (!o->foreign && (guard_class_of(o->tag) & GUARD_FORMAT))
		unlink_format(g, g->n);
}

static void pop_to(struct guard_stack *g, int at)
{
	while (g->n > at && g->n > 1)
		pop(g);
}

void guard_drop_top(struct guard_stack *g)
{
	int at = g->n - 1;
	pop(g);
	for (int i = g->formats; i-- > 0;) /* its end tag takes it off the list too */
		if (g->format[i].open == -1 && g->open[at].tag == g->format[i].tag) {
			memmove(&g->format[i], &g->format[i + 1], (size_t)(--g->formats - i) * sizeof g->format[0]);
			return;
		}
}

void guard_drop_format(struct guard_stack *g)
{
	if (g->formats)
		g->formats--;
}

/* ---- looking down the stack */

/* Place of the nearest `tag` above the nearest scope boundary, -1: none. `button` bounds too when asked for. */
static int in_scope(struct guard_stack *g, uint32_t tag, bool button)
{
	if (tag < TAG_KNOWN_N && !g->count[tag])
		return -1;
	for (int i = g->n; i-- > 0; g->work++) {
		const struct guard_open *o = &g->open[i];
		if (o->tag == tag && !o->foreign)
			return i;
		if (guard_class_of(o->tag) & GUARD_SCOPE || o->foreign || (button && o->tag == TAG_BUTTON))
			return -1;
	}
	return -1;
}

static int nearest(struct guard_stack *g, uint32_t tag)
{
	if (tag < TAG_KNOWN_N && !g->count[tag])
		return -1;
	int i = g->n - 1;
	for (; i > 0 && g->open[i].tag != tag; i--)
		g->work++;
	return i > 0 ? i : -1;
}

/* ---- pushing */

static bool push_named(struct guard_stack *g, uint32_t tag, bool foreign, struct str name)
{
	if (g->n >= GUARD_DEPTH) {
		g->too_deep = true;
		return false;
	}
	int at = g->n++;
	unsigned c = foreign ? 0 : guard_class_of(tag);
	g->open[at] = (struct guard_open){ .tag = tag, .foreign = foreign, .name = name };
	g->open[at].special = c & GUARD_SPECIAL || foreign ? (int16_t)at : g->open[at - 1].special;
	g->open[at].integration = foreign && (tag == TAG_FOREIGNOBJECT || tag == TAG_DESC || tag == TAG_TITLE ||
						     tag == TAG_MI || tag == TAG_MO || tag == TAG_MN || tag == TAG_MS ||
						     tag == TAG_MTEXT || tag == TAG_ANNOTATION_XML);
	if (tag < TAG_KNOWN_N)
		g->count[tag]++;
	if (c & GUARD_MARKER && g->formats < GUARD_FORMATTING) {
		g->format[g->formats++] = (struct guard_format){ .open = -1 };
		g->open[at].marked = true;
	}
	return true;
}

static bool push(struct guard_stack *g, uint32_t tag, bool foreign)
{
	return push_named(g, tag, foreign, STR_NULL);
}

void guard_text(struct guard_stack *g)
{
	int i = g->formats;
	if (!i || !g->format[i - 1].tag || g->format[i - 1].open >= 0)
		return;
	while (i > 0 && g->format[i - 1].tag && g->format[i - 1].open < 0)
		i--;
	for (; i < g->formats; i++) {
		g->recreated++;
		if (!push(g, g->format[i].tag, false))
			return;
		g->format[i].open = g->n - 1;
	}
}

static void add_format(struct guard_stack *g, uint32_t tag, struct str attrs)
{
	uint64_t h = hash(str_trim(attrs), false);
	int same = 0, first = -1;
	for (int i = g->formats; i-- > 0 && g->format[i].tag;)
		if (g->format[i].tag == tag && g->format[i].hash == h) {
			same++;
			first = i;
		}
	if (same >= 3) /* "Noah's Ark": no more than three of a kind */
		memmove(&g->format[first], &g->format[first + 1], (size_t)(--g->formats - first) * sizeof g->format[0]);
	if (g->formats >= GUARD_FORMATTING) {
		g->too_many = true;
		return;
	}
	g->format[g->formats++] = (struct guard_format){ .tag = tag, .hash = h, .open = g->n - 1 };
}

/* ---- end tags */

/* The net effect of the adoption agency: the element goes, blocks inside it stay open. */
static bool adopt(struct guard_stack *g, uint32_t tag)
{
	int f = g->formats;
	while (f > 0 && g->format[f - 1].tag && g->format[f - 1].tag != tag)
		f--;
	if (f == 0 || !g->format[f - 1].tag)
		return false;
	int at = g->format[--f].open;
	memmove(&g->format[f], &g->format[f + 1], (size_t)(--g->formats - f) * sizeof g->format[0]);
	if (at < 0 || at >= g->n)
		return true;
	if (g->open[g->n - 1].special <= at) {
		pop_to(g, at);
		return true;
	}
	/* A block stays open inside it: only the formatting element leaves, the others close ranks. */
	g->count[tag]--;
	memmove(&g->open[at], &g->open[at + 1], (size_t)(g->n - at - 1) * sizeof g->open[0]);
	g->n--;
	g->work += (uint64_t)(g->n - at) + 8;
	for (int i = at; i < g->n; i++)
		g->open[i].special = g->open[i].special >= at ? (int16_t)(g->open[i].special - 1) : g->open[i].special;
	for (int i = 0; i < g->formats; i++)
		if (g->format[i].open > at)
			g->format[i].open--;
	g->recreated += 2;
	return true;
}

static void end_any(struct guard_stack *g, uint32_t tag)
{
	if (tag < TAG_KNOWN_N && !g->count[tag])
		return;
	for (int i = g->n; i-- > 1; g->work++) {
		if (g->open[i].tag == tag) {
			pop_to(g, i);
			return;
		}
		if (g->open[i].special == i)
			return;
	}
}

static void end_foreign(struct guard_stack *g, uint32_t tag)
{
	for (int i = g->n; i-- > 1 && g->open[i].foreign; g->work++)
		if (g->open[i].tag == tag) {
			pop_to(g, i);
			return;
		}
}

void guard_end(struct guard_stack *g, uint32_t tag)
{
	unsigned c = guard_class_of(tag);
	int at;
	g->work += (uint64_t)g->n;
	if (tag == TAG_BODY || tag == TAG_HTML || tag == TAG_HEAD)
		return;
	if (guard_in_foreign(g)) {
		end_foreign(g, tag);
		return;
	}
	if (c & GUARD_FORMAT && adopt(g, tag))
		return;
	if (c & GUARD_HEADING) {
		for (uint32_t h = TAG_H1; h <= TAG_H6; h++)
			if ((at = in_scope(g, h, false)) > 0)
				pop_to(g, at);
	} else if (c & GUARD_TABLE || tag == TAG_TABLE || tag == TAG_TEMPLATE || tag == TAG_SELECT) {
		int table = nearest(g, TAG_TABLE);
		if ((at = nearest(g, tag)) > 0 && (at >= table || tag == TAG_SELECT || tag == TAG_TEMPLATE))
			pop_to(g, at);
	} else if (c & (GUARD_CLOSES_P | GUARD_SPECIAL)) {
		if ((at = in_scope(g, tag, tag == TAG_P)) > 0)
			pop_to(g, at);
	} else {
		end_any(g, tag);
	}
}

/* ---- start tags */

/* Elements that end an SVG or MathML subtree (HTML 13.2.6.5). */
static bool breaks_out(uint32_t tag, struct str attrs)
{
	switch (tag) {
	case TAG_B:
	case TAG_BIG:
	case TAG_BLOCKQUOTE:
	case TAG_BODY:
	case TAG_BR:
	case TAG_CENTER:
	case TAG_CODE:
	case TAG_DD:
	case TAG_DIV:
	case TAG_DL:
	case TAG_DT:
	case TAG_EM:
	case TAG_EMBED:
	case TAG_H1:
	case TAG_H2:
	case TAG_H3:
	case TAG_H4:
	case TAG_H5: case TAG_H6: case TAG_HEAD: case TAG_HR: case TAG_I: case TAG_IMG: case TAG_LI: case TAG_LISTING:
	case TAG_MENU: case TAG_META: case TAG_NOBR: case TAG_OL: case TAG_P: case TAG_PRE: case TAG_RUBY: case TAG_S:
	case TAG_SMALL:
	case TAG_SPAN:
	case TAG_STRONG:
	case TAG_STRIKE:
	case TAG_SUB:
	case TAG_SUP:
	case TAG_TABLE:
	case TAG_TT:
	case TAG_U: case TAG_UL: case TAG_VAR:
		return true;
	case TAG_FONT:
		return str_findi(attrs, STR("color")) != STR_NPOS || str_findi(attrs, STR("face")) != STR_NPOS ||
			str_findi(attrs, STR("size")) != STR_NPOS;
	}
	return false;
}

/* <li> closes an <li>, <dt> and <dd> each other, unless a special element other than these stands between. */
static void close_item(struct guard_stack *g, uint32_t x, uint32_t y)
{
	for (int i = g->open[g->n - 1].special; i > 0; i = g->open[i - 1].special) {
		uint32_t tag = g->open[i].tag;
		g->work++;
		if (tag == x || tag == y) {
			pop_to(g, i);
			return;
		}
		if (tag != TAG_ADDRESS && tag != TAG_DIV && tag != TAG_P)
			return;
	}
}

static void start_table_part(struct guard_stack *g, uint32_t tag)
{
	int table = MAX(nearest(g, TAG_TABLE), nearest(g, TAG_TEMPLATE));
	if (table < 0)
		return; /* ignored outside tables */
	int row = nearest(g, TAG_TR),
	    group = MAX(MAX(nearest(g, TAG_TBODY), nearest(g, TAG_THEAD)), nearest(g, TAG_TFOOT));
	bool cell = tag == TAG_TD || tag == TAG_TH;
	pop_to(g, cell && row > table ? row + 1 : (cell || tag == TAG_TR) && group > table ? group + 1 : table + 1);
	if ((cell || tag == TAG_TR) && group < table)
		push(g, TAG_TBODY, false);
	if (cell && row < table)
		push(g, TAG_TR, false);
	push(g, tag, false);
}

/* What a select ignores, closes or takes. True: the tag is dealt with. */
static bool start_in_select(struct guard_stack *g, uint32_t tag)
{
	int select = nearest(g, TAG_SELECT);
	if (tag == TAG_OPTION || tag == TAG_OPTGROUP) {
		pop_to(g, tag == TAG_OPTION && g->open[select + 1].tag == TAG_OPTGROUP ? select + 2 : select + 1);
		push(g, tag, false);
		return true;
	}
	if (tag == TAG_SCRIPT || tag == TAG_TEMPLATE)
		return false;
	bool leaves = tag == TAG_INPUT || tag == TAG_TEXTAREA || tag == TAG_KEYGEN ||
		((guard_class_of(tag) & GUARD_TABLE || tag == TAG_TABLE) && g->count[TAG_TABLE]);
	if (leaves || tag == TAG_SELECT)
		pop_to(g, select);
	return !leaves;
}

static bool selecting(struct guard_stack *g)
{
	if (!g->count[TAG_SELECT])
		return false;
	return nearest(g, TAG_SELECT) > nearest(g, TAG_TEMPLATE);
}

static void close_before(struct guard_stack *g, uint32_t tag, unsigned c)
{
	int at;
	if (tag == TAG_LI)
		close_item(g, TAG_LI, TAG_LI);
	else if (tag == TAG_DD || tag == TAG_DT)
		close_item(g, TAG_DD, TAG_DT);
	if (c & GUARD_CLOSES_P && (at = in_scope(g, TAG_P, true)) > 0)
		pop_to(g, at);
	if (c & GUARD_HEADING && guard_class_of(top(g)->tag) & GUARD_HEADING)
		pop(g);
	if (tag == TAG_BUTTON && (at = in_scope(g, TAG_BUTTON, false)) > 0)
		pop_to(g, at);
	if ((tag == TAG_OPTION || tag == TAG_OPTGROUP) && top(g)->tag == TAG_OPTION)
		pop(g);
	if (tag == TAG_A)
		adopt(g, TAG_A);
	if (tag == TAG_NOBR && in_scope(g, TAG_NOBR, false) > 0)
		adopt(g, TAG_NOBR);
}

static void start_foreign(struct guard_stack *g, const struct guard_tag *t, uint32_t tag)
{
	if (!t->self_closing)
		push_named(g, tag, true, t->name);
}

bool guard_start(struct guard_stack *g, const struct guard_tag *t, uint32_t tag)
{
	unsigned c = guard_class_of(tag);
	g->work += (uint64_t)g->n;
	if (guard_in_foreign(g)) {
		if (!breaks_out(tag, t->attrs)) {
			start_foreign(g, t, tag);
			return false;
		}
		while (guard_in_foreign(g))
			pop(g);
	}
	if (tag == TAG_BODY || tag == TAG_HTML || tag == TAG_HEAD)
		return false;
	if (selecting(g) && start_in_select(g, tag))
		return false;
	if (c & GUARD_TABLE && tag != TAG_COL) {
		start_table_part(g, tag);
		return false;
	}
	close_before(g, tag, c);
	if (!(c & GUARD_SPECIAL) || tag == TAG_BR || tag == TAG_IMG || tag == TAG_INPUT || tag == TAG_BUTTON ||
		tag == TAG_OBJECT)
		guard_text(g);
	if (tag == TAG_SVG || tag == TAG_MATH) {
		start_foreign(g, t, tag);
		return false;
	}
	if (c & GUARD_RAW)
		return true;
	if (c & GUARD_VOID)
		return false;
	if (push_named(g, tag, false, t->name) && c & GUARD_FORMAT)
		add_format(g, tag, t->attrs);
	return false;
}

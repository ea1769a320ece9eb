#include "base/first.h"
#include "html/guard.h"
#include "html/guard_stack.h"
#include "html/names.h"

#define SHALLOW 32   /* depth that is left when the work was spent */
#define BODIES_MAX 64 /* <html> and <body> tags that give attributes, and <isindex>, which Gumbo makes a form of */

struct guard {
	struct guard_stack stack;
	struct str text;
	struct buf *out;      /* NULL while only looking */
	size_t copied;        /* text before this is in `out` or left out */
	size_t bodies;
	bool odd_select;      /* a <select> of SVG or MathML */
	uint64_t work_max, recreated_max;
};

static void guard_begin(struct guard *g, struct str text, struct buf *out)
{
	guard_stack_init(&g->stack);
	g->text = text;
	g->out = out;
	g->copied = g->bodies = 0;
	g->odd_select = false;
	g->work_max = 4 * MiB + 10 * (uint64_t)text.n;
	g->recreated_max = 2000 + text.n / 50;
}

static bool is_hostile(const struct guard *g)
{
	const struct guard_stack *s = &g->stack;
	return s->too_deep || s->too_many || s->work > g->work_max || s->recreated > g->recreated_max ||
		g->bodies > BODIES_MAX || g->odd_select;
}

/* ---- writing */

static void copy_up_to(struct guard *g, size_t to)
{
	buf_adds(g->out, str_sub(g->text, g->copied, to - g->copied));
	g->copied = to;
}

static void write_end_tag(struct guard *g, uint32_t tag, struct str name)
{
	buf_addz(g->out, "</");
	buf_adds(g->out, tag < TAG_KNOWN_N ? name_of_tag(tag) : name);
	buf_addc(g->out, '>');
}

static int depth_limit(const struct guard *g)
{
	return g->stack.work > g->work_max ? SHALLOW : GUARD_DEPTH - GUARD_FORMATTING - 8;
}

/* Ends elements until one more, and the formatting elements that come back with it, fit. */
static void make_room(struct guard *g)
{
	struct guard_stack *s = &g->stack;
	while (s->n > depth_limit(g)) {
		const struct guard_open *o = &s->open[s->n - 1];
		write_end_tag(g, o->tag, o->name);
		guard_drop_top(s);
	}
}

static void end_formatting(struct guard *g)
{
	struct guard_stack *s = &g->stack;
	while (s->formats && s->format[s->formats - 1].tag) {
		write_end_tag(g, s->format[s->formats - 1].tag, STR_NULL);
		guard_end(s, s->format[s->formats - 1].tag);
	}
}

static bool is_body(uint32_t tag)
{
	return tag == TAG_BODY || tag == TAG_HTML || tag == TAG_ISINDEX;
}

/* False: the tag is left out. */
static bool tame_start(struct guard *g, const struct guard_tag *t, uint32_t tag)
{
	struct guard_stack *s = &g->stack;
	copy_up_to(g, t->from);
	/* With one open, Gumbo pops more than there is at the next <select><table>, and aborts. */
	if (tag == TAG_SELECT && guard_in_foreign(s)) {
		g->copied = t->end;
		return false;
	}
	bool formats = guard_class_of(tag) & GUARD_FORMAT && !guard_in_foreign(s);
	if (formats &&
		s->n > depth_limit(g)) { /* one more inside hundreds says nothing, and closing one for it is dear */
		g->copied = t->end;
		return false;
	}
	make_room(g);
	bool spent = s->recreated > g->recreated_max;
	if (spent)
		end_formatting(g);
	bool body = is_body(tag) && g->bodies > BODIES_MAX;
	if ((formats && (spent || s->formats >= GUARD_FORMATTING - 8)) || body) {
		g->copied = t->end;
		return false;
	}
	if (t->attrs_cut) {
		copy_up_to(g, t->attrs_cut);
		buf_addc(g->out, '>');
		g->copied = t->end;
	}
	return true;
}

/* ---- the pass over the text */

static bool is_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_space(s.p[i]))
			return false;
	return true;
}

static void look_at_text(struct guard *g, size_t from, size_t to)
{
	if (g->stack.formats && to > from && !is_blank(str_sub(g->text, from, to - from)))
		guard_text(&g->stack);
}

static void run(struct guard *g)
{
	struct guard_tag t = { 0 };
	size_t i = 0, before = 0;
	while (guard_next_tag(g->text, &i, guard_in_foreign(&g->stack), &t)) {
		uint32_t tag = guard_tag_number(t.name);
		look_at_text(g, before, t.from);
		before = t.end;
		if (t.closing) {
			guard_end(&g->stack, tag);
		} else {
			g->bodies += is_body(tag) && (t.attrs_n || tag == TAG_ISINDEX);
			g->stack.too_many |= t.attrs_cut != 0;
			g->odd_select |= tag == TAG_SELECT && guard_in_foreign(&g->stack);
			if (g->out && !tame_start(g, &t, tag))
				continue;
			if (guard_start(&g->stack, &t, tag))
				before = i = tag == TAG_PLAINTEXT
						     ? g->text.n
						     : guard_raw_end(g->text, i, t.name, tag == TAG_SCRIPT);
		}
		if (!g->out && is_hostile(g))
			return;
	}
	/* The text ends inside a tag, which will be dropped; Gumbo would still look at its attributes. */
	if (t.attrs_cut && !t.end) {
		g->stack.too_many = true;
		g->text.n = t.from;
	}
}

struct str guard_tame(struct arena *a, struct str text, bool *ret_tamed)
{
	struct guard g;
	guard_begin(&g, text, NULL);
	run(&g);
	*ret_tamed = is_hostile(&g);
	if (!*ret_tamed)
		return text;
	struct buf out;
	buf_init(&out, a, 0);
	buf_grow(&out, text.n);
	guard_begin(&g, text, &out);
	run(&g);
	copy_up_to(&g, g.text.n);
	return buf_str(&out);
}

static void add_text(struct buf *out, struct str s)
{
	for (size_t at; (at = str_find(s, STR("<!"))) != STR_NPOS;) {
		struct str rest = str_from(s, at + 2);
		bool comment = str_starts(rest, STR("--"));
		size_t end = str_find(rest, comment ? STR("-->") : STR(">"));
		buf_adds(out, str_sub(s, 0, at));
		s = end == STR_NPOS ? STR("") : str_from(rest, end + (comment ? 3 : 1));
	}
	buf_adds(out, s);
}

struct str guard_bare_text(struct arena *a, struct str text)
{
	struct buf out;
	struct guard_tag t;
	size_t i = 0, from = 0;
	buf_init(&out, a, 0);
	while (guard_next_tag(text, &i, false, &t)) {
		uint32_t tag = guard_tag_number(t.name);
		add_text(&out, str_sub(text, from, t.from - from));
		if (out.n && out.p[out.n - 1] != '\n' && tag_is_block(tag))
			buf_addc(&out, '\n');
		if (!t.closing && guard_class_of(tag) & GUARD_RAW && tag != TAG_PLAINTEXT)
			i = guard_raw_end(text, i, t.name, tag == TAG_SCRIPT);
		from = i;
	}
	add_text(&out, str_from(text, from));
	return buf_str(&out);
}

/* Pseudo-classes of form controls as the markup alone decides them: HTML section 4.16.3. */
#include "base/first.h"
#include "base/scan.h"
#include "html/selector_impl.h"

enum input_type {
	INPUT_TEXT,
	INPUT_SEARCH,
	INPUT_TEL,
	INPUT_URL,
	INPUT_EMAIL,
	INPUT_PASSWORD,
	INPUT_DATE,
	INPUT_MONTH,
	INPUT_WEEK,
	INPUT_TIME,
	INPUT_DATETIME_LOCAL,
	INPUT_NUMBER,
	INPUT_RANGE,
	INPUT_COLOR,
	INPUT_CHECKBOX,
	INPUT_RADIO,
	INPUT_FILE,
	INPUT_SUBMIT,
	INPUT_IMAGE,
	INPUT_RESET,
	INPUT_BUTTON,
	INPUT_HIDDEN,
	INPUT_TYPES
};

static const char *const type_names[INPUT_TYPES] = { "text", "search", "tel", "url", "email", "password", "date",
	"month", "week", "time", "datetime-local", "number", "range", "color", "checkbox", "radio", "file", "submit",
	"image", "reset", "button", "hidden" };

static enum input_type input_type(const struct node *n)
{
	struct str type = node_attr(n, ATTR_TYPE);
	for (int i = 0; type.n && i < INPUT_TYPES; i++)
		if (str_eqi(type, str_of(type_names[i])))
			return (enum input_type)i;
	return INPUT_TEXT;
}

static bool is_input(const struct node *n, enum input_type type)
{
	return node_is(n, TAG_INPUT) && input_type(n) == type;
}

static bool is_control(const struct node *n)
{
	switch (n->tag) {
	case TAG_BUTTON: case TAG_INPUT: case TAG_SELECT: case TAG_TEXTAREA: case TAG_FIELDSET:
		return true;
	}
	return false;
}

/* Inside the first <legend> of the fieldset, where its `disabled` does not reach. */
static bool in_first_legend(const struct node *fieldset, const struct node *n)
{
	for (const struct node *c = node_first_element(fieldset); c; c = node_next_element(c))
		if (node_is(c, TAG_LEGEND))
			return node_contains(c, n);
	return false;
}

static bool control_is_disabled(struct matcher *m, const struct node *n)
{
	if (n->tag == TAG_OPTION || n->tag == TAG_OPTGROUP) {
		const struct node *p = node_parent(n);
		return node_has(n, ATTR_DISABLED) ||
			(n->tag == TAG_OPTION && p && node_is(p, TAG_OPTGROUP) && node_has(p, ATTR_DISABLED));
	}
	if (!is_control(n))
		return false;
	if (node_has(n, ATTR_DISABLED))
		return true;
	for (const struct node *p = node_parent(n); p && take(m, 1); p = node_parent(p))
		if (node_is(p, TAG_FIELDSET) && node_has(p, ATTR_DISABLED) && !in_first_legend(p, n))
			return true;
	return false;
}

/* The first option that is not disabled counts as chosen when a drop-down box has no chosen one; of several the last.
 */
static bool option_is_selected(struct matcher *m, const struct node *n)
{
	const struct node *select = node_closest(n, TAG_SELECT), *chosen = NULL, *first = NULL;
	if (!select || node_has(select, ATTR_MULTIPLE))
		return node_has(n, ATTR_SELECTED);
	for (const struct node *o = select + 1; o < node_end(select) && take(m, 1); o++) {
		if (!node_is(o, TAG_OPTION))
			continue;
		if (node_has(o, ATTR_SELECTED))
			chosen = o;
		if (!first && !control_is_disabled(m, o))
			first = o;
	}
	int64_t size;
	if (!chosen && (scan_i64(node_attr(select, ATTR_SIZE), &size) || size <= 1))
		chosen = first;
	return n == chosen;
}

static bool control_is_checked(struct matcher *m, const struct node *n)
{
	if (node_is(n, TAG_INPUT))
		return (input_type(n) == INPUT_CHECKBOX || input_type(n) == INPUT_RADIO) && node_has(n, ATTR_CHECKED);
	return node_is(n, TAG_OPTION) && option_is_selected(m, n);
}

/* ---- required, read-only */

static bool required_applies(const struct node *n)
{
	if (n->tag != TAG_INPUT)
		return n->tag == TAG_SELECT || n->tag == TAG_TEXTAREA;
	switch (input_type(n)) {
	case INPUT_RANGE: case INPUT_COLOR: case INPUT_SUBMIT: case INPUT_IMAGE: case INPUT_RESET: case INPUT_BUTTON:
	case INPUT_HIDDEN:
		return false;
	default:
		return true;
	}
}

static bool is_editable(struct matcher *m, const struct node *n)
{
	for (; n && n->type == NODE_ELEMENT && take(m, 1); n = node_parent(n)) {
		struct str v = node_attr(n, ATTR_CONTENTEDITABLE);
		if (v.p && (!v.n || str_eqi(v, STR("true")) || str_eqi(v, STR("plaintext-only"))))
			return true;
		if (str_eqi(v, STR("false")))
			return false;
	}
	return false;
}

static bool is_read_write(struct matcher *m, const struct node *n)
{
	if (n->tag == TAG_TEXTAREA)
		return !node_has(n, ATTR_READONLY) && !control_is_disabled(m, n);
	if (n->tag == TAG_INPUT) {
		bool applies = input_type(n) <= INPUT_NUMBER;
		return applies && !node_has(n, ATTR_READONLY) && !control_is_disabled(m, n);
	}
	return is_editable(m, n);
}

/* ---- placeholder, default, indeterminate */

static bool takes_placeholder(const struct node *n)
{
	return n->tag == TAG_TEXTAREA ||
		(n->tag == TAG_INPUT && (input_type(n) <= INPUT_PASSWORD || input_type(n) == INPUT_NUMBER));
}

static bool is_blank(const struct node *n)
{
	if (n->tag == TAG_INPUT)
		return !node_attr(n, ATTR_VALUE).n;
	const struct node *c = node_first(n);
	return !c || (c->type == NODE_TEXT && str_is(node_text(c), "\n"));
}

static bool is_submit(const struct node *n)
{
	struct str type = node_attr(n, ATTR_TYPE);
	if (node_is(n, TAG_BUTTON))
		return !str_eqi(type, STR("button")) && !str_eqi(type, STR("reset"));
	return is_input(n, INPUT_SUBMIT) || is_input(n, INPUT_IMAGE);
}

static const struct node *form_of(struct matcher *m, const struct node *n)
{
	struct str id = node_attr(n, ATTR_FORM);
	if (!id.p)
		return node_closest(n, TAG_FORM);
	for (const struct node *x = m->d->nodes; x < node_end(m->d->nodes) && take(m, 1); x++)
		if (node_is(x, TAG_FORM) && str_eq(node_attr(x, ATTR_ID), id))
			return x;
	return NULL;
}

/* Controls of one form, or of none; `from` NULL to begin. */
static const struct node *next_of_form(struct matcher *m, const struct node *form, const struct node *from)
{
	const struct node *end = node_end(m->d->nodes);
	for (const struct node *x = from ? from + 1 : m->d->nodes; x < end && take(m, 1); x++)
		if (x->type == NODE_ELEMENT && is_control(x) && x->ns == NS_HTML && form_of(m, x) == form)
			return x;
	return NULL;
}

static bool is_default(struct matcher *m, const struct node *n)
{
	if (n->tag == TAG_OPTION)
		return node_has(n, ATTR_SELECTED);
	if (is_input(n, INPUT_CHECKBOX) || is_input(n, INPUT_RADIO))
		return node_has(n, ATTR_CHECKED);
	const struct node *form = is_submit(n) ? form_of(m, n) : NULL;
	if (!form)
		return false;
	const struct node *x = NULL;
	do
		x = next_of_form(m, form, x);
	while (x && !is_submit(x));
	return x == n;
}

static bool is_indeterminate(struct matcher *m, const struct node *n)
{
	if (n->tag == TAG_PROGRESS)
		return !node_has(n, ATTR_VALUE);
	if (!is_input(n, INPUT_RADIO))
		return false;
	struct str name = node_attr(n, ATTR_NAME);
	if (!name.n)
		return !node_has(n, ATTR_CHECKED);
	const struct node *form = form_of(m, n);
	for (const struct node *x = NULL; (x = next_of_form(m, form, x));)
		if (is_input(x, INPUT_RADIO) && node_has(x, ATTR_CHECKED) && str_eq(node_attr(x, ATTR_NAME), name))
			return false;
	return true;
}

/* ---- ranges and validity */

/* Dates and times compare as text once they have the form of their type. */
static bool date_like(struct str s, const char *form)
{
	size_t n = strlen(form);
	if (s.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? !is_digit(s.p[i]) : s.p[i] != form[i] && !(form[i] == 'T' && s.p[i] == ' '))
			return false;
	return true;
}

static const char *date_form(enum input_type t)
{
	switch (t) {
	case INPUT_DATE:
		return "0000-00-00";
	case INPUT_MONTH:
		return "0000-00";
	case INPUT_WEEK:
		return "0000-W00";
	case INPUT_TIME:
		return "00:00";
	case INPUT_DATETIME_LOCAL:
		return "0000-00-00T00:00";
	default:
		return NULL;
	}
}

/* <0, 0, >0; false when either is not a value of the type. */
static bool compare(enum input_type t, struct str a, struct str b, int *ret)
{
	double x, y;
	const char *form = date_form(t);
	if (form) {
		if (!date_like(a, form) || !date_like(b, form))
			return false;
		*ret = str_cmp(a, b);
		return true;
	}
	if (scan_double(a, &x) || scan_double(b, &y))
		return false;
	*ret = x < y ? -1 : x > y;
	return true;
}

/* -1 out of range, 1 in range, 0 the element has no range limits. */
static int range_state(struct matcher *m, const struct node *n)
{
	if (n->tag != TAG_INPUT)
		return 0;
	enum input_type t = input_type(n);
	if (t < INPUT_DATE || t > INPUT_RANGE)
		return 0;
	struct str min = node_attr(n, ATTR_MIN), max = node_attr(n, ATTR_MAX), v = str_trim(node_attr(n, ATTR_VALUE));
	int same, c;
	bool has_min = min.p && compare(t, min, min, &same), has_max = max.p && compare(t, max, max, &same);
	if (t == INPUT_RANGE) /* its value is always brought into range */
		return 1;
	if ((!has_min && !has_max) || control_is_disabled(m, n) || node_has(n, ATTR_READONLY))
		return 0;
	if (has_min && compare(t, v, min, &c) && c < 0)
		return -1;
	return has_max && compare(t, v, max, &c) && c > 0 ? -1 : 1;
}

static bool email_like(struct str s)
{
	size_t at = str_chr(s, '@');
	return at != STR_NPOS && at > 0 && at + 1 < s.n && str_chr(str_from(s, at + 1), '@') == STR_NPOS &&
		str_chr(s, ' ') == STR_NPOS && s.p[at + 1] != '.' && s.p[s.n - 1] != '.';
}

static bool url_like(struct str s)
{
	size_t colon = str_chr(s, ':');
	return colon != STR_NPOS && colon > 0 && colon + 1 < s.n && is_alpha(s.p[0]) && str_chr(s, ' ') == STR_NPOS;
}

static bool value_missing(struct matcher *m, const struct node *n)
{
	if (!required_applies(n) || !node_has(n, ATTR_REQUIRED))
		return false;
	if (is_input(n, INPUT_CHECKBOX))
		return !node_has(n, ATTR_CHECKED);
	if (is_input(n, INPUT_RADIO))
		return is_indeterminate(m, n);
	if (n->tag != TAG_SELECT)
		return is_blank(n);
	for (const struct node *o = n + 1; o < node_end(n); o++)
		if (node_is(o, TAG_OPTION) && option_is_selected(m, o))
			return node_has(o, ATTR_VALUE) ? !node_attr(o, ATTR_VALUE).n : o->size == 1;
	return true;
}

/* 1 valid, -1 invalid, 0 not a candidate for validation. */
static int validity(struct matcher *m, const struct node *n)
{
	if (!is_control(n) || n->tag == TAG_FIELDSET || control_is_disabled(m, n) || node_has(n, ATTR_READONLY))
		return 0;
	enum input_type t = n->tag == TAG_INPUT ? input_type(n) : INPUT_TEXT;
	if (t == INPUT_HIDDEN || t == INPUT_RESET || t == INPUT_BUTTON || (n->tag == TAG_BUTTON && !is_submit(n)))
		return 0;
	if (n->tag == TAG_BUTTON)
		return 1;
	struct str v = str_trim(node_attr(n, ATTR_VALUE));
	if (value_missing(m, n) || range_state(m, n) < 0)
		return -1;
	if (n->tag == TAG_INPUT && v.n && ((t == INPUT_EMAIL && !email_like(v)) || (t == INPUT_URL && !url_like(v))))
		return -1;
	return 1;
}

/* A form or fieldset is valid when every control of it is. */
static bool is_valid(struct matcher *m, const struct node *n, bool want)
{
	if (n->tag == TAG_FORM || n->tag == TAG_FIELDSET) {
		bool good = true;
		for (const struct node *x = n + 1; good && x < node_end(n) && take(m, 1); x++)
			good = x->type != NODE_ELEMENT || x->ns != NS_HTML || validity(m, x) >= 0;
		return good == want;
	}
	return validity(m, n) == (want ? 1 : -1);
}

/* ---- jQuery's names of controls */

static bool is_named_input(enum state st, const struct node *n)
{
	switch (st) {
	case STATE_INPUT:
		return n->tag == TAG_INPUT || n->tag == TAG_SELECT || n->tag == TAG_TEXTAREA || n->tag == TAG_BUTTON;
	case STATE_BUTTON:
		return n->tag == TAG_BUTTON || is_input(n, INPUT_BUTTON);
	case STATE_TEXT:
		return is_input(n, INPUT_TEXT) &&
		       (!node_has(n, ATTR_TYPE) || str_eqi(node_attr(n, ATTR_TYPE), STR("text")));
	case STATE_CHECKBOX:
		return is_input(n, INPUT_CHECKBOX);
	case STATE_FILE:
		return is_input(n, INPUT_FILE);
	case STATE_IMAGE:
		return is_input(n, INPUT_IMAGE);
	case STATE_PASSWORD:
		return is_input(n, INPUT_PASSWORD);
	case STATE_RADIO:
		return is_input(n, INPUT_RADIO);
	case STATE_RESET:
		return is_input(n, INPUT_RESET) ||
		       (node_is(n, TAG_BUTTON) && str_eqi(node_attr(n, ATTR_TYPE), STR("reset")));
	case STATE_SUBMIT:
		return is_submit(n) && !is_input(n, INPUT_IMAGE);
	default:
		return false;
	}
}

bool control_state(struct matcher *m, enum state st, const struct node *n)
{
	bool control = is_control(n) || n->tag == TAG_OPTION || n->tag == TAG_OPTGROUP;
	switch (st) {
	case STATE_CHECKED:
		return control_is_checked(m, n);
	case STATE_SELECTED:
		return n->tag == TAG_OPTION && option_is_selected(m, n);
	case STATE_DISABLED:
		return control && control_is_disabled(m, n);
	case STATE_ENABLED:
		return control && !control_is_disabled(m, n);
	case STATE_REQUIRED:
		return required_applies(n) && node_has(n, ATTR_REQUIRED);
	case STATE_OPTIONAL:
		return (is_control(n) && n->tag != TAG_BUTTON && n->tag != TAG_FIELDSET) &&
			!(required_applies(n) && node_has(n, ATTR_REQUIRED));
	case STATE_READ_WRITE:
		return is_read_write(m, n);
	case STATE_READ_ONLY:
		return !is_read_write(m, n);
	case STATE_PLACEHOLDER_SHOWN:
		return takes_placeholder(n) && node_has(n, ATTR_PLACEHOLDER) && is_blank(n);
	case STATE_BLANK:
		return (takes_placeholder(n) || (n->tag == TAG_INPUT && input_type(n) <= INPUT_NUMBER)) && is_blank(n);
	case STATE_DEFAULT:
		return is_default(m, n);
	case STATE_INDETERMINATE:
		return is_indeterminate(m, n);
	case STATE_IN_RANGE:
		return range_state(m, n) > 0;
	case STATE_OUT_OF_RANGE:
		return range_state(m, n) < 0;
	case STATE_VALID:
	case STATE_INVALID:
		return is_valid(m, n, st == STATE_VALID);
	default:
		return is_named_input(st, n);
	}
}

#include "base/first.h"
#include "extract/plugin_impl.h"

#include "extract/selectors.h"
#include "html/text.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

/* Lua sees the document and its elements as userdata that hold a node. */
#define ELEMENT "element"

static void push_str(lua_State *L, struct str s)
{
	lua_pushlstring(L, s.p ? s.p : "", s.n);
}

static void push_element(lua_State *L, const struct node *n)
{
	const struct node **at = lua_newuserdatauv(L, sizeof *at, 0);
	*at = n;
	luaL_setmetatable(L, ELEMENT);
}

static const struct node *element_at(lua_State *L, int i)
{
	return *(const struct node **)luaL_checkudata(L, i, ELEMENT);
}

bool plugin_is_element(lua_State *L, int at)
{
	return luaL_testudata(L, at, ELEMENT) != NULL;
}

void plugin_push_doc(lua_State *L)
{
	push_element(L, plugin_of(L)->doc->dom->nodes);
}

static const struct selector *selector_arg(lua_State *L, struct plugin *pl, int i)
{
	size_t n;
	const char *text = luaL_checklstring(L, i, &n);
	struct selector *s = map_get(&pl->selectors, str_n(text, n));
	struct err e = { 0 };
	if (s)
		return s;
	struct str copy = arena_str(pl->doc->arena, str_n(text, n));
	if (selector_compile(pl->doc->arena, copy, &s, &e) < 0)
		luaL_error(L, "selector \"%s\": %s", text, e.words);
	map_set(&pl->selectors, copy, s);
	return s;
}

/* NULL for the document itself: its scope is the root element. */
static const struct node *root_arg(lua_State *L, struct plugin *pl)
{
	const struct node *n = element_at(L, 1);
	return n == pl->doc->dom->nodes ? NULL : n;
}

/* el:select(css): an array of all matches below. */
static int el_select(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct node_list found = { 0 };
	struct err e = { 0 };
	const struct selector *s = selector_arg(L, pl, 2);
	if (selector_all(doc_matcher(pl->doc), s, root_arg(L, pl), SELECTORS_MATCHES_MAX, &found, &e) < 0)
		return luaL_error(L, "select: %s", e.words);
	lua_createtable(L, (int)found.n, 0);
	for (size_t i = 0; i < found.n; i++) {
		push_element(L, found.at[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}

/* el:first(css): the first match below, or nil. */
static int el_first(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	const struct node *n = NULL;
	struct err e = { 0 };
	const struct selector *s = selector_arg(L, pl, 2);
	if (selector_first(doc_matcher(pl->doc), s, root_arg(L, pl), &n, &e) < 0)
		return luaL_error(L, "first: %s", e.words);
	if (n)
		push_element(L, n);
	else
		lua_pushnil(L);
	return 1;
}

static int el_text(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	arena_reset(&pl->scratch);
	push_str(L, trim_unicode(text_content_of(&pl->scratch, element_at(L, 1))));
	return 1;
}

/* What a reader would see, blocks on lines of their own. */
static int el_visible(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	arena_reset(&pl->scratch);
	push_str(L, text_visible_of(&pl->scratch, element_at(L, 1)));
	return 1;
}

static int el_html(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct buf out;
	arena_reset(&pl->scratch);
	buf_init(&out, &pl->scratch, 0);
	dom_inner_html(pl->doc->dom, element_at(L, 1), &out);
	push_str(L, buf_str(&out));
	return 1;
}

static int el_attr(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	size_t n;
	const char *name = luaL_checklstring(L, 2, &n);
	const struct node *el = element_at(L, 1);
	struct str v = node_is_element(el) ? dom_attr(pl->doc->dom, el, str_n(name, n)) : STR_NULL;
	if (v.p)
		push_str(L, v);
	else
		lua_pushnil(L);
	return 1;
}

static int el_children(lua_State *L)
{
	lua_Integer i = 0;
	lua_newtable(L);
	for (const struct node *n = node_first_element(element_at(L, 1)); n; n = node_next_element(n)) {
		push_element(L, n);
		lua_rawseti(L, -2, ++i);
	}
	return 1;
}

static int el_parent(lua_State *L)
{
	const struct node *n = node_parent_element(element_at(L, 1));
	if (n)
		push_element(L, n);
	else
		lua_pushnil(L);
	return 1;
}

static int el_tag(lua_State *L)
{
	push_str(L, dom_tag_name(plugin_of(L)->doc->dom, element_at(L, 1)));
	return 1;
}

/* doc:url(): of the page, or nil. */
static int el_url(lua_State *L)
{
	struct str url = plugin_of(L)->doc->url;
	if (url.p)
		push_str(L, url);
	else
		lua_pushnil(L);
	return 1;
}

/* doc:meta(): what the page says about itself, as kryfto-html meta has it. */
static int el_meta(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct buf text;
	struct jw w;
	const struct json *v = NULL;
	arena_reset(&pl->scratch);
	buf_init(&text, &pl->scratch, 0);
	jw_init(&w, &text);
	meta_write(&w, doc_meta(pl->doc));
	if (json_parse(&pl->scratch, buf_str(&text), NULL, &v, NULL) < 0)
		lua_newtable(L);
	else
		plugin_push_value(L, v);
	return 1;
}

static int el_same(lua_State *L)
{
	lua_pushboolean(L, element_at(L, 1) == element_at(L, 2));
	return 1;
}

void plugin_open_doc(lua_State *L)
{
	static const luaL_Reg methods[] = { { "select", el_select }, { "first", el_first }, { "text", el_text },
		{ "visible", el_visible }, { "html", el_html }, { "attr", el_attr }, { "children", el_children },
		{ "parent", el_parent }, { "tag", el_tag }, { "url", el_url }, { "meta", el_meta }, { NULL, NULL } };
	luaL_newmetatable(L, ELEMENT);
	luaL_newlib(L, methods);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, el_same);
	lua_setfield(L, -2, "__eq");
	/* getmetatable() shows this instead of the table. */
	lua_pushliteral(L, ELEMENT);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

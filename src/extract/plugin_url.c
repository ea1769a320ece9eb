#include "base/first.h"
#include "extract/plugin_impl.h"

#include "url/domain.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

static struct str str_arg(lua_State *L, int i)
{
	size_t n;
	const char *s = luaL_checklstring(L, i, &n);
	return str_n(s, n);
}

static void push_or_nil(lua_State *L, struct str s)
{
	if (s.p)
		lua_pushlstring(L, s.p, s.n);
	else
		lua_pushnil(L);
}

/* url.resolve(href [, base]): absolute, against the page when no base is given; nil for what is no URL. */
static int resolve(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct url base;
	arena_reset(&pl->scratch);
	if (lua_isnoneornil(L, 2)) {
		push_or_nil(L, base_url_resolve(&pl->doc->base, str_arg(L, 1)));
		return 1;
	}
	if (url_parse(&pl->scratch, str_arg(L, 2), NULL, &base, NULL) < 0)
		lua_pushnil(L);
	else
		push_or_nil(L, url_resolve(&pl->scratch, str_arg(L, 1), &base));
	return 1;
}

/* url.parse(text): a table of its parts, or nil. */
static int parse(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct url u;
	arena_reset(&pl->scratch);
	if (url_parse(&pl->scratch, str_arg(L, 1), NULL, &u, NULL) < 0) {
		lua_pushnil(L);
		return 1;
	}
	const struct { const char *name; struct str s; } parts[] = { { "href", url_href(&pl->scratch, &u, 0) },
		{ "scheme", u.scheme }, { "host", u.host }, { "path", u.path }, { "query", u.query },
		{ "fragment", u.fragment }, { "domain", u.host.p ? domain_registrable(u.host) : STR_NULL } };
	lua_createtable(L, 0, ARRAY_LEN(parts) + 1);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		push_or_nil(L, parts[i].s);
		lua_setfield(L, -2, parts[i].name);
	}
	if (url_port(&u) >= 0) {
		lua_pushinteger(L, url_port(&u));
		lua_setfield(L, -2, "port");
	}
	return 1;
}

void plugin_open_url(lua_State *L)
{
	static const luaL_Reg functions[] = { { "resolve", resolve }, { "parse", parse }, { NULL, NULL } };
	luaL_newlib(L, functions);
	lua_setglobal(L, "url");
}

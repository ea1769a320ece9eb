#include "base/first.h"
#include "extract/plugin_impl.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>

/* Instructions between two looks at the limits. */
#define HOOK_EVERY 10000

struct plugin *plugin_of(lua_State *L)
{
	return *(struct plugin **)lua_getextraspace(L);
}

static void *allocate(void *ctx, void *p, size_t old_n, size_t new_n)
{
	struct plugin *pl = ctx;
	size_t had = p ? old_n : 0;
	if (!new_n) {
		free(p);
		pl->memory -= had;
		return NULL;
	}
	if (new_n > had && new_n - had > PLUGIN_MEMORY_MAX - MIN(pl->memory, PLUGIN_MEMORY_MAX)) {
		pl->full = true;
		return NULL;
	}
	void *q = realloc(p, new_n);
	if (q)
		pl->memory += new_n - had;
	return q;
}

static void look_at_limits(lua_State *L, lua_Debug *ar)
{
	struct plugin *pl = plugin_of(L);
	pl->steps += pl->late ? 1 : HOOK_EVERY;
	if (!pl->late && pl->steps < PLUGIN_STEPS_MAX && clock_cpu() - pl->started < PLUGIN_TIME_MAX)
		return;
	/* From now on no instruction passes, so that pcall() cannot swallow the end. */
	pl->late = true;
	lua_sethook(L, look_at_limits, LUA_MASKCOUNT, 1);
	luaL_error(L, "takes too long");
}

/* The globals are listed, not weeded: what is not named here does not exist. */
static void open_globals(lua_State *L)
{
	static const char *const base[] = { "assert", "error", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
		"rawlen", "rawset", "select", "setmetatable", "getmetatable", "tonumber", "tostring", "type", "xpcall",
		LUA_TABLIBNAME, LUA_STRLIBNAME, LUA_MATHLIBNAME, LUA_UTF8LIBNAME };
	luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
	luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
	luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
	luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
	luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
	lua_settop(L, 0);
	lua_newtable(L);
	lua_pushglobaltable(L);
	for (size_t i = 0; i < ARRAY_LEN(base); i++) {
		lua_getfield(L, 2, base[i]);
		lua_setfield(L, 1, base[i]);
	}
	lua_getfield(L, 1, LUA_STRLIBNAME);
	lua_pushnil(L);
	lua_setfield(L, -2, "dump");
	lua_settop(L, 1);
	lua_pushvalue(L, 1);
	lua_setfield(L, 1, LUA_GNAME);
	lua_pushvalue(L, 1);
	lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
	lua_settop(L, 0);
	/* Neither the registry nor a metatable leads back to the full library. */
	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_pushnil(L);
	lua_setfield(L, -2, LUA_GNAME);
	lua_settop(L, 0);
}

/* What the program returns, or the global it set: a function of the document. */
static void find_function(lua_State *L)
{
	if (lua_istable(L, -1))
		lua_getfield(L, -1, "extract");
	else if (lua_isnil(L, -1))
		lua_getglobal(L, "extract");
	if (!lua_isfunction(L, -1))
		luaL_error(L, "must return a function of the document, or a table with a function \"extract\"");
}

/* All that may raise an error runs in here. */
static int run_protected(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	const char *chunk = lua_pushfstring(L, "=%s", arena_cstr(pl->doc->arena, pl->name));
	open_globals(L);
	plugin_open_doc(L);
	plugin_open_json(L);
	plugin_open_url(L);
	lua_sethook(L, look_at_limits, LUA_MASKCOUNT, HOOK_EVERY);
	/* Text only: precompiled programs can break the interpreter. */
	if (luaL_loadbufferx(L, pl->source.p, pl->source.n, chunk, "t") != LUA_OK)
		return lua_error(L);
	lua_call(L, 0, 1);
	find_function(L);
	plugin_push_doc(L);
	lua_call(L, 1, 1);
	plugin_write_value(L, lua_gettop(L), pl->out);
	return 0;
}

static int outcome(lua_State *L, struct plugin *pl, int status, struct err *e)
{
	if (status == LUA_OK)
		return 0;
	int rc = pl->late ? E_TIMEOUT : status == LUA_ERRMEM || pl->full ? E_LIMIT : E_INVALID;
	const char *words = rc == E_LIMIT ? "needs too much memory" : rc == E_TIMEOUT ? "takes too long" : NULL;
	if (!words)
		words = lua_isstring(L, -1) ? lua_tostring(L, -1) : "failed with a value that is no text";
	return err_set(e, rc, "plugin %.*s: %.200s", (int)MIN(pl->name.n, (size_t)64), pl->name.p, words);
}

int plugin_run(struct doc *d, struct str name, struct str source, struct jw *w, struct err *e)
{
	struct plugin pl = { .doc = d, .out = w, .name = name, .source = source, .started = clock_cpu() };
	arena_init(&pl.scratch, 0);
	map_init(&pl.selectors, d->arena);
	lua_State *L = lua_newstate(allocate, &pl);
	if (!L)
		die("out of memory: plugin");
	*(struct plugin **)lua_getextraspace(L) = &pl;
	lua_pushcfunction(L, run_protected);
	int rc = outcome(L, &pl, lua_pcall(L, 0, 0, 0), e);
	lua_close(L);
	arena_release(&pl.scratch);
	return rc;
}

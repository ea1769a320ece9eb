#include "base/first.h"
#include "extract/plugin_impl.h"

#include "base/vec.h"

#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>

#define DEPTH_MAX 100
#define ARRAY "json.array"

/* json.null: a value of its own, since nil would remove a member. */
static const char null_mark;

static void push_null(lua_State *L)
{
	lua_pushlightuserdata(L, (void *)&null_mark);
}

/* --- Lua to JSON --- */

/* A table being written; the table itself lies on the Lua stack. */
struct level {
	int at;
	bool array;
	struct str *keys; /* of an object, sorted */
	size_t i, n;
};

static int by_bytes(const void *x, const void *y)
{
	return str_cmp(*(const struct str *)x, *(const struct str *)y);
}

static bool is_array(lua_State *L, int at)
{
	bool marked = false;
	if (lua_getmetatable(L, at)) {
		luaL_getmetatable(L, ARRAY);
		marked = lua_rawequal(L, -1, -2);
		lua_pop(L, 2);
	}
	return marked || lua_rawlen(L, at) > 0;
}

static void open_table(lua_State *L, struct level *l, struct jw *w)
{
	struct plugin *pl = plugin_of(L);
	size_t n = 0;
	l->at = lua_gettop(L);
	l->array = is_array(L, l->at);
	l->i = 0;
	l->n = l->array ? (size_t)lua_rawlen(L, l->at) : 0;
	for (lua_pushnil(L); lua_next(L, l->at); lua_pop(L, 1)) {
		n++;
		if (!l->array && lua_type(L, -2) != LUA_TSTRING)
			luaL_error(L, "a table with a key that is no text has no form in JSON");
	}
	if (l->array && n != l->n)
		luaL_error(L, "a table with both items and named members, or with gaps, has no form in JSON");
	if (l->array) {
		jw_array(w);
		return;
	}
	l->keys = arena_array(pl->doc->arena, struct str, n);
	for (lua_pushnil(L); lua_next(L, l->at); lua_pop(L, 1)) {
		size_t len;
		const char *key = lua_tolstring(L, -2, &len);
		l->keys[l->n++] = str_n(key, len);
	}
	/* The order of a Lua table is arbitrary; a result should not be. */
	qsort(l->keys, l->n, sizeof *l->keys, by_bytes);
	jw_object(w);
}

/* Writes anything but a table, whose contents are left to the caller. */
static bool write_scalar(lua_State *L, struct jw *w)
{
	size_t n;
	const char *s;
	switch (lua_type(L, -1)) {
	case LUA_TNIL: jw_null(w); return true;
	case LUA_TBOOLEAN: jw_bool(w, lua_toboolean(L, -1)); return true;
	case LUA_TSTRING:
		s = lua_tolstring(L, -1, &n);
		jw_str(w, str_n(s, n));
		return true;
	case LUA_TNUMBER:
		if (lua_isinteger(L, -1))
			jw_int(w, lua_tointeger(L, -1));
		else
			jw_real(w, lua_tonumber(L, -1));
		return true;
	case LUA_TTABLE: return false;
	case LUA_TLIGHTUSERDATA:
		jw_null(w);
		return true;
	default: break;
	}
	if (plugin_is_element(L, -1))
		luaL_error(L, "an element has no form in JSON: take its :text(), :attr() or :html()");
	luaL_error(L, "a %s has no form in JSON", luaL_typename(L, -1));
	return true;
}

void plugin_write_value(lua_State *L, int at, struct jw *w)
{
	struct level levels[DEPTH_MAX];
	size_t depth = 0;
	lua_pushvalue(L, at);
	if (write_scalar(L, w)) {
		lua_pop(L, 1);
		return;
	}
	luaL_checkstack(L, DEPTH_MAX + 8, "nested too deep");
	open_table(L, &levels[depth++], w);
	while (depth) {
		struct level *l = &levels[depth - 1];
		if (l->i == l->n) {
			if (l->array)
				jw_end_array(w);
			else
				jw_end_object(w);
			lua_settop(L, l->at - 1);
			depth--;
			continue;
		}
		if (l->array) {
			lua_rawgeti(L, l->at, (lua_Integer)++l->i);
		} else {
			struct str key = l->keys[l->i++];
			jw_key_str(w, key);
			lua_pushlstring(L, key.p, key.n);
			lua_rawget(L, l->at);
		}
		if (write_scalar(L, w))
			lua_pop(L, 1);
		else if (depth == DEPTH_MAX)
			luaL_error(L, "a value nested deeper than %d levels has no form in JSON", DEPTH_MAX);
		else
			open_table(L, &levels[depth++], w);
	}
}

/* --- JSON to Lua --- */

static bool push_scalar(lua_State *L, const struct json *v)
{
	switch (v->kind) {
	case J_NULL: push_null(L); return true;
	case J_FALSE:
	case J_TRUE: lua_pushboolean(L, v->kind == J_TRUE); return true;
	case J_INT: lua_pushinteger(L, v->i); return true;
	case J_REAL: lua_pushnumber(L, v->d); return true;
	case J_STRING: lua_pushlstring(L, v->s.p, v->s.n); return true;
	case J_ARRAY:
		lua_createtable(L, (int)v->n, 0);
		luaL_setmetatable(L, ARRAY);
		return false;
	case J_OBJECT: lua_createtable(L, 0, (int)v->n); return false;
	}
	return true;
}

void plugin_push_value(lua_State *L, const struct json *v)
{
	struct { const struct json *v; uint32_t i; } levels[JSON_DEPTH_MAX + 1];
	size_t depth = 0;
	luaL_checkstack(L, JSON_DEPTH_MAX + 8, "nested too deep");
	if (push_scalar(L, v))
		return;
	levels[depth].v = v;
	levels[depth++].i = 0;
	/* The container at work is on top of the stack; a finished one is stored in the one below. */
	while (depth) {
		const struct json *in = levels[depth - 1].v;
		uint32_t i = levels[depth - 1].i++;
		if (i == in->n) {
			depth--;
		} else {
			const struct json *item = in->kind == J_ARRAY ? in->items[i] : in->members[i].value;
			if (!push_scalar(L, item)) {
				levels[depth].v = item;
				levels[depth++].i = 0;
				continue;
			}
		}
		if (i == in->n && !depth)
			return;
		/* Store what was just finished: a scalar in `in`, or `in` itself in the level above. */
		const struct json *to = i == in->n ? levels[depth - 1].v : in;
		uint32_t k = i == in->n ? levels[depth - 1].i - 1 : i;
		if (to->kind == J_ARRAY) {
			lua_rawseti(L, -2, (lua_Integer)k + 1);
		} else {
			lua_pushlstring(L, to->members[k].name.p, to->members[k].name.n);
			lua_insert(L, -2);
			lua_rawset(L, -3);
		}
	}
}

/* --- the json table --- */

/* json.decode(text): the value, or an error. */
static int decode(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	size_t n;
	const char *text = luaL_checklstring(L, 1, &n);
	const struct json *v = NULL;
	struct err e = { 0 };
	arena_reset(&pl->scratch);
	if (json_parse(&pl->scratch, str_n(text, n), NULL, &v, &e) < 0)
		return luaL_error(L, "json.decode: %s", e.words);
	plugin_push_value(L, v);
	return 1;
}

static int encode(lua_State *L)
{
	struct plugin *pl = plugin_of(L);
	struct buf out;
	struct jw w;
	luaL_checkany(L, 1);
	arena_reset(&pl->scratch);
	buf_init(&out, &pl->scratch, 16 * MiB);
	jw_init(&w, &out);
	plugin_write_value(L, 1, &w);
	if (!buf_ok(&out))
		return luaL_error(L, "json.encode: too large");
	lua_pushlstring(L, out.p, out.n);
	return 1;
}

/* json.array(t): t is an array even when it is empty. */
static int array(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	lua_settop(L, 1);
	luaL_setmetatable(L, ARRAY);
	return 1;
}

void plugin_open_json(lua_State *L)
{
	static const luaL_Reg functions[] = { { "decode", decode }, { "encode", encode }, { "array", array },
		{ NULL, NULL } };
	luaL_newmetatable(L, ARRAY);
	lua_pushliteral(L, "array");
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
	luaL_newlib(L, functions);
	push_null(L);
	lua_setfield(L, -2, "null");
	lua_setglobal(L, "json");
}

/* Inside of plugin mode: what the parts of the Lua embedding share. */
#ifndef KRYFTO_EXTRACT_PLUGIN_IMPL_H
#define KRYFTO_EXTRACT_PLUGIN_IMPL_H

#include "base/map.h"
#include "extract/plugin.h"

struct lua_State;

struct plugin {
	struct doc *doc;
	struct jw *out;
	struct str name, source;
	struct arena scratch;  /* emptied at each call from Lua */
	struct map selectors;  /* text → struct selector *, in the document's arena */
	size_t memory;         /* bytes Lua holds */
	int64_t steps;
	usec_t started;        /* processor time */
	bool late, full;       /* why it was stopped */
};

struct plugin *plugin_of(struct lua_State *L);
/* --- plugin_doc.c: doc and elements --- */
void plugin_open_doc(struct lua_State *L);
void plugin_push_doc(struct lua_State *L);
bool plugin_is_element(struct lua_State *L, int at);
/* --- plugin_json.c: the json table, and values both ways --- */
void plugin_open_json(struct lua_State *L);
/* Writes the value at `at`; raises a Lua error for what JSON has no word for. */
void plugin_write_value(struct lua_State *L, int at, struct jw *w);
/* Pushes a value. */
void plugin_push_value(struct lua_State *L, const struct json *v);
/* --- plugin_url.c --- */
void plugin_open_url(struct lua_State *L);

#endif

#include "base/first.h"
#include "extract/config.h"

#include "extract/plugin_file.h"
#include "json/writer.h"

static int need(const struct json *config, const char *name, enum json_kind kind, const char *mode,
	const struct json **ret, struct err *e)
{
	const struct json *v = json_get(config, name);
	if (!v)
		return err_set(e, E_INVALID, "%s is required when mode is %s", name, mode);
	if (v->kind != kind && !(strcmp(name, "jsonSchema") == 0 && json_is_bool(v)))
		return err_set(e, E_INVALID, "%s must be %s, is %s", name, kind == J_STRING ? "a string" : "an object",
			json_kind_name(v));
	*ret = v;
	return 0;
}

int extract_config(const struct json *config, const char *plugins_dir, struct arena *a, struct isolate_req *req,
	struct err *e)
{
	const struct json *v = NULL;
	struct str mode = json_str(json_get(config, "mode"), STR("selectors"));
	enum extract_mode m;
	struct str spec = STR_NULL, plugin = STR_NULL, source = STR_NULL;
	int rc;
	if (str_is(mode, "selectors")) {
		m = EXTRACT_SELECTORS;
		rc = need(config, "selectors", J_OBJECT, "selectors", &v, e);
	} else if (str_is(mode, "schema")) {
		m = EXTRACT_SCHEMA;
		rc = need(config, "jsonSchema", J_OBJECT, "schema", &v, e);
	} else if (str_is(mode, "plugin")) {
		m = EXTRACT_PLUGIN;
		rc = need(config, "plugin", J_STRING, "plugin", &v, e);
		if (rc == 0)
			rc = plugin_read(plugins_dir, v->s, a, &source, e);
	} else {
		return err_set(e, E_INVALID, "mode must be selectors, schema or plugin");
	}
	if (rc < 0)
		return rc;
	if (m == EXTRACT_PLUGIN)
		plugin = v->s;
	else
		spec = json_text(a, v);
	req->want |= WANT(PART_EXTRACT);
	req->mode = m;
	req->spec = spec;
	req->plugin = plugin;
	req->source = source;
	return 0;
}

/* The 13 step types and the extraction configuration of kryfto-rest-api-v3.8. */
#include "base/first.h"
#include "api/collect/shapes.h"
#include "api/collect/steps.h"

static const struct schema selector_s = { S_STRING, .string = { .min = 1, .max = 4096 } };
static const struct schema header_value_s = { S_STRING, .string = { .max = 8192 } };
static const struct schema headers_s = { S_RECORD, .record = { &header_value_s, 100 } };
static const struct schema wait_ms_s = { S_INTEGER, .integer = { 1, 3600000 } };
static const struct schema long_text_s = { S_STRING, .string = { .max = 100000 } };
static const struct schema short_s = { S_STRING, .string = { .min = 1, .max = 255 } };
static const struct schema direction_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "up", "down", NULL } }
};
static const struct schema amount_s = { S_INTEGER, .integer = { 1, 1000000 } };
static const struct schema pages_s = { S_INTEGER, .integer = { 1, 100 } };
static const struct schema same_site_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "Strict", "Lax", "None", NULL } }
};
static const struct schema expires_s = { S_NUMBER };
static const struct schema cookie_value_s = { S_STRING, .string = { .max = 4096 } };
static const struct schema cookie_s = {
	.component = "CookieInput",
	OBJECT(HAS("name", &short_s), HAS("value", &cookie_value_s), MAY("url", &url_s), MAY("domain", &short_s),
		MAY("path", &cookie_value_s), MAY("expires", &expires_s), MAY("httpOnly", &bool_s),
		MAY("secure", &bool_s), MAY("sameSite", &same_site_s)),
};
static const struct schema cookies_s = { S_ARRAY, .array = { &cookie_s, 1, 300 } };

const struct schema mode_s = {
	S_STRING, .string = { .oneof = (const char *const[]){ "selectors", "schema", "plugin", NULL } }
};
const struct schema selectors_s = { S_RECORD, .record = { &selector_s, 500 } };
static const struct schema json_schema_s = { S_RECORD, .doc = "A JSON Schema", .record = { &any_s } };
static const struct schema plugin_s = { S_STRING, .string = { .min = 1, .max = 255 } };

void extraction_refine(const struct json *v, struct issues *is)
{
	struct str mode = json_str(json_get(v, "mode"), STR("selectors"));
	if (str_is(mode, "selectors") && !json_get(v, "selectors"))
		issue_add(is, "custom", STR_NULL, "selectors required when mode=selectors");
	else if (str_is(mode, "schema") && !json_get(v, "jsonSchema"))
		issue_add(is, "custom", STR_NULL, "jsonSchema required when mode=schema");
	else if (str_is(mode, "plugin") && !json_get(v, "plugin"))
		issue_add(is, "custom", STR_NULL, "plugin required when mode=plugin");
}

const struct schema extraction_s = {
	.component = "ExtractionConfig",
	.refine = extraction_refine,
	OBJECT(MAY("mode", &mode_s, .fallback = "\"selectors\""), MAY("selectors", &selectors_s),
		MAY("jsonSchema", &json_schema_s), MAY("plugin", &plugin_s)),
};

#define ARGS(name, ...) static const struct schema name = { OBJECT(__VA_ARGS__) }
ARGS(goto_a, HAS("url", &url_s));
ARGS(set_headers_a, HAS("headers", &headers_s));
ARGS(set_cookies_a, HAS("cookies", &cookies_s));
ARGS(wait_for_selector_a, HAS("selector", &selector_s), MAY("timeoutMs", &wait_ms_s));
ARGS(click_a, HAS("selector", &selector_s));
ARGS(type_a, HAS("selector", &selector_s), HAS("text", &long_text_s), MAY("secret", &bool_s));
ARGS(scroll_a, HAS("direction", &direction_s), HAS("amount", &amount_s));
ARGS(wait_a, HAS("ms", &wait_ms_s));
ARGS(wait_idle_a, MAY("timeoutMs", &wait_ms_s));
ARGS(paginate_a, HAS("nextSelector", &selector_s), MAY("maxPages", &pages_s, .fallback = "10"),
	MAY("stopCondition", &long_text_s));
ARGS(screenshot_a, HAS("name", &short_s));

#define STEP(name, component_, args_)                                                          \
	static const struct schema name = { .component = component_, OBJECT(HAS("type", &text_s), args_) }
STEP(goto_s, "StepGoto", HAS("args", &goto_a));
STEP(set_headers_s, "StepSetHeaders", HAS("args", &set_headers_a));
STEP(set_cookies_s, "StepSetCookies", HAS("args", &set_cookies_a));
STEP(export_cookies_s, "StepExportCookies", MAY("args", &object_s, .fallback = "{}"));
STEP(wait_for_selector_s, "StepWaitForSelector", HAS("args", &wait_for_selector_a));
STEP(click_s, "StepClick", HAS("args", &click_a));
STEP(type_s, "StepType", HAS("args", &type_a));
STEP(scroll_s, "StepScroll", HAS("args", &scroll_a));
STEP(wait_s, "StepWait", HAS("args", &wait_a));
STEP(wait_idle_s, "StepWaitForNetworkIdle", MAY("args", &wait_idle_a, .fallback = "{}"));
STEP(paginate_s, "StepPaginate", HAS("args", &paginate_a));
STEP(screenshot_s, "StepScreenshot", HAS("args", &screenshot_a));
STEP(extract_s, "StepExtract", HAS("args", &extraction_s));

static const struct schema step_s = {
	S_UNION, "Step",
	.union_ = { "type", (const struct arm[]){
		{ "goto", &goto_s }, { "setHeaders", &set_headers_s }, { "setCookies", &set_cookies_s },
		{ "exportCookies", &export_cookies_s }, { "waitForSelector", &wait_for_selector_s },
		{ "click", &click_s }, { "type", &type_s }, { "scroll", &scroll_s }, { "wait", &wait_s },
		{ "waitForNetworkIdle", &wait_idle_s }, { "paginate", &paginate_s },
		{ "screenshot", &screenshot_s }, { "extract", &extract_s }, { NULL, NULL } } },
};
const struct schema steps_s = { S_ARRAY, .array = { &step_s, 0, STEPS_MAX } };

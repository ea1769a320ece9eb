#include "base/first.h"
#include "extract/plugin.h"
#include "extract/plugin_file.h"

#include "base/fd.h"

#include "../tap.h"

#include <sys/stat.h>

static struct arena arena;

static const char page[] =
	"<title>T</title><ul id=l><li class=a>One <b>1</b></li><li data-x='y'>Two</li></ul><a href='../z?q=1'>link</a>"
	"<script type='application/json'>{\"a\":[1,2.5,null,true,\"x\",{}],\"b\":{\"c\":[]}}</script>";

static const char *run(const char *source)
{
	struct doc d;
	struct doc_opts o = { .body = str_of(page), .utf8 = true, .url = STR("http://example.com/a/b") };
	struct err e = { 0 };
	struct buf out;
	struct jw w;
	if (doc_open(&arena, &o, &d, &e) < 0)
		die("test data: %s", e.words);
	buf_init(&out, &arena, 0);
	jw_init(&w, &out);
	int rc = plugin_run(&d, STR("p"), str_of(source), &w, &e);
	if (rc < 0) {
		buf_clear(&out);
		buf_addf(&out, "%s: %s", err_name(rc), e.words);
	}
	return buf_cstr(&out);
}

static void test_api(void)
{
	static const struct { const char *body, *want;
	} c[] = {
		{ "return doc:first('li'):text()", "\"One 1\"" },
		{ "return #doc:select('li')", "2" },
		{ "return doc:first('h9')", "null" },
		{ "local t = {} for _, li in ipairs(doc:select('#l > li')) do t[#t + 1] = li:attr('data-x') or "
		  "json.null end return t",
			"[null,\"y\"]" },
		{ "return doc:first('li'):html()", "\"One <b>1</b>\"" },
		{ "return { tag = doc:first('.a'):tag(), kids = #doc:first('#l'):children() }",
			"{\"kids\":2,\"tag\":\"li\"}" },
		{ "return doc:first('b'):parent():attr('class')", "\"a\"" },
		{ "return doc:first('ul'):first('b'):text()", "\"1\"" },
		{ "return doc:first('li'):select('li')", "{}" },
		{ "return json.array{}", "[]" },
		{ "return doc:first('b') == doc:select('b')[1]", "true" },
		{ "return url.resolve(doc:first('a'):attr('href'))", "\"http://example.com/z?q=1\"" },
		{ "return url.resolve('x', 'http://h/d/')", "\"http://h/d/x\"" },
		{ "return url.resolve('http://[')", "null" },
		{ "local u = url.parse('https://a.example.co.uk:81/p?q#f') return {u.scheme, u.host, u.port, u.path, "
		  "u.query, u.fragment, u.domain}",
			"[\"https\",\"a.example.co.uk\",81,\"/p\",\"q\",\"f\",\"example.co.uk\"]" },
		{ "return doc:url()", "\"http://example.com/a/b\"" },
		{ "return doc:meta().title", "\"T\"" },
		{ "return json.decode(doc:first('script'):text())",
			"{\"a\":[1,2.5,null,true,\"x\",{}],\"b\":{\"c\":[]}}" },
		{ "return json.encode({ b = 1, a = { 'x' } })", "\"{\\\"a\\\":[\\\"x\\\"],\\\"b\\\":1}\"" },
		{ "return { z = 1, y = 0/0, x = math.type(1.0), w = 7 // 2 }",
			"{\"w\":3,\"x\":\"float\",\"y\":null,\"z\":1}" },
		{ "return (string.gsub('a1b2', '%d', ''))", "\"ab\"" },
		{ "return utf8.len('\xc3\xa9')", "1" },
		{ "return nil", "null" },
		{ "local t = {} for k in pairs(_G) do t[#t + 1] = k end table.sort(t) return table.concat(t, ' ')",
			"\"_G assert error getmetatable ipairs json math next pairs pcall rawequal rawget rawlen "
			"rawset select setmetatable "
			"string table tonumber tostring type url utf8 xpcall\"" },
		{ "return string.dump", "null" },
		{ "return getmetatable(doc)", "\"element\"" },
		{ "return select(2, pcall(setmetatable, json.array{}, {}))",
			"\"cannot change a protected metatable\"" },
	};
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		char source[1024];
		snprintf(source, sizeof source, "return function(doc) %s end", c[i].body);
		is_cstr(run(source), c[i].want, "%.100s", c[i].body);
	}
	is_cstr(run("return { extract = function(d) return d:first('b'):text() end }"), "\"1\"",
		"a table with extract");
	is_cstr(run("function extract(d) return 5 end"), "5", "a global extract");
}

static void test_errors(void)
{
	static const struct { const char *source, *like;
	} c[] = {
		{ "return function(doc) return doc:first('a[') end", "invalid: plugin p: p:1: selector \"a[\": " },
		{ "return function(doc", "invalid: plugin p: p:1: " },
		{ "return 5", "invalid: plugin p: must return a function" },
		{ "return function(doc) error('own words') end", "invalid: plugin p: p:1: own words" },
		{ "return function(doc) error({}) end", "invalid: plugin p: failed with a value that is no text" },
		{ "return function(doc) return doc:first('a') end",
			"invalid: plugin p: an element has no form in JSON" },
		{ "return function(doc) return print end", "null" },
		{ "return function(doc) return pairs end", "invalid: plugin p: a function has no form in JSON" },
		{ "return function(doc) return { 1, x = 2 } end", "invalid: plugin p: a table with both" },
		{ "return function(doc) return { [1.5] = 2 } end",
			"invalid: plugin p: a table with a key that is no text" },
		{ "return function(doc) local t = {} t.t = t return t end",
			"invalid: plugin p: a value nested deeper" },
		{ "return function(doc) return json.decode('{') end", "invalid: plugin p: p:1: json.decode: " },
		{ "return function(doc) return os.exit() end",
			"invalid: plugin p: p:1: attempt to index a nil value (global 'os')" },
		{ "return function(doc) return io end", "null" },
		{ "return function(doc) return require end", "null" },
		{ "return function(doc) return load end", "null" },
		{ "return function(doc) return debug end", "null" },
		{ "\x1bLua", "invalid: plugin p: " },
		{ "while true do end", "timeout: plugin p: takes too long" },
		{ "return function(doc) while true do pcall(function() while true do end end) end end",
			"timeout: plugin p: takes too long" },
		{ "return function(doc) local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t end end",
			"limit: plugin p: needs too much memory" },
		{ "return function(doc) return ('x'):rep(1 << 40) end",
			"invalid: plugin p: p:1: resulting string too large" },
		{ "local function f() return f() + 1 end return f", "limit: plugin p: needs too much memory" },
		{ "local function f(x) return { f } end return function(doc) return f() end",
			"invalid: plugin p: a function has no form" },
	};
	for (size_t i = 0; i < ARRAY_LEN(c); i++) {
		const char *got = run(c[i].source);
		ok(strncmp(got, c[i].like, strlen(c[i].like)) == 0, "%.70s -> %.90s", c[i].source, got);
	}
}

static void test_files(void)
{
	char dir[] = "/tmp/kryfto-plugin-XXXXXX", path[128], outside[128];
	struct str text;
	struct err e;
	if (!mkdtemp(dir))
		die("mkdtemp");
	snprintf(path, sizeof path, "%s/good-1.lua", dir);
	fd_write_file(path, STR("return 1"), 0644, &e);
	snprintf(outside, sizeof outside, "%s.lua", dir);
	fd_write_file(outside, STR("secret"), 0644, &e);
	snprintf(path, sizeof path, "%s/link.lua", dir);
	is_int(symlink(outside, path), 0);
	snprintf(path, sizeof path, "%s/folder.lua", dir);
	is_int(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/big.lua", dir);
	fd_write_file(path, str_n(arena_zalloc(&arena, PLUGIN_FILE_MAX + 1), PLUGIN_FILE_MAX + 1), 0644, &e);

	is_int(plugin_read(dir, STR("good-1"), &arena, &text, &e), 0);
	is_str(text, "return 1");
	is_int(plugin_read(dir, STR("good-1.lua"), &arena, &text, &e), 0, "with its suffix");
	is_int(plugin_read(NULL, STR("good-1"), &arena, &text, &e), E_UNSUPPORTED, "no folder");
	is_int(plugin_read("", STR("good-1"), &arena, &text, &e), E_UNSUPPORTED, "no folder");
	is_int(plugin_read(dir, STR("other"), &arena, &text, &e), E_NOTFOUND);
	is_int(plugin_read(dir, STR("link"), &arena, &text, &e), E_NOTFOUND, "a link is not followed");
	is_int(plugin_read(dir, STR("folder"), &arena, &text, &e), E_NOTFOUND);
	is_int(plugin_read(dir, STR("big"), &arena, &text, &e), E_LIMIT);
	static const char *const bad[] = { "", "..", "../x", "/etc/passwd", "a/b", "a.b", ".hidden", "-x", "a\\b",
		"x\xc3\xa9", "a b", ".lua", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		is_int(plugin_read(dir, str_of(bad[i]), &arena, &text, &e), E_INVALID, "refused: \"%s\"", bad[i]);
	is_int(plugin_read(dir, str_n("good-1\0x", 8), &arena, &text, &e), E_INVALID, "a NUL in the name");

	static const char *const made[] = { "good-1", "link", "big" };
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		snprintf(path, sizeof path, "%s/%s.lua", dir, made[i]);
		unlink(path);
	}
	snprintf(path, sizeof path, "%s/folder.lua", dir);
	rmdir(path);
	rmdir(dir);
	unlink(outside);
}

int main(void)
{
	arena_init(&arena, 0);
	test_api();
	test_errors();
	test_files();
	arena_release(&arena);
	return done_testing();
}

#include "base/first.h"
#include "crawl/shell.h"
#include "../tap.h"

#define LONG                                                                                                           \
	"Words of a story that has something to say, and says it at some length, so that nobody takes it for an "      \
	"empty page. "

int main(void)
{
	static const char *const shells[] = {
		"<!doctype html><title>App</title><div id=root></div><script src=/app.js></script>",
		"<html><head><script>window.__DATA__={a:1};function boot(){/* enough of it to count "
		"*/}</script></head><body><app-root></app-root>",
		"<body><noscript>You need to enable JavaScript to run this app.</noscript><script "
		"src=x></script><p>Loading</p>",
		"<main class='x'>\n  </main><SCRIPT SRC='a.js'></SCRIPT>",
	};
	static const char *const pages[] = {
		"<h1>Hello</h1>",
		"",
		"<div id=root></div>",
		"plain text",
		"<div></div><script src=a></script>" LONG LONG LONG,
		"<p>Short, with statistics.</p><script src=https://stats.invalid/s.js></script>",
		"<div></div><script type=application/ld+json>{\"name\":\"" LONG "\"}</script>",
		"<!-- <div></div><script src=a></script> -->",
		"<script>for(;;)",
		"<div",
		"</",
		"<!--",
		"<script src=a",
	};
	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		ok(page_is_shell(str_of(shells[i])), "a shell: %.60s", shells[i]);
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		ok(!page_is_shell(str_of(pages[i])), "no shell: %.60s", pages[i]);
	return done_testing();
}

/* Recipes that come with the server. */
#include "base/first.h"
#include "api/recipes.h"

const char *const recipes_builtin[] = {
	"{\"id\":\"hackernews\",\"name\":\"Hacker News Front Page\",\"version\":\"1.0.0\","
	"\"description\":\"Titles, links, scores and authors of the stories on a Hacker News page\","
	"\"match\":{\"patterns\":[\"*://news.ycombinator.com/*\"]},"
	"\"extraction\":{\"mode\":\"selectors\",\"selectors\":{\"stories\":\"all:.titleline > a\","
	"\"links\":\"all:.titleline > a::attr(href)\",\"points\":\"all:.score\",\"authors\":\"all:.hnuser\"}}}",
	"{\"id\":\"example-home\",\"name\":\"Example Domain\",\"version\":\"1.0.0\","
	"\"description\":\"Title, heading and text of the reserved example pages\","
	"\"match\":{\"patterns\":[\"*://example.com/*\",\"*://www.example.com/*\",\"*://example.org/*\"]},"
	"\"extraction\":{\"mode\":\"selectors\",\"selectors\":{\"title\":\"title\",\"heading\":\"h1\","
	"\"body_text\":\"body\"}}}",
	NULL,
};

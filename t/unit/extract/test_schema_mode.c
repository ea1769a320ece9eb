#include "base/first.h"
#include "extract/coerce.h"
#include "extract/schema_mode.h"

#include "../tap.h"

static struct arena arena;
static struct jschema_issues issues;

static const char *extract(const char *html, bool is_text, const char *schema)
{
	struct doc d;
	struct doc_opts o = {
		.body = str_of(html), .is_text = is_text, .utf8 = true, .url = STR("http://shop.example/p/1")
	};
	struct err e = { 0 };
	struct buf out;
	const struct json *s = NULL, *v = NULL;
	buf_init(&out, &arena, 0);
	if (json_parse(&arena, str_of(schema), NULL, &s, &e) < 0 || doc_open(&arena, &o, &d, &e) < 0)
		die("test data: %s", e.words);
	int rc = schema_extract(&d, s, &v, &issues, &e);
	if (rc < 0) {
		buf_addf(&out, "%s: %s", err_name(rc), e.words);
	} else {
		json_write(&out, v);
		for (size_t i = 0; i < issues.n; i++)
			buf_addf(&out, " %s@%.*s", issues.at[i].keyword, STR_FMT(issues.at[i].path));
	}
	return buf_cstr(&out);
}

static void expect(const char *what, const char *html, const char *schema, const char *want)
{
	is_cstr(extract(html, false, schema), want, "%s", what);
}

static const char product[] =
	"<html lang=en><head><title>Blue mug | Shop</title></head><body><nav><ul><li><a href=/a>A</a><li><a "
	"href=/b>B</a></ul></nav>"
	"<h1>Blue mug</h1><div class=product_main><p class=price_color>\xc2\xa3"
	"51.77</p>"
	"<p class='instock availability'> In stock (22 available) </p><p class='star-rating Three'></p></div>"
	"<img id=photo src=/m.jpg><table><tr><th>UPC</th><td>a897</td></tr><tr><th>Number of "
	"reviews</th><td>1,204</td></tr>"
	"<tr><th>Weight</th><td>0.35 kg</td></tr></table><dl><dt>Colour:</dt><dd>Blue</dd><dt>Made "
	"in</dt><dd>Peru</dd></dl>"
	"<p><b>Released:</b> 2024-03-08</p><p>Size: L</p><label for=q>Quantity</label><input id=q value=3>"
	"<div data-sku='MUG-1'></div><span itemprop=brand content=Acme></span></body></html>";

static void test_selectors(void)
{
	expect("a selector and types", product,
		"{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"number\",\"x-selector\":\".price_color\"},"
		"\"s\":{\"type\":\"string\",\"x-selector\":\".price_color\"},\"b\":{\"type\":\"boolean\",\"x-"
		"selector\":\".availability\"},"
		"\"i\":{\"type\":\"integer\",\"x-selector\":\".star-rating\"},"
		"\"img\":{\"type\":\"string\",\"format\":\"uri\",\"x-selector\":\"#photo\"},\"src\":{\"x-selector\":\"#"
		"photo\",\"x-attr\":\"src\"},"
		"\"rel\":{\"type\":\"string\",\"x-selector\":\"li "
		"a::attr(href)\"},\"none\":{\"type\":\"string\",\"x-selector\":\"h9\"},"
		"\"title\":{\"type\":\"string\",\"x-selector\":[\"h2\",\"h1\"]}},\"required\":[\"none\"]}",
		"{\"n\":51.77,\"s\":\"\xc2\xa3"
		"51.77\",\"b\":true,\"i\":3,\"img\":\"http://shop.example/m.jpg\","
		"\"src\":\"http://shop.example/m.jpg\",\"rel\":\"http://shop.example/a\",\"title\":\"Blue mug\"} "
		"required@");
	expect("arrays", product,
		"{\"properties\":{\"title\":{},\"x\":{\"type\":\"array\",\"x-selector\":\"li\",\"items\":{\"type\":"
		"\"string\"}},"
		"\"y\":{\"x-selector\":\"li "
		"a\",\"x-all\":true,\"x-attr\":\"href\"},\"z\":{\"type\":\"array\",\"x-selector\":\"h9\"},"
		"\"w\":{\"x-selector\":\"all:dt\"}}}",
		"{\"title\":\"Blue "
		"mug\",\"x\":[\"A\",\"B\"],\"y\":[\"http://shop.example/a\",\"http://shop.example/b\"],\"z\":[],"
		"\"w\":[\"Colour:\",\"Made in\"]}");
	expect("rows", product,
		"{\"type\":\"array\",\"x-base\":\"table tr\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"k\":{\"type\":\"string\",\"x-selector\":\"th\"},\"v\":{\"type\":\"number\",\"x-selector\":\"td\"}},"
		"\"required\":[\"v\"]}}",
		"[{\"k\":\"UPC\",\"v\":897},{\"k\":\"Number of reviews\",\"v\":1204},{\"k\":\"Weight\",\"v\":0.35}]");
	expect("x-attr of the row itself", "<i data-a=1 data-b=x></i><i data-a=2></i>",
		"{\"type\":\"array\",\"x-base\":\"i\",\"items\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":"
		"\"integer\",\"x-attr\":\"data-a\"},"
		"\"b\":{\"type\":[\"string\",\"null\"],\"x-attr\":\"data-b\"}}}}",
		"[{\"a\":1,\"b\":\"x\"},{\"a\":2,\"b\":null}]");
	expect("an object's base", product,
		"{\"properties\":{\"title\":false,\"p\":{\"type\":\"object\",\"x-base\":\".product_main\","
		"\"properties\":{"
		"\"price\":{\"type\":\"number\",\"x-selector\":\"p\"}}}}}",
		"{\"p\":{\"price\":51.77}}");
	ok(strncmp(extract(product, false, "{\"properties\":{\"a\":{\"x-selector\":\"a[\"}}}"),
		   "invalid: jsonSchema: x-selector of \"a\": ", 40) == 0, "a bad selector names its property");
	ok(strncmp(extract(product, false, "{\"type\":\"nope\"}"), "invalid: jsonSchema: ", 21) == 0, "bad schema");
	expect("html", "<p>a <b>c</b></p>",
		"{\"properties\":{\"title\":{},\"h\":{\"type\":\"string\",\"x-selector\":\"p::html\"}}}",
		"{\"h\":\"a <b>c</b>\"}");
}

static void test_automatic(void)
{
	expect("names, labels, definitions", product,
		"{\"type\":\"object\",\"properties\":{\"title\":{\"type\":\"string\"},\"price\":{\"type\":\"number\"},"
		"\"upc\":{\"type\":\"string\"},"
		"\"availability\":{\"type\":\"boolean\"},\"rating\":{\"type\":\"integer\"},\"reviews\":{\"type\":"
		"\"integer\"},"
		"\"weight\":{\"type\":\"number\"},\"colour\":{\"enum\":[\"red\",\"blue\"]},\"madeIn\":{\"type\":"
		"\"string\"},"
		"\"released\":{\"type\":\"string\",\"format\":\"date\"},\"size\":{\"type\":\"string\"},\"quantity\":{"
		"\"type\":\"integer\"},"
		"\"sku\":{\"type\":\"string\"},\"brand\":{\"type\":\"string\"},\"photo\":{\"type\":\"string\"}}}",
		"{\"title\":\"Blue "
		"mug\",\"price\":51.77,\"upc\":\"a897\",\"availability\":true,\"rating\":3,\"reviews\":1204,"
		"\"weight\":0.35,\"colour\":\"blue\",\"madeIn\":\"Peru\",\"released\":\"2024-03-08\",\"size\":\"L\","
		"\"quantity\":3,"
		"\"sku\":\"MUG-1\",\"brand\":\"Acme\",\"photo\":\"http://shop.example/m.jpg\"}");
	expect("title is added", product, "{\"properties\":{\"upc\":{\"type\":\"string\"}}}",
		"{\"upc\":\"a897\",\"title\":\"Blue mug | Shop\"}");
	expect("unless the schema is closed", product,
		"{\"properties\":{\"upc\":{\"type\":\"string\"}},\"additionalProperties\":false}",
		"{\"upc\":\"a897\"}");
	expect("defaults, constants, null, what is missing", "<p>x",
		"{\"properties\":{\"a\":{\"default\":5},\"b\":{\"const\":\"k\"},\"c\":{\"type\":[\"string\",\"null\"]},"
		"\"d\":{\"type\":\"string\"}},"
		"\"required\":[\"d\"]}",
		"{\"a\":5,\"b\":\"k\",\"c\":null} required@");
	expect("references", product,
		"{\"properties\":{\"title\":{},\"price\":{\"$ref\":\"#/$defs/"
		"money\"}},\"$defs\":{\"money\":{\"type\":\"number\"}}}",
		"{\"title\":\"Blue mug\",\"price\":51.77}");
	is_cstr(extract("Name: Teapot\nPrice: 12,50 EUR\nSee http://x\nNumber of pages: 40\n", true,
			"{\"properties\":{\"name\":{\"type\":\"string\"},\"price\":{\"type\":\"number\"},\"pages\":{"
			"\"type\":\"integer\"}}}"),
		"{\"name\":\"Teapot\",\"price\":12.5,\"pages\":40}", "plain text");
}

static void test_structured(void)
{
	expect("JSON-LD",
		"<title>t</title><script "
		"type='application/ld+json'>{\"@type\":\"Product\",\"name\":\"Mug\",\"image\":[\"/i.png\"],"
		"\"offers\":{\"price\":\"19.90\",\"priceCurrency\":\"EUR\",\"availability\":\"https://schema.org/"
		"InStock\"},"
		"\"aggregateRating\":{\"ratingValue\":4.5,\"reviewCount\":\"12\"},\"brand\":{\"name\":\"Acme\"},"
		"\"review\":[{\"author\":{\"name\":\"A\"},\"reviewBody\":\"good\"},{\"author\":\"B\",\"reviewBody\":"
		"\"bad\"}]}</script>",
		"{\"title\":\"Product\",\"properties\":{\"name\":{\"type\":\"string\"},\"price\":{\"type\":\"number\"},"
		"\"currency\":{\"type\":\"string\"},"
		"\"inStock\":{\"type\":\"boolean\"},\"rating\":{\"type\":\"number\"},\"reviewCount\":{\"type\":"
		"\"integer\"},"
		"\"brand\":{\"type\":\"string\"},\"image\":{\"type\":\"string\",\"format\":\"uri\"},"
		"\"reviews\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"author\":{\"type\":"
		"\"string\"},\"text\":{\"type\":\"string\"}}}}}}",
		"{\"name\":\"Mug\",\"price\":19.9,\"currency\":\"EUR\",\"inStock\":true,\"rating\":4.5,\"reviewCount\":"
		"12,\"brand\":\"Acme\","
		"\"image\":\"http://shop.example/"
		"i.png\",\"reviews\":[{\"author\":\"A\",\"text\":\"good\"},{\"author\":\"B\",\"text\":\"bad\"}],"
		"\"title\":\"t\"}");
	expect("a list of things",
		"<script "
		"type='application/"
		"ld+json'>{\"@type\":\"ItemList\",\"itemListElement\":[{\"@type\":\"ListItem\",\"item\":{\"name\":"
		"\"x\",\"url\":\"/x\"}},"
		"{\"@type\":\"ListItem\",\"item\":{\"name\":\"y\",\"url\":\"/y\"}}]}</script>",
		"{\"properties\":{\"items\":{\"type\":\"array\",\"items\":{\"properties\":{\"name\":{\"type\":"
		"\"string\"},\"url\":{\"type\":\"string\"}}}}}}",
		"{\"items\":[{\"name\":\"x\",\"url\":\"http://shop.example/x\"},{\"name\":\"y\",\"url\":\"http://"
		"shop.example/y\"}]}");
}

static void test_rows(void)
{
	expect("a table by its headers",
		"<table><tr><td>x</td></tr></table><table><thead><tr><th>Company<th>Founded<th>Revenue "
		"(USD)</tr></thead>"
		"<tr><td><a href=/a>Acme</a><td>1949<td>$1,200,000</tr><tr><td>Brut<td>2001<td>n/a</tr></table>",
		"{\"properties\":{\"rows\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"company\":{\"type\":\"string\"},"
		"\"founded\":{\"type\":\"integer\"},\"revenue\":{\"type\":\"number\"}},\"required\":[\"revenue\"]}}}}",
		"{\"rows\":[{\"company\":\"Acme\",\"founded\":1949,\"revenue\":1200000},{\"company\":\"Brut\","
		"\"founded\":2001}]} required@/rows/1");
	expect("repeated elements",
		"<ul class=menu><li><a href=/m1>M1</a><li><a href=/m2>M2</a><li><a href=/m3>M3</a></ul><div id=list>"
		"<div class=card><h3><a href=/1>One</a></h3><span class=price>$ 1.50</span><img src=1.png><p "
		"class=desc>A fine first thing to have.</p></div>"
		"<div class=card><h3><a href=/2>Two</a></h3><span class=price>$ 2</span><img src=2.png></div>"
		"<div class=card><h3><a href=/3>Three</a></h3><span class=price>$ 3</span></div><div "
		"class=ad>x</div></div>",
		"{\"properties\":{\"products\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{"
		"\"title\":{\"type\":\"string\"},"
		"\"link\":{\"type\":\"string\",\"format\":\"uri\"},\"price\":{\"type\":\"number\"},\"image\":{\"type\":"
		"\"string\"}}}}}}",
		"{\"products\":[{\"title\":\"One\",\"link\":\"http://shop.example/1\",\"price\":1.5,\"image\":\"http://"
		"shop.example/p/1.png\"},"
		"{\"title\":\"Two\",\"link\":\"http://shop.example/2\",\"price\":2,\"image\":\"http://shop.example/p/"
		"2.png\"},"
		"{\"title\":\"Three\",\"link\":\"http://shop.example/3\",\"price\":3}]}");
	expect("lists of scalars",
		"<h2>A</h2><h2>B</h2><ul class=tags><li>x<li>y</ul><p>Colours: red, green</p><a href=/l>l</a>",
		"{\"properties\":{\"headings\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"tags\":{\"type\":"
		"\"array\",\"items\":{\"type\":\"string\"}},"
		"\"colours\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"links\":{\"type\":\"array\","
		"\"items\":{\"type\":\"string\",\"format\":\"uri\"}}}}",
		"{\"headings\":[\"A\",\"B\"],\"tags\":[\"x\",\"y\"],\"colours\":[\"red\",\"green\"],\"links\":[\"http:/"
		"/shop.example/l\"]}");
}

static void test_numbers(void)
{
	static const struct { const char *text; bool comma; double want;
	} n[] = { { "$1,234.50", false, 1234.5 }, { "1.234,56 \xe2\x82\xac", false, 1234.56 },
		{ "1 234,5", false, 1234.5 },
		{ "1\xc2\xa0"
		  "234\xc2\xa0"
		  "567",
			false, 1234567 },
		{ "1'234.50 CHF", false, 1234.5 }, { "1.234", false, 1.234 }, { "1.234", true, 1234 },
		{ "1,234", false, 1234 }, { "1,234", true, 1.234 }, { "0,5", false, .5 }, { "-3", false, -3 },
		{ "\xe2\x88\x92"
		  "12.5",
			false, -12.5 },
		{ "-$5", false, -5 }, { "a-5", false, 5 }, { "12 %", false, 12 }, { "1.5k views", false, 1500 },
		{ "3M", false, 3e6 }, { "5 m", false, 5 }, { "2 million", false, 2e6 }, { "4.5 out of 5", false, 4.5 },
		{ "1,234,567", true, 1234567 }, { "12 345 67", false, 12345 }, { "1e3", false, 1000 },
		{ ".5", false, .5 }, { "v.5", false, 5 }, { "0.123", true, .123 }, { "007", false, 7 } };
	double d;
	for (size_t i = 0; i < ARRAY_LEN(n); i++) {
		d = -1e9;
		bool found = number_in_text(str_of(n[i].text), n[i].comma, &d);
		ok(found && d == n[i].want, "%s%s: %g", n[i].text, n[i].comma ? " (comma)" : "", d);
	}
	ok(!number_in_text(STR("none"), false, &d) && !number_in_text(STR(""), false, &d), "no number");
	ok(language_has_comma(STR("de")) && language_has_comma(STR("pt-BR")) && !language_has_comma(STR("en")) &&
			!language_has_comma(STR("de-CH")) && !language_has_comma(STR("deu-x")), "languages");
}

static void test_bounds(void)
{
	struct buf b;
	buf_init(&b, &arena, 0);
	for (int i = 0; i < 20000; i++)
		buf_addz(&b, "<div class=row><a href=/x>t</a></div>");
	usec_t from = clock_mono();
	const char *got = extract(buf_cstr(&b), false,
		"{\"properties\":{\"r\":{\"type\":\"array\",\"items\":{\"properties\":{\"title\":{\"type\":\"string\"},"
		"\"u\":{},\"v\":{},\"w\":{\"type\":\"number\"}}}}}}");
	ok(strlen(got) < 1000000, "a large list: %" PRId64 " ms, %.40s", (clock_mono() - from) / 1000, got);
	buf_clear(&b);
	for (int i = 0; i < 400; i++)
		buf_addz(&b, "<div>x");
	for (int i = 0; i < 100000; i++)
		buf_addz(&b, "words ");
	ok(strncmp(extract(buf_cstr(&b), false,
			   "{\"type\":\"array\",\"x-selector\":\"div\",\"items\":{\"type\":\"string\"}}"),
		   "limit: ", 7) == 0,
		"text repeated 400 times");
	ok(strstr(extract("<p>x", false,
			  "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"properties\":{\"a\":{\"$ref\":\"#/$defs/"
			  "a\"},\"b\":{\"const\":1}}}}}"),
		   "\"b\":1") != NULL,
		"a schema that contains itself ends");
}

int main(void)
{
	arena_init(&arena, 0);
	test_numbers();
	test_selectors();
	test_automatic();
	test_structured();
	test_rows();
	test_bounds();
	arena_release(&arena);
	return done_testing();
}

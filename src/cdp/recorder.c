#include "base/first.h"
#include "cdp/recorder.h"
#include "base/map.h"
#include "base/utf8.h"
#include "base/vec.h"

struct entry {
	struct str url, method, mime, status_text, protocol, error, remote, type;
	const struct json *request_headers, *response_headers, *timing;
	struct str post;
	double wall, start, end; /* seconds: wall clock, then the browser's own monotonic clock */
	int64_t status, bytes, body_bytes;
	bool open, redirect;
	struct str redirect_url;
};

struct line {
	struct str type, text;
};

struct recorder {
	struct arena *arena;
	size_t max, inflight;
	VEC(struct entry) entries;
	VEC(struct line) lines;
	VEC(struct str) hidden;
	struct map open; /* request id → index + 1, as a pointer */
};

static void release(void *arg)
{
	map_release(&((struct recorder *)arg)->open);
}

struct recorder *recorder_new(struct arena *a, size_t entries_max)
{
	struct recorder *r = arena_new(a, struct recorder);
	r->arena = a;
	r->max = entries_max;
	map_init(&r->open, NULL);
	arena_hook(a, release, r);
	return r;
}

static struct str keep(struct recorder *r, const struct json *v)
{
	struct str s = utf8_cut(json_str(v, STR("")), RECORDER_TEXT_MAX);
	return arena_str(r->arena, s);
}

static struct entry *entry_of(struct recorder *r, const struct json *params)
{
	uintptr_t i = (uintptr_t)map_get(&r->open, json_str(json_get(params, "requestId"), STR("")));
	return i ? &r->entries.at[i - 1] : NULL;
}

static void take_response(struct recorder *r, struct entry *x, const struct json *v)
{
	x->status = json_int(json_get(v, "status"), 0);
	x->status_text = keep(r, json_get(v, "statusText"));
	x->mime = keep(r, json_get(v, "mimeType"));
	x->protocol = keep(r, json_get(v, "protocol"));
	x->remote = keep(r, json_get(v, "remoteIPAddress"));
	x->response_headers = json_dup(r->arena, json_get(v, "headers"));
	x->timing = json_dup(r->arena, json_get(v, "timing"));
	x->bytes = json_int(json_get(v, "encodedDataLength"), 0);
}

static void close_entry(struct recorder *r, const struct json *params, struct entry *x)
{
	x->end = json_number(json_get(params, "timestamp"), x->start);
	if (x->open)
		r->inflight--;
	x->open = false;
}

static void on_request(struct recorder *r, const struct json *p)
{
	const struct json *request = json_get(p, "request"), *redirect = json_get(p, "redirectResponse");
	struct entry *old = entry_of(r, p);
	struct str url = json_str(json_get(request, "url"), STR(""));
	if (str_startsi(url, STR("data:")))
		return;
	if (old && redirect) {
		take_response(r, old, redirect);
		old->redirect = true;
		old->redirect_url = keep(r, json_get(request, "url"));
		close_entry(r, p, old);
	}
	if (r->entries.n >= r->max)
		return;
	struct entry *x = vec_add(r->arena, &r->entries);
	x->url = keep(r, json_get(request, "url"));
	x->method = keep(r, json_get(request, "method"));
	x->type = keep(r, json_get(p, "type"));
	x->post = keep(r, json_get(request, "postData"));
	x->request_headers = json_dup(r->arena, json_get(request, "headers"));
	x->wall = json_number(json_get(p, "wallTime"), 0);
	x->start = x->end = json_number(json_get(p, "timestamp"), 0);
	x->open = true;
	r->inflight++;
	map_set(&r->open, keep(r, json_get(p, "requestId")), (void *)(uintptr_t)r->entries.n);
}

static void add_line(struct recorder *r, struct str type, struct str text)
{
	if (r->lines.n >= RECORDER_CONSOLE_MAX)
		return;
	struct line *l = vec_add(r->arena, &r->lines);
	l->type = arena_str(r->arena, type);
	l->text = arena_str(r->arena, utf8_cut(text, RECORDER_TEXT_MAX));
}

/* The arguments of a console call as a person would see them, joined by spaces. */
static void on_console(struct recorder *r, const struct json *p)
{
	const struct json *args = json_get(p, "args");
	struct buf b;
	buf_init(&b, NULL, RECORDER_TEXT_MAX);
	for (uint32_t i = 0; args && i < args->n; i++) {
		const struct json *arg = args->items[i], *value = json_get(arg, "value"),
				  *text = json_get(arg, "description");
		if (i)
			buf_addc(&b, ' ');
		if (json_is(value, J_STRING))
			buf_adds(&b, value->s);
		else if (value)
			json_write(&b, value);
		else
			buf_adds(&b, json_str(text, json_str(json_get(arg, "type"), STR(""))));
	}
	struct str type = json_str(json_get(p, "type"), STR("log"));
	add_line(r, str_is(type, "warning") ? STR("warning") : type, buf_str(&b));
	buf_release(&b);
}

static void on_exception(struct recorder *r, const struct json *p)
{
	const struct json *d = json_get(p, "exceptionDetails");
	struct str text =
		json_str(json_get(json_get(d, "exception"), "description"), json_str(json_get(d, "text"), STR("")));
	add_line(r, STR("error"), text);
}

static void on_log(struct recorder *r, const struct json *p)
{
	const struct json *v = json_get(p, "entry");
	add_line(r, json_str(json_get(v, "level"), STR("info")), json_str(json_get(v, "text"), STR("")));
}

void recorder_event(struct recorder *r, struct str method, const struct json *p)
{
	struct entry *x;
	if (str_is(method, "Network.requestWillBeSent")) {
		on_request(r, p);
	} else if (str_is(method, "Network.responseReceived")) {
		if ((x = entry_of(r, p)))
			take_response(r, x, json_get(p, "response"));
	} else if (str_is(method, "Network.dataReceived")) {
		if ((x = entry_of(r, p)))
			x->body_bytes += json_int(json_get(p, "dataLength"), 0);
	} else if (str_is(method, "Network.loadingFinished")) {
		if ((x = entry_of(r, p))) {
			x->bytes = json_int(json_get(p, "encodedDataLength"), x->bytes);
			close_entry(r, p, x);
		}
	} else if (str_is(method, "Network.loadingFailed")) {
		if ((x = entry_of(r, p))) {
			x->error = keep(r, json_get(p, "errorText"));
			close_entry(r, p, x);
		}
	} else if (str_is(method, "Runtime.consoleAPICalled")) {
		on_console(r, p);
	} else if (str_is(method, "Runtime.exceptionThrown")) {
		on_exception(r, p);
	} else if (str_is(method, "Log.entryAdded")) {
		on_log(r, p);
	}
}

size_t recorder_inflight(const struct recorder *r)
{
	return r->inflight;
}

void recorder_hide(struct recorder *r, struct str secret)
{
	if (secret.n)
		vec_push(r->arena, &r->hidden, arena_str(r->arena, secret));
}

/* `s` with every hidden text replaced; `s` itself when there is none in it. */
static struct str masked(const struct recorder *r, struct str s)
{
	for (size_t i = 0; i < r->hidden.n; i++) {
		size_t at = str_find(s, r->hidden.at[i]);
		if (at == STR_NPOS)
			continue;
		struct buf b;
		buf_init(&b, r->arena, 0);
		for (; at != STR_NPOS; at = str_find(s, r->hidden.at[i])) {
			buf_adds(&b, str_sub(s, 0, at));
			buf_addz(&b, "***");
			s = str_from(s, at + r->hidden.at[i].n);
		}
		buf_adds(&b, s);
		s = buf_str(&b);
	}
	return s;
}

void recorder_console(const struct recorder *r, struct jw *w)
{
	jw_array(w);
	for (size_t i = 0; i < r->lines.n; i++) {
		jw_object(w);
		jw_kstr(w, "type", r->lines.at[i].type);
		jw_kstr(w, "text", masked(r, r->lines.at[i].text));
		jw_end_object(w);
	}
	jw_end_array(w);
}

void recorder_errors(const struct recorder *r, struct jw *w)
{
	jw_array(w);
	for (size_t i = 0; i < r->entries.n; i++) {
		const struct entry *x = &r->entries.at[i];
		if (!x->error.n)
			continue;
		jw_object(w);
		jw_kstr(w, "url", masked(r, x->url));
		jw_kstr(w, "errorText", x->error);
		jw_end_object(w);
	}
	jw_end_array(w);
}

static bool is_private(struct str name)
{
	static const char *const names[] = { "authorization", "proxy-authorization", "cookie", "set-cookie",
		"x-api-key" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eqi(name, str_of(names[i])))
			return true;
	return false;
}

static void har_headers(const struct recorder *r, const struct json *h, const char *key, struct jw *w)
{
	jw_key(w, key);
	jw_array(w);
	for (uint32_t i = 0; json_is(h, J_OBJECT) && i < h->n; i++) {
		jw_object(w);
		jw_kstr(w, "name", h->members[i].name);
		struct str value = json_str(h->members[i].value, STR(""));
		jw_kstr(w, "value", is_private(h->members[i].name) ? STR("***") : masked(r, value));
		jw_end_object(w);
	}
	jw_end_array(w);
}

static void har_query(const struct recorder *r, struct str url, struct jw *w)
{
	size_t q = str_chr(url, '?');
	struct str rest = q == STR_NPOS ? STR_NULL
					: str_sub(str_from(url, q + 1), 0, str_chr(str_from(url, q + 1), '#')),
		   one;
	jw_key(w, "queryString");
	jw_array(w);
	while (rest.p && rest.n && str_split(&rest, '&', &one)) {
		size_t eq = str_chr(one, '=');
		jw_object(w);
		jw_kstr(w, "name", masked(r, str_sub(one, 0, eq)));
		jw_kstr(w, "value", eq == STR_NPOS ? STR("") : masked(r, str_from(one, eq + 1)));
		jw_end_object(w);
	}
	jw_end_array(w);
}

static void har_request(const struct recorder *r, const struct entry *x, struct jw *w)
{
	jw_key(w, "request");
	jw_object(w);
	jw_kstr(w, "method", x->method);
	jw_kstr(w, "url", masked(r, x->url));
	jw_kstr(w, "httpVersion", x->protocol.n ? x->protocol : STR("unknown"));
	jw_key(w, "cookies");
	jw_array(w);
	jw_end_array(w);
	har_headers(r, x->request_headers, "headers", w);
	har_query(r, x->url, w);
	if (x->post.n) {
		jw_key(w, "postData");
		jw_object(w);
		jw_kcstr(w, "mimeType", "application/octet-stream");
		jw_kstr(w, "text", masked(r, x->post));
		jw_end_object(w);
	}
	jw_kint(w, "headersSize", -1);
	jw_kint(w, "bodySize", (int64_t)x->post.n);
	jw_end_object(w);
}

static void har_response(const struct recorder *r, const struct entry *x, struct jw *w)
{
	jw_key(w, "response");
	jw_object(w);
	jw_kint(w, "status", x->status);
	jw_kstr(w, "statusText", x->status_text.p ? x->status_text : STR(""));
	jw_kstr(w, "httpVersion", x->protocol.n ? x->protocol : STR("unknown"));
	jw_key(w, "cookies");
	jw_array(w);
	jw_end_array(w);
	har_headers(r, x->response_headers, "headers", w);
	jw_key(w, "content");
	jw_object(w);
	jw_kint(w, "size", x->body_bytes);
	jw_kstr(w, "mimeType", x->mime.n ? x->mime : STR("x-unknown"));
	jw_end_object(w);
	jw_kstr(w, "redirectURL", x->redirect_url.p ? x->redirect_url : STR(""));
	jw_kint(w, "headersSize", -1);
	jw_kint(w, "bodySize", x->redirect ? 0 : x->bytes);
	if (x->error.n)
		jw_kstr(w, "_error", x->error);
	jw_end_object(w);
}

static double phase(const struct json *t, const char *from, const char *to)
{
	double a = json_number(json_get(t, from), -1), b = json_number(json_get(t, to), -1);
	return a >= 0 && b >= a ? b - a : -1;
}

static void har_timings(const struct entry *x, struct jw *w)
{
	const struct json *t = x->timing;
	double total = MAX((x->end - x->start) * 1000, 0.0), send = MAX(phase(t, "sendStart", "sendEnd"), 0.0);
	double wait = t ? MAX(phase(t, "sendEnd", "receiveHeadersEnd"), 0.0) : total;
	double dns = phase(t, "dnsStart", "dnsEnd"), connect = phase(t, "connectStart", "connectEnd");
	double used = send + wait + MAX(dns, 0.0) + MAX(connect, 0.0);
	jw_key(w, "time");
	jw_real(w, MAX(total, used));
	jw_key(w, "timings");
	jw_object(w);
	const struct {
		const char *name;
		double v;
	} parts[] = { { "blocked", -1 }, { "dns", dns }, { "connect", connect },
		{ "ssl", phase(t, "sslStart", "sslEnd") }, { "send", send }, { "wait", wait },
		{ "receive", MAX(total - used, 0.0) } };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		jw_key(w, parts[i].name);
		jw_real(w, parts[i].v);
	}
	jw_end_object(w);
}

static void har_head(const struct har_page *page, struct jw *w)
{
	jw_kcstr(w, "version", "1.2");
	jw_key(w, "creator");
	jw_object(w);
	jw_kcstr(w, "name", "kryfto");
	jw_kcstr(w, "version", "3.8.0");
	jw_end_object(w);
	jw_key(w, "browser");
	jw_object(w);
	jw_kstr(w, "name", page->browser);
	jw_kstr(w, "version", page->browser_version);
	jw_end_object(w);
	jw_key(w, "pages");
	jw_array(w);
	jw_object(w);
	jw_key(w, "startedDateTime");
	jw_time(w, page->started);
	jw_kcstr(w, "id", "page_1");
	jw_kstr(w, "title", page->title.p ? page->title : STR(""));
	jw_key(w, "pageTimings");
	jw_object(w);
	jw_key(w, "onContentLoad");
	jw_real(w, page->t_dom < 0 ? -1 : (double)page->t_dom / 1000);
	jw_key(w, "onLoad");
	jw_real(w, page->t_load < 0 ? -1 : (double)page->t_load / 1000);
	jw_end_object(w);
	jw_end_object(w);
	jw_end_array(w);
}

void recorder_har(const struct recorder *r, const struct har_page *page, struct jw *w)
{
	jw_object(w);
	jw_key(w, "log");
	jw_object(w);
	har_head(page, w);
	jw_key(w, "entries");
	jw_array(w);
	for (size_t i = 0; i < r->entries.n; i++) {
		const struct entry *x = &r->entries.at[i];
		jw_object(w);
		jw_kcstr(w, "pageref", "page_1");
		jw_key(w, "startedDateTime");
		jw_time(w, (usec_t)(x->wall * 1e6));
		har_request(r, x, w);
		har_response(r, x, w);
		jw_key(w, "cache");
		jw_object(w);
		jw_end_object(w);
		har_timings(x, w);
		if (x->remote.n)
			jw_kstr(w, "serverIPAddress", x->remote);
		jw_end_object(w);
	}
	jw_end_array(w);
	jw_end_object(w);
	jw_end_object(w);
}

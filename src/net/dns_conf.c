#include "base/first.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/scan.h"
#include "base/vec.h"
#include "net/dns_conf.h"

#include <sys/stat.h>

static int parse_server(struct str s, struct dns_server *ret)
{
	uint64_t port = 53;
	struct str host = s;
	size_t colon = str_rchr(s, ':');
	bool bracket = s.n && s.p[0] == '[';
	/* A bare IPv6 address has colons and no brackets. */
	if (colon != STR_NPOS && (bracket ? s.p[colon - 1] == ']' : str_chr(s, ':') == colon)) {
		if (scan_u64(str_from(s, colon + 1), &port) || port == 0 || port > 65535)
			return E_INVALID;
		host = str_sub(s, 0, colon);
	}
	ret->port = (uint16_t)port;
	return ip_parse(host, &ret->ip);
}

int dns_servers_parse(struct str list, size_t cap, struct dns_server *ret, size_t *ret_n, struct err *e)
{
	size_t n = 0;
	struct str part;
	while (str_split(&list, ',', &part)) {
		part = str_trim(part);
		if (!part.n)
			continue;
		if (n == cap)
			return err_set(e, E_LIMIT, "more than %zu name servers", cap);
		if (parse_server(part, &ret[n]))
			return err_set(e, E_INVALID, "\"%.*s\" is not the address of a name server", STR_FMT(part));
		n++;
	}
	*ret_n = n;
	return 0;
}

/* The next word of *line, false at its end. */
static bool word(struct str *line, struct str *ret)
{
	size_t i = 0, k;
	while (i < line->n && is_space(line->p[i]))
		i++;
	for (k = i; k < line->n && !is_space(line->p[k]); k++)
		;
	*ret = str_sub(*line, i, k - i);
	*line = str_from(*line, k);
	return k > i;
}

size_t dns_servers_system(const char *resolv_conf, size_t cap, struct dns_server *ret)
{
	struct buf text;
	size_t n = 0;
	buf_init(&text, NULL, 0);
	if (!fd_read_file(resolv_conf, MiB, &text, NULL)) {
		struct str rest = buf_str(&text), line, key, value;
		while (n < cap && str_split(&rest, '\n', &line)) {
			if (!word(&line, &key) || !str_is(key, "nameserver") || !word(&line, &value))
				continue;
			/* A zone ("fe80::1%eth0") makes it no plain address: such servers are passed over. */
			if (!ip_parse(value, &ret[n].ip))
				ret[n++].port = 53;
		}
	}
	buf_release(&text);
	if (!n && cap)
		ret[n++] = (struct dns_server){ .ip = ip_v4(0x7f000001), .port = 53 };
	return n;
}

void hosts_init(struct hosts *h, const char *path)
{
	*h = (struct hosts){ .path = path, .stamp = -1, .checked = INT64_MIN / 2 };
	arena_init(&h->arena, 0);
	map_init(&h->names, &h->arena);
}

void hosts_release(struct hosts *h)
{
	arena_release(&h->arena);
}

static void read_line(struct hosts *h, struct str line)
{
	struct str first, name;
	struct ip ip;
	line = str_sub(line, 0, MIN(str_chr(line, '#'), line.n));
	if (!word(&line, &first) || ip_parse(first, &ip))
		return;
	while (word(&line, &name)) {
		char *lower = arena_cstr(&h->arena, name);
		for (char *c = lower; *c; c++)
			*c = (char)to_lower(*c);
		struct hosts_entry *entry = map_get(&h->names, str_of(lower));
		if (!entry) {
			entry = arena_new(&h->arena, struct hosts_entry);
			map_set(&h->names, str_of(lower), entry);
		}
		vec_push(&h->arena, entry, ip);
	}
}

static void refresh(struct hosts *h)
{
	struct stat st;
	int64_t stamp = 0;
	if (stat(h->path, &st) == 0)
		stamp = (int64_t)st.st_mtim.tv_sec * 1000000007 + st.st_mtim.tv_nsec + (int64_t)st.st_size;
	if (stamp == h->stamp)
		return;
	h->stamp = stamp;
	arena_reset(&h->arena);
	map_init(&h->names, &h->arena);
	struct buf text;
	buf_init(&text, NULL, 0);
	if (!fd_read_file(h->path, HOSTS_FILE_MAX, &text, NULL)) {
		struct str rest = buf_str(&text), line;
		while (str_split(&rest, '\n', &line))
			read_line(h, line);
	}
	buf_release(&text);
}

const struct hosts_entry *hosts_find(struct hosts *h, struct str name)
{
	if (!h->path[0])
		return NULL;
	int64_t now = clock_mono();
	if (now - h->checked >= USEC_PER_SEC) {
		h->checked = now;
		refresh(h);
	}
	return map_get(&h->names, name);
}

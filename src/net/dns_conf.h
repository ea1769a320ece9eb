/* What the system says about names: name servers (resolv.conf(5)) and a hosts file (hosts(5)). */
#ifndef KRYFTO_NET_DNS_CONF_H
#define KRYFTO_NET_DNS_CONF_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "url/ip.h"

struct dns_server {
	struct ip ip;
	uint16_t port;
};

/* "address" or "address:port" ("[v6]:port"), separated by commas: 0, E_INVALID, E_LIMIT beyond `cap`. */
int dns_servers_parse(struct str list, size_t cap, struct dns_server *ret, size_t *ret_n, struct err *e);
/* The first `cap` "nameserver" lines; 127.0.0.1 when there is none, or no file. */
size_t dns_servers_system(const char *resolv_conf, size_t cap, struct dns_server *ret);

#define HOSTS_FILE_MAX (4 * MiB)

struct hosts_entry {
	struct ip *at;
	size_t n, cap;
};

struct hosts {
	const char *path; /* "" for none */
	struct arena arena;
	struct map names; /* lower case -> struct hosts_entry */
	int64_t stamp;    /* modification time and size of what was read */
	int64_t checked;  /* monotonic time of the last look at the file */
};

void hosts_init(struct hosts *h, const char *path);
void hosts_release(struct hosts *h);
/* NULL when the file does not name it. Looks at the file at most once a second. */
const struct hosts_entry *hosts_find(struct hosts *h, struct str name);

#endif

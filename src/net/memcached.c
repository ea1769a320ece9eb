#include "base/first.h"
#include "net/memcached.h"

#include <libmemcached/memcached.h>

struct mc {
	memcached_st *st; /* NULL: not configured */
	struct {
		char p[MC_KEY_MAX + 64];
		size_t n;
	} key;
	size_t prefix_n;
	usec_t retry_after;
	usec_t down_until; /* monotonic; 0: up */
};

static void set(memcached_st *st, memcached_behavior_t what, uint64_t v)
{
	memcached_behavior_set(st, what, v);
}

int mc_open(const struct mc_options *o, struct mc **ret, struct err *e)
{
	struct str config = str_trim(o->config);
	struct mc *m = xcalloc(1, sizeof *m);
	if (o->prefix.n > 32) {
		free(m);
		return err_set(e, E_INVALID, "memcached key prefix is longer than 32 bytes");
	}
	m->prefix_n = o->prefix.n;
	memcpy(m->key.p, o->prefix.n ? o->prefix.p : "", o->prefix.n);
	m->retry_after = o->retry_after ? o->retry_after : USEC_PER_SEC;
	if (!config.n) {
		*ret = m;
		return 0;
	}
	m->st = memcached(config.p, config.n);
	if (!m->st) {
		free(m);
		return err_set(e, E_INVALID,
			"memcached configuration \"%.*s\" is not understood (--SERVER=host:port or --SOCKET=\"path\")",
			STR_FMT(config));
	}
	usec_t timeout = o->timeout ? o->timeout : 100 * USEC_PER_MS;
	set(m->st, MEMCACHED_BEHAVIOR_BINARY_PROTOCOL, 1);
	set(m->st, MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
	set(m->st, MEMCACHED_BEHAVIOR_NO_BLOCK, 1);
	set(m->st, MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, (uint64_t)(timeout / USEC_PER_MS));
	set(m->st, MEMCACHED_BEHAVIOR_POLL_TIMEOUT, (uint64_t)(timeout / USEC_PER_MS));
	set(m->st, MEMCACHED_BEHAVIOR_SND_TIMEOUT, (uint64_t)timeout);
	set(m->st, MEMCACHED_BEHAVIOR_RCV_TIMEOUT, (uint64_t)timeout);
	/* The back-off is ours (down_until): libmemcached's own counts whole seconds only. */
	set(m->st, MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0);
	set(m->st, MEMCACHED_BEHAVIOR_DEAD_TIMEOUT, 0);
	if (memcached_server_count(m->st) > 1)
		set(m->st, MEMCACHED_BEHAVIOR_KETAMA, 1);
	*ret = m;
	return 0;
}

void mc_free(struct mc *m)
{
	if (m && m->st)
		memcached_free(m->st);
	free(m);
}

bool mc_configured(const struct mc *m)
{
	return m->st != NULL;
}

bool mc_up(const struct mc *m)
{
	return m->st && clock_mono() >= m->down_until;
}

static int result(struct mc *m, memcached_return_t rc)
{
	switch (rc) {
	case MEMCACHED_SUCCESS:
	case MEMCACHED_STORED:
	case MEMCACHED_DELETED:
	case MEMCACHED_BUFFERED:
		m->down_until = 0;
		return 0;
	case MEMCACHED_NOTFOUND:
		return E_NOTFOUND;
	case MEMCACHED_NOTSTORED:
	case MEMCACHED_DATA_EXISTS:
		return E_EXISTS;
	case MEMCACHED_BAD_KEY_PROVIDED:
	case MEMCACHED_KEY_TOO_BIG:
		return E_INVALID;
	case MEMCACHED_E2BIG:
		return E_LIMIT;
	default:
		/* Also drops half-read connections, so that a late answer is not taken for the next one. */
		memcached_quit(m->st);
		m->down_until = clock_mono() + m->retry_after;
		return E_UNAVAIL;
	}
}

int mc_ping(struct mc *m, struct err *e)
{
	if (!m->st)
		return err_set(e, E_UNAVAIL, "memcached is not configured");
	memcached_return_t rc;
	memcached_stat_st *stats = memcached_stat(m->st, NULL, &rc);
	if (stats)
		memcached_stat_free(m->st, stats);
	if (rc != MEMCACHED_SUCCESS) {
		err_set(e, E_UNAVAIL, "memcached: %s", memcached_strerror(m->st, rc));
		return result(m, rc == MEMCACHED_NOTFOUND ? MEMCACHED_FAILURE : rc);
	}
	return result(m, rc);
}

/* Composes the key behind the prefix; 0, E_INVALID, or E_UNAVAIL when there is nothing to ask. */
static int begin(struct mc *m, struct str key)
{
	if (!key.n || key.n > MC_KEY_MAX)
		return E_INVALID;
	for (size_t i = 0; i < key.n; i++)
		if (key.p[i] <= ' ' || key.p[i] > '~')
			return E_INVALID;
	if (!mc_up(m))
		return E_UNAVAIL;
	memcpy(m->key.p + m->prefix_n, key.p, key.n);
	m->key.n = m->prefix_n + key.n;
	return 0;
}

static time_t ttl_seconds(usec_t ttl)
{
	ttl = MIN(ttl, MC_TTL_MAX);
	return (time_t)((ttl + USEC_PER_SEC - 1) / USEC_PER_SEC);
}

int mc_incr(struct mc *m, struct str key, uint64_t by, usec_t ttl, uint64_t *ret_value)
{
	int rc = begin(m, key);
	if (rc)
		return rc;
	uint64_t v = 0;
	rc = result(m, memcached_increment_with_initial(m->st, m->key.p, m->key.n, by, by, ttl_seconds(ttl), &v));
	if (rc == E_NOTFOUND) /* an expiry of all ones would mean "do not create"; ours never is */
		rc = E_UNAVAIL;
	if (!rc)
		*ret_value = v;
	return rc;
}

int mc_get(struct mc *m, struct str key, struct arena *a, struct str *ret_value)
{
	int rc = begin(m, key);
	if (rc)
		return rc;
	size_t n = 0;
	uint32_t flags;
	memcached_return_t mrc;
	char *v = memcached_get(m->st, m->key.p, m->key.n, &n, &flags, &mrc);
	rc = result(m, mrc);
	if (!rc)
		*ret_value = arena_str(a, str_n(v ? v : "", n));
	free(v);
	return rc;
}

int mc_set(struct mc *m, struct str key, struct str value, usec_t ttl)
{
	if (value.n > MC_VALUE_MAX)
		return E_LIMIT;
	int rc = begin(m, key);
	if (rc)
		return rc;
	return result(m, memcached_set(m->st, m->key.p, m->key.n, value.p, value.n, ttl_seconds(ttl), 0));
}

int mc_add(struct mc *m, struct str key, struct str value, usec_t ttl)
{
	if (value.n > MC_VALUE_MAX)
		return E_LIMIT;
	int rc = begin(m, key);
	if (rc)
		return rc;
	return result(m, memcached_add(m->st, m->key.p, m->key.n, value.p, value.n, ttl_seconds(ttl), 0));
}

int mc_delete(struct mc *m, struct str key)
{
	int rc = begin(m, key);
	if (rc)
		return rc;
	return result(m, memcached_delete(m->st, m->key.p, m->key.n, 0));
}

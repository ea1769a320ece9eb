#include "base/first.h"
#include "http/fcgi_record.h"

enum { BEGIN_REQUEST = 1, ABORT_REQUEST = 2, END_REQUEST = 3, PARAMS = 4, STDIN = 5, STDOUT = 6 };
#define FCGI_VERSION 1
#define RESPONDER 1
#define DATA_MAX 65528 /* of one record: a multiple of 8, so that full records need no padding */

void fcgi_in_init(struct fcgi_in *in)
{
	*in = (struct fcgi_in){ 0 };
	buf_init(&in->params, NULL, FCGI_PARAMS_MAX);
}

void fcgi_in_release(struct fcgi_in *in)
{
	buf_release(&in->params);
}

static size_t be16(const uint8_t *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* The head of a record has come. */
static int begin_record(struct fcgi_in *in)
{
	uint16_t id = (uint16_t)be16(in->head + 2);
	uint8_t type = in->head[1];
	in->left = be16(in->head + 4);
	in->pad = in->head[6];
	if (in->head[0] != FCGI_VERSION)
		return E_INVALID;
	if (type == BEGIN_REQUEST) {
		if (in->id || !id || in->left != 8)
			return E_INVALID;
		in->id = id;
		return 0;
	}
	if (!in->id || id != in->id)
		return E_INVALID;
	if (type == ABORT_REQUEST)
		return E_GONE;
	if (type == PARAMS && in->params_done)
		return E_INVALID;
	if (type == PARAMS && !in->left)
		in->params_done = true;
	if (type == STDIN && !in->left)
		in->stdin_done = true;
	return type == PARAMS || type == STDIN ? 0 : E_INVALID;
}

static int take_content(struct fcgi_in *in, const char *p, size_t n)
{
	uint8_t type = in->head[1];
	/* Of the body of BEGIN_REQUEST only the role matters: its first two bytes. */
	if (type == BEGIN_REQUEST) {
		for (size_t i = 0; i < n; i++) {
			size_t at = 8 - in->left + i;
			if ((at == 0 && p[i] != 0) || (at == 1 && p[i] != RESPONDER))
				return E_INVALID;
		}
	} else if (type == PARAMS) {
		buf_add(&in->params, p, n);
		if (!buf_ok(&in->params))
			return E_LIMIT;
	}
	return 0;
}

int fcgi_in_feed(struct fcgi_in *in, const char *p, size_t n)
{
	int rc = 0;
	while (rc == 0 && n) {
		size_t k;
		if (in->n_head < sizeof in->head) {
			k = MIN(n, sizeof in->head - in->n_head);
			memcpy(in->head + in->n_head, p, k);
			in->n_head += k;
			if (in->n_head == sizeof in->head)
				rc = begin_record(in);
		} else if (in->left) {
			k = MIN(n, in->left);
			rc = take_content(in, p, k);
			in->left -= k;
		} else {
			k = MIN(n, in->pad);
			in->pad -= k;
		}
		p += k;
		n -= k;
		if (in->n_head == sizeof in->head && !in->left && !in->pad)
			in->n_head = 0;
	}
	return rc ? rc : in->params_done && in->stdin_done;
}

/* One length of a name-value pair: one byte, or four with the highest bit set. */
static bool take_length(struct str *rest, size_t *ret)
{
	const uint8_t *p = (const uint8_t *)rest->p;
	if (!rest->n)
		return false;
	if (p[0] < 0x80) {
		*ret = p[0];
		*rest = str_from(*rest, 1);
		return true;
	}
	if (rest->n < 4)
		return false;
	*ret = (size_t)(p[0] & 0x7f) << 24 | (size_t)p[1] << 16 | be16(p + 2);
	*rest = str_from(*rest, 4);
	return true;
}

int fcgi_in_env(const struct fcgi_in *in, struct arena *a, const char *const **ret)
{
	struct str rest = buf_str(&in->params);
	const char **env = arena_alloc(a, sizeof *env * (FCGI_ENV_MAX + 1));
	size_t n = 0, name, value;
	while (rest.n) {
		if (n == FCGI_ENV_MAX)
			return E_LIMIT;
		if (!take_length(&rest, &name) || !take_length(&rest, &value) || name > rest.n || value > rest.n - name)
			return E_INVALID;
		char *one = arena_alloc(a, name + value + 2);
		memcpy(one, rest.p, name);
		one[name] = '=';
		memcpy(one + name + 1, rest.p + name, value);
		one[name + 1 + value] = '\0';
		env[n++] = one;
		rest = str_from(rest, name + value);
	}
	env[n] = NULL;
	*ret = env;
	return 0;
}

static void put_head(struct buf *out, uint8_t type, uint16_t id, size_t n)
{
	const uint8_t head[8] = { FCGI_VERSION, type, (uint8_t)(id >> 8), (uint8_t)id, (uint8_t)(n >> 8), (uint8_t)n };
	buf_add(out, head, sizeof head);
}

void fcgi_out_data(struct buf *out, uint16_t id, struct str data)
{
	while (data.n) {
		size_t k = MIN(data.n, (size_t)DATA_MAX);
		put_head(out, STDOUT, id, k);
		buf_add(out, data.p, k);
		data = str_from(data, k);
	}
}

void fcgi_out_end(struct buf *out, uint16_t id)
{
	static const uint8_t done[8] = { 0 }; /* exit status 0, request complete */
	put_head(out, STDOUT, id, 0);
	put_head(out, END_REQUEST, id, sizeof done);
	buf_add(out, done, sizeof done);
}

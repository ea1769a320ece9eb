#include "base/first.h"
#include "base/scan.h"
#include "base/err.h"

#include <locale.h>
#include <math.h>

int scan_u64(struct str s, uint64_t *ret)
{
	uint64_t v = 0;
	if (!s.n)
		return E_INVALID;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit((unsigned char)s.p[i]))
			return E_INVALID;
		unsigned d = (unsigned)(s.p[i] - '0');
		if (v > (UINT64_MAX - d) / 10)
			return E_LIMIT;
		v = v * 10 + d;
	}
	*ret = v;
	return 0;
}

int scan_i64(struct str s, int64_t *ret)
{
	bool neg = s.n && s.p[0] == '-';
	uint64_t v;
	int rc = scan_u64(str_from(s, s.n && (neg || s.p[0] == '+')), &v);
	if (rc < 0)
		return rc;
	if (v > (uint64_t)INT64_MAX + neg)
		return E_LIMIT;
	*ret = neg ? (int64_t)((uint64_t)0 - v) : (int64_t)v;
	return 0;
}

static size_t digits(struct str s, size_t i)
{
	while (i < s.n && is_digit((unsigned char)s.p[i]))
		i++;
	return i;
}

int scan_double(struct str s, double *ret)
{
	size_t i = s.n && s.p[0] == '-', at = i;
	i = digits(s, i);
	if (i == at || (s.p[at] == '0' && i > at + 1))
		return E_INVALID;
	if (i < s.n && s.p[i] == '.') {
		at = ++i;
		if ((i = digits(s, i)) == at)
			return E_INVALID;
	}
	if (i < s.n && (s.p[i] | 32) == 'e') {
		i++;
		i += i < s.n && (s.p[i] == '+' || s.p[i] == '-');
		at = i;
		if ((i = digits(s, i)) == at)
			return E_INVALID;
	}
	char c[512];
	if (i != s.n || s.n >= sizeof c)
		return E_INVALID;
	double v = strtod(str_copy(c, sizeof c, s), NULL);
	if (!isfinite(v))
		return E_LIMIT;
	*ret = v;
	return 0;
}

int scan_bool(struct str s, bool *ret)
{
	static const char *const yes[] = { "true", "yes", "on", "1" }, *const no[] = { "false", "no", "off", "0" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (str_eqi(s, str_of(yes[i])))
			return *ret = true, 0;
		if (str_eqi(s, str_of(no[i])))
			return *ret = false, 0;
	}
	return E_INVALID;
}

/* Digits with one of a few units behind them. */
struct unit {
	const char *name;
	int64_t factor;
};

static int scan_unit(struct str s, const struct unit *units, size_t n, int64_t *ret)
{
	size_t i = digits(s, 0);
	uint64_t v;
	int rc = scan_u64(str_sub(s, 0, i), &v);
	if (rc < 0)
		return rc;
	struct str unit = str_trim(str_from(s, i));
	for (size_t k = 0; k < n; k++) {
		if (!str_is(unit, units[k].name))
			continue;
		if (v > (uint64_t)(INT64_MAX / units[k].factor))
			return E_LIMIT;
		*ret = (int64_t)v * units[k].factor;
		return 0;
	}
	return E_INVALID;
}

int scan_size(struct str s, int64_t *ret)
{
	static const struct unit units[] = { { "", 1 }, { "B", 1 }, { "k", 1024 }, { "K", 1024 }, { "KiB", 1024 },
		{ "m", 1 << 20 }, { "M", 1 << 20 }, { "MiB", 1 << 20 }, { "g", 1 << 30 }, { "G", 1 << 30 },
		{ "GiB", 1 << 30 } };
	return scan_unit(s, units, ARRAY_LEN(units), ret);
}

int scan_usec(struct str s, usec_t *ret)
{
	static const struct unit units[] = { { "", 1000000 }, { "us", 1 }, { "ms", 1000 }, { "s", 1000000 },
		{ "m", 60000000 }, { "min", 60000000 }, { "h", INT64_C(3600000000) }, { "d", INT64_C(86400000000) } };
	return scan_unit(s, units, ARRAY_LEN(units), ret);
}

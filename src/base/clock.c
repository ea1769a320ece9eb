#include "base/first.h"
#include "base/clock.h"
#include "base/err.h"

static usec_t read_clock(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (usec_t)t.tv_sec * USEC_PER_SEC + t.tv_nsec / 1000;
}

usec_t clock_mono(void) { return read_clock(CLOCK_MONOTONIC); }
usec_t clock_mono_fast(void) { return read_clock(CLOCK_MONOTONIC_COARSE); }
usec_t clock_real(void) { return read_clock(CLOCK_REALTIME); }
usec_t clock_cpu(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

void clock_sleep(usec_t d)
{
	struct timespec t = { .tv_sec = (time_t)(d / USEC_PER_SEC), .tv_nsec = (long)(d % USEC_PER_SEC) * 1000 };
	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

/* Civil-calendar arithmetic over 400-year eras that begin on 1 March. */
int64_t clock_days(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void clock_civil(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

struct civil {
	int y, mon, d, h, min, s, ms;
	int64_t days;
};

static struct civil civil_of(usec_t t)
{
	struct civil c = { 0 };
	int64_t day = 86400 * USEC_PER_SEC;
	c.days = t >= 0 ? t / day : -((-t + day - 1) / day);
	int64_t rest = (t - c.days * day) / 1000;
	clock_civil(c.days, &c.y, &c.mon, &c.d);
	c.ms = (int)(rest % 1000);
	rest /= 1000;
	c.s = (int)(rest % 60);
	c.min = (int)(rest / 60 % 60);
	c.h = (int)(rest / 3600);
	return c;
}

static void put2(char *p, int v)
{
	p[0] = (char)('0' + v / 10 % 10);
	p[1] = (char)('0' + v % 10);
}

char *clock_iso(usec_t t, char out[CLOCK_ISO_MAX])
{
	struct civil c = civil_of(t);
	memcpy(out, "0000-00-00T00:00:00.000Z", 25);
	put2(out, c.y / 100);
	put2(out + 2, c.y % 100);
	put2(out + 5, c.mon);
	put2(out + 8, c.d);
	put2(out + 11, c.h);
	put2(out + 14, c.min);
	put2(out + 17, c.s);
	out[20] = (char)('0' + c.ms / 100);
	put2(out + 21, c.ms % 100);
	return out;
}

static const char day_names[] = "ThuFriSatSunMonTueWed";
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

char *clock_http(usec_t t, char out[32])
{
	struct civil c = civil_of(t);
	int wd = (int)((c.days % 7 + 7) % 7);
	snprintf(out, 32, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", day_names + 3 * wd, c.d,
	         month_names + 3 * (c.mon - 1), c.y % 10000, c.h, c.min, c.s);
	return out;
}

/* Takes exactly `n` digits off the front. */
static bool take(struct str *s, int n, int *ret)
{
	int v = 0;
	if (s->n < (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	*s = str_from(*s, (size_t)n);
	*ret = v;
	return true;
}

static bool skip(struct str *s, char c)
{
	if (!s->n || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static int month_days(int y, int m)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	return days[m - 1] + (m == 2 && leap);
}

static int to_usec(const struct civil *c, usec_t *ret_t)
{
	if (c->mon < 1 || c->mon > 12 || c->d < 1 || c->d > month_days(c->y, c->mon) || c->h > 23 || c->min > 59 ||
		c->s > 60)
		return E_INVALID;
	*ret_t = ((clock_days(c->y, c->mon, c->d) * 24 + c->h) * 60 + c->min) * 60 * USEC_PER_SEC + c->s * USEC_PER_SEC;
	return 0;
}

static bool take_zone(struct str *s, int *ret_minutes)
{
	*ret_minutes = 0;
	if (s->n == 0 || skip(s, 'Z') || skip(s, 'z'))
		return true;
	int sign = skip(s, '-') ? -1 : skip(s, '+') ? 1 : 0, h, m = 0;
	if (!sign || !take(s, 2, &h))
		return false;
	skip(s, ':');
	if (s->n && !take(s, 2, &m))
		return false;
	*ret_minutes = sign * (h * 60 + m);
	return h <= 23 && m <= 59;
}

int clock_parse_iso(struct str s, usec_t *ret_t)
{
	struct civil c = { 0 };
	usec_t t, frac = 0;
	int zone = 0;
	if (!take(&s, 4, &c.y) || !skip(&s, '-') || !take(&s, 2, &c.mon) || !skip(&s, '-') || !take(&s, 2, &c.d))
		return E_INVALID;
	if (s.n) {
		if (!skip(&s, 'T') && !skip(&s, 't') && !skip(&s, ' '))
			return E_INVALID;
		if (!take(&s, 2, &c.h) || !skip(&s, ':') || !take(&s, 2, &c.min))
			return E_INVALID;
		if (skip(&s, ':') && !take(&s, 2, &c.s))
			return E_INVALID;
		if (skip(&s, '.') || skip(&s, ',')) {
			usec_t unit = 100000;
			if (!s.n || !is_digit(s.p[0]))
				return E_INVALID;
			for (; s.n && is_digit(s.p[0]); s = str_from(s, 1), unit /= 10)
				frac += (s.p[0] - '0') * unit;
		}
		if (!take_zone(&s, &zone))
			return E_INVALID;
	}
	if (s.n || to_usec(&c, &t) < 0)
		return E_INVALID;
	*ret_t = t + frac - (usec_t)zone * 60 * USEC_PER_SEC;
	return 0;
}

static bool take_month(struct str *s, int *ret)
{
	if (s->n < 3)
		return false;
	for (int m = 0; m < 12; m++)
		if (memcmp(s->p, month_names + 3 * m, 3) == 0) {
			*s = str_from(*s, 3);
			*ret = m + 1;
			return true;
		}
	return false;
}

static bool take_hms(struct str *s, struct civil *c)
{
	return take(s, 2, &c->h) && skip(s, ':') && take(s, 2, &c->min) && skip(s, ':') && take(s, 2, &c->s);
}

static bool parse_imf(struct str s, struct civil *c)
{
	return take(&s, 2, &c->d) && skip(&s, ' ') && take_month(&s, &c->mon) && skip(&s, ' ') && take(&s, 4, &c->y) &&
	       skip(&s, ' ') && take_hms(&s, c) && str_is(s, " GMT");
}

static bool parse_rfc850(struct str s, struct civil *c)
{
	if (!take(&s, 2, &c->d) || !skip(&s, '-') || !take_month(&s, &c->mon) || !skip(&s, '-') || !take(&s, 2, &c->y))
		return false;
	c->y += c->y < 70 ? 2000 : 1900;
	return skip(&s, ' ') && take_hms(&s, c) && str_is(s, " GMT");
}

static bool parse_asctime(struct str s, struct civil *c)
{
	if (s.n < 4)
		return false;
	s = str_from(s, 4);
	if (!take_month(&s, &c->mon) || !skip(&s, ' '))
		return false;
	bool one = skip(&s, ' ');
	return take(&s, one ? 1 : 2, &c->d) && skip(&s, ' ') && take_hms(&s, c) && skip(&s, ' ') &&
	       take(&s, 4, &c->y) && !s.n;
}

int clock_parse_http(struct str s, usec_t *ret_t)
{
	struct civil c = { 0 };
	s = str_trim(s);
	size_t comma = str_chr(s, ',');
	struct str rest = comma == STR_NPOS ? s : str_trim(str_from(s, comma + 1));
	if (comma == STR_NPOS ? !parse_asctime(s, &c) : !parse_imf(rest, &c)) {
		c = (struct civil){ 0 };
		if (comma == STR_NPOS || !parse_rfc850(rest, &c))
			return E_INVALID;
	}
	return to_usec(&c, ret_t);
}

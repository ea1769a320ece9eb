/* Dates as pages write them. Nothing is guessed from the clock: "yesterday" is no date here. */
#include "base/first.h"
#include "base/scan.h"
#include "html/meta.h"

#define DATE_BYTES_MAX 120

struct when {
	int year, month, day, hour, minute, second; /* -1: unknown */
	struct str fraction;                        /* digits */
	int zone;                                   /* minutes east of Greenwich */
	bool zoned, pm, am;
};

/* English, German, French, Spanish, Italian, Portuguese, Dutch; a word may be cut after three letters. */
static const char *const months[12][8] = {
	{ "january", "januar", "janvier", "enero", "gennaio", "janeiro", "januari", "j\xC3\xA4nner" },
	{ "february", "februar", "f\xC3\xA9vrier", "febrero", "febbraio", "fevereiro", "februari", "fevrier" },
	{ "march", "m\xC3\xA4rz", "mars", "marzo", "mar\xC3\xA7o", "maart", "maerz", "mrt" },
	{ "april", "avril", "abril", "aprile", "apr", "avr", "abr", NULL },
	{ "may", "mai", "mayo", "maggio", "maio", "mei", NULL, NULL },
	{ "june", "juni", "juin", "junio", "giugno", "junho", NULL, NULL },
	{ "july", "juli", "juillet", "julio", "luglio", "julho", "juil", NULL },
	{ "august", "ao\xC3\xBBt", "agosto", "augustus", "aout", NULL, NULL, NULL },
	{ "september", "septembre", "septiembre", "settembre", "setembro", "sept", NULL, NULL },
	{ "october", "oktober", "octobre", "octubre", "ottobre", "outubro", NULL, NULL },
	{ "november", "novembre", "noviembre", "novembro", NULL, NULL, NULL, NULL },
	{ "december", "dezember", "d\xC3\xA9" "cembre", "diciembre", "dicembre", "dezembro", "decembre", NULL },
};

static const char *const noise[] = { "at", "on", "of", "de", "del", "um", "uhr", "le", "den", "the", "published",
	"updated", "posted", "date", "am", "pm", "a", "p", "m", "st", "nd", "rd", "th", "er", "monday", "tuesday",
	"wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "tues", "wed", "thu", "thur", "thurs",
	"fri", "sat", "sun", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "lundi",
	"mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "lunes", "martes", "jueves", "viernes",
	"domingo", "mo", "di", "mi", "do", "fr", "sa", "so", "last", "modified", "created" };

static const struct {
	const char *name;
	int minutes;
} zones[] = { { "gmt", 0 }, { "utc", 0 }, { "z", 0 }, { "est", -300 }, { "edt", -240 }, { "cst", -360 },
	{ "cdt", -300 }, { "mst", -420 }, { "mdt", -360 }, { "pst", -480 }, { "pdt", -420 }, { "bst", 60 },
	{ "cet", 60 }, { "cest", 120 }, { "ist", 330 }, { "jst", 540 } };

static bool is_letter(char c)
{
	return is_alpha(c) || (uint8_t)c >= 0x80;
}

static struct str word_at(struct str s, size_t i)
{
	size_t from = i;
	while (i < s.n && is_letter(s.p[i]))
		i++;
	return str_sub(s, from, i - from);
}

static int month_of(struct str w)
{
	for (int m = 0; m < 12; m++)
		for (int k = 0; k < 8 && months[m][k]; k++) {
			struct str name = str_of(months[m][k]);
			if (str_eqi(w, name) || (w.n == 3 && k == 0 && str_startsi(name, w)) ||
				(w.n >= 4 && w.n < name.n && str_startsi(name, w)))
				return m + 1;
		}
	return 0;
}

/* Up to `most` digits. */
static bool number(struct str s, size_t *i, int most, int *ret, int *ret_digits)
{
	int v = 0, n = 0;
	while (*i < s.n && is_digit(s.p[*i]) && n < most) {
		v = v * 10 + (s.p[(*i)++] - '0');
		n++;
	}
	if (!n || (*i < s.n && is_digit(s.p[*i])))
		return false;
	*ret = v;
	*ret_digits = n;
	return true;
}

/* ---- clock times: h:mm[:ss[.fff]] [am|pm] [zone] */

static bool take_zone(struct str s, size_t *i, struct when *w)
{
	size_t at = *i;
	int h, m = 0, n;
	while (at < s.n && s.p[at] == ' ')
		at++;
	struct str rest = str_from(s, at);
	if (str_starts(rest, STR("GMT+")) || str_starts(rest, STR("GMT-")) || str_starts(rest, STR("UTC+")))
		at += 3;
	if (at < s.n && (s.p[at] == '+' || s.p[at] == '-')) {
		int sign = s.p[at++] == '-' ? -1 : 1;
		if (!number(s, &at, 4, &h, &n) || (n != 2 && n != 4 && n != 1))
			return false;
		if (n == 4) {
			m = h % 100;
			h /= 100;
		} else if (at < s.n && s.p[at] == ':') {
			at++;
			if (!number(s, &at, 2, &m, &n))
				return false;
		}
		if (h > 14 || m > 59)
			return false;
		w->zone = sign * (h * 60 + m);
	} else {
		struct str word = word_at(s, at);
		size_t k = 0;
		while (k < ARRAY_LEN(zones) && !str_eqi(word, str_of(zones[k].name)))
			k++;
		if (k == ARRAY_LEN(zones))
			return true; /* no zone is said */
		at += word.n;
		w->zone = zones[k].minutes;
	}
	w->zoned = true;
	*i = at;
	return true;
}

/* `i` stands behind the hour, at the colon. */
static bool take_time(struct str s, size_t *i, int hour, struct when *w)
{
	int n;
	if (w->hour >= 0 || hour > 24)
		return false;
	w->hour = hour;
	++*i;
	if (!number(s, i, 2, &w->minute, &n) || w->minute > 59)
		return false;
	if (*i + 1 < s.n && s.p[*i] == ':' && is_digit(s.p[*i + 1])) {
		++*i;
		if (!number(s, i, 2, &w->second, &n) || w->second > 60)
			return false;
		if (*i + 1 < s.n && (s.p[*i] == '.' || s.p[*i] == ',') && is_digit(s.p[*i + 1])) {
			size_t from = ++*i;
			while (*i < s.n && is_digit(s.p[*i]))
				++*i;
			w->fraction = str_sub(s, from, *i - from);
		}
	}
	size_t at = *i;
	while (at < s.n && s.p[at] == ' ')
		at++;
	struct str half = word_at(s, at);
	bool dots = at + 3 < s.n && s.p[at + 1] == '.' && to_lower(s.p[at + 2]) == 'm' && s.p[at + 3] == '.';
	w->pm = str_eqi(half, STR("pm")) || (dots && to_lower(s.p[at]) == 'p');
	w->am = str_eqi(half, STR("am")) || (dots && to_lower(s.p[at]) == 'a');
	if (w->pm || w->am)
		*i = at + (dots ? 4 : half.n);
	return take_zone(s, i, w);
}

/* ---- dates */

static int full_year(int y, int digits)
{
	return digits > 2 ? y : y < 70 ? 2000 + y : 1900 + y;
}

/* Three numbers with a separator: year first, or by the separator's custom. */
static bool take_numeric(struct str s, size_t *i, int x, int digits, struct when *w)
{
	char sep = s.p[(*i)++];
	int y, z, yn, zn;
	if (!number(s, i, 4, &y, &yn))
		return false;
	if (*i >= s.n || s.p[*i] != sep) {
		if (digits != 4 || yn > 2 || sep == '.')
			return false;
		w->year = x; /* "2024-03" */
		w->month = y;
		return true;
	}
	++*i;
	if (!number(s, i, 4, &z, &zn))
		return false;
	if (digits == 4) {
		w->year = x;
		w->month = y;
		w->day = z;
		return zn <= 2;
	}
	if (zn != 4 && zn != 2)
		return false;
	bool day_first = sep != '/' || x > 12;
	if (day_first && y > 12 && x <= 12)
		day_first = false;
	w->year = full_year(z, zn);
	w->month = day_first ? y : x;
	w->day = day_first ? x : y;
	return true;
}

/* "20240308" and "20240308T101500". */
static bool take_packed(struct str s, size_t *i, struct when *w)
{
	int v[3], n;
	struct str digits = str_sub(s, *i, 8);
	size_t k = 0;
	if (!number(digits, &k, 8, &n, &v[0]) || v[0] != 8)
		return false;
	w->year = n / 10000;
	w->month = n / 100 % 100;
	w->day = n % 100;
	*i += 8;
	if (*i + 6 < s.n && s.p[*i] == 'T' && is_digit(s.p[*i + 1])) {
		size_t at = 0;
		struct str time = str_sub(s, *i + 1, 6);
		if (!number(time, &at, 6, &n, &v[1]) || v[1] != 6)
			return false;
		w->hour = n / 10000;
		w->minute = n / 100 % 100;
		w->second = n % 100;
		*i += 7;
		return take_zone(s, i, w);
	}
	return true;
}

/* Year, month, day in Chinese and Japanese: the sign stands behind the number. */
static bool take_cjk(struct str s, size_t *i, int v, struct when *w)
{
	struct str rest = str_from(s, *i);
	if (str_starts(rest, STR("\xE5\xB9\xB4")))
		w->year = v;
	else if (str_starts(rest, STR("\xE6\x9C\x88")))
		w->month = v;
	else if (str_starts(rest, STR("\xE6\x97\xA5")))
		w->day = v;
	else
		return false;
	*i += 3;
	return true;
}

static bool take_number(struct str s, size_t *i, struct when *w)
{
	size_t from = *i;
	int v, digits;
	size_t run = 0;
	while (from + run < s.n && is_digit(s.p[from + run]))
		run++;
	if (run == 8)
		return w->year < 0 && take_packed(s, i, w);
	if (!number(s, i, 4, &v, &digits))
		return false;
	char c = *i < s.n ? s.p[*i] : 0, next = *i + 1 < s.n ? s.p[*i + 1] : 0;
	if (c == ':' && is_digit(next))
		return take_time(s, i, v, w);
	if ((c == '-' || c == '/' || c == '.') && is_digit(next) && w->year < 0 && w->month < 0)
		return take_numeric(s, i, v, digits, w);
	if (take_cjk(s, i, v, w))
		return true;
	if (digits == 4 || (c != '.' && w->day >= 0 && w->month >= 0 && w->year < 0 && digits == 2)) {
		if (w->year >= 0)
			return false;
		w->year = full_year(v, digits);
		return true;
	}
	if (w->day >= 0 || v > 31)
		return false;
	w->day = v;
	return true;
}

static bool take_word(struct str s, size_t *i, struct when *w)
{
	struct str word = word_at(s, *i);
	int month = month_of(word);
	*i += word.n;
	if (str_eqi(word, STR("t")) && w->day >= 0)
		return true;
	if (month && w->month < 0) {
		w->month = month;
		return true;
	}
	for (size_t k = 0; k < ARRAY_LEN(noise); k++)
		if (str_eqi(word, str_of(noise[k])))
			return true;
	for (size_t k = 0; k < ARRAY_LEN(zones); k++)
		if (str_eqi(word, str_of(zones[k].name)))
			return true;
	return false;
}

static bool understand(struct str s, struct when *w)
{
	for (size_t i = 0; i < s.n;) {
		char c = s.p[i];
		if (is_digit(c)) {
			if (!take_number(s, &i, w))
				return false;
		} else if (is_letter(c)) {
			if (!take_word(s, &i, w))
				return false;
		} else if (is_space(c) || strchr(",.;:|()@-+/'", c)) {
			i++;
		} else {
			return false;
		}
	}
	return true;
}

static bool possible(struct when *w)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	if (w->year < 1000 || w->year > 9999 || w->month < 1 || w->month > 12)
		return false;
	bool leap = w->month == 2 && w->year % 4 == 0 && (w->year % 100 != 0 || w->year % 400 == 0);
	if (w->day == 0 || w->day > days[w->month - 1] + leap)
		return false;
	if (w->pm && w->hour >= 0 && w->hour < 12)
		w->hour += 12;
	else if (w->am && w->hour == 12)
		w->hour = 0;
	return w->hour <= 24;
}

static struct str written(struct arena *a, const struct when *w)
{
	if (w->day < 0)
		return arena_printf(a, "%04d-%02d", w->year, w->month);
	if (w->hour < 0)
		return arena_printf(a, "%04d-%02d-%02d", w->year, w->month, w->day);
	char zone[16] = "";
	int z = w->zone < 0 ? -w->zone : w->zone;
	if (w->zoned)
		snprintf(zone, sizeof zone, w->zone ? "%c%02d:%02d" : "Z", w->zone < 0 ? '-' : '+', z / 60, z % 60);
	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%s%.*s%s", w->year, w->month, w->day, w->hour,
		MAX(w->minute, 0), MAX(w->second, 0), w->fraction.n ? "." : "", STR_FMT(w->fraction), zone);
}

/* Seconds or milliseconds since 1970, by the number of digits. */
static struct str from_epoch(struct arena *a, struct str s)
{
	int64_t v;
	char iso[CLOCK_ISO_MAX];
	if ((s.n != 10 && s.n != 13) || scan_i64(s, &v) || v <= 0)
		return STR_NULL;
	usec_t t = s.n == 10 ? v * USEC_PER_SEC : v * USEC_PER_MS;
	clock_iso(t, iso);
	return s.n == 13 && v % 1000 ? arena_str(a, str_of(iso)) : arena_printf(a, "%.19sZ", iso);
}

struct str date_iso(struct arena *a, struct str s)
{
	struct when w = { -1, -1, -1, -1, -1, -1, .fraction = STR_NULL };
	s = str_trim(s);
	if (!s.n || s.n > DATE_BYTES_MAX)
		return STR_NULL;
	struct str epoch = from_epoch(a, s);
	if (epoch.p)
		return epoch;
	if (!understand(s, &w) || !possible(&w))
		return STR_NULL;
	return written(a, &w);
}

#include "base/first.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/scan.h"
#include "net/retry.h"

usec_t retry_delay(int attempt, usec_t base, usec_t max, usec_t after)
{
	usec_t top = base;
	for (int i = 1; i < attempt && top < max; i++)
		top *= 2;
	top = MIN(top, max);
	usec_t low = MIN(base / 10, top);
	usec_t d = low + (usec_t)(rng_unit() * (double)(top - low));
	return MAX(d, MIN(after, max));
}

int retry_after(struct str value, usec_t now, usec_t *ret_wait)
{
	uint64_t s;
	usec_t at;
	value = str_trim(value);
	if (!scan_u64(value, &s)) {
		*ret_wait = (usec_t)MIN(s, UINT64_C(366) * 86400) * USEC_PER_SEC;
		return 0;
	}
	if (clock_parse_http(value, &at))
		return E_INVALID;
	*ret_wait = MAX(at - now, 0);
	return 0;
}

bool retry_status(int status)
{
	switch (status) {
	case 408:
	case 425:
	case 429:
	case 500:
	case 502:
	case 503:
	case 504:
	case 529:
		return true;
	default:
		return status >= 520 && status <= 527;
	}
}

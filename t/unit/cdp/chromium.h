/* Where the tests find a browser; they are skipped when there is none. */
#ifndef KRYFTO_T_UNIT_CDP_CHROMIUM_H
#define KRYFTO_T_UNIT_CDP_CHROMIUM_H

#include "base/first.h"

static inline const char *chromium_path(void)
{
	static const char *const paths[] = { "chromium-headless-shell", "chromium" };
	const char *set = getenv("KRYFTO_BROWSER_BINARY");
	if (set && *set)
		return set;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		char room[64];
		snprintf(room, sizeof room, "/usr/lib/chromium/%s", paths[i]);
		if (access(room, X_OK) == 0)
			return paths[i];
	}
	return NULL;
}

#endif

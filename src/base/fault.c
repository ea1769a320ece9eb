#include "base/first.h"
#include "base/fault.h"

#ifdef ENABLE_FAULT_POINTS
#include "base/clock.h"
#include "base/scan.h"

#include <signal.h>

#define FAULTS_MAX 16

static struct fault {
	struct str name, action;
	int64_t at, passes;
} faults[FAULTS_MAX];
static size_t n_faults;

static void load(void)
{
	struct str rest = str_of(getenv("KRYFTO_FAULT")), one;
	while (n_faults < FAULTS_MAX && str_split(&rest, ',', &one)) {
		size_t eq = str_chr(one, '=');
		if (eq == STR_NPOS)
			continue;
		struct fault *f = &faults[n_faults++];
		*f = (struct fault){ .name = str_sub(one, 0, eq), .action = str_from(one, eq + 1) };
		size_t at = str_chr(f->action, '@');
		if (at != STR_NPOS) {
			if (scan_i64(str_from(f->action, at + 1), &f->at) < 0)
				f->at = 0;
			f->action = str_sub(f->action, 0, at);
		}
	}
}

bool fault_hit(const char *name)
{
	static bool loaded;
	if (!loaded) {
		loaded = true;
		load();
	}
	for (size_t i = 0; i < n_faults; i++) {
		struct fault *f = &faults[i];
		if (!str_is(f->name, name) || (++f->passes, f->at && f->passes != f->at))
			continue;
		if (str_is(f->action, "kill"))
			raise(SIGKILL);
		int64_t ms;
		if (str_starts(f->action, STR("delay:")) && scan_i64(str_from(f->action, 6), &ms) == 0)
			clock_sleep(ms * USEC_PER_MS);
		return str_is(f->action, "error");
	}
	return false;
}
#else
typedef int fault_points_are_off;
#endif

#include "base/first.h"
#include "proc/shm.h"
#include "base/err.h"

#include <sys/mman.h>

void *shm_map(size_t n)
{
	void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		die("no shared memory for %zu bytes: %s", n, strerror(errno));
	return p;
}

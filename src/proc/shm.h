/* Memory shared by a master and its workers: anonymous, zeroed, mapped before the first fork. */
#ifndef KRYFTO_PROC_SHM_H
#define KRYFTO_PROC_SHM_H

#include "base/first.h"

/* Aborts when the system has none. Page aligned; never given back. */
void *shm_map(size_t n);

#endif

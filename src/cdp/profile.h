/* Profile folders of browsers below one run directory: each holds its profile, TMPDIR and HOME, and the file `owner`
 * that says which daemon made it and by which tag its processes are found. */
#ifndef KRYFTO_CDP_PROFILE_H
#define KRYFTO_CDP_PROFILE_H

#include "base/err.h"

int profile_mark(const char *dir, pid_t owner, const char *tag, struct err *e);
/* Removes a folder tree; follows no links; tries for a while, since dying browsers still write. */
void profile_remove(const char *dir);
/* Folders whose owner is no longer alive: kills what their browsers left and removes them. */
void profile_sweep(const char *run_dir);

#endif

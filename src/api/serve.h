/* The loop of one API worker. */
#ifndef KRYFTO_API_SERVE_H
#define KRYFTO_API_SERVE_H

#include "proc/responder.h"

/* For struct master: `w->arg` is the struct app. */
int api_serve(struct responder *w);

#endif

#include "base/first.h"
#include "extract/isolate.h"

#include "extract/channel.h"

struct isolate {
	struct channel channel;
};

int isolate_open(const struct isolate_conf *c, struct isolate **ret, struct err *e)
{
	struct isolate *is = xcalloc(1, sizeof *is);
	int rc = channel_init(&is->channel, c, e);
	if (rc < 0)
		free(is);
	else
		*ret = is;
	return rc;
}

void isolate_close(struct isolate *is)
{
	if (is)
		channel_release(&is->channel);
	free(is);
}

int isolate_warm(struct isolate *is, struct err *e)
{
	return channel_start(&is->channel, e);
}

pid_t isolate_pid(const struct isolate *is)
{
	return is->channel.pid;
}

int isolate_run(struct isolate *is, const struct isolate_req *req, struct arena *a, struct isolate_result *ret,
	struct err *e)
{
	int rc = channel_ask(&is->channel, req, e);
	if (rc < 0)
		return rc;
	for (;;) {
		rc = channel_answer(&is->channel, true, a, ret, e);
		if (rc != E_AGAIN)
			return rc;
		rc = channel_check(&is->channel, e);
		if (rc != E_AGAIN)
			return rc;
	}
}

# Unit tests mirror src: t/unit/<folder>.mk lists t/unit/<folder>/test_<part>.c, each a TAP program.
EXTRA_DIST += t/unit/tap.h t/run t/lib t/lint
include t/unit/base.mk
include t/unit/extract.mk
include t/unit/net.mk
include t/unit/crawl.mk
include t/unit/json.mk
include t/unit/http.mk
include t/unit/proc.mk
include t/unit/api.mk
include t/unit/conf.mk
include t/unit/cdp.mk
include t/unit/crypto.mk
include t/unit/url.mk
include t/unit/html.mk
include t/unit/blob.mk
include t/unit/store.mk
include t/fuzz/local.mk

check-local: all $(check_PROGRAMS)
	srcdir=$(srcdir) builddir=$(builddir) $(srcdir)/t/run

# The unit programs, built but not run.
checkprogs: $(check_PROGRAMS)

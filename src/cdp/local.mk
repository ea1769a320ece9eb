noinst_LIBRARIES += src/cdp/libcdp.a
src_cdp_libcdp_a_SOURCES = \
	src/cdp/browser.c src/cdp/browser.h \
	src/cdp/conn.c src/cdp/conn.h \
	src/cdp/inject.c \
	src/cdp/page.c src/cdp/page.h src/cdp/page_impl.h src/cdp/page_capture.c src/cdp/page_input.c src/cdp/page_wait.c \
	src/cdp/netns.c src/cdp/netns.h \
	src/cdp/pool.c src/cdp/pool.h \
	src/cdp/proctree.c src/cdp/proctree.h \
	src/cdp/profile.c src/cdp/profile.h \
	src/cdp/recorder.c src/cdp/recorder.h \
	src/cdp/steps.c src/cdp/steps.h
CDP_LIBS = src/cdp/libcdp.a

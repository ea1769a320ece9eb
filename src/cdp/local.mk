noinst_LIBRARIES += src/cdp/libcdp.a
src_cdp_libcdp_a_SOURCES = \
	src/cdp/browser.c src/cdp/browser.h \
	src/cdp/conn.c src/cdp/conn.h \
	src/cdp/proctree.c src/cdp/proctree.h \
	src/cdp/profile.c src/cdp/profile.h
CDP_LIBS = src/cdp/libcdp.a
